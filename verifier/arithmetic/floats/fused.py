"""Fused multiply-add with one rounding, for arrays of any of the formats.

S. Boldo, G. Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using
rounding to odd", IEEE Trans. Comput. 57 (2008): a sum rounded to odd with at least two more bits
rounds as the exact sum does. Where a float64 product or its error leaves the range in which the
proof holds, exact fractions are rounded instead.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from verifier.arithmetic.floats.binary import BINARY, Array, Format, to_odd

SPLIT = 134217729.0  # 2^27 + 1: Dekker's splitting of a float64 in two halves
SAFE = (2.0**-900, 2.0**990)


@np.errstate(all="ignore")
def fused(x: Array, y: Array, z: Array, format: Format) -> Array:
    """x · y + z rounded once to the format, entry by entry."""
    a, b, c = (np.asarray(part).astype(np.float64) for part in (x, y, z))
    if format is not BINARY["float64"]:  # products of 24 bits are exact in 53
        return format.cast(to_odd(*_two_sum(a * b, c)))
    a, b, c = np.broadcast_arrays(a, b, c)
    result = _fused64(a, b, c)
    sizes = np.abs(a * b)
    outside = (sizes < SAFE[0]) | ~(np.maximum(sizes, np.abs(c)) < SAFE[1])
    outside |= ~((np.abs(a) < SAFE[1]) & (np.abs(b) < SAFE[1]))
    for place in zip(*np.nonzero(outside), strict=True):
        result[place] = _exactly(a[place], b[place], c[place])
    return result


def _fused64(a: Array, b: Array, c: Array) -> Array:
    """Boldo and Melquiond's algorithm Fmac."""
    high, low = two_product(a, b)
    sum_high, sum_low = _two_sum(c, low)
    top, rest = _two_sum(high, sum_high)
    return top + to_odd(*_two_sum(sum_low, rest))


def two_product(a: Array, b: Array) -> tuple[Array, Array]:
    """The product and its error (Dekker), which is exact where nothing over- or underflows."""
    product = a * b
    (p, q), (r, s) = _halves(a), _halves(b)
    return product, q * s - (((product - p * r) - q * r) - p * s)


def _two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def _halves(a: Array) -> tuple[Array, Array]:
    big = SPLIT * a
    high = big - (big - a)
    return high, a - high


def _exactly(a: float, b: float, c: float) -> float:
    if not np.isfinite([a, b, c]).all():
        return float(a * b + c)
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    return float(BINARY["float64"].nearest(exact)) if exact else float(a * b + c)
