"""Proven enclosures: python-flint's Arb balls, rational as long as a value is.

An entry is an `fmpq` (exact) or an `arb` (midpoint ± radius that holds the true value).
F. Johansson, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic", IEEE Trans.
Comput. 66 (2017).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import mul
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from flint import arb, fmpq

from verifier import effort
from verifier.arithmetic.context import flint_bits
from verifier.arithmetic.ends import ends_of, units_in
from verifier.arithmetic.matrices import Matrix, given, matmul, plain, types
from verifier.arithmetic.objects import ScalarArithmetic, as_objects
from verifier.arithmetic.outers import MANY as LARGE
from verifier.arithmetic.outers import Outers
from verifier.arithmetic.protocol import LITERAL, Origin, Site, Value
from verifier.language.operations import OPERATIONS
from verifier.numbers import Numbers
from verifier.rounding import Rounding, decide

_GIVEN: WeakKeyDictionary[Numbers, Value] = WeakKeyDictionary()
"""Given numbers are the same at every precision: what was made of them is kept as long as they."""


@dataclass(frozen=True)
class Ball(ScalarArithmetic):
    """Balls of `precision` bits; every operation's result holds the true value."""

    precision: int = 128
    name = "ball"
    arrays = ScalarArithmetic.arrays | {"exp", "sigmoid", "tanh"}

    @contextmanager
    def session(self) -> Iterator[None]:
        """FLINT's precision, for this thread alone."""
        with flint_bits(self.precision), super().session():
            yield

    def number(self, value: Fraction) -> fmpq:
        return rational(value)

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Value:
        """An object array of rationals; a matrix waits for the product that needs it."""
        if numbers not in _GIVEN:
            _GIVEN[numbers] = given(numbers)
        return _GIVEN[numbers]

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        if operation == "matmul":
            product = self.matmul(*map(_there, arguments))
            return product if site.path else _limited(product)
        if operation == "transpose" and isinstance(arguments[0], Matrix):
            return arguments[0].transposed
        waiting = self._waiting(operation, arguments)
        if waiting is not None:
            return waiting
        value = super().apply(operation, [plain(part) for part in arguments], site)
        return value if site.path else _limited(value)

    def _waiting(self, operation: str, arguments: Sequence[Value]) -> Outers | None:
        """A large outer product, or one that is added to a sum of such ones."""
        match operation, arguments:
            case "outer", (left, right) if left.size * right.size >= LARGE:
                return Outers(left, right, self._outer)
            case "add", (Outers(rest=None) as own, Outers() as others):
                return own.plus(others)
        return None

    def _outer(self, left: Value, right: Value, rest: Value | None) -> Value:
        """The balls of an outer product that waited, and of what is added to it."""
        with flint_bits(max(self.precision, effort.OUTER_BITS)):
            found = self.outer(left, right)
            return _limited(found if rest is None else found + rest)

    def multiply(self, x: Any, y: Any) -> Any:
        """The product; an exact zero makes it an exact zero."""
        product = x * y
        for factor in (x, y):
            if not isinstance(product, np.ndarray):
                product = _zero_of(product) if factor == 0 else product
            elif fmpq in types(factor):
                zeros = np.broadcast_to(factor == 0, product.shape)
                product[zeros] = [_zero_of(entry) for entry in product[zeros]]
        return product

    def power(self, x: Any, n: int) -> Any:
        """A whole power; FLINT's is not a number where a ball has zero inside, products are."""
        if type(x) is arb and n > 1 and x.contains(0):
            return reduce(mul, [abs(x) if n % 2 == 0 else x] * n)
        return super().power(x, n)

    def sigmoid(self, x: Any) -> Any:
        return 1 / (1 + self.exp(-x))

    def exp(self, x: Any) -> Any:
        return _EXP[fmpq in types(x)](x)

    def tanh(self, x: Any) -> Any:
        return _TANH[fmpq in types(x)](x)

    def sqrt(self, x: Any) -> Any:
        """The root; that of a square of a rational is rational."""
        if type(x) is fmpq:
            top, bottom = x.p.isqrt(), x.q.isqrt()
            if top * top == x.p and bottom * bottom == x.q:
                return fmpq(top, bottom)
        return arb(x).sqrt()

    def pi(self) -> Any:
        return arb.pi()

    def library(self, operation: str) -> Callable[..., Any]:
        """Arb's function; where the row knows a rational value, that one."""
        row = OPERATIONS[operation]
        method = getattr(arb, row.known_as.get("flint", operation))
        at, value = row.rational or (None, 0)
        return lambda x: fmpq(value) if type(x) is fmpq and x == at else method(arb(x))

    def softplus(self, x: Any) -> Any:
        ball = arb(x)
        return ball + (-ball).exp().log1p() if ball > 0 else ball.exp().log1p()

    def positive(self, x: Any) -> Any:
        """One above zero, else zero; both, and what is between, where that is not certain."""
        return fmpq(1) if x > 0 else fmpq(0) if x <= 0 else _EITHER

    def step(self, x: Any) -> Any:
        """One above zero, zero below; both, and what is between, at zero itself."""
        return fmpq(1) if x > 0 else fmpq(0) if x < 0 else _EITHER

    def max(self, x: Any, y: Any) -> Any:
        return x if x >= y else y if y >= x else arb(x).max(arb(y))

    def min(self, x: Any, y: Any) -> Any:
        return x if x <= y else y if y <= x else arb(x).min(arb(y))

    def matmul(self, left: Value, right: Value) -> Value:
        """NumPy's `@`."""
        return matmul(left, right)

    def rounded(self, value: Value, rule: Rounding) -> Value:
        """The rationals that the rule gives.

        An entry that cannot be decided at this precision becomes a ball without bounds, so whatever
        follows from it is undecided as well.
        """
        return self.lift(lambda x: _rounded(x, rule), plain(value))


