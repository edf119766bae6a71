"""Slopes of functions over intervals, and the errors of formulas that programs use for them.

Everything is an array of float64; every bound is rounded outwards by a factor of 1 + 2^-40.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from verifier.arithmetic.floats.binary import Formats
from verifier.arithmetic.floats.enclose import Ends, enclosed
from verifier.arithmetic.floats.summation import OUT

Floats = Any
"""A float64 array."""

Ulps = Callable[[str], Floats]
"""How many ulps a library's function may err, a number a format."""


def nearest_and_furthest(low: Floats, high: Floats) -> Ends:
    """The least and the largest size of the numbers between two ends."""
    furthest = np.maximum(np.abs(low), np.abs(high))
    nearest = np.minimum(np.abs(low), np.abs(high))
    return np.where((low <= 0) & (high >= 0), 0.0, nearest), furthest


def value(function: str, x: Floats) -> Ends:
    """Float64 numbers below and above the function's value."""
    if function != "sigmoid":
        return enclosed(function, x)
    least, most = enclosed("exp", -np.abs(x))
    low, high = (1 / (1 + most)) / OUT, (1 / (1 + least)) * OUT
    below, above = least / (1 + least) / OUT, most / (1 + most) * OUT
    return np.where(x >= 0, low, below), np.where(x >= 0, high, above)


def slope(function: str, low: Floats, high: Floats) -> Ends:
    """The least and the largest slope between two ends."""
    if function == "exp":
        return enclosed("exp", low)[0], enclosed("exp", high)[1]
    if function == "log1p":
        return 1 / (1 + high) / OUT, 1 / (1 + low) * OUT
    near, far = nearest_and_furthest(low, high)
    times, scale = (1.0, 1.0) if function == "sigmoid" else (2.0, 4.0)
    ends = enclosed("exp", np.stack([far, near]) * -times)  # e / (1 + e)² with e = exp(−size)
    least, most = ends[0][0], ends[1][1]
    return scale * least / (1 + least) ** 2 / OUT, scale * most / (1 + most) ** 2 * OUT


def formula_error(logistic: str, formats: Formats, ulps: Ulps, low: Floats, high: Floats) -> Floats:
    """How far the formula of sigmoid may be from sigmoid, for floats between two ends."""
    return _FORMULAS[logistic](formats, ulps, low, high) * OUT


def library_error(formats: Formats, ulps: Floats, size: Floats) -> Floats:
    """How far a function may be off, of a value of at most this size: so many ulps.

    The ulp is that of the larger of truth and result, which may be in the next binade.
    """
    return ulps * formats.ulps(size + 2 * ulps * formats.ulps(size))


def _naive(formats: Formats, ulps: Ulps, low: Floats, high: Floats) -> Floats:
    """Of y = 1 / (1 + e), e = exp(−x): e, the sum and the quotient are rounded in turn.

    Where e may overflow, y may be 0: then the error is at most the largest y there.
    """
    ends = enclosed("exp", np.stack([-high, -low]))
    least, most = ends[0][0], ends[1][1]
    error = library_error(formats, ulps("exp"), most)
    error = error + formats.half_ulps(1 + most + error)
    smallest = np.maximum((1 + least) - error, 1.0)
    off = error / smallest / (1 + least) * OUT  # the product of both may overflow
    total = off + formats.half_ulps(np.minimum(1 / (1 + least), 1.0) + off)
    top = formats.column("largest", low)
    largest = 2 / (1 + np.minimum(least, top / 2))  # both y and what is computed are below
    return np.where(np.isfinite(error), total, np.minimum(largest, 1.0))


def _stable(formats: Formats, ulps: Ulps, low: Floats, high: Floats) -> Floats:
    """Of e / (1 + e), e = exp(x), below zero; of the naive formula above."""
    above = _naive(formats, ulps, np.maximum(low, 0.0), np.maximum(high, 0.0))
    least = enclosed("exp", np.minimum(low, 0.0))[0]
    most = enclosed("exp", np.minimum(high, 0.0))[1]
    error = library_error(formats, ulps("exp"), most)
    rounding = formats.half_ulps(1 + most + error)
    smallest = np.maximum(1 + least - error, 1.0)
    off = error / smallest**2 + rounding * (most + error) / smallest**2
    below = off * OUT + formats.half_ulps(most / (1 + most) + off)
    both = np.maximum(above, below)
    return np.where(low >= 0, above, np.where(high < 0, below, both))


def _by_tanh(formats: Formats, ulps: Ulps, low: Floats, high: Floats) -> Floats:
    """Of 0.5 + 0.5 tanh(0.5 x): the halves are exact but for subnormals."""
    tiny = formats.column("smallest", low)
    _, far = nearest_and_furthest(low, high)
    squashed = np.minimum(enclosed("tanh", far / 2)[1] + tiny, 1.0)
    half = library_error(formats, ulps("tanh"), squashed) / 2 + 2 * tiny
    return half + formats.half_ulps(1 + half)


_FORMULAS: dict[str, Callable[[Formats, Ulps, Floats, Floats], Floats]] = {
    "naive": _naive,
    "stable": _stable,
    "tanh": _by_tanh,
}
