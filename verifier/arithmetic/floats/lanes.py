"""The walk of affine forms: several formats and models side by side, step after step.

A quantity's remainder becomes new symbols, so that errors cancel where they do, as in (s − h) Δz
and in products of Jacobians along the steps. Symbols of states last for a block of steps; then the
state's bound becomes the range of new ones. All arrays are float64, all bounds rounded outwards.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from verifier.arithmetic.base import ScalarArithmetic, Site
from verifier.arithmetic.floats.binary import Formats
from verifier.arithmetic.floats.floatset import Accuracy
from verifier.arithmetic.floats.forms import (
    TINY,
    Floats,
    Form,
    Linear,
    Slopes,
    Symbols,
    constant,
    nothing,
)
from verifier.arithmetic.floats.summation import GROWING, OUT
from verifier.arithmetic.ieee import Ieee
from verifier.language.operations import Shape
from verifier.numbers import Numbers

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


class Lanes(ScalarArithmetic):
    """Forms for several lanes, whose models differ in format only; one value serves one walk.

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


def finite(bound: Floats) -> Floats:
    """The bound, infinite where nothing is known."""
    return np.where(np.isnan(bound), np.inf, bound)
