"""Slopes of functions over intervals, and the errors of formulas that programs use for them.

Everything is an array of float64; every bound is rounded outwards by a factor of 1 + 2^-40.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from verifier.arithmetic.floats.binary import Floats, Formats
from verifier.arithmetic.floats.enclose import Ends, between, enclosed, slopes_between
from verifier.arithmetic.floats.summation import OUT, TINY

Allowed = tuple[Floats, Floats]
"""How many ulps a library's function may err, and how much more, a number a format."""

Allowance = Callable[[str], Allowed]


@dataclass(frozen=True, eq=False)
class Curve:
    """A function between two ends: below and above its value at a center, and the least and the
    largest slope; `lead` is the slope at the last lane's center, `size` a bound of the values.

    Sigmoid has the least and the largest exp(−x), too.
    """

    value: Ends
    least: Floats
    most: Floats
    lead: Floats
    size: Floats
    powers: Ends = (np.array(0.0), np.array(np.inf))


def curve(function: str, center: Floats, off: Floats) -> Curve:
    """What is known of a function of numbers so far off a center."""
    off = off + np.abs(center) * 2.0**-51  # both ends are rounded
    made = _CURVES.get(function)
    return _by_balls(function, center, off) if made is None else made(center, off)


def _by_balls(function: str, center: Floats, off: Floats) -> Curve:
    """Any function of the language with a slope, by balls: an interval's image is an interval."""
    value, ends = between(function, center, center), between(function, center - off, center + off)
    least, most = slopes_between(function, center - off, center + off)
    least, most = np.nan_to_num(least, nan=-np.inf), np.nan_to_num(most, nan=np.inf)
    lead = slopes_between(function, center[-1], center[-1])[0]
    size = np.maximum(np.abs(ends[0]), np.abs(ends[1]))
    return Curve(
        value, least, most, np.nan_to_num(lead, posinf=0.0), np.nan_to_num(size, nan=np.inf)
    )


def _exponential(center: Floats, off: Floats) -> Curve:
    low, high = enclosed("exp", np.stack([center, center - off, center + off]))
    return Curve((low[0], high[0]), low[1], high[2], low[0][-1], high[2])


def _logarithm(center: Floats, off: Floats) -> Curve:
    low, high = enclosed("log1p", center)
    lowest = np.maximum(center - off, 0.0)  # of a computed exp
    least, most = 1 / (1 + (center + off)) / OUT, 1 / (1 + lowest) * OUT
    lead = 1 / (1 + center[-1])
    return Curve((low, high), least, most, lead, (high + most * off) * OUT)


def _sigmoid(center: Floats, off: Floats) -> Curve:
    """With e = exp(−|x|), the value is 1 / (1 + e) or e / (1 + e)."""
    ends, bells = _bells(center, off, 1.0)
    least, most = ends[0][0], ends[1][0]
    low, high = (1 / (1 + most)) / OUT, (1 / (1 + least)) * OUT
    below, above = least / (1 + least) / OUT, most / (1 + most) * OUT
    value = np.where(center >= 0, low, below), np.where(center >= 0, high, above)
    size = np.minimum((value[1] + bells[1] * off) * OUT, 1.0)
    return Curve(value, *bells, size, (ends[0][1], ends[1][2]))


def _tangent(center: Floats, off: Floats) -> Curve:
    """The slope is four times that of sigmoid at 2 x."""
    _, bells = _bells(center, off, 2.0)
    least, most, lead = (4 * bell for bell in bells)
    value = enclosed("tanh", center)
    size = np.maximum(-value[0], value[1]) + most * off
    return Curve(value, least, most, lead, np.minimum(size * OUT, 1.0))


def _bells(center: Floats, off: Floats, times: float) -> tuple[Ends, tuple[Floats, Floats, Floats]]:
    """Slopes of sigmoid at `times` x: 1 / (2 + e + 1 / e), e = exp(−times x).

    Enclosures of exp of three rows of numbers, −times |center|, and −times x at the upper end and
    at the lower one; then the least slope between the ends, the largest, that at the last center.
    """
    low, high = center - off, center + off
    ends = enclosed("exp", np.stack([np.abs(center), high, low]) * -times)
    bells = 1 / (2 + ends[0] + 1 / ends[0])  # 0 where the slope is no number
    least, most = np.minimum(bells[1], bells[2]) / OUT, np.maximum(bells[1], bells[2]) * OUT + TINY
    most = np.where((low <= 0) & (high >= 0), 0.25, most)
    return ends, (least, most, bells[0][-1])


