"""A stream's inputs in an .npy file: one array, a row a step, read a block of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np

from verifier.errors import ProblemError
from verifier.problem import Problem
from verifier.problem.arrays import damaged
from verifier.problem.headers import Header, check_type, header_of
from verifier.problem.weights import numbers_of
from verifier.streams.points import Rows

ACCEPTED = "an array in .npy, a row a step"


@dataclass(eq=False)
class ArrayFile:
    """The rows of the array in a file, for the one input of a problem."""

    path: Path
    problem: Problem

    def __post_init__(self) -> None:
        names = (*self.problem.inputs,)
        if len(names) > 1:
            what = f"{self.path.name} holds one array, but the inputs are {', '.join(names)}"
            raise ProblemError(what, accepted=".csv or .jsonl, which hold several inputs")
        self.name = names[0]
        self._check(*self._opened)

    @cached_property
    def _opened(self) -> tuple[Header, int]:
        """What the file says of its array, and where its data begins."""
        with damaged(self.path.name, ACCEPTED), open(self.path, "rb") as file:
            return header_of(file, self.path.name), file.tell()

    def _check(self, header: Header, start: int) -> None:
        """Errors: ProblemError for another shape or type, and for a file that is cut off."""
        shape, inner, what = header.shape, self.problem.inputs[self.name].shape[1:], self.path.name
        if len(shape) < 1 or shape[1:] != inner or not prod(shape):
            wanted = "×".join(["steps", *map(str, inner)])
            raise ProblemError(f"{what} is an array of shape {str(shape)[:60]}", accepted=wanted)
        check_type(header.dtype, what)
        there, wanted_bytes = self.path.stat().st_size - start, header.bytes
        if there != wanted_bytes:
            whole = max(0, there) // (wanted_bytes // shape[0])
            said = f"{what} has {there} bytes of numbers, its shape {shape} takes {wanted_bytes}"
            cut = f": it ends within row {whole + 1}" if there < wanted_bytes else ""
            raise ProblemError(said + cut, accepted="the whole file")

    def blocks(self, size: int, past: int = 0) -> Iterator[Rows]:
        """The rows behind so many, so many at a time.

        Errors: ProblemError at a row with nan or infinity, after those before it.
        """
        header, start = self._opened
        with open(self.path, "rb") as file:
            for first in range(past, header.shape[0], size):
                count = min(size, header.shape[0] - first)
                with damaged(self.path.name, ACCEPTED):
                    array = _rows(file, header, start, first, count)
                odd = np.flatnonzero(~np.isfinite(array.reshape(count, -1)).all(axis=1))
                good = int(odd[0]) if len(odd) else count
                if good:
                    yield {self.name: numbers_of(array[:good], self.path.name)}
                if len(odd):
                    what = f"{self.path.name} has nan or infinity in row {first + good + 1}"
                    raise ProblemError(what, accepted="finite numbers")


def _rows(file: IO[bytes], header: Header, start: int, first: int, count: int) -> Any:
    """Some rows; of an array that stands column by column, from where each column is."""
    steps, inner, size = header.shape[0], header.shape[1:], header.dtype.itemsize
    width = prod(inner)
    if not header.fortran:
        flat = _read(file, start + first * width * size, count * width, header)
        return flat.reshape((count, *inner))
    columns = [_read(file, start + (k * steps + first) * size, count, header) for k in range(width)]
    return np.stack(columns, axis=1).reshape((count, *inner), order="F")


def _read(file: IO[bytes], at: int, count: int, header: Header) -> Any:
    file.seek(at)
    raw = file.read(count * header.dtype.itemsize)
    # An error where the file has become shorter.
    flat: Any = np.frombuffer(raw, header.dtype, count)
    return flat.astype(header.dtype.newbyteorder("="))
