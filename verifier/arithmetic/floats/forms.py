"""Affine forms: a deviation as a linear image of shared symbols, and a remainder.

A form says, for each of several formats, of the quantity R that exact arithmetic gives on the
rounded numbers, and of any C that a program may compute: |R − center| ≤ radius, C − R = G ε + θ
with |ε_s| ≤ range of symbol s and |θ| ≤ rest, and |C − R| ≤ size. All formats share the slopes G,
which only say where errors go; what is not linear, or not alike in all formats, is in the rest.
L. H. de Figueiredo, J. Stolfi, "Affine arithmetic: concepts and applications", Numer. Algorithms 37
(2004).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from verifier.arithmetic.floats.binary import Array, Bools, Floats
from verifier.arithmetic.floats.linear import LOSS, Linear
from verifier.arithmetic.floats.summation import OUT, Terms
from verifier.arithmetic.protocol import QuantityAt
from verifier.language.operations import Shape


@dataclass(frozen=True, eq=False)
class Form:
    """What is known of a quantity; arrays have the formats as their first axis.

    `linear` are the slopes G. `terms` are there while a sum is open for more of them, and `exact`
    says where its one addition rounds nothing; `factors` are those of a single product, `parts`
    those of a single difference. Terms and `exact` are there for the lanes of any order only.
    `home` is the quantity that it is, if it is one. It is `paired` where the lanes of any order
    have the centers that those of a stated order have, as given numbers do.
    """

    center: Floats
    radius: Floats
    linear: Linear
    rest: Floats
    size: Floats
    terms: Terms | None = None
    exact: Bools | bool = False
    factors: tuple[Form, Form] | None = None
    parts: tuple[Form, Form] | None = None
    home: QuantityAt | None = None
    paired: bool = False

    @property
    def shape(self) -> Shape:
        """The shape of the quantity."""
        return self.center.shape[1:]

    @cached_property
    def largest(self) -> Floats:
        """A bound of the size of what may be computed."""
        return self.magnitude if self.certain else self.magnitude + self.off

    @property
    def alike(self) -> bool:
        """Whether the center is the same memory in all lanes."""
        return self.center.strides[0] == 0

    @cached_property
    def magnitude(self) -> Floats:
        """The size of the center."""
        if not self.alike:
            return np.abs(self.center)
        return np.broadcast_to(np.abs(self.center[:1]), self.center.shape)

    @cached_property
    def off(self) -> Floats:
        """How far what may be computed is from the center."""
        return self.size if self.certain else self.radius + self.size

    @cached_property
    def apart(self) -> Floats:
        """How far the exact value is from the last lane's center, which slopes are made with."""
        lead = self.center[-1:]
        found: Floats = np.abs(self.center - lead) + self.radius + LOSS * np.abs(lead)
        return found

    @cached_property
    def certain(self) -> bool:
        """Whether the floats are known: given numbers, and nothing that follows from functions."""
        return not self.size.any() and not self.radius.any()

    @property
    def as_one(self) -> bool:
        """Whether a blend takes it for its one: all centers are one."""
        return bool(np.all(self.center == 1))

    @cached_property
    def zero(self) -> Bools:
        """Where nothing but zero may be computed."""
        found: Bools = self.center == 0
        return found & (self.off == 0) if found.any() else found

    @cached_property
    def some(self) -> Floats:
        """One where something but zero may be computed, else zero."""
        return (~self.zero).astype(np.float64)

    @cached_property
    def full(self) -> bool:
        """Whether no entry is known to be zero."""
        return not self.zero.any()

    @cached_property
    def least(self) -> Floats:
        """A lower bound of the size of what may be computed."""
        return np.maximum(self.magnitude - self.off, 0.0)

    @cached_property
    def ends(self) -> tuple[Floats, Floats]:
        """What may be computed lies between."""
        return self.center - self.off, self.center + self.off

    def after(self, off: Floats) -> Form:
        """The form when what is computed may be off by so much more."""
        rest, size = self.rest + off, (self.size + off) * OUT
        kept = self.terms, self.exact, self.factors, self.parts, self.home
        return Form(self.center, self.radius, self.linear, rest, size, *kept)

    def each(self, function: Callable[[Array], Array]) -> Form:
        """The same change of layout for every array; `function` keeps the first axis."""
        terms = self.terms
        if terms is not None:
            arrays = (terms.count, terms.plus, terms.minus, terms.error)
            terms = Terms(*(function(array) for array in arrays))
        return replace(
            self,
            center=function(self.center),
            radius=function(self.radius),
            linear=self.linear.each(function),
            rest=function(self.rest),
            size=function(self.size),
            terms=terms,
            exact=function(self.exact) if isinstance(self.exact, np.ndarray) else self.exact,
            factors=None,
            parts=None,
        )

    def spread(self, shape: Shape) -> Form:
        """The entries repeated to fill a shape."""

        def wider(array: Array) -> Array:
            axes = len(shape) - array.ndim + 1
            array = array.reshape(len(array), *(1,) * axes, *array.shape[1:])
            return np.broadcast_to(array, (len(array), *shape)).copy()

        return self.each(wider)

    def reshape(self, shape: Shape) -> Form:
        """The entries in another shape."""
        return self.each(lambda array: array.reshape(len(array), *shape))

    @cached_property
    def transposed(self) -> Form:
        """The transpose, made once of a form that lasts over the steps."""
        return self.each(lambda array: array.swapaxes(-1, -2))

    @staticmethod
    def joined(parts: Sequence[Form]) -> Form:
        """Closed forms side by side along the last axis."""
        names = ("center", "radius", "rest", "size")
        center, radius, rest, size = (
            np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in names
        )
        linear = Linear.side_by_side([part.linear for part in parts])
        return Form(center, radius, linear, rest, size)

    def __getitem__(self, index: Any) -> Form:
        found = self.each(lambda array: array[:, index[0]])
        return InputStep.of(found, self, index[0])


class InputStep(Form):
    """A step of a given sequence, which remembers the sequence; what is made of it does not."""

    whole: Form | None = None
    at = 0

    @classmethod
    def of(cls, form: Form, whole: Form, at: int) -> InputStep:
        """The form of row number `at`."""
        found = cls(*(getattr(form, field.name) for field in fields(form)))
        object.__setattr__(found, "whole", whole)
        object.__setattr__(found, "at", at)
        return found


def aligned(*forms: Form) -> tuple[Form, ...]:
    """The forms with as many axes, as NumPy spreads them."""
    axes = max(len(form.shape) for form in forms)
    more = ((1,) * (axes - len(form.shape)) for form in forms)
    return tuple(
        form.reshape(ones + form.shape) if ones else form
        for form, ones in zip(forms, more, strict=True)
    )
