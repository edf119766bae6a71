"""Points that someone gave by hand, in a table beside the documents; a new run keeps them.

A row says person, step, name, index and points, as `class.csv` and `check.json` write them. Without
an index it is of a quantity, whose entries share the points; without step and name, of the sheet.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TypeVar

from verifier import effort
from verifier.check.kept import Kept
from verifier.check.model import Checked, Judgement
from verifier.errors import Place, VerifierError
from verifier.numbers import read_number
from verifier.problem import Problem

T = TypeVar("T")

COLUMNS = ("person", "step", "name", "index", "points", "reason")
EMPTY = ",".join(COLUMNS) + "\n"
"""What is written where there is no such table, to be filled in."""


@dataclass(frozen=True)
class Correction:
    """Points by hand: of an entry, of a quantity (index None), or of a whole sheet (step 0)."""

    person: str
    points: Fraction
    step: int = 0
    name: str = ""
    index: tuple[int, ...] | None = None
    reason: str = ""
    place: Place | None = None

    def meets(self, row: Judgement) -> bool:
        """Whether it speaks of an entry."""
        at = self.index is None or self.index == row.index
        return (self.step, self.name) == (row.step, row.name) and at


def corrections(path: Path, problem: Problem) -> tuple[Correction | VerifierError, ...]:
    """What a table of corrections says; of a row that cannot be used, why.

    Errors: VerifierError for a file that is no such table.
    """
    try:
        if path.stat().st_size > effort.CORRECTIONS:
            raise VerifierError(f"{path}: too large", accepted=f"{effort.CORRECTIONS} bytes")
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise VerifierError(f"{path} cannot be read: {error}", accepted="a CSV in UTF-8") from None
    return tuple(_rows(text, str(path), problem))


def _rows(text: str, file: str, problem: Problem) -> Iterator[Correction | VerifierError]:
    lines = text.splitlines()
    separator = ";" if lines and lines[0].count(";") > lines[0].count(",") else ","
    table = csv.DictReader(io.StringIO(text), delimiter=separator)
    heads = [head.strip().lower() for head in table.fieldnames or ()]
    table.fieldnames = heads
    if not {"person", "points"} <= set(heads):
        raise VerifierError("no table of corrections", Place(file, 1, 1), ",".join(COLUMNS))
    for row in table:
        cells = {k: (v or "").strip() for k, v in row.items() if k in COLUMNS}
        if any(cells.values()):
            yield _tried(partial(_read, cells, Place(file, table.line_num, 1), problem))


def _tried(work: Callable[[], T]) -> T | VerifierError:
    """What some work gives, or why it cannot be done: a wrong row costs no other."""
    try:
        return work()
    except VerifierError as error:
        return error


def _read(cells: Mapping[str, str], place: Place, problem: Problem) -> Correction:
    step, name, index = (cells.get(key, "") for key in ("step", "name", "index"))
    if bool(step) != bool(name):
        raise VerifierError("a step and a name belong together", place, "both, or neither")
    points = _points(cells["points"], place)
    person, reason = cells["person"], cells.get("reason", "")
    if not step:
        return Correction(person, points, reason=reason, place=place)
    if name not in problem.cell.equation:
        accepted = ", ".join(problem.cell.equation)
        raise VerifierError(f"the problem has no quantity {name!r}", place, accepted)
    if not step.isdecimal() or not 1 <= int(step) <= problem.steps:
        raise VerifierError(f"step {step}", place, f"a whole number from 1 to {problem.steps}")
    where = None if not index else _index(index, problem.shapes[name], place)
    return Correction(person, points, int(step), name, where, reason, place)


def _points(text: str, place: Place) -> Fraction:
    try:
        points = Fraction(read_number(text.replace(",", ".")))
    except VerifierError:
        points = Fraction(-1)
    if not 0 <= points <= effort.POINTS:
        raise VerifierError(f"points {text!r}", place, f"a number from 0 to {effort.POINTS}")
    return points


def _index(text: str, shape: Sequence[int], place: Place) -> tuple[int, ...]:
    """An index such as 0, [0] or 0,2; it counts from 0."""
    parts = text.strip("[]() ").replace(";", ",").split(",")
    found = tuple(int(part) for part in parts if part.strip().isdecimal())
    fits = len(found) == len(parts) == len(shape) and all(map(int.__lt__, found, shape))
    if not fits:
        raise VerifierError(f"index {text!r}", place, f"{len(shape)} numbers from 0, below {shape}")
    return found


def corrected(
    everyone: Sequence[Checked], given: Sequence[Correction]
) -> tuple[Sequence[Checked], tuple[VerifierError, ...]]:
    """Everyone with the points that were given by hand, and why some were not taken."""
    mine: dict[str, list[Correction]] = {one.person: [] for one in given}
    for one in given:
        mine[one.person].append(one)
    here: set[str] = set()
    refused: list[VerifierError] = []

    def with_own(checked: Checked) -> Checked:
        person = checked.answers.person
        if person in here or person not in mine:
            return checked
        here.add(person)
        for one in mine[person]:
            made = _tried(partial(_with, checked, one))
            if isinstance(made, VerifierError):
                refused.append(made)
            else:
                checked = made
        return checked

    found = Kept(map(with_own, everyone))
    absent = (one for one in given if one.person not in here)
    refused += (
        VerifierError(f"{one.person!r} handed nothing in here", one.place) for one in absent
    )
    return found, tuple(refused)


def _with(checked: Checked, given: Correction) -> Checked:
    if not given.step:
        return replace(checked, by_hand=given.points)
    met = [row for row in checked.rows if given.meets(row)]
    if not met:
        raise VerifierError("no such entry is asked for", given.place, "an entry of check.json")
    share = given.points / len(met)
    rows = (replace(row, by_hand=share) if given.meets(row) else row for row in checked.rows)
    return replace(checked, rows=tuple(rows))
