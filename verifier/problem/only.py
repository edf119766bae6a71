"""Which results documents show: all, or those at some steps, of some quantities or entries."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from verifier import effort
from verifier.errors import VerifierError, nearest, shown

if TYPE_CHECKING:
    from verifier.problem.model import Problem

Shape = tuple[int, ...]
PART = re.compile(r"(?P<name>[^\W\d]\w*)(?P<index>(?:\[\d{1,7}(?:,\d{1,7})*\])*)")
STEPS = re.compile(r"(\d{1,7})(?:-(\d{1,7}))?")
BETWEEN = re.compile(r",(?![^\[]*\])")
"""A comma between names, not one within the brackets of an index."""


@dataclass(frozen=True)
class Only:
    """A choice of results by step, and by quantity with its entries; None stands for all."""

    steps: frozenset[int] | None = None
    entries: Mapping[str, frozenset[int] | None] | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return self.steps is None and self.entries is None

    def at(self, step: int) -> bool:
        """Whether results of a step are shown."""
        return self.steps is None or step in self.steps

    def shows(self, step: int, name: str) -> bool:
        """Whether a quantity is shown at a step, whole or in part."""
        return self.at(step) and (self.entries is None or name in self.entries)

    def chosen(self, name: str) -> Sequence[int] | None:
        """The entries of a quantity that are shown; None where it is shown whole."""
        found = None if self.entries is None else self.entries.get(name)
        return None if found is None else sorted(found)


EVERYTHING = Only()


def only(problem: Problem, names: Iterable[str], steps: Iterable[str]) -> Only:
    """The choice that texts such as "h1,y[3]" and "1,50" or "3-7" ask for.

    Errors: VerifierError for names, entries and steps that the problem does not have, with those
    that it has.
    """
    wanted = [part for text in names for part in BETWEEN.split(text)]
    entries = _entries(problem, wanted) if wanted else None
    at = [step for text in steps for part in text.split(",") for step in _steps(problem, part)]
    return Only(frozenset(at) or None, entries)


def _entries(problem: Problem, wanted: Iterable[str]) -> dict[str, frozenset[int] | None]:
    found: dict[str, frozenset[int] | None] = {}
    for text in wanted:
        name, entry = _entry(problem, unicodedata.normalize("NFKC", text.strip()))
        before = found.get(name, frozenset())
        found[name] = None if entry is None or before is None else before | {entry}
    return found


def _entry(problem: Problem, text: str) -> tuple[str, int | None]:
    """A quantity, and the number of its entry where one is named."""
    match = PART.fullmatch(text)
    if match is None:
        raise VerifierError(f"--only {shown(text)}", accepted="names such as h, or h[2]")
    name, index = match["name"], tuple(int(k) for k in re.findall(r"\d+", match["index"]))
    if name not in problem.cell.equation:
        known = tuple(problem.cell.equation)
        what = f"--only {shown(text)}: {name} is no quantity of the problem{nearest(name, known)}"
        raise VerifierError(what, accepted=", ".join(known))
    shape = problem.shapes[name]
    if not index or (prod(shape) == 1 and set(index) == {0}):
        return name, None
    if len(index) != len(shape) or any(k >= n for k, n in zip(index, shape, strict=True)):
        raise VerifierError(
            f"--only {shown(text)}: {name} has no such entry", accepted=_indices(name, shape)
        )
    return name, flat(index, shape)


def flat(index: Sequence[int], shape: Shape) -> int:
    """The number of an entry, row by row."""
    return sum(k * prod(shape[axis + 1 :]) for axis, k in enumerate(index))


def _indices(name: str, shape: Shape) -> str:
    """The entries that there are, counted from 0."""
    if not shape:
        return f"{name}: it is a single number"
    return (
        f"{name}[{','.join('0' for _ in shape)}] to {name}[{','.join(str(n - 1) for n in shape)}]"
    )


def _steps(problem: Problem, text: str) -> Iterable[int]:
    match = STEPS.fullmatch(text.strip())
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= first <= last <= problem.steps:
        accepted = f"steps from 1 to {problem.steps}: one, several (1,{problem.steps}), or a range"
        raise VerifierError(f"--step {shown(text)}", accepted=accepted)
    return range(first, last + 1)


def readable(steps: int, sizes: Mapping[str, int]) -> Only:
    """As much of a problem as a document can show: all, or a summary of what is too large.

    A summary has the first steps and the last, and the first entries and the last of long vectors.
    """
    each = sum(sizes.values())
    if steps * each <= effort.SHOWN:
        return EVERYTHING
    some = ends(steps, effort.SUMMARY // each)
    room = effort.SUMMARY // (len(some) * len(sizes))
    return Only(
        frozenset(k + 1 for k in some),
        {name: frozenset(ends(n, room)) if n > max(room, 2) else None for name, n in sizes.items()},
    )


def ends(count: int, most: int) -> list[int]:
    """The first numbers below `count`, and the last; at least these two."""
    return list(range(count)) if count <= max(most, 2) else [*range(max(most, 2) - 1), count - 1]


def runs(numbers: Iterable[int]) -> Iterator[str]:
    """Whole numbers as text, three and more in a row as a range.

    >>> list(runs([1, 2, 3, 7, 9, 10]))
    ['1–3', '7', '9', '10']
    """
    row: list[int] = []
    for number in [*sorted(numbers), None]:
        if row and number != row[-1] + 1:
            yield from (f"{row[0]}–{row[-1]}",) if len(row) > 2 else map(str, row)
            row = []
        row += [] if number is None else [number]
