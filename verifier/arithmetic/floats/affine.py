"""Error bounds by affine forms: what several formats can compute, step after step."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial, reduce
from math import prod

import numpy as np

from verifier.arithmetic.floats import slopes
from verifier.arithmetic.floats.accuracy import KNOWN, allowed
from verifier.arithmetic.floats.algebra import Algebra, aligned
from verifier.arithmetic.floats.binary import Floats
from verifier.arithmetic.floats.forms import Form
from verifier.arithmetic.floats.lanes import Known, Lane, finite
from verifier.arithmetic.floats.linear import LOSS, Linear, Slopes, constant
from verifier.arithmetic.floats.summation import OUT
from verifier.arithmetic.objects import sliced
from verifier.language.operations import OPERATIONS

__all__ = ["Affine", "Known", "Lane"]


class Affine(Algebra):
    """The arithmetic of affine forms: functions by their slopes, and layouts."""

    name = "affine forms"

    def exp(self, x: Form) -> Form:
        return self.within("exp", x)

    def tanh(self, x: Form) -> Form:
        return self.within("tanh", x, 2.0)

    def library(self, operation: str) -> Callable[..., Form]:
        """A library's function of that name."""
        low, high = OPERATIONS[operation].range
        cap = high - low if np.isfinite(high - low) else None
        return partial(self.within, operation, cap=cap)

    def within(self, function: str, x: Form, cap: float | None = None) -> Form:
        """A library's function, off by so many ulps; exact where every library is."""
        x = self.closed(x)
        curve = slopes.curve(function, x.center, x.off)
        error = slopes.library_error(self.formats, self._allowed(function, x.size), curve.size)
        if function in KNOWN:
            error = np.where((x.center == KNOWN[function][0]) & (x.off == 0), 0.0, error)
        return self._smooth(curve, x, error, cap)

    def sigmoid(self, x: Form) -> Form:
        curve = slopes.curve("sigmoid", x.center, x.off)
        if (self.model.float, "sigmoid") in self.accuracy:
            own = self._allowed("sigmoid", x.size)
            error = slopes.library_error(self.formats, own, curve.size)
        else:
            given = self.model.logistic, self.formats, partial(self._allowed, like=x.size)
            error = slopes.formula_error(*given, *x.ends, curve.powers)
        return self._smooth(curve, x, error, 1.0)

    def softplus(self, x: Form) -> Form:
        small = self.exp(self.negate(self.max(x, self.negate(x))))
        return self.add(self.max(x, self.constant("0")), self.within("log1p", small))

    def _allowed(self, function: str, like: Floats, default: float | None = None) -> slopes.Allowed:
        """What a function may err, a number a lane, as `allowed` says it."""
        key = function, np.ndim(like)
        if key not in self.allowances:
            rows = [allowed(self.accuracy, row, function, default) for row in self.formats.rows]
            shape = (-1, *(1,) * (np.ndim(like) - 1))
            ulps, more = (part.reshape(shape) for part in np.array(rows).T)
            self.allowances[key] = ulps, more
        return self.allowances[key]

    def _smooth(self, curve: slopes.Curve, x: Form, error: Floats, cap: float | None) -> Form:
        """A function of known slopes, and the error that a program makes in it."""
        lead, (low, high) = curve.lead, curve.value
        steep = np.maximum(np.abs(curve.least), np.abs(curve.most))
        apart = np.maximum(curve.most - lead, lead - curve.least) + LOSS * np.abs(lead)
        value = low / 2 + high / 2, (high - low) + _less(steep, x.radius)
        curved, size = _less(apart, x.size), _less(steep, x.size)
        rest, size = np.abs(lead) * x.rest + curved + error, size + error
        return self.form(value, x.linear.times(lead), rest, _limit(cap, x, error), size)

    def max(self, x: Form, y: Form) -> Form:
        """The larger one: the first or the second where that is certain for the last format.

        Where it is not for another one, its deviation is that of either, and so no further from the
        slopes' than both together.
        """
        a, b = aligned(self.closed(x), self.closed(y))
        first, second = a.ends[0] >= b.ends[1], b.ends[0] >= a.ends[1]
        one, two = first[-1], second[-1] & ~first[-1]
        either = np.maximum(a.size, b.size)
        size = np.where(first, a.size, np.where(second, b.size, either))
        rest = np.where(one, a.rest, np.where(two, b.rest, either))
        sure = np.where(one, first, np.where(two, second, True))
        rest = rest + np.where(sure, 0.0, a.size + b.size)
        value = np.maximum(a.center, b.center), np.maximum(a.radius, b.radius)
        linear = a.linear.times(one * 1.0) + b.linear.times(two * 1.0)
        return self.form(value, linear, rest, size=size)

    def min(self, x: Form, y: Form) -> Form:
        return self.negate(self.max(self.negate(x), self.negate(y)))

    def abs(self, x: Form) -> Form:
        return self.max(x, self.negate(x))

    def positive(self, x: Form) -> Form:
        """One or zero; both where the sign is open, which all of what is said then allows."""
        above, below = x.ends[0] > 0, x.ends[1] <= 0
        open = (~(above | below)) * 1.0
        center, size = np.where(above, 1.0, open / 2), np.where(np.isfinite(x.off), open, np.inf)
        return Form(center, open / 2, constant(x.shape), size, size)

    def pi(self) -> Form:
        return self._near(Fraction(math.pi), 2.0**-52)

    def power(self, x: Form, n: int) -> Form:
        """Products from left to right, below zero the inverse of them; in any order as well."""
        one, most = self.constant("1"), abs(n) - 1
        found = reduce(self._product_of, [x] * abs(n)) if n else one.spread(x.shape)
        if most > 2:  # of fewer factors there is one order
            units, smallest = (self.formats.column(name, x.size) for name in ("unit", "smallest"))
            off = most * units * np.exp(abs(n) * units) * found.largest + most * smallest
            lost = np.isinf(self.formats.half_ulps(found.largest + off))
            found = self._in_open(found, np.where(lost, np.inf, off))
        found = self.divide(one, found) if n < 0 else found
        return self._or_in_one_call(found, "power") if n not in (0, 1) else found

    def composed(self, operation: str, *arguments: Form) -> Form:
        """By the definition, or in one call where there is a hypothesis on that."""
        found = self.closed(super().composed(operation, *arguments))
        return self._or_in_one_call(found, operation)

    def _or_in_one_call(self, found: Form, operation: str) -> Form:
        """The form in lanes of any order when a library errs so much in the whole function.

        Without its own roundings, the definition is no further off than with them.
        """
        if not any((row.name, operation) in self.accuracy for row in self.formats.rows):
            return found
        own = self._allowed(operation, found.size, 0.0)
        return self._in_open(found, slopes.library_error(self.formats, own, found.largest))

    def _in_open(self, form: Form, off: Floats) -> Form:
        """The form after more errors in the lanes of any order."""
        off = finite(off * OUT)
        off[self.stated] = 0.0
        return form.after(off)

    def _product_of(self, x: Form, y: Form) -> Form:
        found: Form = self.closed(self.multiply(x, y))
        return found

    def outer(self, x: Form, y: Form) -> Form:
        return self.multiply(x.reshape((*x.shape, 1)), y.reshape((1, *y.shape)))

    def sum(self, x: Form, axis: int | None = None) -> Form:
        """The sum in the stated order; a wide accumulator is rounded at last."""
        flat = x.reshape((prod(x.shape),)) if axis is None else x
        count = flat.shape[axis or 0]
        parts = [flat.each(partial(_take, k, axis or 0)) for k in range(count)]
        total = self._sum(parts)
        if self.model.accumulator:
            total = self.closed(total)
            total = total.after(self.rounding(total))
        return total

    def slice(self, x: Form, *ends: int | None) -> Form:
        return x.each(lambda array: sliced(array, None, None, *ends))

    def fill(self, x: Form, *sizes: int) -> Form:
        return x.spread((*sizes, *x.shape))

    def pad(self, x: Form, before: int, after: int) -> Form:
        zeros = [self.constant("0").spread((*x.shape[:-1], count)) for count in (before, after)]
        return self.concat(zeros[0], x, zeros[1])

    def concat(self, *parts: Form) -> Form:
        forms = [part if part.shape else part.reshape((1,)) for part in parts]
        names = ("center", "radius", "rest", "size")
        joined = [np.concatenate([getattr(f, n) for f in forms], axis=-1) for n in names]
        lasting, passing = (
            Slopes.side_by_side([getattr(form.linear, which) for form in forms])
            for which in ("lasting", "passing")
        )
        center, radius, rest, size = joined
        return Form(center, radius, Linear(lasting, passing), rest, size)

    def transpose(self, x: Form) -> Form:
        """The transpose; that of a form that lasts over the steps is made once."""
        if x not in self.transposed:
            self.transposed[x] = x.each(lambda array: array.swapaxes(-1, -2))
        return self.transposed[x]

    def softmax(self, x: Form) -> Form:
        """exp(x_i − m) / Σ exp(x_j − m) along the last axis, entry by entry, m being max x.

        It does not depend on m, so that any m that is computed is the exact one, if an unknown one.
        A sum in a wider accumulator is rounded twice, once in each format.
        """
        parts = [x.each(partial(_entry, k)) for k in range(x.shape[-1])]
        top = reduce(self.max, parts)
        top = replace(self._certain(top.center), radius=top.off)
        powers = [self.exp(self.subtract(part, top)) for part in parts]
        total = self.closed(self._sum(powers))
        if self.model.accumulator:
            total = total.after(self.rounding(total))
        return self.concat(*(self.divide(power, total) for power in powers))

    def _sum(self, parts: Sequence[Form]) -> Form:
        """The sum in the stated order; that of two halves where it is pairwise."""
        if len(parts) < 3 or self.model.order != "pairwise":
            return reduce(self.add, parts)
        middle = len(parts) // 2
        return self.add(self._sum(parts[:middle]), self._sum(parts[middle:]))


def _take(k: int, axis: int, array: Floats) -> Floats:
    return np.take(array, k, axis=axis + 1)


def _entry(k: int, array: Floats) -> Floats:
    return array[..., k : k + 1]


def _less(slope: Floats, size: Floats) -> Floats:
    """What a slope makes of a deviation; nothing of none, whatever the slope."""
    found: Floats = np.where(size == 0, 0.0, slope * size)
    return found


def _limit(cap: float | None, x: Form, error: Floats) -> Floats | None:
    """The range of a function as a bound; an argument without a bound may be nan, and has none."""
    return None if cap is None else np.where(np.isinf(x.size), np.inf, cap + error)
