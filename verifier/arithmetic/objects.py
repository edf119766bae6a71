"""What arithmetics share whose values are NumPy arrays of scalars, most of them of objects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial, reduce
from math import prod
from typing import Any, ClassVar

import numpy as np

from verifier.arithmetic.composite import composed, has_definition
from verifier.arithmetic.protocol import LITERAL, Origin, Site, Value, entries
from verifier.errors import DivisorError, OutOfDomainError
from verifier.language.operations import OPERATIONS
from verifier.numbers import Numbers


class ScalarArithmetic:
    """An arithmetic whose values are object arrays; a subclass gives the scalar operations.

    Needed: `number`, `exp`, `tanh`, `softplus`, `max`, `min`, and whatever of the rest is neither
    Python's own operator nor follows from its definition. A method has its operation's name.
    """

    arrays: ClassVar[frozenset[str]] = frozenset(
        {"add", "subtract", "multiply", "divide", "negate", "identity", "abs"}
        | {"matmul", "outer", "pad", "sum", "mean", "softmax"}
    )
    """Operations whose method takes whole arrays, as NumPy's spreading of Python's operators."""

    def session(self) -> Any:
        """NumPy does not warn where a library's inner floats overflow."""
        return np.errstate(all="ignore")

    def number(self, value: Fraction) -> Any:
        """A scalar."""
        raise NotImplementedError

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Value:
        """Given numbers as an object array of scalars."""
        return self.lift(self.number, numbers.objects)

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        """The value of an operation: whole arrays for layouts and products, else by entry."""
        layout = LAYOUTS.get(operation)
        if layout is not None:
            return layout(*arguments)
        self.check_domain(operation, arguments)
        function = self.function(operation)
        if operation in self.arrays:
            return as_array(function(*arguments))
        return self.lift(function, *arguments)

    def check_domain(self, operation: str, arguments: Sequence[Value]) -> None:
        """Errors: OutOfDomainError where an entry has no value under a function; DivisorError
        where it has no inverse."""
        outside = _OUTSIDE[OPERATIONS[operation].domain]
        if outside is not None:
            for k, entry in enumerate(entries(arguments[0])):
                if outside(self.sign(entry)):
                    raise OutOfDomainError(operation, _index(k, arguments[0].shape))
        if operation == "power" and arguments[1] < 0:
            for k, entry in enumerate(entries(arguments[0])):
                if self.sign(entry) == 0:
                    raise DivisorError(_index(k, arguments[0].shape))

    def sign(self, x: Any) -> int | None:
        """The sign of a scalar, 0 for zero; None where it is not certain."""
        return 1 if x > 0 else -1 if x < 0 else 0 if x == 0 else None

    def function(self, operation: str) -> Callable[..., Any]:
        """An operation on scalars: the arithmetic's own, else composed, else its library's."""
        own = getattr(self, operation, None)
        if own is not None:
            return own  # type: ignore[no-any-return]
        if has_definition(operation):
            return partial(self.composed, operation)
        return self.library(operation)

    def composed(self, operation: str, *arguments: Any) -> Any:
        """The value of an operation by its definition."""
        return composed(self, operation, arguments)

    def library(self, operation: str) -> Callable[..., Any]:
        """The function of that operation in the library that the arithmetic rests on."""
        raise NotImplementedError(f"{type(self).__name__} has no {operation}")

    def lift(self, function: Callable[..., Any], *arguments: Value) -> Value:
        """The function applied entry by entry, scalars and vectors of length 1 spread out."""
        if not arguments:
            return as_array(function())
        return as_array(np.frompyfunc(function, len(arguments), 1)(*arguments))

    def add(self, x: Any, y: Any) -> Any:
        return x + y

    def subtract(self, x: Any, y: Any) -> Any:
        return x - y

    def multiply(self, x: Any, y: Any) -> Any:
        return x * y

    def divide(self, x: Any, y: Any) -> Any:
        """The quotient. Errors: DivisorError, also where the library would give nan."""
        return x / nonzero(y)

    def negate(self, x: Any) -> Any:
        return -x

    def identity(self, x: Any) -> Any:
        return x

    def constant(self, text: str) -> Any:
        """A scalar that belongs to a function's definition."""
        return self.number(Fraction(text))

    def pad(self, x: Value, before: int, after: int) -> Value:
        """The value with zeros around, along the last axis."""
        zeros = [as_objects([self.constant("0")] * count) for count in (before, after)]
        ends = [np.broadcast_to(zero, (*x.shape[:-1], zero.size)) for zero in zeros]
        return np.concatenate((ends[0], x, ends[1]), axis=-1)

    def dot(self, left: Sequence[Any], right: Sequence[Any]) -> Any:
        """The sum of products, in sequence."""
        return reduce(self.add, map(self.multiply, left, right))

    def matmul(self, left: Value, right: Value) -> Value:
        """NumPy's `@`."""
        rows = np.atleast_2d(left)
        columns = right.reshape(-1, 1) if right.ndim == 1 else right
        result = np.empty((len(rows), columns.shape[1]), dtype=object)
        lines = [list(column) for column in columns.T]
        for i, row in enumerate(rows):
            result[i] = [self.dot(list(row), line) for line in lines]
        return as_array(result.reshape(left.shape[:-1] + right.shape[1:]))

    def outer(self, x: Value, y: Value) -> Value:
        """The matrix of all products x_i y_j."""
        return self.multiply(x.reshape(-1, 1), y.reshape(1, -1))

    def sum(self, x: Value, axis: int | None = None) -> Value:
        """The sum of all entries, or along an axis, in sequence."""
        return as_array(reduce(self.add, x.ravel() if axis is None else np.moveaxis(x, axis, 0)))

    def mean(self, x: Value, axis: int | None = None) -> Value:
        """The sum divided by the number of its terms."""
        count = prod(x.shape) if axis is None else x.shape[axis]
        return self.divide(self.sum(x, axis), self.constant(str(count)))

    def power(self, x: Any, n: int) -> Any:
        """A whole power; below zero, the inverse of one. Errors: ZeroDivisionError."""
        if n < 0:
            return self.divide(self.constant("1"), x**-n)
        return x**n if n else self.constant("1")

    def abs(self, x: Any) -> Any:
        return abs(x)

    def step(self, x: Any) -> Any:
        return self.positive(x)

    def positive(self, x: Any) -> Any:
        return self.constant("1" if x > 0 else "0")

    def softmax(self, x: Value) -> Value:
        """exp(x_i − x_1) / Σ exp(x_j − x_1) along the last axis; equal entries stay rational."""
        result = np.empty(x.shape, dtype=object)
        rows, out = x.reshape(-1, x.shape[-1]), result.reshape(-1, x.shape[-1])
        exp = self.function("exp")
        for i, row in enumerate(rows):
            powers = [exp(self.subtract(entry, row[0])) for entry in row]
            total = reduce(self.add, powers)
            out[i] = [self.divide(power, total) for power in powers]
        return result


