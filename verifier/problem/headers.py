"""What array files say of their arrays, read and judged before anything is expanded."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import IO, Any

import numpy as np

from verifier import effort
from verifier.arithmetic.ieee import BINARY
from verifier.errors import ProblemError, shown

TYPES = "integers, or floats up to float64"


@dataclass(frozen=True)
class Header:
    """An array's shape and type; `fortran` arrays stand column by column."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool = False

    @property
    def bytes(self) -> int:
        """The bytes that the array takes."""
        return prod(self.shape) * self.dtype.itemsize


@dataclass(frozen=True)
class Limits:
    """How many axes arrays may have, and whether their sides are those of a problem."""

    axes: int = 2
    sides: bool = True


PLAIN = Limits()


def check_headers(headers: Mapping[str, Header], file: str, limits: Limits = PLAIN) -> None:
    """Refuse arrays of types and sizes that no problem takes.

    Errors: ProblemError that names the array, the file and the shape.
    """
    for name, header in headers.items():
        _check(header, f"{shown(name)} in {file}", limits)
    count = sum(prod(header.shape) for header in headers.values())
    if count > effort.ENTRIES:
        raise ProblemError(f"{file} holds {count} numbers", accepted=f"at most {effort.ENTRIES}")


def _check(header: Header, what: str, limits: Limits) -> None:
    check_type(header.dtype, what)
    _check_shape(header.shape, what, limits)
    if header.dtype.kind in "iu" and prod(header.shape) > effort.INTEGERS:
        accepted = f"at most {effort.INTEGERS} integers, or the same numbers as floats"
        raise ProblemError(f"{what}: integers of shape {header.shape}", accepted=accepted)


def check_type(dtype: np.dtype[Any], what: str) -> None:
    """Errors: ProblemError for a type of which no problem takes numbers."""
    if dtype.kind == "V" and dtype.itemsize == 2 and dtype.names is None:
        if dtype.name != "bfloat16":
            accepted = "bfloat16 in a .safetensors file, or as float32, which holds it"
            raise ProblemError(f"{what} has the type {shown(str(dtype))}", accepted=accepted)
    elif dtype.kind not in "fiu" or dtype.itemsize > 8:
        raise ProblemError(f"{what} has the type {shown(str(dtype))}", accepted=TYPES)


def _check_shape(shape: tuple[int, ...], what: str, limits: Limits) -> None:
    if len(shape) > limits.axes:
        accepted = f"at most {limits.axes} axes"
        raise ProblemError(f"{what}: an array of {len(shape)} axes", accepted=accepted)
    most = effort.SIDE if limits.sides else effort.ENTRIES
    if min(shape, default=1) < 0 or max(shape, default=0) > most:
        accepted = f"scalars, vectors and matrices with sides up to {most}"
        raise ProblemError(f"{what}: an array of shape {str(shape)[:60]}", accepted=accepted)


def npy_header(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: str) -> Header:
    """The header of a member of an .npz file."""
    with archive.open(entry) as member:
        return header_of(member, f"{shown(entry.filename.removesuffix('.npy'))} in {file}")


def header_of(member: IO[bytes], what: str) -> Header:
    """What an array says of itself; the reading goes on where its data begins."""
    magic = member.read(np.lib.format.MAGIC_LEN)
    if not magic.startswith(np.lib.format.MAGIC_PREFIX):
        raise ProblemError(f"{what} is no array", accepted="arrays of floats")
    reader = _HEADERS.get(tuple(magic[-2:]))
    if reader is None:
        raise ProblemError(f"{what} is of an unknown version", accepted="versions 1.0 and 2.0")
    shape, fortran, dtype = reader(member)
    if dtype.hasobject:
        raise ProblemError(f"{what} holds objects of Python", accepted=TYPES)
    return Header(shape, dtype, fortran)


_HEADERS: dict[tuple[int, ...], Any] = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def npy_array(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, header: Header, what: str
) -> np.ndarray[Any, Any]:
    """The array of a member: as many bytes as its header says, and an error where it lies."""
    with archive.open(entry) as member:
        header_of(member, what)
        return _array(member, header, what)


def npy_alone(raw: bytes, file: str) -> tuple[Header, Callable[[], np.ndarray[Any, Any]]]:
    """The header of an .npy file, and what reads its array."""
    member = io.BytesIO(raw)
    header = header_of(member, file)
    return header, lambda: _array(member, header, file)


def _array(member: IO[bytes], header: Header, what: str) -> np.ndarray[Any, Any]:
    raw = member.read(header.bytes)
    if len(raw) != header.bytes or member.read(1):
        raise ProblemError(
            f"{what} cannot be read: its data is not of shape {header.shape}",
            accepted=f"{header.bytes} bytes",
        )
    flat: np.ndarray[Any, Any] = np.frombuffer(raw, header.dtype)
    return flat.reshape(header.shape, order="F" if header.fortran else "C")


def safetensors_entries(raw: bytes) -> dict[str, Any]:
    """What a .safetensors file says of its tensors; whether it is true its own reader checks."""
    length = int.from_bytes(raw[:8], "little")
    entries: dict[str, Any] = json.loads(raw[8 : 8 + length])
    entries.pop("__metadata__", None)
    return entries


def tensor_header(entry: Any, what: str) -> Header:
    """The header of a tensor of a .safetensors file."""
    return Header(tuple(map(int, entry["shape"])), tensor_type(entry["dtype"], what))


def tensor_type(name: str, what: str) -> np.dtype[Any]:
    """NumPy's type for one of safetensors; its own NumPy reader knows no bfloat16.

    Errors: ProblemError for types such as F8_E4M3, which are not read.
    """
    dtype = BINARY["bfloat16"].dtype if name == "BF16" else _DTYPES.get(name)
    if dtype is None:
        accepted = ", ".join(("BF16", *_DTYPES))
        raise ProblemError(f"{what} has the type {shown(name)}", accepted=accepted)
    return np.dtype(dtype)


_DTYPES: dict[str, Any] = {
    **{f"F{size}": f"<f{size // 8}" for size in (16, 32, 64)},
    **{f"I{size}": f"<i{size // 8}" for size in (8, 16, 32, 64)},
    **{f"U{size}": f"<u{size // 8}" for size in (8, 16, 32, 64)},
}
