"""Binary floating point: float16, bfloat16, float32, float64, in a stated order of summation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from typing import Any, Literal

import numpy as np

from verifier.arithmetic.base import ScalarArithmetic, Site, Value
from verifier.errors import VerifierError
from verifier.numbers import Numbers
from verifier.rounding import round_integer

Order = Literal["sequential", "pairwise"]


@dataclass(frozen=True)
class Format:
    """A binary format: `precision` bits of significand, exponents `least` to `most` (of 1.xxx)."""

    name: str
    precision: int
    least: int
    most: int

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy type; bfloat16 comes from ml_dtypes."""
        if self.name != "bfloat16":
            return np.dtype(self.name)
        import ml_dtypes

        bfloat16: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
        return bfloat16

    def nearest(self, value: Fraction) -> Fraction | float:
        """The nearest number of the format, ties to even; ±inf beyond its range."""
        ulp = self.ulp(value)
        rounded = round_integer(value / ulp, "half-even") * ulp
        if abs(rounded) >= Fraction(2) ** (self.most + 1):
            return float("inf") if value > 0 else float("-inf")
        return rounded

    def ulp(self, value: Fraction) -> Fraction:
        """The distance of neighbouring numbers of the format in the binade of `value`."""
        return Fraction(2) ** (max(binary_exponent(value), self.least) - self.precision + 1)


FORMATS = {
    row.name: row
    for row in (
        Format("float16", 11, -14, 15),
        Format("bfloat16", 8, -126, 127),
        Format("float32", 24, -126, 127),
        Format("float64", 53, -1022, 1023),
    )
}


def binary_exponent(value: Fraction) -> int:
    """floor(log2 |value|); a very small number for zero."""
    if not value:
        return -(10**9)
    size = abs(value)
    guess = size.numerator.bit_length() - size.denominator.bit_length()
    return guess if size >= Fraction(2) ** guess else guess - 1


@dataclass(frozen=True)
class Ieee(ScalarArithmetic):
    """Arrays of a float format; every operation rounds to nearest in that format.

    Products are sums of rounded products, added in `order`. sigmoid is 1 / (1 + exp(−x)), and exp,
    tanh and log1p are NumPy's, computed in float32 for the two 16-bit formats.
    """

    float: str = "float32"
    order: Order = "sequential"

    def __post_init__(self) -> None:
        if self.float not in FORMATS:
            raise VerifierError(f"the format {self.float!r}", accepted=", ".join(FORMATS))

    @property
    def name(self) -> str:
        """The name of the format."""
        return self.float

    @property
    def format(self) -> Format:
        """The format's numbers."""
        return FORMATS[self.float]

    def number(self, value: Fraction) -> Any:
        return np.array(float(self.format.nearest(value)), dtype=self.format.dtype)

    def given(self, numbers: Numbers) -> Value:
        """Given numbers, each rounded once to the format."""
        floats = [float(self.format.nearest(value)) for value in numbers.fractions]
        return np.array(floats).astype(self.format.dtype).reshape(numbers.shape)

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        return np.asarray(super().apply(operation, arguments, site), dtype=self.format.dtype)

    def lift(self, function: Callable[..., Any], *arguments: Value) -> Value:
        """The function itself: NumPy works entry by entry."""
        return function(*arguments)

    def divide(self, x: Any, y: Any) -> Any:
        return x / y

    def exp(self, x: Any) -> Any:
        return self._through(np.exp, x)

    def tanh(self, x: Any) -> Any:
        return self._through(np.tanh, x)

    def softplus(self, x: Any) -> Any:
        small = self._through(np.log1p, self.exp(-np.abs(x)))
        return self.maximum(x, self.constant("0")) + small

    def maximum(self, x: Any, y: Any) -> Any:
        return np.maximum(x, y)

    def minimum(self, x: Any, y: Any) -> Any:
        return np.minimum(x, y)

    def _through(self, function: Any, x: Any) -> Any:
        narrow = self.format.precision < FORMATS["float32"].precision
        wide = np.asarray(x).astype(np.float32) if narrow else x
        return np.asarray(function(wide)).astype(self.format.dtype)

    def matmul(self, left: Value, right: Value) -> Value:
        """NumPy's `@` with every product and sum rounded, in the stated order."""
        rows = np.atleast_2d(left)
        columns = right.reshape(-1, 1) if right.ndim == 1 else right
        terms = [rows[:, k, None] * columns[None, k, :] for k in range(rows.shape[1])]
        total = _SUMS[self.order](terms)
        return total.reshape(left.shape[:-1] + right.shape[1:])

    def softmax(self, x: Value) -> Value:
        """exp(x_i − max x) / Σ exp(x_j − max x) along the last axis."""
        powers = self.exp(x - x.max(axis=-1, keepdims=True))
        terms = [powers[..., k, None] for k in range(powers.shape[-1])]
        return powers / _SUMS[self.order](terms)


def _sequential(terms: Sequence[Any]) -> Any:
    return reduce(np.add, terms)


def _pairwise(terms: Sequence[Any]) -> Any:
    if len(terms) < 3:
        return _sequential(terms)
    middle = len(terms) // 2
    return _pairwise(terms[:middle]) + _pairwise(terms[middle:])


_SUMS: dict[Order, Callable[[Sequence[Any]], Any]] = {
    "sequential": _sequential,
    "pairwise": _pairwise,
}
