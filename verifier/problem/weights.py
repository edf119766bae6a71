"""Weights from float files: every number is the exact dyadic rational that the float is."""

from __future__ import annotations

import io
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from verifier.arithmetic.ieee import FORMATS
from verifier.errors import ProblemError, extra, shown
from verifier.numbers import Numbers

MAX_BYTES = 2**30
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
        if size > MAX_BYTES:
            raise ProblemError(f"{path.name} has {size} bytes", accepted=f"at most {MAX_BYTES}")
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
    return {name: _numbers(array, name, path.name) for name, array in arrays.items()}, raw


def _npz(raw: bytes, name: str) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
            raise ProblemError(f"{name} unpacks to more than {MAX_BYTES} bytes")
    with np.load(io.BytesIO(raw), allow_pickle=False) as arrays:
        return {key: arrays[key] for key in arrays.files}


def _safetensors(raw: bytes, name: str) -> dict[str, Any]:
    try:
        import safetensors
    except ImportError:
        raise ProblemError(
            "reading .safetensors needs the package safetensors",
            accepted=extra("safetensors"),
        ) from None
    deserialize: Any = safetensors.deserialize
    return {key: _tensor(entry, f"{shown(key)} in {name}") for key, entry in deserialize(raw)}


def _tensor(entry: dict[str, Any], what: str) -> np.ndarray[Any, Any]:
    """One tensor; safetensors' own NumPy reader knows no bfloat16."""
    dtype = FORMATS["bfloat16"].dtype if entry["dtype"] == "BF16" else _DTYPES.get(entry["dtype"])
    if dtype is None:
        raise ProblemError(
            f"{what} has the type {entry['dtype']}", accepted=", ".join(["BF16", *_DTYPES])
        )
    return np.frombuffer(entry["data"], np.dtype(dtype)).reshape(entry["shape"])


_DTYPES: dict[str, Any] = {
    **{f"F{size}": f"<f{size // 8}" for size in (16, 32, 64)},
    **{f"I{size}": f"<i{size // 8}" for size in (8, 16, 32, 64)},
    **{f"U{size}": f"<u{size // 8}" for size in (8, 16, 32, 64)},
}

_READERS = {".npz": _npz, ".safetensors": _safetensors}


def _numbers(array: Any, name: str, file: str) -> Numbers:
    if not isinstance(array, np.ndarray):  # a member of the archive that is no array
        raise ProblemError(f"{shown(name)} in {file} is no array", accepted="arrays of floats")
    what, dtype = f"{shown(name)} in {file}", array.dtype
    if (dtype.kind not in "fiu" and dtype.name != "bfloat16") or dtype.itemsize > 8:
        raise ProblemError(
            f"{what} has the type {shown(str(dtype))}", accepted="integers, or floats up to float64"
        )
    try:
        return Numbers.typed(array.tolist()) if dtype.kind in "iu" else Numbers.of_floats(array)
    except ProblemError as error:
        raise ProblemError(f"{what}: {error.what}", accepted=error.accepted) from None
