"""Exact values: rationals as long as possible, then closed forms, by sympy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from typing import Any

import numpy as np
import sympy

from verifier.arithmetic.base import ScalarArithmetic, Site, Value, entries
from verifier.arithmetic.context import alone

_SERIALS = count()


class Entry(sympy.Symbol):  # type: ignore[misc]
    """An entry of an earlier quantity, standing for a closed form that would be too long."""

    definition: sympy.Expr
    values: dict[int, sympy.Expr]
    serial: int

    @classmethod
    def of(cls, name: str, definition: sympy.Expr) -> Entry:
        """A symbol that knows what it stands for."""
        entry = sympy.Symbol.__xnew__(cls, name, real=True)
        entry.definition, entry.values, entry.serial = definition, {}, next(_SERIALS)
        return entry  # type: ignore[no-any-return]

    def _hashable_content(self) -> tuple[Any, ...]:
        """Entries of one name in two problems differ: sympy's caches must not mix them."""
        return (*super()._hashable_content(), self.serial)


@dataclass(frozen=True)
class Exact(ScalarArithmetic):
    """Sympy expressions. A result of more than `limit` operations goes on as a named entry."""

    limit: int = 40
    name = "exact"

    @contextmanager
    def session(self) -> Iterator[None]:
        """Sympy for this thread alone: it decides signs by mpmath's numbers."""
        with alone(), super().session():
            yield

    def number(self, value: Fraction) -> sympy.Expr:
        return sympy.Rational(value.numerator, value.denominator)

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        value = super().apply(operation, arguments, site)
        return self._named(value, site) if not site.path else value

    def _named(self, value: Value, site: Site) -> Value:
        named = [
            Entry.of(f"{site.name}_{site.step}[{k}]", form) if _size(form) > self.limit else form
            for k, form in enumerate(entries(value))
        ]
        array = np.empty(len(named), dtype=object)
        array[:] = named
        return array.reshape(value.shape)

    def exp(self, x: sympy.Expr) -> sympy.Expr:
        return sympy.exp(x)

    def tanh(self, x: sympy.Expr) -> sympy.Expr:
        return sympy.tanh(x)

    def softplus(self, x: sympy.Expr) -> sympy.Expr:
        if x.is_negative:  # sympy evaluates the logarithm of 1 + a very small number as 0
            return x + sympy.log(1 + sympy.exp(-x))
        return sympy.log(1 + sympy.exp(x))

    def maximum(self, x: sympy.Expr, y: sympy.Expr) -> sympy.Expr:
        return sympy.Max(x, y)

    def minimum(self, x: sympy.Expr, y: sympy.Expr) -> sympy.Expr:
        return sympy.Min(x, y)


def _size(form: sympy.Expr) -> int:
    """How many nodes the form has; a long number counts for several."""
    if isinstance(form, sympy.Rational):
        return 1 + (int(form.p).bit_length() + int(form.q).bit_length()) // 256
    return 1 + sum(map(_size, form.args))


@alone()
def evaluated(form: sympy.Expr, digits: int) -> sympy.Expr:
    """The form's value to so many digits, named entries put in from the inside out."""
    return _value(form, digits + 15).evalf(digits)


CANCELLED = 20_000
"""How many digits sympy may lose to cancellation before it gives up and says 0."""


def _value(form: sympy.Expr, digits: int) -> sympy.Expr:
    for entry in form.atoms(Entry):
        if digits not in entry.values:
            entry.values[digits] = _value(entry.definition, digits)
    return form.xreplace({e: e.values[digits] for e in form.atoms(Entry)}).evalf(
        digits, maxn=CANCELLED
    )


def closed(form: sympy.Expr) -> bool:
    """Whether the form has no named entry in it."""
    return not form.atoms(Entry)
