"""Weights from float files: every number is the exact dyadic rational that the float is."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from verifier.errors import ProblemError
from verifier.numbers import Numbers

MAX_BYTES = 2**30
ACCEPTED = "weights.npz or weights.safetensors"


def load_weights(path: Path) -> tuple[dict[str, Numbers], bytes]:
    """The arrays of a file by name, and the file's bytes; nothing in the file is run.

    Errors: ProblemError for a file that is missing, too large, damaged, or holds objects.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ProblemError(f"{path.name} has {size} bytes", accepted=f"at most {MAX_BYTES}")
        raw = path.read_bytes()
    except OSError as error:
        raise ProblemError(f"{path.name}: {error.strerror or error}", accepted=ACCEPTED) from None
    reader = _READERS.get(path.suffix)
    if reader is None:
        raise ProblemError(f"{path.name}: the kind of file is not known", accepted=ACCEPTED)
    arrays = reader(raw, path.name)
    return {name: _numbers(array, name, path.name) for name, array in arrays.items()}, raw


def _npz(raw: bytes, name: str) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
                raise ProblemError(f"{name} unpacks to more than {MAX_BYTES} bytes")
        with np.load(io.BytesIO(raw), allow_pickle=False) as arrays:
            return {key: arrays[key] for key in arrays.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ProblemError(f"{name} cannot be read: {error}", accepted=ACCEPTED) from None


def _safetensors(raw: bytes, name: str) -> dict[str, Any]:
    try:
        from safetensors import SafetensorError
        from safetensors.numpy import load
    except ImportError:
        raise ProblemError(
            "reading .safetensors needs the package safetensors",
            accepted="pip install 'recurrent-verifier[safetensors]'",
        ) from None
    try:
        return dict(load(raw))
    except (SafetensorError, KeyError, ValueError) as error:
        raise ProblemError(f"{name} cannot be read: {error}", accepted=ACCEPTED) from None


_READERS = {".npz": _npz, ".safetensors": _safetensors}


def _numbers(array: np.ndarray[Any, Any], name: str, file: str) -> Numbers:
    if array.dtype.kind in "iu":
        return Numbers.typed(array.tolist())
    if array.dtype.kind != "f" and array.dtype.name != "bfloat16":
        raise ProblemError(
            f"{name} in {file} has the type {array.dtype}", accepted="floats or integers"
        )
    if array.dtype.itemsize > 8:
        raise ProblemError(f"{name} in {file} has the type {array.dtype}", accepted="up to float64")
    return Numbers.of_floats(array)
