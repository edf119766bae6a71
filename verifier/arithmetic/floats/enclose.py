"""Proven enclosures of exp, tanh, sigmoid and log1p for arrays of float64 numbers.

Only additions, multiplications and divisions of float64 are used, which IEEE 754 rounds to nearest;
NumPy's own exp and tanh are nobody's promise. u is 2^-53. Where the ulps of float64 itself count,
`sharp` asks FLINT's balls instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import factorial, inf, isfinite, nan, nextafter

import numpy as np
from flint import arb

from verifier.arithmetic.ball import Ball
from verifier.arithmetic.composite import slope
from verifier.arithmetic.context import flint_bits
from verifier.arithmetic.floats.binary import Floats

Ends = tuple[Floats, Floats]

LOG2_HIGH = float.fromhex("0x1.62e42fefap-1")  # 36 bits of ln 2, so n · LOG2_HIGH is exact
LOG2_LOW = float.fromhex("0x1.cf79abc9e3b3ap-40")
DEGREE = 14
TAYLOR = tuple(1 / factorial(k) for k in range(DEGREE + 1))
ATANH = tuple(1 / (2 * k + 1) for k in range(18))
TINY = 2.0**-1072
"""More than what a few roundings among the subnormals can lose."""

LOSS = {"exp": 2.0**-49, "tanh": 2.0**-47, "sigmoid": 2.0**-48, "log1p": 2.0**-45}
"""Relative errors of the formulas below, each proven with room to spare."""


@np.errstate(all="ignore")
def enclosed(function: str, x: Floats, sharp: bool = False) -> Ends:
    """Float64 numbers below and above a function of each number; log1p wants x ≥ 0.

    nan stays nan; what exceeds float64 lies between the largest number and infinity.
    """
    if function not in _FORMULAS:
        return between(function, x, x)
    if sharp:
        return _by_balls(function, x)
    near, loss = _FORMULAS[function](x), LOSS[function]
    slack = np.abs(near) * loss + TINY
    low, high = near - slack, near + slack
    low = np.where(np.isposinf(near), np.finfo(np.float64).max, low)
    return (np.maximum(low, 0), high) if function == "exp" else (low, high)


def exponential(x: Floats) -> Floats:
    """exp x = 2^n exp r with |r| ≤ 0.36 and a Taylor sum of degree 14, off by less than 9 u.

    ln 2 is LOG2_HIGH plus LOG2_LOW but for 2^-92; n of 12 bits times the first is exact. |r| ≤ 0.36
    holds after n is rounded, so r errs by 2 · 0.36 u from its two subtractions and by less than
    0.01 u from the rest, which moves exp r by 1.1 u at most. Horner's intermediate values are at
    most 1.44 / i!; each step errs by u (1.44 + 0.36 · 1.44 + 1), the last for the coefficient, and
    passes 0.36 of the error on: less than 4.7 u in all. The terms left out are below 0.36^15 / 15!
    < 2^-62. All that is relative to exp r ≥ 0.69: less than 9 u. What lies below the normal numbers
    is off by the smallest number as well; beyond float64, it is 0 or infinite.
    """
    x = np.minimum(np.maximum(x, -1500.0), 1500.0)
    n = np.rint(x * 1.4426950408889634)
    r = (x - n * LOG2_HIGH) - n * LOG2_LOW
    whole = np.where(np.isnan(n), 0, n).astype(np.int64)
    return np.ldexp(_horner(TAYLOR, r), whole)


def _tanh(x: Floats) -> Floats:
    """tanh |x| = −e / (2 + e) with e = exp(−2 |x|) − 1, a Taylor sum without its first term near 0.

    Below |2x| = 0.35 the sum r (1 + r/2 + …) loses 40 u of r at most, as above. Beyond, 1 − exp is
    at least 0.29, so exp's 9 u become at most 9 u · 0.71 / 0.29 < 23 u. The divisor, at least 1,
    adds 8 u and the other operations 3 u: less than 64 u.
    """
    double = -2 * np.abs(x)
    near = double > -0.35
    small = np.where(near, double, 0.0)
    less = np.where(near, small * _horner(TAYLOR[1:], small), exponential(double) - 1)
    found: Floats = np.copysign(-less / (2 + less), x)
    return found


def _sigmoid(x: Floats) -> Floats:
    """1 / (1 + e) or e / (1 + e) with e = exp(−|x|): exp's 9 u, half of it in the
    divisor, and 3 u for both operations: less than 32 u.
    """
    e = exponential(-np.abs(x))
    return np.where(x < 0, e, 1.0) / (1 + e)


def _log1p(x: Floats) -> Floats:
    """log(1 + x) = 2 atanh(x / (2 + x)), for 0 ≤ x ≤ 1.01: terms are positive, 18 of them do."""
    z = x / (2 + x)
    return 2 * z * _horner(ATANH, z * z)


_FORMULAS: dict[str, Callable[[Floats], Floats]] = {
    "exp": exponential,
    "tanh": _tanh,
    "sigmoid": _sigmoid,
    "log1p": _log1p,
}

BALLS: dict[str, Callable[[arb], arb]] = {
    "exp": arb.exp,
    "tanh": arb.tanh,
    "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    "log1p": arb.log1p,
}
"""The same functions of FLINT's balls."""


