"""Exact values: rationals as long as possible, then closed forms, by sympy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import partial, reduce
from itertools import count
from operator import add, mul
from typing import Any

import numpy as np
import sympy
from flint import arb

from verifier import effort
from verifier.arithmetic.ball import Ball, rational
from verifier.arithmetic.context import alone
from verifier.arithmetic.objects import ScalarArithmetic
from verifier.arithmetic.protocol import Site, Value, entries
from verifier.language.operations import OPERATIONS

_SERIALS = count()


class Abbreviation(sympy.Symbol):  # type: ignore[misc]
    """An entry of an earlier quantity, standing for a closed form that would be too long."""

    definition: sympy.Expr | None
    values: dict[int, sympy.Expr]
    balls: dict[int, Any]
    serial: int

    @classmethod
    def of(cls, name: str, definition: sympy.Expr | None) -> Abbreviation:
        """A symbol that knows what it stands for; None for a number without a closed form."""
        entry = sympy.Symbol.__xnew__(cls, name, real=True)
        entry.definition, entry.serial = definition, next(_SERIALS)
        entry.values, entry.balls = {}, {}
        return entry  # type: ignore[no-any-return]

    def _hashable_content(self) -> tuple[Any, ...]:
        """Entries of one name in two problems differ: sympy's caches must not mix them."""
        return (*super()._hashable_content(), self.serial)


@dataclass(frozen=True)
class Exact(ScalarArithmetic):
    """Sympy expressions. A result of more than `limit` operations goes on as a named entry.

    What sympy cannot do goes on as an entry without a closed form, as does what follows from it.
    """

    limit: int = 40
    name = "exact"
    arrays = frozenset({"matmul", "outer", "pad", "sum", "mean", "softmax"})

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
            Abbreviation.of(f"{site.name}_{site.step}[{k}]", form)
            if _size(form) > self.limit
            else form
            for k, form in enumerate(entries(value))
        ]
        array = np.empty(len(named), dtype=object)
        array[:] = named
        return array.reshape(value.shape)

    def lift(self, function: Callable[..., Any], *arguments: Value) -> Value:
        return super().lift(_possible(function), *arguments)

    def dot(self, left: Sequence[Any], right: Sequence[Any]) -> Any:
        return _possible(super().dot)(left, right)

    def softmax(self, x: Value) -> Value:
        try:
            return super().softmax(x)
        except OverflowError:
            return super().lift(lambda entry: Abbreviation.of("?", None), x)

    def exp(self, x: sympy.Expr) -> sympy.Expr:
        if not _general(x) and not abs(_ball(x, LEAST_BITS)) <= effort.EXPONENT:
            raise OverflowError
        return sympy.exp(x)

    def library(self, operation: str) -> Callable[..., Any]:
        """Sympy's function."""
        name = OPERATIONS[operation].known_as.get("sympy", operation)
        return getattr(sympy, name)  # type: ignore[no-any-return]

    def sign(self, x: sympy.Expr) -> int | None:
        if x == 0 or _general(x):
            return 0 if x == 0 else None
        with suppress(Exception):  # as where there is no closed form
            return -1 if _less(x, sympy.S.Zero) else 1
        return None

    def pi(self) -> sympy.Expr:
        return sympy.pi

    def positive(self, x: sympy.Expr) -> sympy.Expr:
        """The unit step that is zero at zero."""
        return sympy.Heaviside(x, 0) if _general(x) else sympy.Integer(_less(sympy.S.Zero, x))

    def softplus(self, x: sympy.Expr) -> sympy.Expr:
        if not _general(x) and _ball(x, LEAST_BITS) < 0:
            # sympy evaluates the logarithm of 1 + a very small number as 0
            return x + sympy.log(1 + self.exp(-x))
        return sympy.log(1 + self.exp(x))

    def max(self, x: sympy.Expr, y: sympy.Expr) -> sympy.Expr:
        return sympy.Max(x, y) if _general(x - y) else (x, y)[_less(x, y)]

    def min(self, x: sympy.Expr, y: sympy.Expr) -> sympy.Expr:
        return sympy.Min(x, y) if _general(x - y) else (y, x)[_less(x, y)]


