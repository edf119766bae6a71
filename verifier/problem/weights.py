"""Weights from float files: every number is the exact dyadic rational that the float is."""

from __future__ import annotations

import io
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from verifier import effort
from verifier.errors import ProblemError, extra, shown
from verifier.numbers import Numbers
from verifier.problem.headers import (
    check_headers,
    npy_array,
    npy_header,
    safetensors_headers,
    tensor_type,
)
from verifier.problem.tables import normal_forms

ACCEPTED = "weights.npz or weights.safetensors"


def load_weights(path: Path) -> tuple[dict[str, Numbers], bytes]:
    """The arrays of a file by name, and the file's bytes; nothing in the file is run.

    Errors: ProblemError for a file that is missing, too large, damaged, or holds objects.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise ProblemError(f"{path.name}: the kind of file is not known", accepted=ACCEPTED)
    try:
        if path.exists() and not path.is_file():  # a device or a pipe would never end
            raise ProblemError(f"{path.name} is no file", accepted=ACCEPTED)
        size = path.stat().st_size
        if size > effort.FILE_BYTES:
            raise ProblemError(
                f"{path.name} has {size} bytes", accepted=f"at most {effort.FILE_BYTES}"
            )
        raw = path.read_bytes()
    except OSError as error:
        raise ProblemError(f"{path.name}: {error.strerror or error}", accepted=ACCEPTED) from None
    except ValueError as error:  # a null character in the name
        raise ProblemError(f"{shown(path.name)}: {error}", accepted=ACCEPTED) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            arrays = reader(raw, path.name)
    except ProblemError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy raise a dozen kinds for damaged files
        what = f"{path.name} cannot be read: {shown(str(error), 200)}"
        raise ProblemError(what, accepted=ACCEPTED) from None
    names = normal_forms(arrays, lambda what, _: ProblemError(f"{path.name}: {what}"))
    return {
        name: _numbers(arrays[written], written, path.name) for name, written in names.items()
    }, raw


def _npz(raw: bytes, name: str) -> dict[str, Any]:
    if not raw.startswith(b"PK"):  # zipfile looks for an archive behind other bytes too
        raise ProblemError(f"{name} cannot be read: 'File is not a zip file'", accepted=ACCEPTED)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        members = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
        headers = {key: npy_header(archive, entry, name) for key, entry in members.items()}
        check_headers(headers, name)
        return {
            key: npy_array(archive, entry, headers[key], f"{shown(key)} in {name}")
            for key, entry in members.items()
        }


def _safetensors(raw: bytes, name: str) -> dict[str, Any]:
    try:
        import safetensors
    except ImportError:
        raise ProblemError(
            "reading .safetensors needs the package safetensors",
            accepted=extra("safetensors"),
        ) from None
    check_headers(safetensors_headers(raw, name), name)
    deserialize: Any = safetensors.deserialize
    return {key: _tensor(entry, f"{shown(key)} in {name}") for key, entry in deserialize(raw)}


def _tensor(entry: dict[str, Any], what: str) -> np.ndarray[Any, Any]:
    """One tensor; safetensors' own NumPy reader knows no bfloat16."""
    return np.frombuffer(entry["data"], tensor_type(entry["dtype"], what)).reshape(entry["shape"])


_READERS = {".npz": _npz, ".safetensors": _safetensors}


def _numbers(array: Any, name: str, file: str) -> Numbers:
    what = f"{shown(name)} in {file}"
    try:
        return (
            Numbers.typed(array.tolist()) if array.dtype.kind in "iu" else Numbers.of_floats(array)
        )
    except ProblemError as error:
        raise ProblemError(f"{what}: {error.what}", accepted=error.accepted) from None
