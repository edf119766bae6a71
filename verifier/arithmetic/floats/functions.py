"""Functions of affine forms by their slopes, and what is larger, smaller or of a sign."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial, reduce

import numpy as np

from verifier.arithmetic.floats import slopes
from verifier.arithmetic.floats.accuracy import KNOWN
from verifier.arithmetic.floats.binary import Floats
from verifier.arithmetic.floats.forms import Form, aligned
from verifier.arithmetic.floats.frame import Frame, certain
from verifier.arithmetic.floats.linear import LOSS, constant
from verifier.arithmetic.floats.sums import add, divide, in_turn, multiply, negate, subtract
from verifier.language.operations import OPERATIONS


def library(function: str) -> Callable[[Frame, Form], Form]:
    """A library's function of that name, whose values lie in its range."""
    low, high = OPERATIONS[function].range
    cap = high - low if np.isfinite(high - low) else None
    return partial(_within, function, cap)


def _within(function: str, cap: float | None, frame: Frame, x: Form) -> Form:
    """A library's function, off by so many ulps; exact where every library is."""
    x = frame.closed(x)
    curve = slopes.curve(function, x.center, x.off)
    error = slopes.library_error(frame.formats, frame.allowed(function, x.size), curve.size)
    if function in KNOWN:
        error = np.where((x.center == KNOWN[function][0]) & (x.off == 0), 0.0, error)
    return _smooth(frame, curve, x, error, cap)


exp = partial(_within, "exp", None)
tanh = partial(_within, "tanh", 2.0)
_log1p = partial(_within, "log1p", None)


def sigmoid(frame: Frame, x: Form) -> Form:
    """Sigmoid by the model's formula, or in one call where there is a hypothesis on that."""
    curve = slopes.curve("sigmoid", x.center, x.off)
    if (frame.model.format.functions, "sigmoid") in frame.accuracy:
        own = frame.allowed("sigmoid", x.size)
        error = slopes.library_error(frame.formats, own, curve.size)
    else:
        given = frame.model.logistic, frame.formats, partial(frame.allowed, like=x.size)
        error = slopes.formula_error(*given, *x.ends, curve.powers)
    return _smooth(frame, curve, x, error, 1.0)


def softplus(frame: Frame, x: Form) -> Form:
    """max(x, 0) + log1p(exp(−|x|))."""
    small = exp(frame, negate(frame, size(frame, x)))
    return add(frame, larger(frame, x, frame.constant("0")), _log1p(frame, small))


def _smooth(frame: Frame, curve: slopes.Curve, x: Form, error: Floats, cap: float | None) -> Form:
    """A function of known slopes, and the error that a program makes in it."""
    lead, (low, high) = curve.lead, curve.value
    steep = np.maximum(np.abs(curve.least), np.abs(curve.most))
    apart = np.maximum(curve.most - lead, lead - curve.least) + LOSS * np.abs(lead)
    value = low / 2 + high / 2, (high - low) + _less(steep, x.radius)
    curved, size = _less(apart, x.size), _less(steep, x.size)
    rest, size = np.abs(lead) * x.rest + curved + error, size + error
    linear = frame.symbols.scaled(x.linear, lead)
    return frame.form(value, linear, rest, _limit(cap, x, error), size)


def larger(frame: Frame, x: Form, y: Form) -> Form:
    """The larger one: the first or the second where that is certain for the last format.

    Where it is not for another one, its deviation is that of either, and so no further from the
    slopes' than both together.
    """
    a, b = aligned(frame.closed(x), frame.closed(y))
    first, second = a.ends[0] >= b.ends[1], b.ends[0] >= a.ends[1]
    one, two = first[-1], second[-1] & ~first[-1]
    either = np.maximum(a.size, b.size)
    size = np.where(first, a.size, np.where(second, b.size, either))
    rest = np.where(one, a.rest, np.where(two, b.rest, either))
    sure = np.where(one, first, np.where(two, second, True))
    rest = rest + np.where(sure, 0.0, a.size + b.size)
    value = np.maximum(a.center, b.center), np.maximum(a.radius, b.radius)
    linear = a.linear.times(one * 1.0) + b.linear.times(two * 1.0)
    return frame.form(value, linear, rest, size=size)


def smaller(frame: Frame, x: Form, y: Form) -> Form:
    """The smaller one."""
    return negate(frame, larger(frame, negate(frame, x), negate(frame, y)))


def size(frame: Frame, x: Form) -> Form:
    """The absolute value."""
    return larger(frame, x, negate(frame, x))


def positive(frame: Frame, x: Form) -> Form:
    """One or zero; both where the sign is open, which all of what is said then allows."""
    above, below = x.ends[0] > 0, x.ends[1] <= 0
    open = (~(above | below)) * 1.0
    center, size = np.where(above, 1.0, open / 2), np.where(np.isfinite(x.off), open, np.inf)
    return Form(center, open / 2, constant(x.shape), size, size)


def pi(frame: Frame) -> Form:
    """π, which each format rounds."""
    return frame.near(Fraction(math.pi), 2.0**-52)


def power(frame: Frame, x: Form, n: int) -> Form:
    """Products from left to right, below zero the inverse of them; in any order as well."""
    one, most = frame.constant("1"), abs(n) - 1
    found = reduce(partial(_product, frame), [x] * abs(n)) if n else one.spread(x.shape)
    if most > 2:  # of fewer factors there is one order
        units, smallest = (frame.formats.column(name, x.size) for name in ("unit", "smallest"))
        off = most * units * np.exp(abs(n) * units) * found.largest + most * smallest
        lost = np.isinf(frame.formats.half_ulps(found.largest + off))
        found = frame.after_in_open(found, np.where(lost, np.inf, off))
    found = divide(frame, one, found) if n < 0 else found
    return or_in_one_call(frame, found, "power") if n not in (0, 1) else found


def _product(frame: Frame, x: Form, y: Form) -> Form:
    return frame.closed(multiply(frame, x, y))


def or_in_one_call(frame: Frame, found: Form, operation: str) -> Form:
    """The form in lanes of any order when a library errs so much in the whole function.

    Without its own roundings, the definition is no further off than with them.
    """
    if not any((row.functions, operation) in frame.accuracy for row in frame.formats.rows):
        return found
    own = frame.allowed(operation, found.size, 0.0)
    return frame.after_in_open(found, slopes.library_error(frame.formats, own, found.largest))


def softmax(frame: Frame, x: Form) -> Form:
    """exp(x_i − m) / Σ exp(x_j − m) along the last axis, entry by entry, m being max x.

    It does not depend on m, so that any m that is computed is the exact one, if an unknown one.
    A sum in a wider accumulator is rounded twice, once in each format.
    """
    parts = [x.each(partial(_entry, k)) for k in range(x.shape[-1])]
    top = reduce(partial(larger, frame), parts)
    top = replace(certain(top.center), radius=top.off)
    powers = [exp(frame, subtract(frame, part, top)) for part in parts]
    total = frame.closed(in_turn(frame, powers))
    if frame.model.accumulator:
        total = total.after(frame.rounding(total))
    return Form.joined([divide(frame, power, total) for power in powers])


def _entry(k: int, array: Floats) -> Floats:
    return array[..., k : k + 1]


def _less(slope: Floats, size: Floats) -> Floats:
    """What a slope makes of a deviation; nothing of none, whatever the slope."""
    return np.where(size == 0, 0.0, slope * size)


def _limit(cap: float | None, x: Form, error: Floats) -> Floats | None:
    """The range of a function as a bound; an argument without a bound may be nan, and has none."""
    return None if cap is None else np.where(np.isinf(x.size), np.inf, cap + error)
