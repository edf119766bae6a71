"""Proven enclosures: python-flint's Arb balls, rational as long as a value is.

An entry is an `fmpq` (exact) or an `arb` (midpoint ± radius that holds the true value). F. Johansson,
"Arb: efficient arbitrary-precision midpoint-radius interval arithmetic", IEEE Trans. Comput. 66
(2017).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx, fmpq, fmpz, fmpz_mat

from verifier.arithmetic.base import ScalarArithmetic, Site, Value, as_array
from verifier.numbers import Numbers
from verifier.rounding import Policy, Rounding, decide


class Matrix:
    """A given matrix, turned into what a product needs when a product needs it."""

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        self.shape = numbers.shape
        self.ndim = 2

    @cached_property
    def integers(self) -> tuple[fmpz_mat, fmpz]:
        """The entries as integers over one denominator."""
        values, denominator = self.numbers.integers()
        return fmpz_mat(*self.shape, values), fmpz(denominator)

    @cached_property
    def balls(self) -> arb_mat:
        """The entries as balls at the session's precision."""
        values, denominator = self.numbers.integers()
        return arb_mat(fmpz_mat(*self.shape, values)) / arb(denominator)

    @cached_property
    def objects(self) -> np.ndarray[Any, Any]:
        """The entries one by one."""
        return as_array(np.frompyfunc(rational, 1, 1)(self.numbers.objects))


@dataclass(frozen=True)
class Ball(ScalarArithmetic):
    """Balls of `precision` bits; every operation's result holds the true value."""

    precision: int = 128
    name = "ball"

    def session(self) -> Any:
        """FLINT's process-wide precision, set and restored."""
        return ctx.workprec(self.precision)

    def number(self, value: Fraction) -> fmpq:
        return rational(value)

    def given(self, numbers: Numbers) -> Value:
        """An object array of rationals; a matrix waits for the product that needs it."""
        if len(numbers.shape) == 2:
            return Matrix(numbers)
        return super().given(numbers)

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        if operation == "matmul":
            return self.matmul(*arguments)
        if operation == "transpose" and isinstance(arguments[0], Matrix):
            return Matrix(arguments[0].numbers.transposed)
        return super().apply(operation, [plain(part) for part in arguments], site)

    def multiply(self, x: Any, y: Any) -> Any:
        """The product; an exact zero makes it an exact zero."""
        product = x * y
        if isinstance(product, np.ndarray):
            zero = _zeros(x) | _zeros(y)
            if zero is not False:
                product[np.broadcast_to(zero, product.shape)] = fmpq(0)
            return product
        return fmpq(0) if _zeros(x) or _zeros(y) else product

    def exp(self, x: Any) -> Any:
        return arb(x).exp() if type(x) is arb or x else fmpq(1)

    def tanh(self, x: Any) -> Any:
        return arb(x).tanh() if type(x) is arb or x else fmpq(0)

    def sigmoid(self, x: Any) -> Any:
        return 1 / (1 + (-x).exp()) if type(x) is arb else 1 / (1 + self.exp(-x))

    def softplus(self, x: Any) -> Any:
        ball = arb(x)
        return ball + (-ball).exp().log1p() if ball > 0 else ball.exp().log1p()

    def maximum(self, x: Any, y: Any) -> Any:
        return x if x >= y else y if y >= x else arb(x).max(arb(y))

    def minimum(self, x: Any, y: Any) -> Any:
        return x if x <= y else y if y <= x else arb(x).min(arb(y))

    def matmul(self, left: Value, right: Value) -> Value:
        """NumPy's `@`: scaled integers where all entries are rational, else a product of balls."""
        shape = left.shape[:-1] + right.shape[1:]
        if _all_rational(left) and _all_rational(right):
            (a, p), (b, q) = _integers(left, row=True), _integers(right, row=False)
            scale = p * q
            found = [fmpq(entry, scale) for entry in (a * b).entries()]
        else:
            found = (_balls(left, row=True) * _balls(right, row=False)).entries()
        result = np.empty(len(found), dtype=object)
        result[:] = found
        return result.reshape(shape)


@dataclass(frozen=True)
class RoundedBall(Ball):
    """Balls in which a policy rounds: each rounded entry is the rational that the policy carries.

    An entry that cannot be decided at this precision becomes a ball without bounds, so whatever
    follows from it is undecided as well.
    """

    policy: Policy = Policy()
    rules: Callable[[str], Rounding] = lambda name: Rounding()

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        value = super().apply(operation, arguments, site)
        if not self.policy.rounds(site.path, operation):
            return value
        rule = self.rules(site.name)
        return as_array(np.frompyfunc(lambda x: _rounded(x, rule), 1, 1)(plain(value)))


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
    return _dyadic(entry) if entry.is_exact() and entry.is_finite() else None


def enclosure(entry: Any) -> tuple[Fraction, Fraction] | None:
    """The exact ends of the entry's ball, None when the ball has no bounds."""
    exact = exact_value(entry) if entry.__class__ is fmpq or entry.is_finite() else None
    if exact is not None:
        return exact, exact
    if not entry.is_finite():
        return None
    middle, radius = _dyadic(entry.mid()), _dyadic(entry.rad())
    return middle - radius, middle + radius


def plain(value: Value) -> np.ndarray[Any, Any]:
    """The value as an object array, a waiting matrix too."""
    return value.objects if isinstance(value, Matrix) else value


def _rounded(entry: Any, rule: Rounding) -> Any:
    ends = enclosure(entry)
    found = decide(*ends, rule) if ends else None
    return arb("nan") if found is None else rational(found)


def _dyadic(point: arb) -> Fraction:
    mantissa, exponent = map(int, point.man_exp())
    return Fraction(mantissa << exponent) if exponent >= 0 else Fraction(mantissa, 1 << -exponent)


def _zeros(x: Any) -> Any:
    """Where the entries are exact zeros; False when none is."""
    if isinstance(x, np.ndarray):
        if arb in set(map(type, x.flat)) and fmpq not in set(map(type, x.flat)):
            return False
        return as_array(np.frompyfunc(_zeros, 1, 1)(x)).astype(bool)
    return type(x) is fmpq and not x


def _all_rational(value: Value) -> bool:
    return isinstance(value, Matrix) or set(map(type, value.flat)) == {fmpq}


def _integers(value: Value, row: bool) -> tuple[fmpz_mat, fmpz]:
    if isinstance(value, Matrix):
        return value.integers
    flat = value.ravel().tolist()
    scale = lcm(*{int(entry.q) for entry in flat})
    return fmpz_mat(*_sides(value, row), [entry.p * (scale // entry.q) for entry in flat]), fmpz(scale)


def _balls(value: Value, row: bool) -> arb_mat:
    if isinstance(value, Matrix):
        return value.balls
    flat = value.ravel().tolist()
    return arb_mat(*_sides(value, row), [arb(x) if type(x) is fmpq else x for x in flat])


def _sides(value: Value, row: bool) -> tuple[int, int]:
    """Rows and columns; a vector is a row on the left of `@` and a column on the right."""
    if value.ndim == 2:
        return value.shape  # type: ignore[no-any-return]
    return (1, value.size) if row else (value.size, 1)