def _possible(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, whose value is an entry without a closed form where sympy finds none."""

    def tried(*arguments: Any) -> Any:
        try:
            form = function(*arguments)
        except ZeroDivisionError:
            raise
        except Exception:  # sympy raises whatever stood in its way: it has no closed form
            return Abbreviation.of("?", None)
        return Abbreviation.of("?", None) if form.has(*NO_NUMBERS) else form

    return tried


NO_NUMBERS = (sympy.nan, sympy.zoo, sympy.oo, -sympy.oo)
LEAST_BITS = 128


def _general(form: sympy.Expr) -> bool:
    """Whether the form has symbols that stand for no number."""
    return not form.free_symbols <= form.atoms(Abbreviation)


def _less(x: sympy.Expr, y: sympy.Expr) -> bool:
    """Whether x < y, proven by balls. Errors: ValueError when they cannot be told apart."""
    difference, bits = x - y, LEAST_BITS
    while difference != 0 and bits <= effort.COMPARED_BITS:
        ball = _ball(difference, bits)
        if ball > 0 or ball < 0:
            return bool(ball < 0)
        bits *= 4
    if difference == 0:
        return False
    raise ValueError


def _ball(form: sympy.Expr, bits: int) -> Any:
    """A ball that holds the form's value. Errors: KeyError for what sympy made of no operation."""
    with Ball(bits).session():
        return _enclosed(form, bits)


def _enclosed(form: sympy.Expr, bits: int) -> Any:
    if isinstance(form, Abbreviation):
        if bits not in form.balls:
            unknown = form.definition is None
            form.balls[bits] = arb("nan") if unknown else _enclosed(form.definition, bits)
        return form.balls[bits]
    if isinstance(form, sympy.Rational):
        return rational(Fraction(int(form.p), int(form.q)))
    return _ENCLOSED[form.func](*(_enclosed(part, bits) for part in form.args))


def _by_ball(name: str, x: Any) -> Any:
    return getattr(arb(x), name)()


_ENCLOSED: dict[Any, Callable[..., Any]] = {
    sympy.Add: lambda *terms: reduce(add, terms),
    sympy.Mul: lambda *factors: reduce(mul, factors),
    sympy.Pow: lambda base, exponent: arb(base) ** arb(exponent),
    type(sympy.E): lambda: arb(1).exp(),
    type(sympy.pi): arb.pi,
    sympy.Abs: abs,
    **{
        getattr(sympy, name): partial(_by_ball, name)
        for name in ("exp", "log", "tanh", "sin", "cos", "erf")
    },
}
"""The functions of which sympy's forms are made, over balls."""


def _size(form: sympy.Expr) -> int:
    """How many nodes the form has; a long number counts for several."""
    if isinstance(form, sympy.Rational):
        return 1 + (int(form.p).bit_length() + int(form.q).bit_length()) // 256
    return 1 + sum(map(_size, form.args))


@alone()
def evaluated(form: sympy.Expr, digits: int) -> sympy.Expr:
    """The form's value to so many digits, named entries put in from the inside out."""
    return _value(form, digits + 15).evalf(digits)


def _value(form: sympy.Expr, digits: int) -> sympy.Expr:
    for entry in form.atoms(Abbreviation):
        if digits not in entry.values:
            unknown = entry.definition is None
            entry.values[digits] = sympy.nan if unknown else _value(entry.definition, digits)
    return form.xreplace({e: e.values[digits] for e in form.atoms(Abbreviation)}).evalf(
        digits, maxn=effort.CANCELLED
    )


def closed(form: sympy.Expr) -> bool:
    """Whether the form has no named entry in it."""
    return not form.atoms(Abbreviation)
