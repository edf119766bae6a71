"""Exact values: rationals as long as possible, then closed forms, by sympy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key, partial, reduce
from itertools import chain, count
from operator import add, mul
from typing import Any

import numpy as np
import sympy
from flint import arb

from verifier import effort
from verifier.arithmetic.ball import Ball, rational
from verifier.arithmetic.context import alone
from verifier.arithmetic.objects import ScalarArithmetic, nonzero
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

    What sympy cannot do goes on as an entry without a closed form, as does what follows from it;
    so does a named entry where only forms are wanted that are `closed`.
    """

    limit: int = 40
    closed: bool = False
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
        return self._named(value, site) if self.closed or not site.path else value

    def _named(self, value: Value, site: Site) -> Value:
        named = [self._short(form, k, site) for k, form in enumerate(entries(value))]
        array = np.empty(len(named), dtype=object)
        array[:] = named
        return array.reshape(value.shape)

    def _short(self, form: sympy.Expr, k: int, site: Site) -> sympy.Expr:
        if _size(form) <= self.limit:
            return form
        return UNKNOWN if self.closed else Abbreviation.of(f"{site.name}_{site.step}[{k}]", form)

    def add(self, x: Any, y: Any) -> Any:
        return _TOTAL(x, y)

    def subtract(self, x: Any, y: Any) -> Any:
        return _TOTAL(x, self.negate(y))

    def multiply(self, x: Any, y: Any) -> Any:
        return _PRODUCT(x, y)

    def divide(self, x: Any, y: Any) -> Any:
        return _PRODUCT(x, _INVERSE(nonzero(y)))

    def negate(self, x: Any) -> Any:
        return _PRODUCT(sympy.S.NegativeOne, x)

    def lift(self, function: Callable[..., Any], *arguments: Value) -> Value:
        return super().lift(_possible(function), *arguments)

    def dot(self, left: Sequence[Any], right: Sequence[Any]) -> Any:
        return _possible(super().dot)(left, right)

    def softmax(self, x: Value) -> Value:
        try:
            return super().softmax(x)
        except OverflowError:
            return super().lift(lambda entry: UNKNOWN, x)

    def exp(self, x: sympy.Expr) -> sympy.Expr:
        if not _general(x) and not abs(_ball(x, LEAST_BITS)) <= effort.EXPONENT:
            raise OverflowError
        return sympy.exp(x)

    def library(self, operation: str) -> Callable[..., Any]:
        """Sympy's function."""
        name = OPERATIONS[operation].known_as.get("sympy", operation)
        return getattr(sympy, name)  # type: ignore[no-any-return]

    def sign(self, x: sympy.Expr) -> int | None:
        if x == 0 or x is UNKNOWN or _general(x):
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
            return total(x, sympy.log(total(sympy.S.One, self.exp(-x))))
        return sympy.log(total(sympy.S.One, self.exp(x)))

    def max(self, x: sympy.Expr, y: sympy.Expr) -> sympy.Expr:
        return sympy.Max(x, y) if _general(x - y) else (x, y)[_less(x, y)]

    def min(self, x: sympy.Expr, y: sympy.Expr) -> sympy.Expr:
        return sympy.Min(x, y) if _general(x - y) else (y, x)[_less(x, y)]


UNKNOWN = Abbreviation.of("?", None)
"""A number without a closed form; no other equals it, nor need it equal itself."""


def total(*parts: sympy.Expr) -> sympy.Expr:
    """The sum of real numbers and symbols, as sympy's `Add` makes it.

    The first sum that sympy makes itself brings in its tensors and permutation groups, to see that
    none is meant: a twentieth of a cold start.
    """
    if UNKNOWN in parts:
        return UNKNOWN
    number, counts = sympy.S.Zero, dict[sympy.Expr, sympy.Expr]()
    for part in chain.from_iterable(map(sympy.Add.make_args, parts)):
        count, term = (part, sympy.S.One) if part.is_Number else part.as_coeff_Mul()
        if term is sympy.S.One:
            number += count
        else:
            counts[term] = counts.get(term, sympy.S.Zero) + count
    terms = [_times(count, term) for term, count in counts.items() if count]
    terms.sort(key=cmp_to_key(sympy.Basic.compare))
    terms = [number, *terms] if number or not terms else terms
    return terms[0] if len(terms) == 1 else sympy.Add(*terms, evaluate=False)


def product(x: sympy.Expr, y: sympy.Expr) -> sympy.Expr:
    """x · y for real numbers and symbols, as sympy's `Mul` makes it."""
    number, other = (y, x) if y.is_Rational else (x, y)
    if number == 0:
        return number
    if UNKNOWN in (x, y):
        return UNKNOWN
    if number.is_Rational and other.is_Add:
        return total(*(_times(number, term) for term in other.args))
    return _times(number, other) if number.is_Rational else x * y


def _times(number: sympy.Rational, form: sympy.Expr) -> sympy.Expr:
    """A multiple; of what is one thing by itself, sympy looks for nothing to merge."""
    one = form.is_Function or (form.is_Pow and form.base.is_Add)
    return form if number == 1 else sympy.Mul(number, form, evaluate=not one)


def inverse(x: sympy.Expr) -> sympy.Expr:
    """1/x for a real number or symbol; sympy asks at length whether a part of a sum is infinite."""
    return UNKNOWN if x is UNKNOWN else sympy.Pow(x, -1, evaluate=not x.is_Add)


_TOTAL, _PRODUCT = np.frompyfunc(total, 2, 1), np.frompyfunc(product, 2, 1)
_INVERSE = np.frompyfunc(inverse, 1, 1)


def _possible(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, whose value is an entry without a closed form where sympy finds none."""

    def tried(*arguments: Any) -> Any:
        if any(argument is UNKNOWN for argument in arguments) and sympy.S.Zero not in arguments:
            return UNKNOWN
        try:
            form = function(*arguments)
        except ZeroDivisionError:
            raise
        except Exception:  # sympy raises whatever stood in its way: it has no closed form
            return UNKNOWN
        return UNKNOWN if form.has(*NO_NUMBERS) else form

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


def is_zero(form: sympy.Expr) -> bool:
    """Whether a form is zero as it stands or, if it is short, when it is multiplied out.

    Its functions count as unknowns: equal forms may be told apart, other ones never taken as equal.
    """
    if form == 0 or _size(form) > effort.MULTIPLIED_OUT:
        return bool(form == 0)
    with suppress(Exception):  # whatever stands in sympy's way
        return bool(sympy.expand(form) == 0)
    return False


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
