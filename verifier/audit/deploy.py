"""Which formats keep a problem's digits: proven for every program, or only in what was computed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Any

import numpy as np

from verifier.arithmetic.ball import enclosure
from verifier.audit.model import Audit, Measured, Size
from verifier.rounding import Rounding, decided_text

Bools = Any
"""An array of booleans, an entry for each entry of the quantity."""

EXACT_PLACES = 15
"""With more places, or another mode than to nearest, every entry is decided in exact arithmetic."""


@dataclass(frozen=True)
class Keeping:
    """How many entries have certified digits, and for how many of them a format keeps these.

    `kept` counts the computed numbers that round to the certified digits, exactly and in the
    problem's mode; `proven` the entries within whose bound, whatever the order of summation, every
    number does.
    """

    float: str
    entries: int
    kept: int
    proven: int


def keeping(found: Audit) -> tuple[Keeping, ...]:
    """What each format of an audit keeps."""
    return tuple(_keeping(found, model.float) for model in found.models)


def _keeping(found: Audit, float: str) -> Keeping:
    counted = np.zeros(3, dtype=int)
    for row in found.measured.values():
        if row.float == float:
            counted += _counted(found, row)
    return Keeping(float, *map(int, counted))


def _counted(found: Audit, row: Measured) -> Any:
    """Entries with certified digits, those that are kept, and those that are proven to be."""
    texts = found.solution.digits("final")[row.step, row.name]
    known = np.array([text is not None for text in texts], dtype=bool)
    proven = _all_keep(found, row, "bound_any_order", known)
    kept = proven & row.finite | _all_keep(found, row, "error", known & ~proven)
    return np.array([known.sum(), (kept & known).sum(), (proven & known).sum()])


def _all_keep(found: Audit, row: Measured, size: Size, asked: Bools) -> Bools:
    """Where all numbers within a bound of the truth have the certified digits.

    Of the size of an error it is the computed number alone.
    """
    sure, open = _by_distance(found, row, size)
    keeps = sure & asked
    for k in np.flatnonzero(open & ~sure & asked):
        keeps[k] = _keeps(found, row, size, int(k))
    return keeps


def _by_distance(found: Audit, row: Measured, size: Size) -> tuple[Bools, Bools]:
    """Where the nearest tie is surely further than a size, and where it may be."""
    rule, truth = found.solution.problem.rule(row.name), found.truth.get((row.step, row.name))
    absolute = row.absolute[size]
    places = rule.places
    if truth is None or places is None or places > EXACT_PLACES or rule.mode[:5] != "half-":
        return np.zeros(absolute.shape, bool), np.isfinite(absolute)
    with np.errstate(all="ignore"):
        scaled = truth.high * 10.0**places
        gap = np.abs(scaled - np.floor(scaled) - 0.5)
        slack = (np.abs(scaled) + 1) * 2.0**-45 + truth.slack * 10.0**places * (1 + 2.0**-45)
        reach = absolute * 10.0**places
        sure = gap > reach * (1 + 2.0**-45) + slack
        open = np.ones_like(sure) if size == "error" else gap >= reach * (1 - 2.0**-45) - slack
    return sure, open & np.isfinite(absolute)


def _keeps(found: Audit, row: Measured, size: Size, k: int) -> bool:
    """Whether all numbers of an entry have the certified digits, in exact arithmetic."""
    rule: Rounding = found.solution.problem.rule(row.name)
    certified = found.solution.digits("final")[row.step, row.name][k]
    if size == "error":
        value = Fraction(float(row.computed[k])) if row.finite[k] else None
        return value is not None and decided_text(value, value, rule) == certified
    entry = found.solution.full.trace.entries(row.step, row.name)[k]
    ends, most = enclosure(entry), float(row.absolute[size][k])
    if ends is None or not isfinite(most):
        return False
    return decided_text(ends[0] - Fraction(most), ends[1] + Fraction(most), rule) == certified
