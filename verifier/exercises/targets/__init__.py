"""Learning systems: what their questions hold, and a module each that writes a bank of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from typing import Protocol

from verifier.errors import VerifierError
from verifier.exercises.model import INSIDE, Exercise, Field

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
    other than a point. Where only all or nothing is
    earned, answers that earn less are left out.
    """

    places: int
    shares: frozenset[Fraction] | None = None
    feedback: bool = True
    floats: bool = True
    points: bool = True


def _parts(*twentieths: int) -> frozenset[Fraction]:
    return frozenset(Fraction(part, 20) for part in twentieths)


WHOLE = _parts(0, 20)
TARGETS = {
    "canvas": Target(4, WHOLE, feedback=False),
    "gift": Target(8, _parts(*MOODLE), points=False),
    "moodle": Target(8, _parts(*MOODLE)),
    "moodle-cloze": Target(8, _parts(*MOODLE)),
    "nbgrader": Target(8, floats=False),
    "numbas": Target(8),
    "prairielearn": Target(8, floats=False),
    "qti3": Target(8),
}
"""Beyond eight places what Moodle adds to a tolerance would count."""


class Writer(Protocol):
    """What a module of this package offers."""

    def files(self, bank: Sequence[Exercise]) -> dict[str, str | bytes]:
        """What is written for a bank of questions, by the names of files."""


def targets() -> tuple[str, ...]:
    """The names of all learning systems."""
    return tuple(TARGETS)


def files(name: str, bank: Sequence[Exercise]) -> dict[str, str | bytes]:
    """A bank of questions as the files of a learning system.

    Errors: VerifierError for what it cannot hold.
    """
    for exercise in bank:
        for field in exercise.fields:
            _held(name, exercise, field)
    writer: Writer = import_module(f"{__name__}.to_{name.replace('-', '_')}")
    return writer.files(bank)


def notes(name: str, bank: Sequence[Exercise]) -> Iterator[str]:
    """What of a bank a learning system does not hold, and does without."""
    target, fields = TARGETS[name], [field for one in bank for field in one.fields]
    part = sum(0 < window.share < 1 for field in fields for window in field.windows)
    told = sum(not window.share for field in fields for window in field.windows)
    if not target.points and any(field.points != 1 for field in fields):
        yield f"{name} knows no points: every number is worth as much as another"
    if target.shares == WHOLE and part:
        yield f"{name} gives all points or none: {part} answers that earn a part are left out"
    if not target.feedback and told:
        yield f"{name} has no feedback for wrong answers: {told} known mistakes are left out"


def _held(name: str, exercise: Exercise, field: Field) -> None:
    target = TARGETS[name]
    if field.places > target.places:
        what = f"{exercise.name}: {field.name} to {field.places} places in {name}"
        raise VerifierError(what, accepted=f"at most {target.places}: --places {target.places}")
    if target.floats and _figures(field) > FLOAT:
        what = f"{exercise.name}: {field.name} = {field.digits}, more figures than a float tells"
        raise VerifierError(what, accepted="fewer places: --places N")
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
