"""Float64 numbers with proven radii, in as many lanes as there are problems to work at once.

A value's last axis counts lanes, and has length 1 where all agree; the axes before it are those of
the quantity. Every operation adds to the radius what its rounding may lose: u = 2^-53 times the
size of a result that IEEE 754 rounds to nearest, and for a sum of n products Higham's γ_n, which
holds in any order of summation (N. J. Higham, "Accuracy and Stability of Numerical Algorithms",
2nd ed., SIAM 2002, §3.1). Radii are computed in float64 as well; `ROOM` is more than that loses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

UNIT = 2.0**-53
ROOM = 1 + 2.0**-46
"""More than a few dozen roundings of positive numbers lose."""

LEAST = 2.0**-1060
"""More than what is lost below the smallest normal number of float64."""

UNROLLED = 16
"""Products of so many terms are added up term by term, since NumPy is slow on small matrices."""


@dataclass(frozen=True, eq=False)
class Discs:
    """All numbers no farther than `rad` from `mid`; nothing is known where either is nan."""

    mid: Array
    rad: Array

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the quantity, without the lanes."""
        shape: tuple[int, ...] = self.mid.shape[:-1]
        return shape

    @property
    def size(self) -> int:
        """The entries of the quantity."""
        return prod(self.shape)

    @property
    def low(self) -> Array:
        """No number is below."""
        found: Array = np.nextafter(self.mid - self.rad, -np.inf)
        return found

    @property
    def high(self) -> Array:
        """No number is above."""
        found: Array = np.nextafter(self.mid + self.rad, np.inf)
        return found

    def each(self, function: Callable[[Array], Array]) -> Discs:
        """The same change of layout of middles and radii."""
        return Discs(function(self.mid), function(self.rad))

    def reshape(self, shape: tuple[int, ...]) -> Discs:
        """The same entries in another shape."""
        return self.each(lambda part: part.reshape(*shape, part.shape[-1]))

    def __getitem__(self, index: Any) -> Discs:
        """A part of the quantity, in every lane."""
        return self.each(lambda part: part[index])

    def flat(self) -> Discs:
        """Entries by lanes."""
        return self.reshape((self.size,))

    def spread(self, lanes: int) -> Discs:
        """The same with so many lanes, also where all agree."""
        return self.each(lambda part: np.broadcast_to(part, (*part.shape[:-1], lanes)))

    def __neg__(self) -> Discs:
        return Discs(-self.mid, self.rad)

    def __add__(self, other: Discs) -> Discs:
        return rounded_once(self.mid + other.mid, self.rad + other.rad)

    def __sub__(self, other: Discs) -> Discs:
        return rounded_once(self.mid - other.mid, self.rad + other.rad)

    def __mul__(self, other: Discs) -> Discs:
        a, b = np.abs(self.mid), np.abs(other.mid)
        spread = a * other.rad + self.rad * (b + other.rad)
        mid = self.mid * other.mid
        return rounded_once(mid, spread + np.where((a == 0) | (b == 0), 0.0, LEAST))

    def __truediv__(self, other: Discs) -> Discs:
        mid = self.mid / other.mid
        least = np.abs(other.mid) - other.rad * ROOM
        spread = (self.rad + np.abs(mid) * other.rad) / np.where(least > 0, least, np.nan)
        return rounded_once(mid, spread + np.where(self.mid == 0, 0.0, LEAST))


def rounded_once(mid: Array, spread: Array) -> Discs:
    """What lies within a spread of a middle, whose last rounding is not yet counted."""
    return Discs(mid, (spread + np.abs(mid) * UNIT) * ROOM)


def between(low: Array, high: Array) -> Discs:
    """All numbers from one to another."""
    mid = (low + high) / 2
    return Discs(mid, np.maximum(mid - low, high - mid) * ROOM + np.abs(mid) * UNIT)


def product(left: Discs, right: Discs) -> Discs:
    """NumPy's `@` of quantities, lane by lane."""
    one, other = left.shape, right.shape
    rows = left if len(one) == 2 else left.reshape((1, *one))
    columns = right if len(other) == 2 else right.reshape((*other, 1))
    found = _product(rows, columns)
    return found.reshape((*one[:-1], *other[1:]))


def _product(a: Discs, b: Discs) -> Discs:
    multiply = _by_terms if a.shape[1] <= UNROLLED else _by_matrices
    sizes = np.abs(a.mid), np.abs(b.mid)
    mid, whole = multiply(a.mid, b.mid), multiply(*sizes)
    spread = multiply(sizes[0], b.rad) + multiply(a.rad, sizes[1] + b.rad)
    terms = a.shape[1]
    lost = whole * ((terms + 1) * UNIT) + np.where(whole == 0, 0.0, terms * LEAST)
    return Discs(mid, (spread + lost) * (ROOM + terms * 2 * UNIT))


def _by_terms(a: Array, b: Array) -> Array:
    found = a[:, 0, None] * b[None, 0]
    for k in range(1, a.shape[1]):
        found = found + a[:, k, None] * b[None, k]
    return found


def _by_matrices(a: Array, b: Array) -> Array:
    found: Array = np.moveaxis(np.moveaxis(a, -1, 0) @ np.moveaxis(b, -1, 0), 0, -1)
    return found
