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
from functools import cached_property, partial
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from flint import arb, arb_mat, fmpq, fmpq_mat, fmpz, fmpz_mat

from verifier import effort
from verifier.arithmetic.context import flint_bits
from verifier.arithmetic.limbs import Limbs, width_for
from verifier.arithmetic.objects import ScalarArithmetic, as_objects
from verifier.arithmetic.protocol import LITERAL, Origin, Site, Value
from verifier.language.operations import OPERATIONS
from verifier.numbers import Numbers, dyadic_integers
from verifier.rounding import Rounding, decide

Sides = tuple[int, int]
Integers = tuple[fmpz_mat, fmpz]
"""Integers, and the denominator that they are over."""

MANY = 4096
"""Entries of a matrix of floats from which its rational products are made by limbs."""


class Matrix:
    """A given matrix, in whatever form a product or a sum asks for.

    `make` gives its integers and their denominator; `floats` are its entries, where it came so.
    """

    ndim = 2

    def __init__(self, shape: Sides, make: Callable[[], Integers], floats: Any = None) -> None:
        self.shape, self._make, self.floats = shape, make, floats

    @cached_property
    def integers(self) -> Integers:
        """Integers over one denominator."""
        return self._make()

    @cached_property
    def balls(self) -> tuple[arb_mat, fmpz]:
        """Exact balls, so at no precision in particular, and what they are to be divided by."""
        if self.floats is not None:
            entries = self.floats.astype(np.float64).ravel().tolist()
            return arb_mat(*self.shape, entries), fmpz(1)
        integers, denominator = self.integers
        return arb_mat(integers), denominator

    @cached_property
    def limbs(self) -> tuple[Limbs, int] | None:
        """The floats as the parts of integers; None for few, and for long integers."""
        if self.floats is None or self.floats.size < MANY:
            return None
        return Limbs.of_floats(self.floats, width_for(max(self.shape)))

    @cached_property
    def objects(self) -> np.ndarray[Any, Any]:
        """The entries one by one; not to be changed, since others share them."""
        entries = _rationals(*self.integers).reshape(self.shape)
        entries.flags.writeable = False
        return entries

    @cached_property
    def transposed(self) -> Matrix:
        """The matrix with rows and columns exchanged."""
        floats = None if self.floats is None else self.floats.T
        return Matrix((self.shape[1], self.shape[0]), self._turned, floats)

    def _turned(self) -> Integers:
        integers, denominator = self.integers
        return integers.transpose(), denominator

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        """The entries, for NumPy."""
        return self.objects

    def __getitem__(self, index: Any) -> np.ndarray[Any, Any]:
        """A row, where the matrix is a sequence of vectors."""
        return self.objects[index]  # type: ignore[no-any-return]


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
            _GIVEN[numbers] = _given(numbers)
        return _GIVEN[numbers]

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        if operation == "matmul":
            product = self.matmul(*arguments)
            return product if site.path else _limited(product)
        if operation == "transpose" and isinstance(arguments[0], Matrix):
            return arguments[0].transposed
        parts = [plain(part) if isinstance(part, Matrix) else part for part in arguments]
        value = super().apply(operation, parts, site)
        return value if site.path else _limited(value)

    def multiply(self, x: Any, y: Any) -> Any:
        """The product; an exact zero makes it an exact zero."""
        product = x * y
        for factor in (x, y):
            if not isinstance(product, np.ndarray):
                product = _zero_of(product) if factor == 0 else product
            elif fmpq in _types(factor):
                zeros = np.broadcast_to(factor == 0, product.shape)
                product[zeros] = [_zero_of(entry) for entry in product[zeros]]
        return product

    def sigmoid(self, x: Any) -> Any:
        return 1 / (1 + self.exp(-x))

    def exp(self, x: Any) -> Any:
        return _EXP[fmpq in _types(x)](x)

    def tanh(self, x: Any) -> Any:
        return _TANH[fmpq in _types(x)](x)

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
        """NumPy's `@`: of integers where all entries are rational, else of balls."""
        shape = left.shape[:-1] + right.shape[1:]
        if _all_rational(left) and _all_rational(right):
            return _rationals(*_product(left, right)).reshape(shape)
        (x, p), (y, q) = _balls(left, row=True), _balls(right, row=False)
        return as_objects((x * y / arb(p * q)).entries()).reshape(shape)

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


