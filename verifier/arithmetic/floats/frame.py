"""What affine forms stand in: lanes side by side, their hypotheses, and the symbols of one walk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from verifier.arithmetic.floats.accuracy import Accuracy, allowed
from verifier.arithmetic.floats.binary import Floats, Formats
from verifier.arithmetic.floats.deployed import NOTHING, Deployed, Factor
from verifier.arithmetic.floats.forms import Form, InputStep
from verifier.arithmetic.floats.linear import Linear, Ranges, constant
from verifier.arithmetic.floats.products import Products
from verifier.arithmetic.floats.recurrences import FAR
from verifier.arithmetic.floats.slopes import Allowed
from verifier.arithmetic.floats.summation import OUT, TINY, Terms, finite
from verifier.arithmetic.ieee import Ieee
from verifier.numbers import Numbers

WHOLE = frozenset({"matmul", "transpose", "slice", "fill", "identity"})
"""What moves given numbers as they are, or narrows them itself."""


@dataclass(frozen=True)
class Lane:
    """A model of evaluation; with `any_order`, any order of summation in its place, FMA or not."""

    model: Ieee
    any_order: bool


@dataclass(frozen=True, eq=False)
class Frame:
    """Lanes whose models differ in formats only, those of a stated order first.

    Arrays of forms have a row a lane. `heaviest` is the size of the largest weight. The symbols
    grow as a walk goes: a frame serves one.
    """

    lanes: Sequence[Lane]
    accuracy: Accuracy
    heaviest: float = 0.0

    @cached_property
    def models(self) -> tuple[Ieee, ...]:
        """The model of each lane."""
        return tuple(lane.model for lane in self.lanes)

    @cached_property
    def model(self) -> Ieee:
        """A model, for what all have in common."""
        return self.models[0]

    @cached_property
    def stated(self) -> slice:
        """The lanes of a stated order."""
        return slice(0, sum(not lane.any_order for lane in self.lanes))

    @cached_property
    def open(self) -> slice:
        """The lanes of any order."""
        return slice(self.stated.stop, None)

    @cached_property
    def formats(self) -> Formats:
        """The format of each lane."""
        return Formats(tuple(model.format for model in self.models))

    @cached_property
    def sums(self) -> Formats:
        """The formats in which lanes of a stated order add up products."""
        return Formats(tuple(model.sums for model in self.models[self.stated]))

    @cached_property
    def free(self) -> Formats:
        """The formats of the lanes of any order."""
        return Formats(tuple(model.format for model in self.models[self.open]))

    @cached_property
    def adding(self) -> Formats:
        """The formats in which lanes of any order add up products, or wider ones."""
        rows = self.models[self.open]
        return Formats(tuple(m.sums if self.deployed.closes else m.format for m in rows))

    @property
    def deployed(self) -> Deployed:
        """The deployed model of all lanes; one that narrows nothing where there is none."""
        format = self.model.format
        return format if isinstance(format, Deployed) else NOTHING

    @cached_property
    def symbols(self) -> Ranges:
        """The symbols made so far."""
        return Ranges(len(self.lanes))

    @cached_property
    def _allowances(self) -> dict[tuple[str, int], Allowed]:
        return {}

    def allowed(self, function: str, like: Floats, default: float | None = None) -> Allowed:
        """What a function may err, a number a lane, as `accuracy.allowed` says it."""
        key = function, np.ndim(like)
        if key not in self._allowances:
            rows = [allowed(self.accuracy, row, function, default) for row in self.formats.rows]
            shape = (-1, *(1,) * (np.ndim(like) - 1))
            ulps, more = (part.reshape(shape) for part in np.array(rows).T)
            self._allowances[key] = ulps, more
        return self._allowances[key]

    def given(self, numbers: Numbers) -> Form:
        """Given numbers, rounded to each format: they deviate from nothing."""
        rows = [np.asarray(model.given(numbers)).astype(np.float64) for model in self.models]
        paired = self.models[self.stated] == self.models[self.open]
        return replace(certain(np.stack(rows)), paired=paired)

    def constant(self, text: str) -> Form:
        """A number of a function's definition, which each format rounds."""
        exact = Fraction(text)
        return self.near(exact, (Fraction(float(exact)) != exact) * 2.0**-52)

    def near(self, value: Fraction, loss: float) -> Form:
        """A number that float64 holds but for a relative loss, rounded by each format."""
        exact = np.full(len(self.lanes), float(value))
        radius = loss * np.abs(exact)
        off = (np.abs(self.formats.rounded(exact) - exact) + radius) * OUT
        return replace(certain(exact), radius=radius, rest=off, size=off)

    def form(
        self,
        value: tuple[Floats, Floats],
        linear: Linear,
        rest: Floats,
        cap: Floats | None = None,
        size: Floats | None = None,
    ) -> Form:
        """A form of a value with its radius; the deviation is at most `size` and `cap`."""
        center, radius = value
        rest = finite(rest * OUT + TINY * (rest != 0) + self.symbols.lost(linear))
        size = self.symbols.reach(linear) + rest if size is None else size
        size = finite(size * OUT + TINY * (rest != 0))
        radius = (radius + np.abs(center) * 2.0**-51) * OUT
        if cap is not None and (size > cap).any():
            size = np.minimum(size, cap)
            rest = np.minimum(rest, finite((size + self.symbols.reach(linear)) * OUT))
        if linear.count > FAR:
            linear, rest = constant(center.shape[1:]), size
        return Form(center, radius, linear, rest, size)

    def rounding(self, form: Form, early: Floats | None = None) -> Floats:
        """A bound of the error of rounding a result, and of earlier errors made on the way."""
        if early is None:
            return self.formats.half_ulps(form.largest * OUT)
        return _rounded(self.formats, form.largest, early)

    def closed(self, form: Form) -> Form:
        """The sum, rounded; a single term that is no product is there already."""
        terms = form.terms
        if terms is None:
            return form
        early = terms.before_last(self.free)
        off = _rounded(self.free, form.largest[self.open], early)
        off[(terms.count <= 1) & (terms.error == 0) | form.exact] = 0.0
        rest, size = form.rest.copy(), form.size.copy()
        rest[self.open] += off
        size[self.open] = (size[self.open] + off) * OUT
        return replace(form, rest=rest, size=size, terms=None)

    def taken(self, form: Form, operation: str) -> Form:
        """A form as an operation takes it: where types are mixed, given numbers may be narrowed."""
        if not (self.deployed.mixed and form.certain) or operation in WHOLE:
            return form
        off = np.abs(self.formats.rounded(form.center) - form.center)
        return form.after(off * OUT) if off.any() else form

    def narrowed(self, left: Form, right: Form) -> tuple[Form, Form]:
        """Both factors of a matrix product after what narrowing takes of them."""
        if not self.deployed.narrows:
            return left, right
        off = self.deployed.lost(factor(left), factor(right), self.heaviest)
        first, second = (finite(part * OUT) for part in off)
        return left.after(first), right.after(second)

    def products(self, left: Form, right: Form) -> Products:
        """All products of a matrix product, of what narrowing leaves of its factors."""
        return Products(*self.narrowed(left, right))

    def product(self, form: Form, terms: Terms) -> Form:
        """Sums of products: open for more terms, or rounded where the model does so at once."""
        if not self.deployed.closes:
            return replace(form, terms=terms)
        early = _rounded(self.adding, form.largest[self.open], terms.before_last(self.adding))
        return form.after(_rounded(self.free, form.largest[self.open], early))

    def after_in_open(self, form: Form, off: Floats) -> Form:
        """The form after more errors in the lanes of any order."""
        off = finite(off * OUT)
        off[self.stated] = 0.0
        return form.after(off)


def certain(center: Floats) -> Form:
    """Known floats, a row a lane; their zeros take no memory, since matrices have many."""
    zeros = np.broadcast_to(np.zeros(1), center.shape)
    return Form(center, zeros, constant(center.shape[1:]), zeros, zeros)


def factor(form: Form) -> Factor:
    """What may stand on a side of a matrix product."""
    whole = form.whole.ends if isinstance(form, InputStep) and form.whole else form.ends
    return Factor(*form.ends, whole, form.certain)


def _rounded(formats: Formats, largest: Floats, early: Floats) -> Floats:
    """A bound of earlier errors, and of that of rounding what is at most so large without them."""
    return finite((formats.half_ulps((largest + early) * OUT) + early) * OUT)
