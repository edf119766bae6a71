"""Array files: what they say of their arrays, and each array when it is asked for."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from verifier import effort
from verifier.errors import ProblemError, extra, shown
from verifier.problem.headers import (
    Header,
    npy_alone,
    npy_array,
    npy_header,
    safetensors_entries,
    tensor_header,
)

ACCEPTED = "a file in .npz, .npy or .safetensors"


@dataclass(frozen=True, eq=False)
class Arrays:
    """The arrays of a file by name; `header` and `array` read one of them."""

    file: str
    raw: bytes
    names: tuple[str, ...]
    header: Callable[[str], Header]
    array: Callable[[str], np.ndarray[Any, Any]]


def raw_of(path: Path, accepted: str = ACCEPTED) -> bytes:
    """The bytes of a file. Errors: ProblemError for what is no file, or too large."""
    try:
        if path.exists() and not path.is_file():  # a device or a pipe would never end
            raise ProblemError(f"{path.name} is no file", accepted=accepted)
        size = path.stat().st_size
        if size > effort.FILE_BYTES:
            what = f"{path.name} has {size} bytes"
            raise ProblemError(what, accepted=f"at most {effort.FILE_BYTES}")
        return path.read_bytes()
    except OSError as error:
        raise ProblemError(f"{path.name}: {error.strerror or error}", accepted=accepted) from None
    except ValueError as error:  # a null character in the name
        raise ProblemError(f"{shown(path.name)}: {error}", accepted=accepted) from None


def opened(path: Path) -> Arrays:
    """The arrays of a file, none of which is read yet; nothing in the file is run.

    Errors: ProblemError for a file that is missing, too large, damaged or of another kind.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        pickled = PICKLED if path.suffix.lower() in PICKLES else ""
        what = f"{path.name}: the kind of file is not known"
        raise ProblemError(what + pickled, accepted=ACCEPTED)
    raw = raw_of(path)
    with damaged(path.name):
        return reader(raw, path)


PICKLES = (".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".bin")
PICKLED = (
    ": pickles are programs, and are not run; where the model was made, "
    "safetensors.torch.save_file(model.state_dict(), 'model.safetensors') writes what is read"
)


@contextmanager
def damaged(file: str, accepted: str = ACCEPTED) -> Iterator[None]:
    """Whatever readers raise for a damaged file, as one error that names it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except ProblemError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy raise a dozen kinds for damaged files
        what = f"{file} cannot be read: {shown(str(error), 200)}"
        raise ProblemError(what, accepted=accepted) from None


def _npz(raw: bytes, path: Path) -> Arrays:
    name = path.name
    if not raw.startswith(b"PK"):  # zipfile looks for an archive behind other bytes too
        raise ProblemError(f"{name} cannot be read: 'File is not a zip file'", accepted=ACCEPTED)
    archive = zipfile.ZipFile(io.BytesIO(raw))
    members = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
    header = cache(lambda key: npy_header(archive, members[key], name))

    def array(key: str) -> np.ndarray[Any, Any]:
        return npy_array(archive, members[key], header(key), f"{shown(key)} in {name}")

    return Arrays(name, raw, tuple(members), header, array)


def _npy(raw: bytes, path: Path) -> Arrays:
    """The one array of the file, by the file's name without its ending."""
    header = cache(lambda _: npy_alone(raw, path.name)[0])
    return Arrays(path.name, raw, (path.stem,), header, lambda _: npy_alone(raw, path.name)[1]())


def _safetensors(raw: bytes, path: Path) -> Arrays:
    try:
        import safetensors
    except ImportError:
        raise ProblemError(
            "reading .safetensors needs the package safetensors", accepted=extra("safetensors")
        ) from None
    name, entries = path.name, safetensors_entries(raw)
    header = cache(lambda key: tensor_header(entries[key], f"{shown(key)} in {name}"))
    deserialize: Any = safetensors.deserialize
    tensors = cache(lambda: dict(deserialize(raw)))  # it checks what the entries say

    def array(key: str) -> np.ndarray[Any, Any]:  # its own NumPy reader knows no bfloat16
        found = header(key)
        return np.frombuffer(tensors()[key]["data"], found.dtype).reshape(found.shape)

    return Arrays(name, raw, tuple(entries), header, array)


_READERS: dict[str, Callable[[bytes, Path], Arrays]] = {
    ".npz": _npz,
    ".npy": _npy,
    ".safetensors": _safetensors,
}
