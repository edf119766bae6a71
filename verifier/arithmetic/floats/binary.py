"""Binary floating-point formats: their numbers, ulps and neighbours, one by one and in arrays.

Arrays hold float64 numbers, of which every format's numbers are some. IEEE 754-2019, section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from verifier.rounding import round_integer

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

Array = NDArray[Any]
"""An array of a format's own type."""

Binades = tuple[Any, Any, Any]
"""The least binade, what its power of two is multiplied by, and the bits of the largest number."""

EXPONENT = np.int64(0x7FF0_0000_0000_0000)
"""The bits of float64 that hold a number's exponent, which alone are a power of two."""


@dataclass(frozen=True)
class Format:
    """A binary format: `precision` bits of significand, exponents `least` to `most` (of 1.xxx)."""

    name: str
    precision: int
    least: int
    most: int
    kind: ClassVar[str] = ""
    """What sort of deployed model it is; none where operations round to the format itself."""
    truncated: ClassVar[int] = 0
    """How many ulps more an addition may lose where sums are truncated, for each term."""
    saturates: ClassVar[bool] = False
    trains: ClassVar[bool] = True
    """Whether a backward pass can be computed in it."""

    @property
    def stored(self) -> Format:
        """The format that given numbers are rounded to."""
        return self

    @property
    def computed(self) -> Format:
        """The format that operations, and sums of products, are computed in."""
        return self

    @property
    def functions(self) -> str:
        """The format whose hypotheses on functions hold."""
        return self.name

    @property
    def dtypes(self) -> tuple[np.dtype[Any], ...]:
        """The NumPy types that programs return."""
        return (self.dtype,)

    def factors(self, left: Array, right: Array) -> tuple[Array, Array]:
        """Both sides of a matrix product as they are multiplied."""
        return left, right

    def opened(self, value: Any) -> Any:
        """An argument as it is computed with."""
        return value

    def kept(self, operation: str, arguments: Sequence[Any], found: Array) -> Array:
        """An operation's result as it is kept."""
        return found

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

    @cached_property
    def unit(self) -> float:
        """The unit roundoff, 2^-precision."""
        return float(np.ldexp(1.0, -self.precision))

    def units(self, sizes: Floats) -> float:
        """The unit roundoff, whatever the sizes."""
        return self.unit

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
        return _in_binade(sizes, *self.whole)

    @cached_property
    def whole(self) -> Binades:
        """How ulps follow from binades."""
        least, ulp = np.ldexp(1.0, [self.least, 1 - self.precision]).tolist()
        return least, ulp, np.float64(self.largest).view(np.int64)

    @cached_property
    def half(self) -> Binades:
        """How half ulps do; no less than the smallest float64 number, whose half is none."""
        least, ulp, largest = self.whole
        return max(least, float(np.ldexp(1.0, self.precision - 1074))), ulp / 2, largest

    def half_ulps(self, sizes: Floats) -> Floats:
        """A bound of the error of rounding a result of at most these sizes to nearest.

        Zero for zero, infinite where the rounded result may overflow.
        """
        return _unless_zero(sizes, _in_binade(sizes, *self.half))

    def rounded(self, values: Floats) -> Floats:
        """Float64 numbers rounded to nearest in the format, as float64."""
        found: Floats = self.cast(values).astype(np.float64)
        return found

    @np.errstate(all="ignore")
    def cast(self, values: Floats | float) -> Array:
        """Float64 numbers rounded to nearest in the format, in the format's own type.

        ml_dtypes rounds to bfloat16 by way of float32, so twice: rounding to odd first mends it.
        """
        near: Array = np.asarray(values, dtype=np.float64)
        if self.name == "bfloat16":
            single = near.astype(np.float32)
            near = to_odd(single, near - single)
        return near.astype(self.dtype)

    def up(self, values: Floats) -> Floats:
        """The smallest number of the format at or above each float64 number."""
        near = self.rounded(values)
        return np.where(near >= values, near, self._next(near, np.inf))

    def down(self, values: Floats) -> Floats:
        """The largest number of the format at or below each float64 number."""
        return -self.up(-np.asarray(values))

    def _next(self, values: Floats, towards: float) -> Floats:
        own = values.astype(self.dtype)
        found: Floats = np.nextafter(own, np.full_like(own, towards)).astype(np.float64)
        return found


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
        column: Floats = self._columns[key]
        return column

    @cached_property
    def _columns(self) -> dict[tuple[str, int], Any]:
        return {}  # columns and binades, by what of the rows they are and their axes

    def _binades(self, which: str, sizes: Floats) -> Binades:
        key = which, np.ndim(sizes)
        if key not in self._columns:
            rows = zip(*(getattr(row, which) for row in self.rows), strict=True)
            shape = (-1, *(1,) * (np.ndim(sizes) - 1))
            self._columns[key] = tuple(np.array(row).reshape(shape) for row in rows)
        found: Binades = self._columns[key]
        return found

    def units(self, sizes: Floats) -> Floats:
        """The unit roundoffs."""
        return self.column("unit", sizes)

    def ulps(self, sizes: Floats) -> Floats:
        """As `Format.ulps`, row by row."""
        return _in_binade(sizes, *self._binades("whole", sizes))

    def half_ulps(self, sizes: Floats) -> Floats:
        """As `Format.half_ulps`, row by row; what saturates is off by all that is beyond."""
        found = _unless_zero(sizes, _in_binade(sizes, *self._binades("half", sizes)))
        if not self.saturate:
            return found
        return np.maximum(found, sizes - self.column("largest", sizes))

    @cached_property
    def truncated(self) -> int:
        """As `Format.truncated`, the most of all."""
        return max((row.truncated for row in self.rows), default=0)

    @cached_property
    def saturate(self) -> bool:
        """Whether what is too large becomes the largest number, in each of the formats."""
        return any(row.saturates for row in self.rows)

    def half_ulps_added(self, sizes: Floats) -> Floats:
        """The sum of half ulps along the second axis, that of zero being the smallest one."""
        least, scale, largest = (part[:, 0] for part in self._binades("half", sizes))
        powers = np.maximum((sizes.view(np.int64) & EXPONENT).view(np.float64), least[:, None])
        lost = sizes.max(axis=1).view(np.int64) > largest
        return np.where(lost, np.inf, powers.sum(axis=1) * scale)

    def rounded(self, values: Floats) -> Floats:
        """As `Format.rounded`, row by row."""
        rows = zip(self.rows, values, strict=True)
        return np.stack([row.rounded(part) for row, part in rows])


