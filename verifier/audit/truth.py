"""Certified values, as pairs of float64 numbers: of the problem, and of its rounded numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, fmpq

from verifier.arithmetic.ball import Ball
from verifier.arithmetic.base import Value
from verifier.arithmetic.floats.binary import FORMATS, Format
from verifier.arithmetic.ieee import Ieee
from verifier.certify import HIGHEST, lost_bits
from verifier.evaluate import Trace, evaluate
from verifier.numbers import Numbers
from verifier.problem import Problem

Floats = Any
"""A float64 array of one axis."""

FINER = 24
"""An enclosure is good when its radius is below 2^-FINER ulp."""


@dataclass(frozen=True, eq=False)
class Truth:
    """Entries of a quantity: each lies within `radius` of `high` + `low`."""

    high: Floats
    low: Floats
    radius: Floats

    def distance(self, floats: Floats) -> Floats:
        """How far float64 numbers are from the truth, as near as float64 can say."""
        return np.abs(self.signed(floats))

    def signed(self, floats: Floats) -> Floats:
        """Float64 numbers less the truth; what is no number is infinitely far."""
        off = (floats - self.high) - self.low
        return np.where(np.isnan(off), np.inf, off)

    def furthest(self, floats: Floats) -> Floats:
        """A bound of the distance, rounded outwards."""
        off = self.distance(floats)
        return off * (1 + 2.0**-50) + np.abs(floats - self.high) * 2.0**-52 + self.radius


Truths = Mapping[tuple[int, str], Truth]


@dataclass(frozen=True)
class BallOfFloats(Ball):
    """Balls in exact arithmetic on given numbers that are first rounded to a format."""

    format: Format = FORMATS["float64"]

    def given(self, numbers: Numbers) -> Value:
        """The floats nearest to the given numbers, exactly; they must be finite."""
        floats = np.asarray(Ieee(self.format.name).given(numbers)).astype(np.float64)
        return super().given(Numbers(numbers.shape, (), floats))


def truths(problem: Problem, format: Format, rounded: bool) -> Truths:
    """The quantities in exact arithmetic, good for comparisons in a format.

    With `rounded`, the given numbers are first rounded to the format.
    """
    precision = format.precision + FINER + 8 + lost_bits(problem)
    while True:
        ball = BallOfFloats(precision, format) if rounded else Ball(precision)
        found = dict(_values(evaluate(problem, ball), format))
        if precision >= HIGHEST or all(_good(truth, format) for truth in found.values()):
            return found
        precision = min(2 * precision, HIGHEST)


def _good(truth: Truth, format: Format) -> bool:
    allowed = format.ulps(truth.high) * 2.0**-FINER
    # Near the end of float64 a pair of numbers cannot say more than its own last place.
    least = np.maximum(allowed, 2.0**-1070)
    return bool((truth.radius <= least).all())


def _values(trace: Trace, format: Format) -> Iterator[tuple[tuple[int, str], Truth]]:
    pair = _pair if format.precision == 53 else _single
    with trace.arithmetic.session(), np.errstate(all="ignore"):
        for site in trace.values:
            high, low, radius = np.array([pair(entry) for entry in trace.entries(*site)]).T
            yield site, Truth(high, low, radius)


def _single(entry: Any) -> tuple[float, float, float]:
    """The nearest float64 number, which says enough beside a narrower format."""
    ball = arb(entry) if type(entry) is fmpq else entry
    high = float(ball)
    return high, 0.0, float(ball.rad()) * (1 + 2.0**-50) + abs(high) * 2.0**-52 + 2.0**-1074


def _pair(entry: Any) -> tuple[float, float, float]:
    """The entry's value in two float64 numbers, and a bound of what they lack."""
    ball = arb(entry) if type(entry) is fmpq else entry
    high = float(ball.mid())
    if high - high:  # infinite or nan
        return high, 0.0, float("inf")
    rest = ball - arb(high)
    low = float(rest.mid())
    radius = float((rest - arb(low)).abs_upper())
    return high, low, radius * (1 + 2.0**-50)
