"""What a class has in all: the mean, the median, and how the points are spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Any

from verifier.check.model import Checked
from verifier.check.scores import points_text, score
from verifier.problem import Problem
from verifier.report.scribe import Scribe
from verifier.report.words import Prose

BINS = 10


@dataclass(frozen=True)
class Totals:
    """The points of all who were judged, in words and in equal parts of what can be had."""

    sentence: Prose = ()
    bins: tuple[tuple[str, int], ...] = ()


def totals(problem: Problem, everyone: Sequence[Checked], scribe: Scribe) -> Totals:
    """The totals of a class; empty where no one was judged."""
    found = [score(problem, checked) for checked in everyone if checked.judged]
    if not found:
        return Totals()
    won, most = sorted(one.points for one in found), found[0].most
    numbers = {"mean": sum(won, Fraction(0)) / len(won), "median": median(won)}
    numbers |= {"least": won[0], "highest": won[-1]}
    shown: dict[str, Any] = {
        key: scribe.plain_number(points_text(Fraction(n))) for key, n in numbers.items()
    }
    return Totals(scribe.words("check.class.totals", **shown), _bins(won, most, scribe))


def _bins(won: Sequence[Fraction], most: Fraction, scribe: Scribe) -> tuple[tuple[str, int], ...]:
    """How many lie in each part; the first has its lower end, too, and the last what is above."""
    counts = [0] * BINS
    for points in won:
        part = -(-points * BINS // most) - 1 if most else Fraction(0)
        counts[min(BINS - 1, max(0, int(part)))] += 1
    ends = [scribe.plain_number(points_text(most * k / BINS)) for k in range(BINS + 1)]
    labels = (f"{low} – {high}" for low, high in pairwise(ends))
    return tuple(zip(labels, counts, strict=True))
