"""Midpoint and radius in float64, over whole arrays: enclosures at the cost of floats.

The value of an entry lies within `radius` of `middle`; an infinite radius says nothing, not
even that there is a value, and nothing that follows from it has a finite one. Bounds are
computed in float64 too: each of their operations errs by 2^-53 of its result at most, or by less
than `TINY` below the normal numbers, so that a sum of non-negative terms after k operations, times
1 + k·2^-52, is none too small.
S. M. Rump, "Fast and parallel interval arithmetic", BIT 39 (1999).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from verifier.arithmetic.floats.enclose import LOSS, exponential
from verifier.arithmetic.lane_products import products, roundings

UNIT = 2.0**-52
"""Twice what a float64 operation may err, of its result: room for how bounds are computed."""

TINY = 1e-290
"""More than what float64 loses below its normal numbers, in millions of operations."""

NARROW = 2.0**-40
"""Enclosures that are off by less of their size are as good as numbers in bounds of errors."""

EXP_ERROR = LOSS["exp"]

ROOM = 1 + 64 * UNIT
"""More than what a few operations lose."""

Floats = Any


@dataclass(frozen=True, eq=False, slots=True)
class Enclosed:
    """An array of enclosures for each lane: axis 0 of both arrays is that of the lanes.

    A single lane stands for all. `shape` is that of one lane.
    """

    middle: Floats
    radius: Floats

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value in each lane."""
        return tuple(self.middle.shape[1:])

    @property
    def ndim(self) -> int:
        """The number of axes in each lane."""
        return len(self.shape)

    def reshape(self, *shape: Any) -> Enclosed:
        """The value in another shape."""
        sizes = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape
        new = (len(self.middle), *sizes)
        return Enclosed(self.middle.reshape(new), self.radius.reshape(new))

    def flat(self) -> Enclosed:
        """The entries of each lane in a row."""
        return self.reshape(prod(self.shape))

    def spread(self, lanes: int) -> Enclosed:
        """The same in so many lanes, also where all agree."""
        return Enclosed(
            *(np.broadcast_to(p, (lanes, *self.shape)) for p in (self.middle, self.radius))
        )

    def __getitem__(self, key: Any) -> Enclosed:
        """Entries of each lane."""
        place = (slice(None), *(key if isinstance(key, tuple) else (key,)))
        return Enclosed(self.middle[place], self.radius[place])


def sound(middle: Floats, radius: Floats) -> Enclosed:
    """The enclosures; of what overflowed, or is no number, ones that say nothing."""
    with np.errstate(all="ignore"):  # sums are cheaper than a look at each, and finite as a rule
        if np.isfinite(middle.sum() + radius.sum()):
            return Enclosed(middle, radius)
    lost = ~np.isfinite(middle) | ~(radius < np.inf)
    return Enclosed(np.where(lost, 0.0, middle), np.where(lost, np.inf, radius))


def exactly(floats: Floats) -> Enclosed:
    """Float64 numbers as they are, one array a lane."""
    return sound(floats, np.zeros_like(floats))


def nearly(floats: Floats) -> Enclosed:
    """What rounds to these float64 numbers."""
    return sound(floats, UNIT * np.abs(floats) + TINY)


def between(low: Floats, high: Floats) -> Enclosed:
    """All numbers from one to another; of nan, nothing is said."""
    middle = (low + high) / 2
    return sound(middle, np.maximum(middle - low, high - middle) * (1 + UNIT) + TINY)


def aligned(x: Enclosed, y: Enclosed) -> tuple[Enclosed, Enclosed]:
    """Both with as many axes, so that NumPy spreads what is there once."""
    return grown(x, y.ndim), grown(y, x.ndim)


def grown(x: Enclosed, axes: int) -> Enclosed:
    """The value with at least so many axes, the new ones in front."""
    return x if x.ndim >= axes else x.reshape((*(1,) * (axes - x.ndim), *x.shape))


