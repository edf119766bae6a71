"""Models of evaluation that cells are deployed in: float32 arithmetic that is narrowed in places.

Each says what is narrowed: the factors of matrix products (tf32, int8), factors and what is made of
them (autocast), or every result (float8). Values are float32 arrays; their numbers are those of
the format that stands in the row. None states an order of summation that bounds could use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from verifier.arithmetic.floats.binary import BINARY, Array, Floats, Format

Pair = tuple[Floats, Floats]
"""Arrays for the left and the right side of a matrix product."""


@dataclass(frozen=True, eq=False)
class Factor:
    """What may stand on one side of a matrix product, each array with the lanes as first axis.

    `low` and `high` are the ends of each entry; of a given sequence, `whole` are those of all
    its steps. `certain` says whether the numbers are given ones.
    """

    low: Floats
    high: Floats
    whole: Pair
    certain: bool

    @property
    def largest(self) -> Floats:
        """A bound of the sizes."""
        return np.maximum(np.abs(self.low), np.abs(self.high))

    @property
    def axes(self) -> int:
        """How many axes the array has."""
        return self.low.ndim - 1


@dataclass(frozen=True)
class Deployed(Format):
    """Numbers of a format in float32 arrays; `functions_of` names whose functions are used."""

    functions_of: str = "float32"
    closes: ClassVar[bool] = False
    """Whether a matrix product is rounded to the format before anything is added to it."""
    mixed: ClassVar[bool] = False
    """Whether a value may be kept in float32 as well."""
    narrows: ClassVar[bool] = False
    """Whether factors of matrix products lose something."""
    by_range: ClassVar[bool] = False
    """Whether what is lost of an entry follows from the others."""

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """float32, which holds all its numbers."""
        return BINARY["float32"].dtype

    @property
    def computed(self) -> Format:
        """float32."""
        return BINARY["float32"]

    @property
    def functions(self) -> str:
        return self.functions_of

    def cast(self, values: Floats | float) -> Array:
        """Float64 numbers rounded to nearest in the format, as float32 arrays."""
        found: Array = _on_grid(np.asarray(values, dtype=np.float64), self).astype(self.dtype)
        return found

    def lost(self, left: Factor, right: Factor, heaviest: float) -> Pair:
        """Bounds of what narrowing takes of the factors of a matrix product.

        `heaviest` is the size of the largest weight of a model, whatever it is multiplied with.
        """
        return np.zeros_like(left.low), np.zeros_like(right.low)


@dataclass(frozen=True)
class Tf32(Deployed):
    """Float32, but factors of matrix products keep 10 stored bits, or more.

    NVIDIA's tensor cores align products to the largest of a block and truncate: with the
    accumulator and the normalised sum, each term loses 3 ulps at most. M. Fasi, N. J. Higham,
    M. Mikaitis, S. Pranesh, "Numerical behavior of NVIDIA tensor cores", PeerJ Comput. Sci. 7
    (2021).
    """

    kind = "tf32"
    narrows = True
    truncated = 3

    def factors(self, left: Array, right: Array) -> tuple[Array, Array]:
        """Both sides rounded to nearest with 10 stored bits."""
        return SHORT.cast(left), SHORT.cast(right)

    def lost(self, left: Factor, right: Factor, heaviest: float) -> Pair:
        """An ulp of 10 stored bits, 2^-10 of a number at most: rounded to nearest or truncated."""
        return SHORT.ulps(left.largest), SHORT.ulps(right.largest)


@dataclass(frozen=True)
class Autocast(Deployed):
    """Float32, but matrix products take and give a 16-bit format and are added up in float32.

    Other operations go on in the wider format of their arguments, as types are promoted; what has
    no axes does not promote what has some.
    """

    kind = "autocast"
    narrows = True
    closes = True
    mixed = True

    @property
    def low(self) -> Format:
        """The 16-bit format."""
        return BINARY[self.functions_of]

    @cached_property
    def half(self) -> Any:
        """Half an ulp, and what float32 loses of a result that is rounded again."""
        least, ulp, largest = self.whole
        return least, ulp / 2 * (1 + 2.0**-12), largest

    @property
    def stored(self) -> Format:
        """float32: weights and inputs are narrowed when they are multiplied."""
        return BINARY["float32"]

    @property
    def dtypes(self) -> tuple[np.dtype[Any], ...]:
        return (self.dtype, self.low.dtype)

    def factors(self, left: Array, right: Array) -> tuple[Array, Array]:
        """Both sides in the 16-bit format."""
        return self.cast(left), self.cast(right)

    def lost(self, left: Factor, right: Factor, heaviest: float) -> Pair:
        """Half an ulp; of given numbers, what they lose."""
        return self._lost(left), self._lost(right)

    def _lost(self, factor: Factor) -> Floats:
        if factor.certain:
            return np.abs(self.rounded(factor.high) - factor.high)
        return self.half_ulps(factor.largest)

    def opened(self, value: Any) -> Any:
        """Arrays as float32, whole numbers as they are."""
        return value.astype(self.dtype) if isinstance(value, np.ndarray) else value

    def kept(self, operation: str, arguments: Sequence[Any], found: Array) -> Array:
        arrays = [part for part in arguments if isinstance(part, np.ndarray)]
        counted = [part for part in arrays if part.ndim] or arrays
        low = counted and all(part.dtype == self.low.dtype for part in counted)
        return found.astype(self.low.dtype) if low or operation == "matmul" else found


@dataclass(frozen=True)
class Float8(Deployed):
    """Every result is kept in 8 bits, saturating; operations and sums are float32's.

    `top` is the largest number. P. Micikevicius et al., "FP8 formats for deep learning" (2022).
    """

    top: float = 0.0
    kind = "float8"
    closes = True
    saturates = True

    @cached_property
    def largest(self) -> float:
        return self.top

    @cached_property
    def half(self) -> Any:
        """No size is without a half ulp: what is too large becomes the largest number."""
        least, ulp, _ = self.whole
        return least, ulp / 2, np.float64(np.finfo(np.float64).max).view(np.int64)

    def half_ulps(self, sizes: Floats) -> Floats:
        return np.maximum(super().half_ulps(sizes), sizes - self.top)

    def nearest(self, value: Any) -> Any:
        found = super().nearest(value)
        return max(-self.top, min(self.top, found))

    def kept(self, operation: str, arguments: Sequence[Any], found: Array) -> Array:
        return self.cast(found)


@dataclass(frozen=True)
class Int8(Deployed):
    """Float32, but factors of matrix products are quantised when they are multiplied.

    Of a vector and a matrix, the vector is an activation and the matrix weights; of two matrices
    the first is the activation. Weights have 127 steps to their largest size, around zero, where
    the matrices of a model may be stacked to one tensor; activations 127 steps (7 bits) over their
    range and zero, of one call: a step, or of a given input the whole sequence. So has it PyTorch's
    quantize_dynamic on x86 processors, whose steps are no smaller than `LEAST`; sums of integers
    are exact.
    """

    kind = "int8"
    trains = False
    narrows = True
    truncated = 3
    by_range = True

    def factors(self, left: Array, right: Array) -> tuple[Array, Array]:
        """Both sides as multiples of their steps."""
        weights = [left.ndim > right.ndim, right.ndim == 2]
        pairs = zip((left, right), weights, strict=True)
        first, second = (_symmetric(x) if of else _asymmetric(x) for x, of in pairs)
        return first, second

    def lost(self, left: Factor, right: Factor, heaviest: float) -> Pair:
        """Half a step a value, and what float32 errs in finding it."""
        first = _half_step(left, heaviest if left.axes > right.axes else None)
        return first, _half_step(right, heaviest if right.axes > left.axes else None)


STEPS = 127
LEAST, LEAST_OF_WEIGHTS = 6.1e-5, 2.0**-23
OUTWARDS = 1 + 2.0**-10
"""More than what float32 errs when it divides by a step and multiplies with it."""


def _symmetric(values: Array) -> Array:
    step = max(float(np.abs(values).max(initial=0.0)) / STEPS, LEAST_OF_WEIGHTS)
    found: Array = (np.rint(values.astype(np.float64) / step) * step).astype(np.float32)
    return found


def _asymmetric(values: Array) -> Array:
    """Multiples of a step around a zero point that is a whole number."""
    low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
    if not high - low > 0:
        return values  # zeros, or what is no number
    step = max((high - low) / STEPS, LEAST)
    zero = np.rint(-low / step)
    steps = np.clip(np.rint(values.astype(np.float64) / step), -zero, STEPS - zero)
    found: Array = (steps * step).astype(np.float32)
    return found


def _half_step(factor: Factor, heaviest: float | None) -> Floats:
    """Half a step for each entry, by the range of all; of weights, by the `heaviest` as well."""
    axes = tuple(range(1, factor.whole[0].ndim))
    low, high = (
        factor.whole[0].min(axis=axes, initial=0.0),
        factor.whole[1].max(axis=axes, initial=0.0),
    )
    if heaviest is not None:
        size = np.maximum(np.maximum(-low, high), heaviest)
        step = np.maximum(size / STEPS, LEAST_OF_WEIGHTS)
    else:
        step = np.where(high > low, np.maximum((high - low) / STEPS, LEAST), 0.0)
    spread = (step / 2 * OUTWARDS).reshape(-1, *(1,) * factor.axes)
    return np.broadcast_to(spread, factor.low.shape).copy()


@np.errstate(all="ignore")
def _on_grid(values: Floats, format: Format) -> Floats:
    """Numbers rounded to nearest in a format, ties to even: quotients by ulps are exact."""
    ulps = format.ulps(np.minimum(np.abs(values), format.largest))
    found = np.rint(values / ulps) * ulps
    beyond = np.copysign(format.largest if format.saturates else np.inf, values)
    return np.where(np.abs(found) > format.largest, beyond, found)


SHORT = Deployed("10 stored bits", 11, -126, 127)
"""The numbers of TF32."""

NOTHING = Deployed("float32", 24, -126, 127)
"""A model that narrows nothing."""

DEPLOYED: dict[str, Deployed] = {
    row.name: row
    for row in (
        Tf32("tf32", 24, -126, 127),
        Autocast("autocast-bfloat16", 8, -126, 127, "bfloat16"),
        Autocast("autocast-float16", 11, -14, 15, "float16"),
        Float8("float8_e4m3fn", 4, -6, 8, "float8_e4m3fn", 448.0),
        Float8("float8_e5m2", 3, -14, 15, "float8_e5m2", 57344.0),
        Int8("int8-dynamic", 24, -126, 127),
    )
}

FORMATS: dict[str, Format] = {**BINARY, **DEPLOYED}
"""Every format and deployed model by its name."""
