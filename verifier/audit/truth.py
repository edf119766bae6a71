"""Certified values, as pairs of float64 numbers: of the problem, and of its rounded numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from math import ceil, log2
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from flint import arb, fmpq

from verifier import effort
from verifier.arithmetic.ball import Ball
from verifier.arithmetic.floats.binary import BINARY, Format
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.protocol import LITERAL, Origin, QuantityAt, Value, entries
from verifier.certify import CoarseError, cheaper, lost_bits
from verifier.evaluate import evaluate
from verifier.numbers import Numbers
from verifier.problem import Problem

Floats = Any
"""A float64 array of one axis."""

FINER = 24
"""An enclosure is good when its radius is below 2^-FINER ulp."""

CLEAR = 1000.0
"""A distance is measured when it is so many times as large as the truth's radius."""

BINADES = 8
"""So many times the first precision is tried to tell on which side of a power of two a value is."""


@dataclass(frozen=True, eq=False)
class Truth:
    """Entries of a quantity: each lies within `radius` of `high` + `low`.

    `size` is |truth| rounded towards zero, so that it has the truth's ulp. Where nobody knows on
    which side of a power of two a value lies, it is taken to be below, and `sided` is false.
    """

    high: Floats
    low: Floats
    radius: Floats
    size: Floats
    sided: bool

    @cached_property
    def slack(self) -> Floats:
        """A bound of the distance from `high` alone."""
        return np.abs(self.low) * (1 + 2.0**-50) + self.radius

    def distance(self, floats: Floats) -> Floats:
        """How far float64 numbers are from the truth, as near as float64 can say."""
        return np.abs(self.signed(floats))

    def signed(self, floats: Floats) -> Floats:
        """Float64 numbers less the truth; what is no number is infinitely far."""
        off = (floats - self.high) - self.low
        return np.where(np.isnan(off), np.inf, off)

    def resolved(self, floats: Floats) -> Floats:
        """Where the distance is known to the three figures that are printed."""
        return self.distance(floats) > CLEAR * self.radius

    def told(self, floats: Floats) -> Floats:
        """The distance where it is resolved, else a bound of it: 0 where both are equal."""
        found: Floats = np.where(
            self.resolved(floats), self.distance(floats), self.furthest(floats)
        )
        return found

    def furthest(self, floats: Floats) -> Floats:
        """A bound of the distance, rounded outwards."""
        off = self.distance(floats)
        return off * (1 + 2.0**-50) + np.abs(floats - self.high) * 2.0**-52 + self.radius


Truths = Mapping[QuantityAt, Truth]


@dataclass(frozen=True)
class BallOfFloats(Ball):
    """Balls in exact arithmetic on given numbers that are first rounded to a format."""

    format: Format = BINARY["float64"]

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Value:
        """The floats nearest to the given numbers, exactly; they must be finite."""
        floats = np.asarray(Ieee(self.format.name).given(numbers))
        if floats.dtype.kind != "f":  # bfloat16, whose numbers all are numbers of float32
            floats = floats.astype(np.float32)
        return super().given(Numbers(numbers.shape, (), floats), origin)


def truths(problem: Problem, format: Format, rounded: bool) -> Truths:
    """The quantities in exact arithmetic, good for comparisons in a format.

    With `rounded`, the given numbers are first rounded to the format. The problem's own are kept as
    long as it is there: they serve coarser formats, and every program that is held to them.
    """
    known = KEPT.get(problem)
    if rounded:
        return _certified(problem, format, rounded, known).values
    if known is None or known.format.precision < format.precision:
        known = KEPT[problem] = _certified(problem, format, rounded, None)
    return known.values


@dataclass(frozen=True, eq=False)
class Pass:
    """Values good for comparisons in a format, by balls of a precision; `radii` are those."""

    format: Format
    precision: int
    values: Truths
    radii: Mapping[QuantityAt, Floats]

    def bits(self, format: Format) -> int:
        """The precision at which balls that grow as these did are good for a format."""
        pairs = ((self.radii[site], _allowed(truth, format)) for site, truth in self.values.items())
        with np.errstate(all="ignore"):
            most = max(float(np.max(radii / allowed, initial=0.0)) for radii, allowed in pairs)
        return self.precision + (ceil(log2(most)) if 0 < most < np.inf else 0) + SPARE


SPARE = 3
"""Bits more than balls need that grow as others did: those of rounded numbers grow nearly so."""


KEPT: WeakKeyDictionary[Problem, Pass] = WeakKeyDictionary()
"""The pass for the finest format of those in which a problem's own values were asked for."""