def _horner(coefficients: tuple[float, ...], x: Floats) -> Floats:
    total = coefficients[-1] * x
    for coefficient in coefficients[-2:0:-1]:
        total += coefficient
        total *= x
    return total + coefficients[0]


def _by_balls(function: str, x: Floats) -> Ends:
    """The same with a ball an entry, so to the neighbouring float64 numbers.

    A radius below 2^-60 of the middle is less than what rounding the middle to nearest leaves of
    the step to the neighbours; a larger one, and that rounding, are added.
    """
    clipped, method = np.clip(np.ravel(x), -FAR, FAR), BALLS[function]
    with flint_bits(80):
        balls = [_middle_and_radius(method, value) for value in clipped.tolist()]
    near, radius = np.array(balls).reshape(-1, 2).T.reshape(2, *np.shape(x))
    wide = radius > np.abs(near) * 2.0**-60
    slack = np.where(wide, (radius + np.abs(near) * 2.0**-50) * (1 + 2.0**-50), 0.0)
    low, high = np.nextafter(near - slack, -np.inf), np.nextafter(near + slack, np.inf)
    return (np.maximum(low, 0), high) if function == "exp" else (low, high)


_OfBall = Callable[[Ball, str, arb, *tuple[arb | int, ...]], arb]
Setting = Ends | int
"""What a function is given besides its argument: numbers between two, or a whole number."""

ENOUGH, MOST = 80, 1300
"""Bits of a ball: of most functions, and of a sine of the largest float64 number."""


def between(function: str, low: Floats, high: Floats, *settings: Setting) -> Ends:
    """Float64 numbers below and above a function of all numbers from `low` to `high`.

    nan where there is a number that the function has no value for.
    """
    return _images(_value, function, low, high, *settings)


def slopes_between(function: str, low: Floats, high: Floats) -> Ends:
    """Float64 numbers below and above the slopes of a function from `low` to `high`."""
    return _images(_slope, function, low, high)


@np.errstate(all="ignore")
def _images(what: _OfBall, function: str, low: Floats, high: Floats, *settings: Setting) -> Ends:
    ends = [end for part in settings if not isinstance(part, int) for end in part]
    wholes = [part for part in settings if isinstance(part, int)]
    arrays = np.broadcast_arrays(low, high, *ends)
    rows = list(zip(*(array.ravel().tolist() for array in arrays), strict=True))
    ball = Ball(ENOUGH)
    with ball.session():  # formats and lanes have many numbers in common
        made = {row: _image(ball, what, function, row, wholes) for row in dict.fromkeys(rows)}
    found = np.array([made[row] for row in rows]).reshape(*arrays[0].shape, 2)
    return found[..., 0], found[..., 1]


def _image(
    ball: Ball, what: _OfBall, function: str, ends: Sequence[float], wholes: Sequence[int]
) -> tuple[float, float]:
    """The ends of a ball's image, rounded outwards; more bits where a point's is not narrow.

    Nothing is known where it divides by zero, as the slope of a root may.
    """
    if not all(map(isfinite, ends)):
        return nan, nan
    pairs = list(zip(ends[::2], ends[1::2], strict=True))
    try:
        found = what(ball, function, *(arb(low).union(arb(high)) for low, high in pairs), *wholes)
    except ZeroDivisionError:
        return nan, nan
    narrow = any(low < high for low, high in pairs) or found.rel_accuracy_bits() >= 60
    if narrow or found.contains(0) or ball.precision >= MOST:
        return _outwards(found)
    finer = Ball(ball.precision * 4)
    with finer.session():
        return _image(finer, what, function, ends, wholes)


def _outwards(found: arb) -> tuple[float, float]:
    if not found.is_finite():
        return nan, nan
    return nextafter(float(found.lower()), -inf), nextafter(float(found.upper()), inf)


def _value(ball: Ball, function: str, *parts: arb | int) -> arb:
    return arb(ball.function(function)(*parts))


def _slope(ball: Ball, function: str, *parts: arb | int) -> arb:
    return arb(slope(ball, function, 0, parts, ball.function(function)(*parts)))


FAR = 1e4
"""Beyond, exp and tanh are at their limits in float64."""


def _middle_and_radius(method: Callable[[arb], arb], value: float) -> tuple[float, float]:
    """The float64 numbers nearest to the middle of a ball, and to a radius that may be infinite."""
    if value != value:
        return value, 0.0
    ball = method(arb(value))
    return (float(ball.mid()), float(ball.rad())) if ball.is_finite() else (0.0, np.inf)
