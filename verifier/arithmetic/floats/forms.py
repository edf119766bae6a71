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

from verifier.arithmetic.floats.summation import OUT, Terms
from verifier.language.operations import Shape

Floats = Any
"""A float64 array."""

LOSS = 2.0**-40
"""More than what slopes, computed in float64, may be off by, relative to what they carry."""

TINY = 2.0**-1060
"""More than what float64 may lose of a bound or a product by underflow."""


@dataclass(frozen=True, eq=False)
class Slopes:
    """Coefficients of the symbols from number `start` on: one row a symbol, then the quantity."""

    start: int
    rows: Floats

    @property
    def stop(self) -> int:
        """The number after the last symbol."""
        return self.start + len(self.rows)

    def each(self, function: Callable[[Floats], Floats]) -> Slopes:
        """The same linear change of every row."""
        return Slopes(self.start, function(self.rows))

    def over(self, start: int, stop: int) -> Floats:
        """The rows of a larger window, zeros where there was none."""
        if (start, stop) == (self.start, self.stop):
            return self.rows
        found = np.zeros((stop - start, *self.rows.shape[1:]))
        found[self.start - start : self.stop - start] = self.rows
        return found

    def times(self, factor: Floats) -> Slopes:
        """The slopes of a product with a number or an array."""
        return self.each(lambda rows: _lead(rows, np.ndim(factor)) * factor)

    def __add__(self, other: Slopes) -> Slopes:
        if not len(self.rows) or not len(other.rows):
            return self._spread(other) if len(self.rows) else other._spread(self)
        start, stop = min(self.start, other.start), max(self.stop, other.stop)
        return Slopes(start, self.over(start, stop) + other.over(start, stop))

    @staticmethod
    def side_by_side(parts: Sequence[Slopes]) -> Slopes:
        """The slopes of quantities that are joined along the last axis."""
        used = [part for part in parts if len(part.rows)]
        start, stop = (
            min((p.start for p in used), default=0),
            max((p.stop for p in used), default=0),
        )
        rows = [
            part.over(start, stop) if len(part.rows) else _zeros(part, stop - start)
            for part in parts
        ]
        return Slopes(start, np.concatenate(rows, axis=-1))

    def _spread(self, other: Slopes) -> Slopes:
        if self.rows.shape[1:] == other.rows.shape[1:]:
            return self
        shape = np.broadcast_shapes(self.rows.shape[1:], other.rows.shape[1:])
        return self.each(lambda rows: np.broadcast_to(_lead(rows, len(shape)), (len(rows), *shape)))


def _zeros(part: Slopes, count: int) -> Floats:
    return np.zeros((count, *part.rows.shape[1:]))


def _lead(rows: Floats, axes: int) -> Floats:
    """Rows with as many axes behind the first as a quantity has."""
    return rows.reshape(len(rows), *(1,) * (axes - rows.ndim + 1), *rows.shape[1:])


def nothing(shape: Shape) -> Slopes:
    """No slopes at all."""
    return Slopes(0, np.zeros((0, *shape)))


class Symbols:
    """The ranges of the symbols made so far, a row a format."""

    def __init__(self, formats: int) -> None:
        self.count = 0
        self._ranges = np.zeros((formats, 1024))

    def fresh(self, sizes: Floats) -> Slopes:
        """The slopes of one new symbol for each entry, of these ranges."""
        start, size = self.count, sizes[0].size
        self.count += size
        while self.count > self._ranges.shape[1]:
            self._ranges = np.concatenate([self._ranges, np.zeros_like(self._ranges)], axis=1)
        self._ranges[:, start : self.count] = sizes.reshape(len(sizes), size)
        return Slopes(start, np.eye(size).reshape(size, *sizes.shape[1:]))

    def reach(self, slopes: Slopes) -> Floats:
        """A bound of what the symbols add up to, for each format and entry."""
        shape = slopes.rows.shape[1:]
        if not len(slopes.rows):
            return np.zeros((len(self._ranges), *shape))
        flat = np.abs(slopes.rows).reshape(len(slopes.rows), -1)
        found = self._ranges[:, slopes.start : slopes.stop] @ flat
        return found.reshape(-1, *shape) * (1 + len(flat) * 2.0**-50)


