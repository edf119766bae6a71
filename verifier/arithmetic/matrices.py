"""Matrices and products of rationals and balls: of integers where all entries are rational.

A given matrix waits in the form that it came in until a product or a sum asks for another.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

import numpy as np
from flint import arb, arb_mat, fmpq, fmpq_mat, fmpz, fmpz_mat

from verifier.arithmetic.limbs import Limbs, width_for
from verifier.arithmetic.objects import as_objects
from verifier.arithmetic.outers import Outers
from verifier.arithmetic.protocol import Value
from verifier.numbers import Numbers, dyadic_integers

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


def matmul(left: Value, right: Value) -> Value:
    """NumPy's `@`: of integers where all entries are rational, else of balls."""
    shape = left.shape[:-1] + right.shape[1:]
    if _all_rational(left) and _all_rational(right):
        return _rationals(*_product(left, right)).reshape(shape)
    (x, p), (y, q) = _balls(left, row=True), _balls(right, row=False)
    return as_objects((x * y / arb(p * q)).entries()).reshape(shape)


def plain(value: Value) -> np.ndarray[Any, Any]:
    """The value as an object array, a waiting matrix too."""
    return value.objects if isinstance(value, Matrix | Outers) else value


def given(numbers: Numbers) -> Value:
    """Given numbers: an array of rationals, or a matrix that waits."""
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


def types(value: Any) -> set[type]:
    """The kinds of scalars that a value holds."""
    return set(map(type, value.flat)) if isinstance(value, np.ndarray) else {type(value)}


def _all_rational(value: Value) -> bool:
    return isinstance(value, Matrix) or types(value) == {fmpq}


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