def _index(k: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(map(int, np.unravel_index(k, shape))) if shape else ()


def nonzero(divisor: Any) -> Any:
    """The divisor itself. Errors: DivisorError where an entry is zero."""
    zero = np.asarray(divisor == 0)
    if zero.any():
        raise DivisorError(_index(int(zero.argmax()), zero.shape))
    return divisor


def as_array(value: Any) -> np.ndarray[Any, Any]:
    """The value as an array; a bare scalar becomes an array without axes."""
    if isinstance(value, np.ndarray):
        return value
    array = np.empty((), dtype=object)
    array[()] = value
    return array


def as_objects(scalars: Sequence[Any]) -> np.ndarray[Any, Any]:
    """Scalars as an object array of one axis."""
    return np.fromiter(scalars, dtype=object, count=len(scalars))


def concatenated(*parts: Value) -> Value:
    """The parts joined along the last axis."""
    return np.concatenate([np.atleast_1d(part) for part in parts], axis=-1)


def sliced(value: Value, *ends: int | None) -> Value:
    """The entries between ends, by rows and columns."""
    return value[tuple(slice(*pair) for pair in zip(ends[::2], ends[1::2], strict=True))]


def filled(value: Value, *sizes: int) -> Value:
    """The value repeated as a vector, as rows, or as a matrix."""
    return np.broadcast_to(value, (*sizes, *value.shape))


LAYOUTS: dict[str, Callable[..., Value]] = {
    "concat": concatenated,
    "transpose": np.transpose,
    "slice": sliced,
    "fill": filled,
}
"""What moves the entries of arrays, whatever they are."""

_OUTSIDE: dict[str, Callable[[int | None], bool] | None] = {
    "any": None,
    "not negative": lambda sign: sign == -1,
    "positive": lambda sign: sign in (-1, 0),
}
