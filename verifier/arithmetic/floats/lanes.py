"""The walk of affine forms: several formats and models side by side, step after step.

A quantity's remainder becomes new symbols, so that errors cancel where they do, as in (s − h) Δz
and in products of Jacobians along the steps. Symbols of states last for a block of steps; then the
state's bound becomes the range of new ones. All arrays are float64, all bounds rounded outwards.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from verifier.arithmetic.floats.accuracy import Accuracy
from verifier.arithmetic.floats.binary import Floats, Formats
from verifier.arithmetic.floats.forms import Form, InputStep
from verifier.arithmetic.floats.linear import Linear, Slopes, Symbols, constant, nothing
from verifier.arithmetic.floats.summation import GROWING, KEEPING, OUT, TINY
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.objects import ScalarArithmetic
from verifier.arithmetic.protocol import LITERAL, Origin, Site
from verifier.language.operations import Shape
from verifier.language.tree import Path
from verifier.numbers import Numbers

MOST_SYMBOLS = 640
"""How many symbols of states are kept; a block ends when there are so many."""


STEPS_AT_ONCE, PRODUCTS_AT_ONCE = 64, 2**20
"""Of how many steps the inputs are multiplied by a matrix together: fewer by large ones."""


@dataclass(frozen=True, eq=False)
class Projection:
    """The product of some steps of a sequence, from number `start` on, with a matrix."""

    whole: Any
    matrix: Form
    start: int = -1
    product: Any = None


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


class Lanes(ScalarArithmetic):
    """Forms for several lanes, whose models differ in formats only; one value serves one walk.

    Lanes of a stated order come first.

    `states` are the computed quantities that another step needs, `shapes` those of all quantities.
    `known` holds what is known of each quantity beforehand, by (step, name). `bounds` collects the
    bounds of |computed − exact result of the rounded numbers|. Arrays have a row a lane.
    """

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
        self.model, count = models[0], sum(not lane.any_order for lane in lanes)
        self.stated, self.open = slice(0, count), slice(count, None)
        self.formats = Formats(tuple(model.format for model in models))
        self.sums = Formats(tuple(model.sums for model in models[self.stated]))
        self.free = Formats(tuple(model.format for model in models[self.open]))
        carried = sum(prod(shapes[name]) for name in states)
        self.block = max(4, MOST_SYMBOLS // max(1, carried))
        self.lasting, self.passing = Symbols(len(models)), Symbols(len(models))
        self.allowances: dict[tuple[str, int], tuple[Floats, Floats]] = {}
        self.bounds: dict[tuple[int, str], Floats] = {}
        self.projections: dict[tuple[str, Path], Projection] = {}
        self.transposed: WeakKeyDictionary[Form, Form] = WeakKeyDictionary()

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Form:
        """Given numbers, rounded to each format: they deviate from nothing."""
        rows = [np.asarray(model.given(numbers)).astype(np.float64) for model in self.models]
        return self._certain(np.stack(rows))

    def constant(self, text: str) -> Form:
        """A number of a function's definition, which each format rounds."""
        exact = Fraction(text)
        return self._near(exact, (Fraction(float(exact)) != exact) * 2.0**-52)

    def _near(self, value: Fraction, loss: float) -> Form:
        """A number that float64 holds but for a relative loss, rounded by each format."""
        exact = np.full(len(self.models), float(value))
        radius = loss * np.abs(exact)
        off = (np.abs(self.formats.rounded(exact) - exact) + radius) * OUT
        return replace(self._certain(exact), radius=radius, rest=off, size=off)

    def _certain(self, center: Floats) -> Form:
        zeros = np.zeros_like(center)
        return Form(center, zeros, constant(center.shape[1:]), zeros, zeros)

    def apply(self, operation: str, arguments: Sequence[Form], site: Site) -> Form:
        if operation not in KEEPING:
            arguments = [self.closed(part) for part in arguments]
        if operation == "matmul" and _is_projection(*arguments):
            found = self._projected(arguments[0], arguments[1], site)
        else:
            found = self._operated(operation, arguments, site)
        if site.path and operation in GROWING:
            return found
        return self.closed(found) if site.path else self._quantity(self.closed(found), site)

    def function(self, operation: str) -> Callable[..., Any]:
        """The operation, of sums that are closed before it unless it lets them grow."""
        own = super().function(operation)
        return own if operation in KEEPING else lambda *parts: own(*map(self.closed, parts))

    def _operated(self, operation: str, arguments: Sequence[Form], site: Site) -> Form:
        found: Form = self.function(operation)(*arguments)
        if operation in GROWING and all(part.certain for part in arguments):
            return self._computed(operation, arguments, found, site)
        return found

    def _projected(self, row: Any, matrix: Form, site: Site) -> Form:
        """The product of a step's input with a given matrix: those of many steps are made at once.

        The same entries are added up in the same order, whatever the number of rows. A matrix that
        is new at every step is none of those.
        """
        most = PRODUCTS_AT_ONCE // max(1, matrix.center[0].size)
        steps = max(1, min(STEPS_AT_ONCE, most))
        start, place = row.at - row.at % steps, (site.name, site.path)
        known = self.projections.get(place)
        if known is None or known.matrix is not matrix or known.whole is not row.whole:
            self.projections[place] = Projection(row.whole, matrix)
            return self._operated("matmul", (row, matrix), site)
        if known.start != start:
            rows = known.whole.each(lambda array: array[:, start : start + steps])
            product = self._operated("matmul", (rows, matrix), site)
            self.projections[place] = known = replace(known, start=start, product=product)
        found: Form = known.product.each(lambda array: array[:, row.at - start])
        return found

    def _computed(self, operation: str, arguments: Sequence[Form], form: Form, site: Site) -> Form:
        """The form with the very error that the stated order makes of known floats."""
        rest, size = form.rest.copy(), form.size.copy()
        for k, model in enumerate(self.models[self.stated]):
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
        less = bool((size < form.size).any())
        form = replace(form, center=known.center, radius=known.radius, size=size)
        return self._state(form, site.step) if site.name in self.states else self._gate(form, less)

    def _gate(self, form: Form, less: bool) -> Form:
        """The remainder is the smaller of two bounds, which differ where the cap made it `less`."""
        rest = self._remainder(form, form.linear) if less else form.rest
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
        size: Floats | None = None,
    ) -> Form:
        """A form of a value with its radius; the deviation is at most `size` and `cap`."""
        center, radius = value
        rest = finite(rest * OUT + TINY * (rest != 0) + self._lost(linear))
        size = self.reach(linear) + rest if size is None else size
        size = finite(size * OUT + TINY * (rest != 0))
        radius = (radius + np.abs(center) * 2.0**-51) * OUT
        if cap is not None and (size > cap).any():
            size = np.minimum(size, cap)
            rest = np.minimum(rest, finite((size + self.reach(linear)) * OUT))
        if max(len(linear.lasting.rows), len(linear.passing.rows)) > 4 * MOST_SYMBOLS:
            linear, rest = constant(center.shape[1:]), size
        return Form(center, radius, linear, rest, size)

    def _lost(self, linear: Linear) -> Floats | float:
        return self.lasting.lost(linear.lasting) + self.passing.lost(linear.passing)

    def rounding(self, form: Form, early: Floats | None = None) -> Floats:
        """A bound of the error of rounding a result, and of earlier errors made on the way."""
        if early is None:
            return self.formats.half_ulps(form.largest * OUT)
        return rounded(self.formats, form.largest, early)

    def closed(self, form: Any) -> Any:
        """The sum, rounded; a single term that is no product is there already."""
        terms = form.terms if isinstance(form, Form) else None
        if terms is None:
            return form
        early = terms.before_last(self.free)
        off = rounded(self.free, form.largest[self.open], early)
        off[(terms.count <= 1) & (terms.error == 0) | form.exact] = 0.0
        rest, size = form.rest.copy(), form.size.copy()
        rest[self.open] += off
        size[self.open] = (size[self.open] + off) * OUT
        return replace(form, rest=rest, size=size, terms=None)


def _is_projection(left: Form, right: Form) -> bool:
    """Whether a product is one of a step of a given sequence of vectors and a given matrix."""
    vector = isinstance(left, InputStep) and left.whole is not None and len(left.shape) == 1
    return vector and len(right.shape) == 2 and left.certain and right.certain


def rounded(formats: Formats, largest: Floats, early: Floats) -> Floats:
    """A bound of earlier errors, and of that of rounding what is at most so large without them."""
    return finite((formats.half_ulps((largest + early) * OUT) + early) * OUT)


def finite(bound: Floats) -> Floats:
    """The bound, infinite where nothing is known."""
    return np.fmin(bound, np.inf)
