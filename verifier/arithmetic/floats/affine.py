"""Error bounds by affine forms: what several formats can compute, step after step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial, reduce

import numpy as np

from verifier.arithmetic.floats import slopes
from verifier.arithmetic.floats.accuracy import allowed
from verifier.arithmetic.floats.algebra import Algebra, aligned
from verifier.arithmetic.floats.binary import Floats
from verifier.arithmetic.floats.forms import Form
from verifier.arithmetic.floats.lanes import Known, Lane
from verifier.arithmetic.floats.linear import LOSS, Linear, Slopes

__all__ = ["Affine", "Known", "Lane"]


class Affine(Algebra):
    """The arithmetic of affine forms: functions by their slopes, and layouts."""

    name = "affine forms"

    def exp(self, x: Form) -> Form:
        return self.library("exp", x)

    def tanh(self, x: Form) -> Form:
        return self.library("tanh", x, 2.0)

    def library(self, function: str, x: Form, cap: float | None = None) -> Form:
        """A library's function, off by so many ulps; at zero it is exact."""
        x = self.closed(x)
        curve = slopes.curve(function, x.center, x.off)
        error = slopes.library_error(self.formats, self._allowed(function, x.size), curve.size)
        return self._smooth(curve, x, np.where(x.zero, 0.0, error), cap)

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
        return self.add(self.max(x, self.constant("0")), self.library("log1p", small))

    def _allowed(self, function: str, like: Floats) -> slopes.Allowed:
        """What a function may err, a number a lane, as `allowed` says it."""
        key = function, np.ndim(like)
        if key not in self.allowances:
            rows = [allowed(self.accuracy, row, function) for row in self.formats.rows]
            shape = (-1, *(1,) * (np.ndim(like) - 1))
            ulps, more = (part.reshape(shape) for part in np.array(rows).T)
            self.allowances[key] = ulps, more
        return self.allowances[key]

    def _smooth(self, curve: slopes.Curve, x: Form, error: Floats, cap: float | None) -> Form:
        """A function of known slopes, which are positive, and the error a program makes in it."""
        lead, (low, high) = curve.lead, curve.value
        apart = np.maximum(curve.most - lead, lead - curve.least) + LOSS * lead
        value = low / 2 + high / 2, (high - low) + curve.most * x.radius
        sure = x.size == 0
        curved, size = apart * x.size, curve.most * x.size
        curved[sure] = size[sure] = 0.0
        rest, size = lead * x.rest + curved + error, size + error
        return self.form(value, x.linear.times(lead), rest, _limit(cap, x, error), size)

    def max(self, x: Form, y: Form) -> Form:
        """The larger one, the first or the second where that is certain for all formats."""
        a, b = aligned(self.closed(x), self.closed(y))
        first, second = a.ends[0] >= b.ends[1], b.ends[0] >= a.ends[1]
        one, two = first.all(axis=0), second.all(axis=0) & ~first.all(axis=0)
        rest = np.where(one, a.rest, np.where(two, b.rest, np.maximum(a.size, b.size)))
        value = np.maximum(a.center, b.center), np.maximum(a.radius, b.radius)
        linear = a.linear.times(one * 1.0) + b.linear.times(two * 1.0)
        return self.form(value, linear, rest)

    def min(self, x: Form, y: Form) -> Form:
        return self.negate(self.max(self.negate(x), self.negate(y)))

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


def _entry(k: int, array: Floats) -> Floats:
    return array[..., k : k + 1]


def _limit(cap: float | None, x: Form, error: Floats) -> Floats | None:
    """The range of a function as a bound; an argument without a bound may be nan, and has none."""
    return None if cap is None else np.where(np.isinf(x.size), np.inf, cap + error)
