"""Decimal hazards: where a float's own rounding prints other digits than the certified ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

import numpy as np

from verifier import effort
from verifier.arithmetic.ball import enclosure, exact_value
from verifier.arithmetic.floats.deployed import FORMATS
from verifier.audit.model import Audit, Measured
from verifier.rounding import Rounding, decided_text, power

Reason = Literal["sign", "tie", "mode", "coarse", "boundary", "twice", "overflow"]
REASONS: tuple[Reason, ...] = ("sign", "tie", "mode", "coarse", "boundary", "twice", "overflow")
"""Why digits differ: a minus before zero; an exact tie that the float misses, or that the function
breaks otherwise; another mode than to nearest, ties to even; neighbouring floats further apart
than the last place; an error of the float that crosses a boundary; np.round's own multiplication
and division, which round as well, and may overflow."""

Method = Literal["np.round", "np.round(float)", "round", "format"]
METHODS: tuple[Method, ...] = ("np.round", "np.round(float)", "round", "format")
"""np.round in the format's own type; the others on a Python float: np.round, round, f"{x:.4f}"."""

SAFE = 8
"""np.round's product is off by less than so many units roundoff."""


@dataclass(frozen=True)
class Print:
    """What a function prints for a float, and why."""

    method: Method
    text: str
    reason: Reason


@dataclass(frozen=True, eq=False)
class Hazard:
    """An entry that some function prints with other digits than the certified ones."""

    float: str
    step: int
    name: str
    index: tuple[int, ...]
    computed: Any
    certified: str
    case: Case

    @cached_property
    def prints(self) -> tuple[Print, ...]:
        """What the functions print that print other digits, and why.

        Of a narrow format nearly all entries are such, of which most are counted alone.
        """
        return tuple(_prints(self.case))


@dataclass(frozen=True)
class Tried:
    """How many entries of a format were compared, and how many could not be.

    Those are not finite numbers, have no certified digits, or have digits that end before the
    decimal point.
    """

    compared: int
    not_finite: int
    undecided: int
    whole: int


def tried(found: Audit, float: str) -> Tried:
    """What of a format could be compared with the certified digits."""
    counted = Counter(
        kind for row in found.measured.values() if row.float == float for kind in _kinds(found, row)
    )
    return Tried(*(counted[kind] for kind in ("compared", "not finite", "undecided", "whole")))


def _kinds(found: Audit, row: Measured) -> Iterator[str]:
    solution, rule = found.solution, found.solution.problem.rule(row.name)
    digits = solution.digits("final")[row.step, row.name]
    entries = solution.full.trace.entries(row.step, row.name) if rule.places is None else digits
    for text, entry, value in zip(digits, entries, row.computed, strict=True):
        if not np.isfinite(value.astype(np.float64)):
            yield "not finite"
        elif text is None:
            yield "undecided"
        elif rule.places is None and not Case(row.float, value, entry, rule, text).printable:
            yield "whole"
        else:
            yield "compared"


def hazards(found: Audit) -> tuple[Hazard, ...]:
    """The hazards of every format, step by step. Entries that are undecided are left out."""
    return tuple(hazard for row in found.measured.values() for hazard in _of(found, row))


def _of(found: Audit, row: Measured) -> Iterator[Hazard]:
    solution = found.solution
    problem, rule = solution.problem, solution.problem.rule(row.name)
    entries = solution.full.trace.entries(row.step, row.name)
    digits = solution.digits("final")[row.step, row.name]
    shape, finite = problem.shapes[row.name], np.isfinite(row.computed.astype(np.float64))
    some = [k for k in np.flatnonzero(finite & _doubtful(row, rule)).tolist() if digits[k]]
    for k in some if rule.places is None else _differing(row, some, digits, rule.places):
        value, text = row.computed[k], digits[k]
        assert text is not None
        index = tuple(int(i) for i in np.unravel_index(k, shape)) if shape else ()
        case = Case(row.float, value, entries[k], rule, text)
        hazard = Hazard(row.float, row.step, row.name, index, value, text, case)
        if rule.places is not None or hazard.prints:
            yield hazard


