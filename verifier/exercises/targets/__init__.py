"""Learning systems: what their questions hold, and a module each that writes a bank of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from typing import Any, Protocol

from verifier.errors import VerifierError
from verifier.exercises.model import INSIDE, Exercise, Field, Parts

MOODLE = (20, 18, 16, 15, 14, 12, 10, 8, 6, 5, 4, 2, 1, 0)
"""Twentieths of the points that Moodle knows.

They are those of `question_bank::fraction_options` (question/engine/bank.php); its thirds,
sixths, sevenths, eighths and ninths are left out.
"""


@dataclass(frozen=True)
class Target:
    """A learning system: what its questions hold.

    The most places that it can tell; the shares that its answers earn, None for all; whether it
    says something of wrong answers; whether its numbers are floats; whether numbers can be worth
    other than a point; whether each problem has a folder. Where only all or nothing is
    earned, answers that earn less are left out.
    """

    places: int
    shares: frozenset[Fraction] | None = None
    feedback: bool = True
    floats: bool = True
    points: bool = True
    folders: bool = False


def _parts(*twentieths: int) -> frozenset[Fraction]:
    return frozenset(Fraction(part, 20) for part in twentieths)


WHOLE = _parts(0, 20)
TARGETS = {
    "canvas": Target(4, WHOLE, feedback=False),
    "gift": Target(8, _parts(*MOODLE), points=False),
    "moodle": Target(8, _parts(*MOODLE)),
    "moodle-cloze": Target(8, _parts(*MOODLE)),
    "nbgrader": Target(8, floats=False, folders=True),
    "numbas": Target(8),
    "prairielearn": Target(8, floats=False, folders=True),
    "qti3": Target(8),
}
"""Beyond eight places what Moodle adds to a tolerance would count."""


class Writer(Protocol):
    """What a module of this package offers."""

    def files(self, bank: Sequence[Exercise]) -> dict[str, Parts]:
        """What is written for a bank of questions, by the names of files."""


def targets() -> tuple[str, ...]:
    """The names of all learning systems."""
    return tuple(TARGETS)


def files(name: str, bank: Sequence[Exercise], split: int | None = None) -> dict[str, Parts]:
    """A bank of questions as the files of a learning system, made while they are written.

    With `split`, a file has so many problems: moodle-001.xml, moodle-002.xml …
    Errors: VerifierError for what the system cannot hold, and for parts of what has folders.
    """
    for _ in holding(name, bank, Notes(name)):
        pass
    writer: Writer = import_module(f"{__name__}.to_{name.replace('-', '_')}")
    if split is None:
        return writer.files(bank)
    if TARGETS[name].folders:
        raise VerifierError(f"--split of {name}", accepted="no --split: each problem has a folder")
    starts = range(0, len(bank), split)
    parts = [writer.files(Some(bank, k, split)) for k in starts]
    return {
        f"{stem}-{number:03d}.{ending}": content
        for number, made in enumerate(parts, 1)
        for file, content in made.items()
        for stem, _, ending in (file.rpartition("."),)
    }


class Some(Sequence[Exercise]):
    """Some questions of a bank, as a bank of their own."""

    def __init__(self, bank: Sequence[Exercise], start: int, most: int) -> None:
        self.bank, self.numbers = bank, range(start, min(start + most, len(bank)))

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, k: Any) -> Any:
        return self.bank[self.numbers[k]]


@dataclass
class Notes:
    """What of a bank a learning system does not hold, and does without, counted."""

    name: str
    points: bool = False
    part: int = 0
    told: int = 0

    def count(self, exercise: Exercise) -> None:
        """Count what a question has."""
        windows = [window for field in exercise.fields for window in field.windows]
        self.points |= any(field.points != 1 for field in exercise.fields)
        self.part += sum(0 < window.share < 1 for window in windows)
        self.told += sum(not window.share for window in windows)

    def said(self) -> Iterator[str]:
        """What is told of it."""
        target, name, without = TARGETS[self.name], self.name, "are left out"
        if not target.points and self.points:
            yield f"{name} knows no points: every number is worth as much as another"
        if target.shares == WHOLE and self.part:
            yield f"{name} gives all points or none: {self.part} answers that earn a part {without}"
        if not target.feedback and self.told:
            yield f"{name} has no feedback for wrong answers: {self.told} known mistakes {without}"


def holding(name: str, found: Iterable[Exercise], notes: Notes) -> Iterator[Exercise]:
    """The questions, each held against what a system can hold, and counted."""
    for exercise in found:
        for field in exercise.fields:
            _held(name, exercise, field)
        notes.count(exercise)
        yield exercise


def _held(name: str, exercise: Exercise, field: Field) -> None:
    target = TARGETS[name]
    if field.places > target.places:
        what = f"{exercise.name}: {field.name} to {field.places} places in {name}"
        raise VerifierError(
            what, accepted=f"at most {target.places}: places = {target.places} in [rounding]"
        )
    if target.floats and _figures(field) > FLOAT:
        what = f"{exercise.name}: {field.name} = {field.digits}, more figures than a float tells"
        raise VerifierError(what, accepted="fewer places: places = N in [rounding]")
    if target.shares is not None and target.shares != WHOLE:
        for window in field.windows:
            _known(name, window.share, target.shares)


FLOAT = 15
"""So many figures of a decimal a float keeps, whatever they are."""


def _figures(field: Field) -> int:
    """The figures of where windows end."""
    whole = str(abs(Fraction(field.digits)) // 1).lstrip("0")
    return len(whole) + field.places + INSIDE


def _known(name: str, share: Fraction, shares: frozenset[Fraction]) -> None:
    if share not in shares:
        accepted = ", ".join(f"{float(one):g}" for one in sorted(shares, reverse=True))
        raise VerifierError(f"a share of {share} of the points in {name}", accepted=accepted)