def _certified(problem: Problem, format: Format, rounded: bool, known: Pass | None) -> Pass:
    needed = format.precision + FINER + 8
    unsided = BINADES * (needed + lost_bits(problem))
    likely = None if known is None else known.bits(format)
    for precision in _precisions(problem, needed, likely):
        ball = BallOfFloats(precision, format) if rounded else Ball(precision)
        with suppress(CoarseError):
            return _truths(problem, ball, format, precision >= unsided)
    raise AssertionError("the highest precision is never too coarse")


def _precisions(problem: Problem, needed: int, likely: int | None) -> Iterator[int]:
    """Precisions to try: first the one that is `likely` enough, if that is known and not more.

    Balls that nothing was lost of still need the bits of what is `needed`.
    """
    if likely is not None and likely <= needed + lost_bits(problem):
        yield max(likely, needed)
    else:
        yield from cheaper(problem, needed)
    precision = needed + lost_bits(problem)
    while precision < effort.BITS:
        yield precision
        precision *= 2
    yield effort.BITS


def _truths(problem: Problem, ball: Ball, format: Format, any_side: bool) -> Pass:
    """The quantities in balls of some precision; `any_side` of a power of two will do.

    Errors: CoarseError when one is not good, and more bits can be had.
    """
    split = _pairs if format.precision == 53 else _singles
    found: dict[QuantityAt, Truth] = {}
    radii: dict[QuantityAt, Floats] = {}

    def look(step: int, name: str, value: Value) -> None:
        balls = [arb(x) if type(x) is fmpq else x for x in entries(value)]
        radii[step, name] = _radii(balls)
        truth = split(balls, radii[step, name])
        good = _good(truth, format) and (any_side or truth.sided)
        if ball.precision < effort.BITS and not good:
            raise CoarseError
        found[step, name] = truth

    evaluate(problem, ball, look=look)
    return Pass(format, ball.precision, found, radii)


def _good(truth: Truth, format: Format) -> bool:
    return bool((truth.radius <= _allowed(truth, format)).all())


def _allowed(truth: Truth, format: Format) -> Floats:
    """The radius that is good enough."""
    allowed: Floats = format.ulps(truth.size) * 2.0**-FINER
    # Near the end of float64 a pair of numbers cannot say more than its own last place.
    return np.maximum(allowed, 2.0**-1070)


def _singles(balls: Sequence[arb], radii: Floats) -> Truth:
    """The nearest float64 numbers, which say enough beside a narrower format."""
    high = _floats(balls)
    lost = np.where(_exact(balls, radii, high), 0.0, np.abs(high) * 2.0**-52 + 2.0**-1074)
    radius = radii + lost
    return Truth(high, np.zeros_like(high), radius, *_sizes(balls, high, radius))


def _pairs(balls: Sequence[arb], radii: Floats) -> Truth:
    """Values in two float64 numbers each, and a bound of what they lack."""
    high = _floats(balls)
    rests = [ball - near for ball, near in zip(balls, high.tolist(), strict=True)]
    low = _floats(rests)
    off = np.where(_exact(rests, radii, low), 0.0, np.abs(low) * 2.0**-52 + 2.0**-1074)
    lost = ~np.isfinite(high)
    radius = np.where(lost, np.inf, _radii(rests) + off)
    sizes = _sizes(balls, high, radius + np.abs(low))
    return Truth(high, np.where(lost, 0.0, low), radius, *sizes)


def _exact(balls: Sequence[arb], radii: Floats, floats: Floats) -> Any:
    """Which of the floats are surely the values themselves: none of balls with a radius."""
    found = radii == 0
    for k in np.flatnonzero(found).tolist():
        found[k] = balls[k] == floats[k].item()
    return found


def _sizes(balls: Sequence[arb], high: Floats, radius: Floats) -> tuple[Floats, bool]:
    """The sizes rounded towards zero as far as binades go, and whether all sides are known."""
    size, sided = np.abs(high), True
    fraction, exponent = np.frexp(size)
    powers = np.ldexp(1.0, exponent - (fraction < 0.75))
    for k in np.flatnonzero((size > 0) & (np.abs(size - powers) <= radius)).tolist():
        ball, power = abs(balls[k]), float(powers[k])
        if ball >= power:
            size[k] = max(size[k], power)
            continue
        size[k] = min(size[k], np.nextafter(power, 0))
        sided = sided and bool(ball < power)
    return size, sided


def _floats(balls: Sequence[arb]) -> Floats:
    return np.array([float(ball) for ball in balls])


def _radii(balls: Sequence[arb]) -> Floats:
    return np.array([float(ball.rad()) for ball in balls]) * (1 + 2.0**-50)