def lower(x: Enclosed) -> Floats:
    """A lower bound of every entry."""
    return x.middle - x.radius - UNIT * (np.abs(x.middle) + x.radius) - TINY


def upper(x: Enclosed) -> Floats:
    """An upper bound of every entry."""
    return -lower(negative(x))


def negative(x: Enclosed) -> Enclosed:
    """-x, exactly."""
    return Enclosed(-x.middle, x.radius)


def total(x: Enclosed, y: Enclosed) -> Enclosed:
    """x + y."""
    x, y = aligned(x, y)
    middle = x.middle + y.middle
    return sound(middle, (x.radius + y.radius) * (1 + 4 * UNIT) + UNIT * np.abs(middle))


def product(x: Enclosed, y: Enclosed) -> Enclosed:
    """x · y, entry by entry."""
    x, y = aligned(x, y)
    middle = x.middle * y.middle
    off = np.abs(x.middle) * y.radius + x.radius * (np.abs(y.middle) + y.radius)
    return sound(middle, off * (1 + 8 * UNIT) + UNIT * np.abs(middle) + TINY)


def quotient(x: Enclosed, y: Enclosed) -> Enclosed:
    """x / y; nothing is said where y may be zero.

    With q = a/b the middles' quotient, x/y − q = ((x − a) − q (y − b)) / y.
    """
    x, y = aligned(x, y)
    middle = x.middle / y.middle
    least = (np.abs(y.middle) - y.radius) * (1 - 4 * UNIT)
    off = (x.radius + np.abs(middle) * (1 + 2 * UNIT) * y.radius + TINY * y.radius) / least
    radius = off * (1 + 16 * UNIT) + UNIT * np.abs(middle) + TINY
    # An error of |b| - ρ below the normal numbers would not be relative to it.
    return sound(middle, np.where(least > 1e-270, radius, np.inf))


def matrix_product(x: Enclosed, y: Enclosed) -> Enclosed:
    """NumPy's `@` in every lane."""
    count = y.middle.shape[1]
    middle, own = products(x.middle, y.middle), roundings(count) * UNIT
    sizes, others = np.abs(x.middle), np.abs(y.middle)
    if (off := relative(y)) is not None:
        radius = products((own + off) * sizes + (1 + off) * x.radius, others)
    elif (off := relative(x)) is not None:
        radius = products(sizes, (own + off) * others + (1 + off) * y.radius)
    else:
        radius = products(sizes, own * others + y.radius) + products(x.radius, others + y.radius)
    return sound(middle, radius * (1 + (2 * count + 16) * UNIT) + (count + 1) * TINY)


def relative(x: Enclosed) -> float | None:
    """A small number times which every entry is at most off, where there is one for all lanes."""
    if len(x.middle) > 1:
        return None
    with np.errstate(all="ignore"):
        found = float(np.where(x.radius > 0, x.radius / np.abs(x.middle), 0.0).max(initial=0))
    return found * (1 + UNIT) + TINY if found < NARROW else None


def summed(x: Enclosed, axis: int | None) -> Enclosed:
    """The sum of all entries of a lane, or along an axis, in any order."""
    axes = tuple(range(1, x.middle.ndim)) if axis is None else axis + 1
    count = prod(x.shape) if axis is None else x.shape[axis]
    middle, sizes = x.middle.sum(axis=axes), np.abs(x.middle).sum(axis=axes)
    off = x.radius.sum(axis=axes) + count * UNIT * sizes
    return sound(middle, off * (1 + (count + 8) * UNIT))


def larger(x: Enclosed, y: Enclosed) -> Enclosed:
    """max(x, y): it moves by no more than what moves most."""
    x, y = aligned(x, y)
    first, second = lower(x) > upper(y), lower(y) > upper(x)
    either = np.maximum(x.radius, y.radius)
    radius = np.where(first, x.radius, np.where(second, y.radius, either))
    return sound(np.maximum(x.middle, y.middle), radius)


