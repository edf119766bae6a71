"""A stream's inputs in lines of text, CSV or JSON Lines: one line a step, numbers as written."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

from verifier import effort
from verifier.errors import Place, ProblemError
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.streams.points import Rows

Entries = dict[str, tuple[str, ...]]
"""The numbers of one step, as they are written, by input."""


@dataclass(frozen=True)
class Line:
    """A line of a file, with its number; `ends` says whether a line break stands behind it."""

    file: str
    number: int
    text: str
    ends: bool = True

    def wrong(
        self, what: str, accepted: str, start: int = 0, end: int | None = None
    ) -> ProblemError:
        """The error about some of its characters, or the whole of it."""
        width = (len(self.text) if end is None else end) - start
        place = Place(self.file, self.number, start + 1, self.text, max(1, width))
        return ProblemError(what, place, accepted)


@dataclass(eq=False)
class LineFile(ABC):
    """The lines of a file; what stands in one of them is told by each kind of file.

    `closing` has what shows a line to be whole that no line break ends.
    """

    closing: ClassVar[tuple[str, ...]] = ()
    path: Path
    problem: Problem

    def __post_init__(self) -> None:
        self.shapes = {name: x.shape[1:] for name, x in self.problem.inputs.items()}
        self._check_end()
        for _ in self._steps():
            return
        raise ProblemError(f"{self.path.name} has no steps", accepted="a line for each step")

    @abstractmethod
    def lines(self, lines: Iterator[Line]) -> Iterator[Line]:
        """The lines that hold a step each, once what stands before them is read."""

    @abstractmethod
    def entries(self, line: Line) -> Entries:
        """The numbers in a line. Errors: ProblemError with their place."""

    def blocks(self, size: int, past: int = 0) -> Iterator[Rows]:
        """The rows behind so many, so many at a time.

        Errors: ProblemError at a line that does not fit, after those before it.
        """
        waiting: list[Entries] = []
        try:
            for k, line in enumerate(self._steps()):
                if k >= past:
                    waiting.append(self.entries(line))
                if len(waiting) == size:
                    yield self._joined(waiting)
                    waiting = []
        except ProblemError:
            if waiting:
                yield self._joined(waiting)
            raise
        if waiting:
            yield self._joined(waiting)

    def _joined(self, found: list[Entries]) -> Rows:
        return {
            name: Numbers(
                (len(found), *shape), tuple(text for entries in found for text in entries[name])
            )
            for name, shape in self.shapes.items()
        }

    def _steps(self) -> Iterator[Line]:
        """The lines of steps; empty ones stand at the end alone."""
        empty: Line | None = None
        with open(self.path, "rb") as file:
            for line in self.lines(self._read(file)):
                if not line.text.strip():
                    empty = empty or line
                    continue
                if empty is not None:
                    raise empty.wrong("an empty line", "a line for each step")
                self._check(line)
                yield line

    def _read(self, file: IO[bytes]) -> Iterator[Line]:
        number, name = 0, str(self.path)
        while raw := file.readline(effort.STREAM_LINE + 1):
            number += 1
            ends = raw.endswith(b"\n")
            if len(raw) > effort.STREAM_LINE:
                what = f"a line of more than {effort.STREAM_LINE} bytes"
                raise ProblemError(what, Place(name, number, 1), "a line for each step")
            yield Line(name, number, _decoded(raw, name, number), ends)

    def _check_end(self) -> None:
        """Errors: ProblemError for a file that is cut off, before hours are spent on it."""
        with open(self.path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 1))
            if file.read() == b"\n" or not size:
                return
            file.seek(0)
            for line in self._read(file):
                self._check(line)

    def _check(self, line: Line) -> None:
        """Errors: ProblemError for a line that may go on, of which no one can tell it is whole."""
        if not line.ends and not line.text.rstrip().endswith(self.closing):
            what = "the file ends in the middle of this line, or lacks its line break"
            raise line.wrong(what, "a line break behind the last line")


def _decoded(raw: bytes, name: str, number: int) -> str:
    try:
        return raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        column = len(raw[: error.start].decode(errors="replace")) + 1
        place = Place(name, number, column, raw.decode(errors="replace").rstrip("\r\n"))
        raise ProblemError("this is not UTF-8", place, "a UTF-8 text") from None
