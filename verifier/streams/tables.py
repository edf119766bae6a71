"""A stream's inputs as CSV: a column for each entry, named in a first line or in their order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import prod

import numpy as np

from verifier.errors import ProblemError, nearest, shown
from verifier.numbers import ACCEPTED, read_number
from verifier.streams.lines import Entries, Line, LineFile

NAME = re.compile(r"[^\W\d]\w*(\[[\d, ]*\])*")


@dataclass(eq=False)
class Table(LineFile):
    """The lines of a CSV file."""

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The entries of a step by name, input by input."""
        return tuple(
            name + "".join(f"[{i}]" for i in index)
            for name, shape in self.shapes.items()
            for index in np.ndindex(shape)
        )

    def lines(self, lines: Iterator[Line]) -> Iterator[Line]:
        """All lines but one of names."""
        self.order: list[int] | None = None
        first = next(lines, None)
        if first is None:
            return iter(())
        cells = [cell.strip() for cell, _ in _cells(first)]
        if all(map(NAME.fullmatch, cells)):
            self.order = self._ordered(first, cells)
            return lines
        return chain([first], lines)

    def _ordered(self, line: Line, cells: list[str]) -> list[int]:
        """Where each entry stands among the columns of a line of names."""
        known = {name: k for k, name in enumerate(self.columns)}
        known |= {name: known[f"{name}[0]"] for name, shape in self.shapes.items() if shape == (1,)}
        found: dict[int, int] = {}
        for at, (cell, (_, start)) in enumerate(zip(cells, _cells(line), strict=True)):
            name = re.sub(r"\s*,\s*", "][", cell)
            which = known.get(name)
            if which is None or which in found:
                what = "stands twice" if which in found else "is no entry of an input"
                hint = "" if which in found else nearest(name, known)
                said = f"the column {shown(cell)} {what}{hint}"
                raise line.wrong(said, self._some(), start, start + max(1, len(cell)))
            found[which] = at
        for k, name in enumerate(self.columns):
            if k not in found:
                raise line.wrong(f"no column {name}", self._some())
        return [found[k] for k in range(len(self.columns))]

    def _some(self, most: int = 8) -> str:
        """The columns that there are to be."""
        more = len(self.columns) - most
        return ", ".join(self.columns[:most]) + (f", and {more} others" if more > 0 else "")

    def entries(self, line: Line) -> Entries:
        """The numbers in a line."""
        cells = _cells(line)
        if len(cells) != len(self.columns):
            count = len(self.columns)
            what = f"{len(cells)} {'number' if len(cells) == 1 else 'numbers'} at this step"
            wanted = f"{count}, between commas: " if count > 1 else ""
            raise line.wrong(what, wanted + self._some())
        if self.order is not None:
            cells = [cells[at] for at in self.order]
        read, found, at = [_number(line, *cell) for cell in cells], {}, 0
        for name, shape in self.shapes.items():
            found[name] = tuple(read[at : at + prod(shape)])
            at += prod(shape)
        return found


def _cells(line: Line) -> list[tuple[str, int]]:
    """The text between commas, without quotes around it, and where each begins."""
    found, start = [], 0
    for part in line.text.split(","):
        text = part.strip()
        if len(text) > 1 and text[0] == text[-1] == '"':
            text = text[1:-1]
        found.append((text, start))
        start += len(part) + 1
    return found


def _number(line: Line, text: str, start: int) -> str:
    try:
        return read_number(text)
    except ProblemError as error:
        raise line.wrong(error.what, ACCEPTED, start, start + max(1, len(text))) from None