def sizes(x: Enclosed) -> Enclosed:
    """|x|, which moves by no more than x."""
    return Enclosed(np.abs(x.middle), x.radius)


def stepped(x: Enclosed, closed: bool) -> Enclosed:
    """1 above zero and 0 below, at zero 0 if `closed`; both, and what is between, if unknown."""
    top = upper(x)
    above, below = lower(x) > 0, (top < 0) | (closed & (x.middle <= 0) & (x.radius == 0))
    found = np.where(above, 1.0, np.where(below, 0.0, 0.5))
    return Enclosed(found, np.where(above | below, 0.0, np.where(x.radius < np.inf, 0.5, np.inf)))


def root(x: Enclosed) -> Enclosed:
    """√x, which IEEE 754 rounds correctly; nothing is said where x may be below zero.

    |√x − √a| = |x − a| / (√x + √a) is at most ρ / √a, and at most √ρ.
    """
    middle = np.sqrt(x.middle)
    off = np.minimum(np.sqrt(x.radius), x.radius / middle)
    off = np.where(x.radius > 0, np.where(middle > 0, off, np.sqrt(x.radius)), 0.0)
    radius = off * (1 + 8 * UNIT) + UNIT * middle + TINY
    return sound(middle, np.where(x.middle >= x.radius, radius, np.inf))


def power_of_e(x: Enclosed) -> Enclosed:
    """e^x: it moves by e^a (e^ρ − 1), and e^ρ − 1 is at most ρ + ρ² up to ρ = 1."""
    middle = np.where(x.middle < -700, 0.0, exponential(x.middle))
    grown = np.where(x.radius <= 1, x.radius * (1 + x.radius), np.inf)
    radius = middle * (grown * (1 + 32 * UNIT) + EXP_ERROR * (1 + 8 * UNIT)) + 1e-280
    wide = ~(x.radius <= 1)
    if wide.any():
        top = upper(x)
        ends = exponential(np.where(wide, top, 0.0)) * (1 + 2 * EXP_ERROR) + 1e-280
        radius = np.where(wide, np.where(top < -700, 1e-280, ends), radius)
    return sound(middle, radius)


def logistic(x: Enclosed) -> Enclosed:
    """σ(x): its slope σ(1 − σ) is at most 1/4, and over ρ it grows by a factor of e^ρ at most.

    (ln σ′)′ = 1 − 2σ lies between −1 and 1; e^ρ is at most 1 + 2ρ up to ρ = 1. With e = exp(−|x|)
    off by 9 u at most, u = 2^-53, e / (1 + e) and 1 / (1 + e) are off by 9 u of their product, and
    by 3 u of themselves for both operations.
    """
    e = exponential(-np.abs(x.middle))
    whole = 1 + e
    below, above = e / whole, 1 / whole
    middle = np.where(x.middle >= 0, above, below)
    slope = below * above
    off = EXP_ERROR * slope + 2 * UNIT * middle + TINY
    steepest = np.where(x.radius <= 1, slope * (1 + 2 * x.radius) * ROOM + TINY, 0.25)
    return sound(middle, _moved(off, x.radius, np.minimum(steepest, 0.25), 1.0))


def hyperbolic(x: Enclosed) -> Enclosed:
    """tanh x = 2σ(2x) − 1, its slope 4σ′(2x)."""
    doubled = Enclosed(2 * x.middle, 2 * x.radius)
    at = logistic(doubled)
    return sound(2 * at.middle - 1, 2 * at.radius + UNIT * np.abs(2 * at.middle - 1) + UNIT)


def _moved(own: Floats, radius: Floats, slope: Floats, most: float) -> Floats:
    """A bound of what a function moves over a radius, and of its own error; capped by its range."""
    moved = np.minimum(radius * slope * (1 + 8 * UNIT) + TINY, most)
    return np.where(radius < np.inf, moved * (1 + UNIT) + own * (1 + 4 * UNIT), np.inf)