_CURVES: dict[str, Callable[[Floats, Floats], Curve]] = {
    "exp": _exponential,
    "log1p": _logarithm,
    "sigmoid": _sigmoid,
    "tanh": _tangent,
}


def formula_error(
    logistic: str, formats: Formats, allowed: Allowance, low: Floats, high: Floats, powers: Ends
) -> Floats:
    """How far the formula of sigmoid may be from sigmoid, for floats between two ends.

    `powers` are the least and the largest exp(−x) there.
    """
    return _FORMULAS[logistic](formats, allowed, low, high, powers) * OUT


def library_error(formats: Formats, allowed: Allowed, size: Floats) -> Floats:
    """How far a function may be off, of a value of at most this size: so many ulps, and more.

    The ulp is that of the larger of truth and result, which may be in the next binade.
    """
    ulps, more = allowed
    return ulps * formats.ulps(size + 2 * ulps * formats.ulps(size)) + more


def _naive(formats: Formats, allowed: Allowance, low: Floats, high: Floats, powers: Ends) -> Floats:
    """Of y = 1 / (1 + e), e = exp(−x): e, the sum and the quotient are rounded in turn.

    Where e may overflow, y may be 0: then the error is at most the largest y there.
    """
    least, most = powers
    error = library_error(formats, allowed("exp"), most)
    error = error + formats.half_ulps(1 + most + error)
    smallest = np.maximum((1 + least) - error, 1.0)
    off = error / smallest / (1 + least) * OUT  # the product of both may overflow
    total = off + formats.half_ulps(np.minimum(1 / (1 + least), 1.0) + off)
    total = np.minimum(total, 1.0)  # both are from 0 to 1, e being none too small
    lost = ~np.isfinite(error)
    if not lost.any():
        return total
    top = formats.column("largest", low)
    largest = 2 / (1 + np.minimum(least, top / 2))  # both y and what is computed are below
    return np.where(lost, np.minimum(largest, 1.0), total)


def _stable(
    formats: Formats, allowed: Allowance, low: Floats, high: Floats, powers: Ends
) -> Floats:
    """Of e / (1 + e), e = exp(x), below zero; of the naive formula above."""
    small = np.minimum(powers[0], 1.0), np.minimum(powers[1], 1.0)
    above = _naive(formats, allowed, np.maximum(low, 0.0), np.maximum(high, 0.0), small)
    least = enclosed("exp", np.minimum(low, 0.0))[0]
    most = enclosed("exp", np.minimum(high, 0.0))[1]
    error = library_error(formats, allowed("exp"), most)
    rounding = formats.half_ulps(1 + most + error)
    smallest = np.maximum(1 + least - error, 1.0)
    off = error / smallest**2 + rounding * (most + error) / smallest**2
    below = off * OUT + formats.half_ulps(most / (1 + most) + off)
    both = np.maximum(above, below)
    return np.where(low >= 0, above, np.where(high < 0, below, both))


def _by_tanh(
    formats: Formats, allowed: Allowance, low: Floats, high: Floats, powers: Ends
) -> Floats:
    """Of 0.5 + 0.5 tanh(0.5 x): the halves are exact but for subnormals."""
    tiny = formats.column("smallest", low)
    far = np.maximum(np.abs(low), np.abs(high))
    squashed = np.minimum(enclosed("tanh", far / 2)[1] + tiny, 1.0)
    half = library_error(formats, allowed("tanh"), squashed) / 2 + 2 * tiny
    return half + formats.half_ulps(1 + half)


_FORMULAS: dict[str, Callable[[Formats, Allowance, Floats, Floats, Ends], Floats]] = {
    "naive": _naive,
    "stable": _stable,
    "tanh": _by_tanh,
}