def _differing(
    row: Measured, some: list[int], digits: Sequence[str | None], places: int
) -> Iterator[int]:
    """Which of some entries a function prints with other digits, by what is printed of all."""
    if not some or places > effort.PLACES:
        return
    printed = [_texts(method, row.computed[some], places) for method in _methods(row.float)]
    for k, *texts in zip(some, *printed, strict=True):
        if any(text != digits[k] for text in texts):
            yield k


def _doubtful(row: Measured, rule: Rounding) -> Any:
    """Which entries need a look; the others are far from where digits change, for all functions."""
    if rule.places is None or rule.mode != "half-even" or rule.places > 15:
        return np.ones(row.computed.shape, bool)
    unit = 2.0 ** (1 - FORMATS[row.float].precision)
    with np.errstate(all="ignore"):
        scaled = np.abs(row.computed.astype(np.float64)) * 10.0**rule.places
        off = row.absolute["error"] * 10.0**rule.places + SAFE * unit * (scaled + 1)
        clear = np.abs(scaled - np.floor(scaled) - 0.5) > off
        minus = np.signbit(row.computed) & (scaled < 1)
        coarse = unit * scaled > 0.5
    return ~clear | minus | coarse | (scaled > FORMATS[row.float].largest / 2)


@dataclass(frozen=True)
class Case:
    """A float beside the enclosure of the true value, and its certified digits."""

    float: str
    value: Any
    entry: Any
    rule: Rounding
    certified: str

    @cached_property
    def exact(self) -> Fraction:
        """What the float is."""
        return Fraction(float(self.value))

    @cached_property
    def ends(self) -> tuple[Fraction, Fraction]:
        """The enclosure; of what has no bounds, the float itself."""
        return enclosure(self.entry) or (self.exact, self.exact)

    @cached_property
    def places(self) -> int:
        """The places that are printed."""
        if self.rule.places is not None:
            return self.rule.places
        return self.rule.places_of(self.rule.round(self.ends[0]))

    @property
    def printable(self) -> bool:
        """Whether functions print so many places."""
        return 0 <= self.places <= effort.PLACES

    @cached_property
    def nearest(self) -> tuple[str | None, str]:
        """The digits of the true value, and those of the float, to nearest and ties to even."""
        rule = Rounding(self.places, "half-even")
        return decided_text(*self.ends, rule), rule.text(self.exact)

    @cached_property
    def tie(self) -> bool:
        """Whether the true value lies half-way between two decimals."""
        known = exact_value(self.entry)
        return known is not None and (known * power(self.places)).denominator == 2

    @cached_property
    def coarse(self) -> bool:
        """Whether neighbouring floats are further apart than the last place."""
        return FORMATS[self.float].ulp(self.exact) > power(-self.places)


def _prints(case: Case) -> Iterator[Print]:
    if not case.printable:
        return
    for method in _methods(case.float):
        (text,) = _texts(method, np.stack([case.value]), case.places)
        if text != case.certified:
            yield Print(method, text, _reason(case, text))


def _reason(case: Case, text: str) -> Reason:
    if text.lstrip("-") in ("inf", "nan"):
        return "overflow"
    if text.lstrip("-") == case.certified and not text.strip("-0."):
        return "sign"
    if case.tie:
        return "tie"
    if text == case.nearest[0]:
        return "mode"
    if case.coarse:
        return "coarse"
    return "twice" if case.nearest[1] != text else "boundary"


def _methods(float: str) -> tuple[Method, ...]:
    """The functions that differ: np.round of a float64 is the format's own."""
    return tuple(m for m in METHODS if not (m == "np.round(float)" and float == "float64"))


def _texts(method: Method, values: Any, places: int) -> list[str]:
    """What a function prints for floats of a format; zero keeps its sign."""
    with np.errstate(all="ignore"):  # np.round may overflow on the way
        return [f"{x:.{places}f}" for x in _ROUNDED[method](values, places)]


def _doubles(values: Any) -> list[float]:
    found: list[float] = np.asarray(values).astype(np.float64).tolist()
    return found


_ROUNDED: Mapping[Method, Callable[[Any, int], list[float]]] = {
    "np.round": lambda values, places: _doubles(np.round(values, places)),
    "np.round(float)": lambda values, places: _doubles(np.round(values.astype(np.float64), places)),
    "round": lambda values, places: [round(x, places) for x in _doubles(values)],
    "format": lambda values, places: _doubles(values),
}
