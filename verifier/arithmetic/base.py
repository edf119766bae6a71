"""The protocol of an arithmetic, and what arithmetics on arrays of scalars share.

An arithmetic gives meaning to the operations of `verifier.language.operations`. It is a frozen
value that owns its precision; `session` sets what its library keeps as global state, and restores
it. Values are NumPy arrays (of objects, for exact and multi-precision scalars).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial, reduce
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np

from verifier.arithmetic.composite import composed
from verifier.language.tree import Path
from verifier.numbers import Numbers

Value = Any
"""An array of the arithmetic's scalars, or whatever the arithmetic uses for a given matrix."""


class Site(NamedTuple):
    """Where an operation stands: the step, the quantity, and the path in its equation."""

    step: int
    name: str
    path: Path


class Arithmetic(Protocol):
    """What `verifier.evaluate.evaluate` asks of an arithmetic."""

    @property
    def name(self) -> str:
        """The word that names the arithmetic."""

    def session(self) -> Any:
        """A context manager that holds while values are computed."""

    def given(self, numbers: Numbers) -> Value:
        """Given numbers as values."""

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        """The value of an operation."""


def entries(value: Value) -> list[Any]:
    """The scalars of a value, row by row."""
    found: list[Any] = np.ravel(value).tolist()
    return found


class ScalarArithmetic:
    """An arithmetic whose values are object arrays; a subclass gives the scalar operations.

    Needed: `number`, `exp`, `tanh`, `softplus`, `max`, `min`, and whatever of the rest is neither
    Python's own operator nor follows from its definition. A method has its operation's name.
    """

    operators: ClassVar[frozenset[str]] = frozenset(
        {"add", "subtract", "multiply", "divide", "negate", "identity"}
    )
    """Operations whose method takes whole arrays, since NumPy spreads Python's operators itself."""

    def session(self) -> Any:
        """NumPy does not warn where a library's inner floats overflow."""
        return np.errstate(all="ignore")

    def number(self, value: Fraction) -> Any:
        """A scalar."""
        raise NotImplementedError

    def given(self, numbers: Numbers) -> Value:
        """Given numbers as an object array of scalars."""
        return self.lift(self.number, numbers.objects)

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        """The value of an operation: whole arrays for layouts and products, else by entry."""
        whole = _WHOLE.get(operation)
        if whole is not None:
            return whole(self, *arguments)
        function = self.function(operation)
        if operation in self.operators:
            return as_array(function(*arguments))
        return self.lift(function, *arguments)

    def function(self, operation: str) -> Callable[..., Any]:
        """An operation on scalars: the arithmetic's own, or what follows from its definition."""
        own = getattr(self, operation, None)
        return own or partial(self.composed, operation)

    def composed(self, operation: str, *arguments: Any) -> Any:
        """The value of an operation by its definition."""
        return composed(self, operation, arguments)

    def lift(self, function: Callable[..., Any], *arguments: Value) -> Value:
        """The function applied entry by entry, scalars and vectors of length 1 spread out."""
        return as_array(np.frompyfunc(function, len(arguments), 1)(*arguments))

    def add(self, x: Any, y: Any) -> Any:
        return x + y

    def subtract(self, x: Any, y: Any) -> Any:
        return x - y

    def multiply(self, x: Any, y: Any) -> Any:
        return x * y

    def divide(self, x: Any, y: Any) -> Any:
        """The quotient. Errors: ZeroDivisionError, also where the library would give nan."""
        zero = y == 0
        if zero.any() if isinstance(zero, np.ndarray) else zero:
            raise ZeroDivisionError
        return x / y

    def negate(self, x: Any) -> Any:
        return -x

    def identity(self, x: Any) -> Any:
        return x

    def constant(self, text: str) -> Any:
        """A scalar that belongs to a function's definition."""
        return self.number(Fraction(text))

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


def concatenated(arithmetic: object, *parts: Value) -> Value:
    """The parts joined along the last axis."""
    return np.concatenate([np.atleast_1d(part) for part in parts], axis=-1)


def transposed(arithmetic: object, value: Value) -> Value:
    """The matrix with rows and columns exchanged."""
    return value.T


_WHOLE: dict[str, Callable[..., Value]] = {
    "concat": concatenated,
    "transpose": transposed,
    "matmul": lambda arithmetic, left, right: arithmetic.matmul(left, right),
    "softmax": lambda arithmetic, value: arithmetic.softmax(value),
}
