"""Binary floating-point formats: their numbers, ulps and neighbours, one by one and in arrays.

Arrays hold float64 numbers, of which every format's numbers are some. IEEE 754-2019, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from verifier.rounding import round_integer

Floats = Any
"""A float64 array."""


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

    @cached_property
    def largest(self) -> float:
        """The largest finite number."""
        return float((2 - Fraction(2) ** (1 - self.precision)) * Fraction(2) ** self.most)

    @cached_property
    def smallest(self) -> float:
        """The smallest positive number, a subnormal: the ulp of zero."""
        return float(np.ldexp(1.0, self.least - self.precision + 1))

    def units(self, sizes: Floats) -> Floats:
        """The unit roundoff 2^-precision, whatever the sizes."""
        return np.ldexp(1.0, -self.precision)

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

    def ulps(self, sizes: Floats) -> Floats:
        """The ulp in the binade of each number; infinite beyond the largest finite number."""
        return _ulps(sizes, self.biased, self.shift, self.largest_bits)

    @cached_property
    def biased(self) -> int:
        """The least exponent as the bits of float64 hold it."""
        return self.least + 1023

    @cached_property
    def shift(self) -> int:
        """What to take from such an exponent to have that of the ulp."""
        return self.precision - 1 + 1023

    @cached_property
    def largest_bits(self) -> Any:
        """The bits of the largest finite number."""
        return np.float64(self.largest).view(np.int64)

    def half_ulps(self, sizes: Floats) -> Floats:
        """A bound of the error of rounding a result of at most these sizes to nearest.

        Zero for zero, infinite where the rounded result may overflow.
        """
        half = self.ulps(sizes) / 2
        if self.name == "float64":  # half of the smallest number is no number
            half = np.maximum(half, self.smallest)
        return np.where(sizes == 0, 0.0, half)

    def rounded(self, values: Floats) -> Floats:
        """Float64 numbers rounded to nearest in the format, as float64."""
        return self.cast(values).astype(np.float64)

    @np.errstate(all="ignore")
    def cast(self, values: Floats) -> Any:
        """Float64 numbers rounded to nearest in the format, in the format's own type.

        ml_dtypes rounds to bfloat16 by way of float32, so twice: rounding to odd first mends it.
        """
        values = np.asarray(values, dtype=np.float64)
        if self.name == "bfloat16":
            single = values.astype(np.float32)
            values = to_odd(single, values - single)
        return values.astype(self.dtype)

    def up(self, values: Floats) -> Floats:
        """The smallest number of the format at or above each float64 number."""
        near = self.rounded(values)
        return np.where(near >= values, near, self._next(near, np.inf))

    def down(self, values: Floats) -> Floats:
        """The largest number of the format at or below each float64 number."""
        return -self.up(-np.asarray(values))

    def _next(self, values: Floats, towards: float) -> Floats:
        own = values.astype(self.dtype)
        return np.nextafter(own, np.full_like(own, towards)).astype(np.float64)


@dataclass(frozen=True)
class Formats:
    """Several formats at once: arrays have one row a format, along their first axis."""

    rows: tuple[Format, ...]

    def column(self, attribute: str, sizes: Floats) -> Floats:
        """A number of each format, so that it meets its row of the sizes."""
        key = attribute, np.ndim(sizes)
        if key not in self._columns:
            found = np.array([getattr(row, attribute) for row in self.rows])
            self._columns[key] = found.reshape(-1, *(1,) * (np.ndim(sizes) - 1))
        return self._columns[key]

    @cached_property
    def _columns(self) -> dict[tuple[str, int], Floats]:
        return {}

    def units(self, sizes: Floats) -> Floats:
        """The unit roundoffs."""
        return np.ldexp(1.0, -self.column("precision", sizes))

    def ulps(self, sizes: Floats) -> Floats:
        """As `Format.ulps`, row by row."""
        names = ("biased", "shift", "largest_bits")
        return _ulps(sizes, *(self.column(name, sizes) for name in names))

    def half_ulps(self, sizes: Floats) -> Floats:
        """As `Format.half_ulps`, row by row."""
        half = np.maximum(self.ulps(sizes) / 2, FORMATS["float64"].smallest)
        return np.where(sizes == 0, 0.0, half)

    def rounded(self, values: Floats) -> Floats:
        """As `Format.rounded`, row by row."""
        rows = zip(self.rows, values, strict=True)
        return np.stack([row.rounded(part) for row, part in rows])


def _ulps(sizes: Floats, least: Any, shift: Any, largest: Any) -> Floats:
    """The ulps from the exponents in the bits of float64: frexp takes longer.

    nan counts as infinite, since its bits are beyond those of the largest number.
    """
    bits = np.abs(sizes).view(np.int64)
    found = np.ldexp(1.0, np.maximum(bits >> 52, least) - shift)
    return np.where(bits > largest, np.inf, found)


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


def to_odd(near: Any, error: Any) -> Any:
    """A number rounded to nearest and what it lacks, as the number rounded to odd."""
    near = np.asarray(near)
    bits = near.view(np.int64 if near.dtype == np.float64 else np.int32)
    wrong = (bits & 1 == 0) & (error != 0) & np.isfinite(error)
    towards = np.where(error > 0, np.inf, -np.inf).astype(near.dtype)
    return np.where(wrong, np.nextafter(near, towards), near)