_SMALLEST, _LARGEST = arb((1, -(2**16))), arb((1, 2**16))


def _limited(value: Value) -> Value:
    """The value without rationals that would grow without bounds from step to step."""
    if fmpq not in _types(value):
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
    """The exact ends of the entry's ball, None when the ball has no bounds.

    What is too large to be written out has no bounds; what is too small gets wider ones. Nothing is
    computed here, only compared and split, so FLINT's precision does not matter.
    """
    if type(entry) is fmpq:
        return (fraction(entry),) * 2
    if -_SMALLEST < entry < _SMALLEST and not entry.is_zero():
        tiny = _dyadic(_SMALLEST)
        return tiny * -(not entry > 0), tiny * (not entry < 0)
    if not -_LARGEST < entry < _LARGEST:
        return None
    middle = _dyadic(entry.mid())
    radius = Fraction(0) if entry.is_exact() else _dyadic(max(entry.rad(), _SMALLEST))
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


def _given(numbers: Numbers) -> Value:
    rows, columns = numbers.shape if len(numbers.shape) == 2 else (1, numbers.size)
    sides = rows, columns
    if numbers.floats is None:  # what is kept must not hold on to the numbers themselves
        matrix = Matrix(sides, partial(_whole, sides, *numbers.integers()))
    else:
        matrix = Matrix(sides, partial(_of_floats, sides, numbers.floats), numbers.floats)
    return matrix if sides == numbers.shape else matrix.objects.reshape(numbers.shape)


def _whole(sides: Sides, values: list[int], denominator: int) -> Integers:
    return fmpz_mat(*sides, values), fmpz(denominator)


def _of_floats(sides: Sides, floats: Any) -> Integers:
    return _whole(sides, *dyadic_integers(floats))


def _rationals(integers: fmpz_mat, denominator: fmpz) -> np.ndarray[Any, Any]:
    return as_objects((fmpq_mat(integers) / denominator).entries())


def _types(value: Any) -> set[type]:
    return set(map(type, value.flat)) if isinstance(value, np.ndarray) else {type(value)}


def _all_rational(value: Value) -> bool:
    return isinstance(value, Matrix) or _types(value) == {fmpq}


def _product(left: Value, right: Value) -> Integers:
    """The exact product of rationals, nothing being made of a matrix that meets only zeros."""
    size = len(np.atleast_2d(left)) * (right.shape[1] if right.ndim == 2 else 1)
    if any(isinstance(part, np.ndarray) and not part.any() for part in (left, right)):
        return fmpz_mat(1, size), fmpz(1)
    found = _by_limbs(left, right)
    if found is not None:
        return found
    (a, p), (b, q) = _integers(left, row=True), _integers(right, row=False)
    return a * b, p * q


def _by_limbs(left: Value, right: Value) -> Integers | None:
    """The product with a large matrix of floats; None where that is none, or of long integers."""
    matrix = left if isinstance(left, Matrix) else right
    other = right if matrix is left else left
    if not isinstance(matrix, Matrix) or isinstance(other, Matrix) or matrix.limbs is None:
        return None
    limbs, shift = matrix.limbs
    integers, denominator = _integers(other, row=other is left)
    parts = Limbs.of_integers(list(map(int, integers.entries())), other.shape, limbs.width)
    if parts is None:
        return None
    entries = parts @ limbs if other is left else limbs @ parts
    return fmpz_mat(1, len(entries), entries), denominator << shift


def _integers(value: Value, row: bool) -> Integers:
    """Integers and their denominator."""
    if isinstance(value, Matrix):
        return value.integers
    return fmpq_mat(*_sides(value, row), value.ravel().tolist()).numer_denom()


def _balls(value: Value, row: bool) -> tuple[arb_mat, fmpz]:
    """Balls and the denominator that they still are to be divided by."""
    if isinstance(value, Matrix):
        return value.balls
    return arb_mat(*_sides(value, row), value.ravel().tolist()), fmpz(1)


def _sides(value: Value, row: bool) -> tuple[int, int]:
    """Rows and columns; a vector is a row on the left of `@` and a column on the right."""
    if value.ndim == 2:
        return value.shape  # type: ignore[no-any-return]
    return (1, value.size) if row else (value.size, 1)
