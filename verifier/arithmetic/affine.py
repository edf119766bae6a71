"""Error bounds by affine forms: what several formats can compute, step after step.

Each operation takes the deviations of its arguments on to first order, in slopes that all formats
share; the second order, the uncertainty of slopes, and its own rounding go into the remainder. A
quantity's remainder becomes new symbols, so that errors cancel where they do, as in (s − h) Δz and
in products of Jacobians along the steps. Symbols of states last for a block of steps; then the
state's bound becomes the range of new ones. All arrays are float64, all bounds rounded outwards.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from verifier.arithmetic import slopes
from verifier.arithmetic.affine_sums import Products, dots, moved
from verifier.arithmetic.base import ScalarArithmetic, Site
from verifier.arithmetic.binary import Formats
from verifier.arithmetic.floatset import Accuracy
from verifier.arithmetic.forms import LOSS, Floats, Form, Linear, Slopes, Symbols, constant, nothing
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.summation import GROWING, OUT, Terms
from verifier.language.operations import Shape
from verifier.numbers import Numbers

TINY = 2.0**-1060
"""More than what float64 may lose of a bound by underflow."""

MOST_SYMBOLS = 640
"""How many symbols of states are kept; a block ends when there are so many."""


@dataclass(frozen=True, eq=False)
class Known:
    """A quantity in exact arithmetic on the rounded numbers, and a bound of its deviation.

    Arrays with the formats as first axis: the value lies within `radius` of `center`.
    """

    center: Floats
    radius: Floats
    cap: Floats


@dataclass(frozen=True)
class Lane:
    """A model of evaluation; with `any_order`, any order of summation in its place, FMA or not."""

    model: Ieee
    any_order: bool


class Affine(ScalarArithmetic):
    """Forms for several lanes, whose models differ in format only; one value serves one walk.

    Lanes of a stated order come first.

    `states` are the computed quantities that another step needs, `shapes` those of all quantities.
    `known` holds what is known of each quantity beforehand, by (step, name). `bounds` collects the
    bounds of |computed − exact result of the rounded numbers|. Arrays have a row a lane.
    """

    name = "affine forms"

    def __init__(
        self,
        shapes: Mapping[str, Shape],
        states: Collection[str],
        lanes: Sequence[Lane],
        accuracy: Accuracy,
        known: Mapping[tuple[int, str], Known],
    ) -> None:
        models = [lane.model for lane in lanes]
        self.shapes, self.states, self.known = shapes, states, known
        self.models, self.accuracy = models, accuracy
        self.model, self.open = models[0], np.array([lane.any_order for lane in lanes])
        self.stated = int((~self.open).sum())
        self.formats = Formats(tuple(model.format for model in models))
        self.sums = Formats(tuple(model.sums for model in models[: self.stated]))
        self.free = Formats(tuple(model.format for model in models[self.stated :]))
        carried = sum(prod(shapes[name]) for name in states)
        self.block = max(4, MOST_SYMBOLS // max(1, carried))
        self.lasting, self.passing = Symbols(len(models)), Symbols(len(models))
        self.bounds: dict[tuple[int, str], Floats] = {}

    def given(self, numbers: Numbers) -> Form:
        """Given numbers, rounded to each format: they deviate from nothing."""
        rows = [np.asarray(model.given(numbers)).astype(np.float64) for model in self.models]
        return self._certain(np.stack(rows))

    def constant(self, text: str) -> Form:
        """A number of a function's definition, which each format rounds."""
        exact = np.full(len(self.models), float(Fraction(text)))
        rounded = self.formats.rounded(exact)
        inexact = Fraction(float(exact[0])) != Fraction(text)
        off = (np.abs(rounded - exact) + inexact * np.abs(exact) * 2.0**-52) * OUT
        radius = inexact * np.abs(exact) * 2.0**-52
        return replace(self._certain(exact), radius=radius, rest=off, size=off)

    def _certain(self, center: Floats) -> Form:
        zeros = np.zeros_like(center)
        return Form(center, zeros, constant(center.shape[1:]), zeros, zeros)

    def apply(self, operation: str, arguments: Sequence[Form], site: Site) -> Form:
        if operation not in ("add", "subtract", "negate"):
            arguments = [self.closed(part) for part in arguments]
        found: Form = getattr(self, operation)(*arguments)
        if operation in GROWING and all(part.certain for part in arguments):
            found = self._computed(operation, arguments, found, site)
        if site.path and operation in GROWING:
            return found
        return self.closed(found) if site.path else self._quantity(self.closed(found), site)

    def _computed(self, operation: str, arguments: Sequence[Form], form: Form, site: Site) -> Form:
        """The form with the very error that the stated order makes of known floats."""
        rest, size = form.rest.copy(), form.size.copy()
        for k in np.nonzero(~self.open)[0]:
            model = self.models[k]
            floats = [part.center[k].astype(model.format.dtype) for part in arguments]
            result = np.asarray(model.apply(operation, floats, site)).astype(np.float64)
            rest[k] = size[k] = finite((np.abs(result - form.center[k]) + form.radius[k]) * OUT)
        return replace(form, rest=rest, size=size)

    def _quantity(self, form: Form, site: Site) -> Form:
        """A named quantity: its value is known, and its remainder becomes symbols."""
        known = self.known[site.step, site.name]
        shape = self.shapes[site.name]
        form = form if form.shape == shape else form.reshape(shape)
        size = np.minimum(form.size, known.cap)
        self.bounds[site.step, site.name] = size
        form = replace(form, center=known.center, radius=known.radius, size=size)
        return self._state(form, site.step) if site.name in self.states else self._gate(form)

    def _gate(self, form: Form) -> Form:
        rest = self._remainder(form, form.linear)
        linear = replace(form.linear, passing=form.linear.passing + self.passing.fresh(rest))
        return replace(form, linear=linear, rest=np.zeros_like(rest))

    def _state(self, form: Form, step: int) -> Form:
        """Only symbols of states last; at a block's end, only the state's own."""
        none = nothing(form.shape)
        if step % self.block == 0:
            lasting, rest = none, form.size
        else:
            lasting = form.linear.lasting
            rest = self._remainder(form, Linear(lasting, none), form.linear.passing)
        linear = Linear(lasting + self.lasting.fresh(rest), none)
        return replace(form, linear=linear, rest=np.zeros_like(rest))

    def _remainder(self, form: Form, kept: Linear, dropped: Slopes | None = None) -> Floats:
        """A bound of the deviation less what the kept slopes give."""
        rest = form.rest if dropped is None else form.rest + self.passing.reach(dropped)
        return finite(np.minimum(rest * OUT, (form.size + self.reach(kept)) * OUT))

    def reach(self, linear: Linear) -> Floats:
        """A bound of what the symbols add up to."""
        return self.lasting.reach(linear.lasting) + self.passing.reach(linear.passing)

    def form(
        self,
        value: tuple[Floats, Floats],
        linear: Linear,
        rest: Floats,
        cap: Floats | None = None,
    ) -> Form:
        """A form of a value with its radius; the deviation is at most `cap`."""
        center, radius = value
        rest = finite(rest * OUT + TINY * (rest != 0))
        reach = self.reach(linear)
        size = finite((reach + rest) * OUT)
        radius = (radius + np.abs(center) * 2.0**-51) * OUT
        if cap is not None:
            size = np.minimum(size, cap)
            rest = np.minimum(rest, finite((size + reach) * OUT))
        if max(len(linear.lasting.rows), len(linear.passing.rows)) > 4 * MOST_SYMBOLS:
            linear, rest = constant(center.shape[1:]), size
        return Form(center, radius, linear, rest, size)

    def rounded(self, form: Form, early: Any = 0.0, where: Any = True) -> Form:
        """The form after its result is rounded, and after earlier errors made on the way."""
        off = finite((self.formats.half_ulps((form.largest + early) * OUT) + early) * OUT)
        off = np.where(where, off, 0.0)
        return replace(form, rest=form.rest + off, size=(form.size + off) * OUT)

    def _exact(self, x: Form, y: Form, largest: Floats) -> Any:
        """Where a sum of a number and a float is a float: a multiple of both ulps, not too large.

        So 1 − z is exact for z from a half on. Of other sums this is seldom true, and not asked.
        """
        if x.shape and y.shape:
            return (
                np.zeros((1,) * np.ndim(largest), dtype=bool) | (x.largest == 0) | (y.largest == 0)
            )
        x, y = _aligned(x, y)
        ulps = [
            np.where(part.largest == 0, np.inf, self.formats.ulps(part.least)) for part in (x, y)
        ]
        precision = self.formats.column("precision", largest)
        return largest <= np.ldexp(np.minimum(*ulps), precision)

    def _stated(self, like: Floats) -> Any:
        """The lanes in which an operation rounds at once, since the order is stated."""
        return ~self.open.reshape(-1, *(1,) * (np.ndim(like) - 1))

    def closed(self, form: Form) -> Form:
        """The sum, rounded; a single term that is no product is there already."""
        terms = form.terms
        if terms is None:
            return form
        there = (terms.count <= 1) & (terms.error == 0) | form.exact | self._stated(terms.count)
        return replace(self.rounded(form, terms.before_last(self.formats), ~there), terms=None)

    def _one(self, form: Form, error: Floats) -> Terms:
        """A sum of one term."""
        low, high = form.ends
        count = (form.largest != 0).astype(np.float64)
        return Terms(count, np.maximum(high, 0.0) * OUT, np.maximum(-low, 0.0) * OUT, error)

    def add(self, x: Form, y: Form) -> Form:
        a, b = _aligned(x, y)
        value = a.center + b.center, a.radius + b.radius
        found = self.form(value, a.linear + b.linear, a.rest + b.rest)
        exact = self._exact(x, y, found.largest)
        found = self.rounded(found, where=self._stated(exact) & ~exact)
        if not self.open.any():
            return found
        terms = _sum_of(
            [part.terms or self._one(part, np.zeros_like(part.size)) for part in (a, b)]
        )
        other = self._as_step(x, y)
        if other is not None:
            terms = terms.or_in_steps(other)
        leaves = x.terms is None and y.terms is None
        return replace(found, terms=terms, exact=exact & leaves)

    def subtract(self, x: Form, y: Form) -> Form:
        return replace(self.add(x, self.negate(y)), parts=(x, y))

    def negate(self, x: Form) -> Form:
        terms = None if x.terms is None else -x.terms
        return replace(
            x, center=-x.center, linear=x.linear.times(-1.0), terms=terms, factors=None, parts=None
        )

    def multiply(self, x: Form, y: Form) -> Form:
        """Δ(x y) = a Δy + b Δx + (x − a) Δy + (y − b) Δx + Δx Δy; a, b are the last format's."""
        p, q = _aligned(x, y)
        a, b = p.center[-1], q.center[-1]
        rest = p.magnitude[-1] * q.rest + q.magnitude[-1] * p.rest + p.size * q.size
        rest = rest + p.apart * q.size + q.apart * p.size
        radius = p.magnitude * q.radius + (q.magnitude + q.radius) * p.radius
        linear = p.linear.times(b) + q.linear.times(a)
        found = self.form((p.center * q.center, radius), linear, rest)
        error = self.formats.half_ulps(found.largest * OUT)
        terms = self._one(found, error)
        found = self.rounded(found, where=self._stated(error))
        return replace(found, terms=terms, factors=(x, y)) if self.open.any() else found

    def divide(self, x: Form, y: Form) -> Form:
        """x / y: the deviation is (Δx − q Δy) / (y + Δy), with q = x / y."""
        p, r = _aligned(self.closed(x), self.closed(y))
        below, b = r.least, np.where(r.center[-1] == 0, 1.0, r.center[-1])
        q = p.center / np.where(r.center == 0, 1.0, r.center)
        radius, lead = (p.radius + np.abs(q) * r.radius) / below, q[-1]
        apart = (np.abs(r.center - b) + r.radius + r.size + LOSS * np.abs(b)) / (below * np.abs(b))
        rest = (p.rest + np.abs(lead) * r.rest) / np.abs(b)
        rest = rest + (np.abs(q - lead) + radius) * r.size / below
        rest = rest + (p.size + (np.abs(q) + radius) * r.size) * apart
        linear = p.linear.times(1 / b) + r.linear.times(-lead / b)
        return self.rounded(self.form((q, radius), linear, rest))

    def exp(self, x: Form) -> Form:
        return self.library("exp", x)

    def tanh(self, x: Form) -> Form:
        return self.library("tanh", x, 2.0)

    def library(self, function: str, x: Form, cap: float | None = None) -> Form:
        """A library's function, off by so many ulps; at zero it is exact."""
        x = self.closed(x)
        low, high = x.ends
        size = np.maximum(-slopes.value(function, low)[0], slopes.value(function, high)[1])
        error = slopes.library_error(self.formats, self._ulps(function, size), size)
        return self._smooth(function, x, np.where(x.largest == 0, 0.0, error), cap)

    def sigmoid(self, x: Form) -> Form:
        error = slopes.formula_error(
            self.model.logistic, self.formats, lambda name: self._ulps(name, x.size), *x.ends
        )
        return self._smooth("sigmoid", x, error, 1.0)

    def softplus(self, x: Form) -> Form:
        small = self.exp(self.negate(self.maximum(x, self.negate(x))))
        return self.add(self.maximum(x, self.constant("0")), self.library("log1p", small))

    def _ulps(self, function: str, like: Floats) -> Floats:
        found = [self.accuracy[model.float, function] for model in self.models]
        return np.reshape(found, (-1, *(1,) * (np.ndim(like) - 1)))

    def _smooth(self, function: str, x: Form, error: Floats, cap: float | None) -> Form:
        """A function of known slopes, and the error that a program makes in it."""
        least, most = slopes.slope(function, *x.ends)
        lead = slopes.slope(function, x.center[-1], x.center[-1])[0]
        apart = np.maximum(np.abs(most - lead), np.abs(lead - least)) + LOSS * np.abs(lead)
        low, high = slopes.value(function, x.center)
        value = low / 2 + high / 2, (high - low) + most * x.radius
        rest = np.abs(lead) * x.rest + np.where(x.size == 0, 0.0, apart * x.size) + error
        return self.form(value, x.linear.times(lead), rest, None if cap is None else cap + error)

    def maximum(self, x: Form, y: Form) -> Form:
        """The larger one, the first or the second where that is certain for all formats."""
        a, b = _aligned(self.closed(x), self.closed(y))
        first, second = a.ends[0] >= b.ends[1], b.ends[0] >= a.ends[1]
        one, two = first.all(axis=0), second.all(axis=0) & ~first.all(axis=0)
        rest = np.where(one, a.rest, np.where(two, b.rest, np.maximum(a.size, b.size)))
        value = np.maximum(a.center, b.center), np.maximum(a.radius, b.radius)
        linear = a.linear.times(one * 1.0) + b.linear.times(two * 1.0)
        return self.form(value, linear, rest)

    def minimum(self, x: Form, y: Form) -> Form:
        return self.negate(self.maximum(self.negate(x), self.negate(y)))

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
        return x.each(lambda array: array.swapaxes(-1, -2))

    def softmax(self, x: Form) -> Form:
        """No slopes: the deviation is at most one (sets of floats say more)."""
        powers = np.exp(x.center - x.center.max(axis=-1, keepdims=True))
        center = powers / powers.sum(axis=-1, keepdims=True)
        infinite, value = np.full_like(center, np.inf), (center, np.ones_like(center))
        return self.form(value, constant(x.shape), infinite, 2.0)

    def matmul(self, left: Form, right: Form) -> Form:
        """NumPy's `@`, with the deviations as in `multiply`."""
        axes = len(left.shape), len(right.shape)
        a, b = left.center[-1:], right.center[-1:]
        rest = radius = np.zeros(1)
        if not right.certain:
            rest = dots(left.magnitude[-1:], right.rest, axes)
            rest = rest + dots(left.apart + left.size, right.size, axes)
            radius = dots(left.magnitude, right.radius, axes)
            radius = radius + dots(left.radius, right.radius, axes)
        if not left.certain:
            rest = rest + dots(left.rest, right.magnitude[-1:], axes)
            rest = rest + dots(left.size, right.apart, axes)
            radius = radius + dots(left.radius, right.magnitude, axes)
        largest = dots(left.magnitude, right.magnitude, axes)
        rest = rest + np.zeros_like(largest)
        radius = radius + left.shape[-1] * 2.0**-52 * largest
        linear = Linear(
            *(
                moved(x, b[0], axes[0], True) + moved(y, a[0], axes[1], False)
                for x, y in (
                    (left.linear.lasting, right.linear.lasting),
                    (left.linear.passing, right.linear.passing),
                )
            )
        )
        value = dots(left.center, right.center, axes), radius
        found = self.form(value, linear, rest)
        return self._rounded_products(found, left, right)

    def _rounded_products(self, form: Form, left: Form, right: Form) -> Form:
        """The sums with the errors of the stated order, open for more in the other lanes."""
        stated, free = slice(0, self.stated), slice(self.stated, None)
        if self.stated and not (left.certain and right.certain):
            error = np.zeros_like(form.center)
            error[stated] = Products(left, right, stated).error(self.model, self.sums)
            form = self._in_order(form, error)
        if self.stated == len(self.models):
            return form
        terms = Products(left, right, free).terms(self.free)
        names = ("count", "plus", "minus", "error")
        return replace(form, terms=Terms(*(self._lifted(getattr(terms, n)) for n in names)))

    def _lifted(self, array: Floats) -> Floats:
        """An array of the lanes of any order as one of all lanes."""
        found = np.zeros((len(self.models), *array.shape[1:]))
        found[self.stated :] = array
        return found

    def _in_order(self, form: Form, error: Floats) -> Form:
        """The sum after the errors of the stated order; a wide accumulator is rounded at last."""
        stated = self._stated(error)
        if self.model.accumulator:
            return self.rounded(form, error, stated)
        off = np.where(stated, finite(error * OUT), 0.0)
        return replace(form, rest=form.rest + off, size=(form.size + off) * OUT)

    def _as_step(self, x: Form, y: Form) -> Any:
        """The error of the product in h + z ∘ (s − h), where the sum is (1 − z) ∘ h + z ∘ s."""
        found = _blend(x, y) or _blend(y, x)
        if found is None:
            return None
        z, h, s = found
        low, high = (s.ends[k] - _aligned(h, s)[0].ends[1 - k] for k in (0, 1))
        apart = np.maximum(np.abs(low), np.abs(high)) * OUT
        size = _aligned(z, s)[0].largest
        return size * self.formats.half_ulps(apart) + self.formats.half_ulps(size * apart)


def finite(bound: Floats) -> Floats:
    """The bound, infinite where nothing is known."""
    return np.where(np.isnan(bound), np.inf, bound)


def _aligned(x: Form, y: Form) -> tuple[Form, Form]:
    """Both forms with as many axes; only scalars have fewer."""
    axes = max(len(x.shape), len(y.shape))
    a, b = (form if form.shape else form.reshape((1,) * axes) for form in (x, y))
    return a, b


def _sum_of(parts: Sequence[Terms]) -> Terms:
    return parts[0] + parts[1]


def _blend(x: Form, y: Form) -> tuple[Form, Form, Form] | None:
    """z, h and s where x = (1 − z) ∘ h and y = z ∘ s, the z being the same value."""
    for kept, h in (x.factors, x.factors[::-1]) if x.factors else ():
        if kept.parts is not None and np.all(kept.parts[0].center == 1):
            for z, s in (y.factors, y.factors[::-1]) if y.factors else ():
                if z is kept.parts[1]:
                    return z, h, s
    return None