@dataclass(frozen=True)
class SharpFormats(Formats):
    """The same, for sizes that are often powers of two but for how bounds are rounded.

    To nearest, a result x just above a power of two p errs by x − p at most, since p is a number of
    the format, and one below p by half an ulp of that binade.
    """

    def half_ulps(self, sizes: Floats) -> Floats:
        """As `Format.half_ulps`, row by row, and no more than just above a power of two is lost."""
        whole = super().half_ulps(sizes)
        powers = (np.abs(sizes).view(np.int64) & EXPONENT).view(np.float64)
        least, _, _ = self._binades("whole", sizes)
        sharp = np.maximum(whole / 2, np.minimum(whole, np.abs(sizes) - powers))
        return np.where((powers > least) & np.isfinite(whole), sharp, whole)


def _unless_zero(sizes: Floats, found: Floats) -> Floats:
    zero = sizes == 0
    if zero.any():
        found[np.broadcast_to(zero, found.shape)] = 0.0
    return found


def _in_binade(sizes: Floats, least: Any, scale: Any, largest: Any) -> Floats:
    """The power of two of each number's binade, from float64's own bits, times a power of two.

    nan counts as infinite, since its bits are beyond those of the largest number.
    """
    bits = np.abs(sizes).view(np.int64)
    # As integers, positive floats are in the same order, and compared in less time.
    powers = np.maximum(bits & EXPONENT, np.float64(least).view(np.int64)).view(np.float64)
    found = np.asarray(powers * scale)
    beyond = bits > largest
    if beyond.any():
        found[beyond] = np.inf
    return found


BINARY = {
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


def to_odd(near: Array, error: Array) -> Array:
    """A number rounded to nearest and what it lacks, as the number rounded to odd."""
    near = np.asarray(near)
    bits: NDArray[np.signedinteger[Any]] = near.view(
        np.int64 if near.dtype == np.float64 else np.int32
    )
    wrong = (bits & 1 == 0) & (error != 0) & np.isfinite(error)
    towards = np.where(error > 0, np.inf, -np.inf).astype(near.dtype)
    return np.where(wrong, np.nextafter(near, towards), near)
