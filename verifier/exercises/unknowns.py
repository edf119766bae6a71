"""Numbers that stand for unknown ones, so that one changed problem serves for many candidates.

Unknown k is the whole number BASE^(count + 1 + k). Rewrites move, repeat and add given numbers:
what they make of unknowns is read back as a sum of unknowns with small whole factors, and a number.
What is no such sum, as a product of unknowns, does not read as one: its exponent is too large, or
its factor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np

from verifier.arithmetic.enclosed import TINY, UNIT, Enclosed, Floats, sound
from verifier.arithmetic.lane_digits import POWERS
from verifier.arithmetic.protocol import Origin
from verifier.numbers import Numbers

BASE, FACTORS = 10**6, 99
"""What unknowns are powers of, and up to which factors sums of them are read."""

Sum = tuple[Fraction, tuple[tuple[int, int], ...]]
"""A number, and unknowns with their factors."""


def unknown(k: int, count: int) -> str:
    """The text of one of so many unknowns."""
    return str(BASE ** (count + 1 + k))


def as_sum(value: Fraction, count: int) -> Sum | None:
    """What a number stands for; None where it is no sum of unknowns."""
    whole = round(value / BASE ** (count + 1))
    rest = value - whole * BASE ** (count + 1)
    found = tuple(_digits(whole))
    fits = all(k < count and abs(factor) <= FACTORS for k, factor in found)
    fits = fits and abs(rest) < BASE**count  # no part of an unknown
    return (rest, tuple(pair for pair in found if pair[1])) if fits else None


def _digits(whole: int) -> list[tuple[int, int]]:
    """The digits of a whole number in the base, those above its half as negative ones."""
    found, k = [], 0
    while whole:
        whole, digit = divmod(whole + BASE // 2, BASE)
        found.append((k, digit - BASE // 2))
        k += 1
    return found


@dataclass(frozen=True, eq=False)
class Unknowns:
    """The values of unknowns in lanes: whole numbers over powers of ten, unknowns by lanes."""

    units: Floats
    places: Floats
    sums: WeakKeyDictionary[Numbers, tuple[Sum, ...] | None] = field(
        default_factory=WeakKeyDictionary
    )
    made: WeakKeyDictionary[Numbers, Enclosed] = field(default_factory=WeakKeyDictionary)

    def some(self, keep: Floats) -> Unknowns:
        """The same unknowns in some of the lanes."""
        return Unknowns(self.units[:, keep], self.places, self.sums)

    def known(self, numbers: Numbers, origin: Origin) -> Enclosed | None:
        """The values of numbers that stand for unknowns; None where no unknown is among them."""
        if numbers not in self.sums:
            self.sums[numbers] = self._sums(numbers)
        sums = self.sums[numbers]
        if sums is not None and numbers not in self.made:
            self.made[numbers] = self._enclosed(sums, numbers)
        return self.made.get(numbers)

    @cached_property
    def _values(self) -> Floats:
        return self.units / POWERS[self.places][:, None]

    def _sums(self, numbers: Numbers) -> tuple[Sum, ...] | None:
        if numbers.floats is not None:
            return None
        cache: dict[str, Sum | None] = {}
        read = [cache.setdefault(t, as_sum(Fraction(t), len(self.units))) for t in numbers.texts]
        if any(found is None for found in read):
            raise ValueError("a rewrite makes more of numbers than sums")
        sums = tuple(found for found in read if found is not None)
        return sums if any(parts for _, parts in sums) else None

    def _enclosed(self, sums: Sequence[Sum], numbers: Numbers) -> Enclosed:
        rows = [_total(own, self._values) for own in sums]
        middle, lost = (np.stack(part, axis=1) for part in zip(*rows, strict=True))
        return sound(middle, lost).reshape(numbers.shape)


def _total(own: Sum, values: Floats) -> tuple[Floats, Floats]:
    """A sum in float64, and a bound of what its roundings lose."""
    rest, parts = own
    near = float(rest)
    mid, size = np.full(values.shape[1], near), np.full(values.shape[1], abs(near))
    for k, factor in parts:
        mid = mid + factor * values[k]
        size = size + abs(factor) * np.abs(values[k])
    return mid, np.where(size == 0, 0.0, size * ((len(parts) + 2) * UNIT) + TINY)
