"""What a class has in all: the mean, the median, and how the points are spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import Any

from verifier.check.model import Checked
from verifier.check.scores import Score, points_text, score
from verifier.problem import Problem
from verifier.report.scribe import Scribe
from verifier.report.words import Prose

BINS = 10


@dataclass(frozen=True)
class Totals:
    """The points of all who were judged, in words and in equal parts of what can be had.

    `heading` says what the parts are of: points, or shares of them where people can have different
    most; `mosts` are these, the least first.
    """

    sentence: Prose = ()
    bins: tuple[tuple[str, int], ...] = ()
    heading: Prose = ()
    mosts: tuple[Fraction, ...] = ()

    @property
    def differ(self) -> bool:
        """Whether not all can have the same number of points."""
        return len(self.mosts) > 1


def totals(problem: Problem, everyone: Sequence[Checked], scribe: Scribe) -> Totals:
    """The totals of a class; empty where no one was judged."""
    found = [score(problem, checked) for checked in everyone if checked.marked]
    if not found:
        return Totals()
    mosts, words = tuple(sorted({one.most for one in found})), scribe.words
    if len(mosts) > 1:
        shares = sorted(_share(one) for one in found)
        sentence = words("check.class.totals.shares", **_middle(shares, scribe))
        bins = _bins(shares, Fraction(100), scribe)
        return Totals(sentence, bins, words("check.class.range.shares"), mosts)
    won = sorted(one.points for one in found)
    sentence = words("check.class.totals", **_middle(won, scribe))
    return Totals(sentence, _bins(won, mosts[0], scribe), words("check.class.range"), mosts)


def _share(one: Score) -> Fraction:
    """Points in per cent of what could be had."""
    return 100 * one.points / one.most if one.most else Fraction(0)


def _middle(found: Sequence[Fraction], scribe: Scribe) -> dict[str, Any]:
    """The mean, the median, the least and the highest, in words."""
    numbers = {"mean": sum(found, Fraction(0)) / len(found), "median": median(found)}
    numbers |= {"least": found[0], "highest": found[-1]}
    return {key: scribe.plain_number(points_text(Fraction(n))) for key, n in numbers.items()}


def _bins(won: Sequence[Fraction], most: Fraction, scribe: Scribe) -> tuple[tuple[str, int], ...]:
    """How many lie in each part; the first has its lower end, too, and the last what is above."""
    counts = [0] * BINS
    for points in won:
        part = -(-points * BINS // most) - 1 if most else Fraction(0)
        counts[min(BINS - 1, max(0, int(part)))] += 1
    ends = [scribe.plain_number(points_text(most * k / BINS)) for k in range(BINS + 1)]
    labels = (f"{low} – {high}" for low, high in pairwise(ends))
    return tuple(zip(labels, counts, strict=True))