def _function(method: Callable[[arb], arb], at_zero: int) -> tuple[Any, Any]:
    """A function of arrays of balls, and the same where rationals are among the entries."""

    def careful(x: Any) -> Any:
        return method(arb(x)) if type(x) is arb or x else fmpq(at_zero)

    return np.frompyfunc(method, 1, 1), np.frompyfunc(careful, 1, 1)


_EXP, _TANH = _function(arb.exp, 1), _function(arb.tanh, 0)


_EITHER = arb(0.5, 0.5)


def _limited(value: Value) -> Value:
    """The value without rationals that would grow without bounds from step to step."""
    if fmpq not in types(value):
        return value
    long = [type(x) is fmpq and x.height_bits() > effort.RATIONAL_BITS for x in value.flat]
    if not any(long):
        return value
    found = [arb(x) if big else x for x, big in zip(value.flat, long, strict=True)]
    return as_objects(found).reshape(value.shape)


def _zero_of(product: Any) -> Any:
    """An exact zero for a product with an exact zero; not when the other factor has no bounds."""
    return fmpq(0) if type(product) is fmpq or product.is_finite() else product


def rational(value: Fraction) -> fmpq:
    """A fraction as FLINT's rational."""
    return fmpq(value.numerator, value.denominator)


def fraction(value: fmpq) -> Fraction:
    """FLINT's rational as a fraction."""
    return Fraction(int(value.p), int(value.q))


def exact_value(entry: Any) -> Fraction | None:
    """The entry's value when the entry is a single number, else None."""
    if type(entry) is fmpq:
        return fraction(entry)
    ends = enclosure(entry) if entry.is_exact() else None
    return ends[0] if ends and ends[0] == ends[1] else None


def enclosure(entry: Any) -> tuple[Fraction, Fraction] | None:
    """The exact ends of the entry's ball, None when it has no bounds: see `ends_of`."""
    ends = ends_of(entry)
    return None if ends is None else ends.fractions


def _there(value: Value) -> Value:
    """The value; a sum of outer products as what it is made of."""
    return value.objects if isinstance(value, Outers) else value


def _rounded(entry: Any, rule: Rounding) -> Any:
    ends = ends_of(entry)
    if ends is not None and rule.places is not None:  # integers alone: fractions take their time
        units = units_in(ends, rule)
        return arb("nan") if units is None else fmpq(units, 10**rule.places)
    found = decide(*ends.fractions, rule) if ends else None
    return arb("nan") if found is None else rational(found)