@dataclass(frozen=True, eq=False)
class Linear:
    """Slopes of symbols that states carry on, and of those of other quantities of the step."""

    lasting: Slopes
    passing: Slopes

    def each(self, function: Callable[[Floats], Floats]) -> Linear:
        """The same linear change of every row."""
        return Linear(self.lasting.each(function), self.passing.each(function))

    @property
    def shape(self) -> Shape:
        """The shape of the quantity, but for what scalars are spread to."""
        return self.lasting.rows.shape[1:]  # type: ignore[no-any-return]

    def times(self, factor: Floats) -> Linear:
        """The slopes of a product with a number or an array."""
        return Linear(self.lasting.times(factor), self.passing.times(factor))

    def __bool__(self) -> bool:
        """Whether any symbol is there."""
        return bool(len(self.lasting.rows) or len(self.passing.rows))

    def __add__(self, other: Linear) -> Linear:
        if not other and self.shape == other.shape:
            return self
        if not self and self.shape == other.shape:
            return other
        return Linear(self.lasting + other.lasting, self.passing + other.passing)


def constant(shape: Shape) -> Linear:
    """No slopes at all."""
    return Linear(nothing(shape), nothing(shape))


@dataclass(frozen=True, eq=False)
class Form:
    """What is known of a quantity; arrays have the formats as their first axis.

    `linear` are the slopes G. `terms` are there while a sum is open for more of them, and `exact`
    says where its one addition rounds nothing; `factors` are those of a single product, `parts`
    those of a single difference. Terms and `exact` are there for the lanes of any order only.
    """

    center: Floats
    radius: Floats
    linear: Linear
    rest: Floats
    size: Floats
    terms: Terms | None = None
    exact: Floats = False
    factors: tuple[Form, Form] | None = None
    parts: tuple[Form, Form] | None = None

    @property
    def shape(self) -> Shape:
        """The shape of the quantity."""
        return self.center.shape[1:]  # type: ignore[no-any-return]

    @cached_property
    def largest(self) -> Floats:
        """A bound of the size of what may be computed."""
        return self.magnitude + self.off

    @cached_property
    def magnitude(self) -> Floats:
        """The size of the center."""
        return np.abs(self.center)

    @cached_property
    def off(self) -> Floats:
        """How far what may be computed is from the center."""
        return self.radius + self.size

    @cached_property
    def apart(self) -> Floats:
        """How far the exact value is from the last lane's center, which slopes are made with."""
        lead = self.center[-1:]
        return np.abs(self.center - lead) + self.radius + LOSS * np.abs(lead)

    @cached_property
    def certain(self) -> bool:
        """Whether the floats are known: given numbers, and nothing that follows from functions."""
        return not self.size.any() and not self.radius.any()

    @cached_property
    def zero(self) -> Floats:
        """Where nothing but zero may be computed."""
        found = self.center == 0
        return found & (self.off == 0) if found.any() else found

    @cached_property
    def some(self) -> Floats:
        """One where something but zero may be computed, else zero."""
        return (~self.zero).astype(np.float64)

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
        return replace(self, rest=self.rest + off, size=(self.size + off) * OUT)

    def each(self, function: Callable[[Floats], Floats]) -> Form:
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
            exact=function(self.exact) if np.ndim(self.exact) else self.exact,
            factors=None,
            parts=None,
        )

    def reshape(self, shape: Shape) -> Form:
        """The entries in another shape."""
        return self.each(lambda array: array.reshape(len(array), *shape))

    def __getitem__(self, index: Any) -> Form:
        found = self.each(lambda array: array[:, index[0]])
        return Row.of(found, self, index[0])


class Row(Form):
    """A step of a given sequence, which remembers the sequence; what is made of it does not."""

    whole: Form | None = None
    at = 0

    @classmethod
    def of(cls, form: Form, whole: Form, at: int) -> Row:
        """The form of row number `at`."""
        found = cls(*(getattr(form, field.name) for field in fields(form)))
        object.__setattr__(found, "whole", whole)
        object.__setattr__(found, "at", at)
        return found
