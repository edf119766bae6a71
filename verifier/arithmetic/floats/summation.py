"""Errors of sums whose order no one states, with products rounded, fused or kept wide."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from verifier.arithmetic.floats.binary import Array, Floats, Format, Formats

OUT = 1 + 2.0**-40
"""What makes good the roundings of a bound that is itself computed in float64."""


TINY = 2.0**-1060
"""More than what float64 may lose of a bound or a product by underflow."""


def finite(bound: Floats) -> Floats:
    """The bound, infinite where nothing is known."""
    return np.fmin(bound, np.inf)


WIDE = 128
"""Sums side by side from which one call an addition takes less time than NumPy's own loop."""


def running(terms: Array, axis: int) -> Array:
    """The sums of the first one, two, … terms along an axis, each rounded in the terms' type."""
    if terms.size < WIDE * terms.shape[axis]:
        found: Array = np.add.accumulate(terms, axis=axis)
        return found
    rows = np.array(np.moveaxis(terms, axis, 0), order="C")  # each row in one piece
    for before, row in pairwise(rows):
        np.add(before, row, out=row)
    return np.moveaxis(rows, 0, axis)


GROWING = frozenset({"add", "subtract", "negate", "multiply", "outer", "matmul"})
"""The operations whose results more terms may join before anything is rounded."""

KEEPING = frozenset({"add", "subtract", "negate"})
"""The operations that go on with a sum as it is, without rounding what they get."""


@dataclass(frozen=True, eq=False)
class Terms:
    """What is known of the terms of a sum, entry by entry of the sum.

    `count` is the number of terms that may differ from zero; `plus` and `minus` bound the sums of
    the positive terms and of the sizes of the negative ones; `error` bounds the sum of the errors
    with which products among the terms are rounded.
    """

    count: Floats
    plus: Floats
    minus: Floats
    error: Floats

    def __add__(self, other: Terms) -> Terms:
        return Terms(
            self.count + other.count,
            (self.plus + other.plus) * OUT,
            (self.minus + other.minus) * OUT,
            (self.error + other.error) * OUT,
        )

    def __neg__(self) -> Terms:
        return Terms(self.count, self.minus, self.plus, self.error)

    def or_in_steps(self, error: Floats) -> Terms:
        """The terms when other roundings, of another formula, may take the place of these."""
        return Terms(
            np.maximum(self.count, 2.0), self.plus, self.minus, np.maximum(self.error, error)
        )

    def before_last(self, format: Format | Formats) -> Floats:
        """A bound of all rounding errors but the last addition's, whatever the order.

        Of n − 1 additions, all but the last give partial sums of some of the terms. Such a sum is
        at most M = max(plus, minus) but for the errors made so far, which are at most `error` +
        (n − 1) u (plus + minus) (1 + u)^n. A fused product errs once instead of twice, and a wider
        accumulator errs less (so the last rounding counts once, at the end). A single product is
        its own last rounding. Where sums are truncated, each term may lose some ulps of M more.
        """
        n, u = self.count, format.units(self.count) * (1 + 2 * format.truncated)
        lossy = n if format.truncated else np.maximum(n - 1, 0)
        drift = lossy * u * (self.plus + self.minus) * np.exp(n * u)
        largest = (np.maximum(self.plus, self.minus) + self.error + drift) * OUT
        others = np.maximum(n - 2, 0)
        sums = np.where(others > 0, others * format.half_ulps(largest), 0.0)
        found = np.where(n > 1, (self.error + sums) * OUT, 0.0)
        if not format.truncated:
            return found
        lost = np.where(n > 0, n * format.truncated * format.ulps(largest), 0.0)
        return (found + lost) * OUT
