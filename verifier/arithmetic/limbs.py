"""Exact products of integer matrices, by NumPy's products of float64 matrices.

An integer is Σ_k part_k 2^(k · width), with parts so short that sums of products of them stay below
2^53: there float64 is exact, in any order and with any fused operation. That is ten times as fast
as products of long integers, and floats need not become integers first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Self

import numpy as np

from verifier.language.operations import Shape
from verifier.numbers import dyadic_scale

Floats = Any
"""A float64 array."""

MOST = 8
"""More parts than this take longer than long integers do."""


@dataclass(frozen=True, eq=False)
class Limbs:
    """Integers by their parts, the lowest first; each part is an array of float64 integers."""

    width: int
    parts: tuple[Floats, ...]

    @classmethod
    def of_integers(cls, values: Sequence[int], shape: Shape, width: int) -> Self | None:
        """Integers row by row; None when they are too long."""
        count = _count(max(map(int.bit_length, values)), width)
        if count > MOST:
            return None
        mask = (1 << width) - 1
        rows = [
            [(abs(v) >> k & mask) * (1 if v > 0 else -1) for v in values]
            for k in range(0, count * width, width)
        ]
        return cls(width, tuple(np.array(row, np.float64).reshape(shape) for row in rows))

    @classmethod
    def of_floats(cls, floats: Any, width: int) -> tuple[Self, int] | None:
        """The floats times a power of two that makes them integers, and its exponent.

        None when the integers are too long.
        """
        shift, length = dyadic_scale(floats)
        count = _count(length, width)
        if count > MOST:
            return None
        rest, parts = np.ldexp(floats.astype(np.float64), shift), []
        for k in reversed(range(count)):  # what is cut off and what is left are both exact
            parts.append(np.trunc(rest * 2.0 ** (-k * width)))
            rest = rest - parts[-1] * 2.0 ** (k * width)
        return cls(width, tuple(reversed(parts))), shift

    def __matmul__(self, other: Limbs) -> list[int]:
        """The entries of the product, row by row."""
        sums: dict[int, Any] = {}
        for j, left in enumerate(self.parts):
            for k, right in enumerate(other.parts):
                part = np.ravel(left @ right).astype(np.int64)
                sums[j + k] = sums[j + k] + part if j + k in sums else part
        lines = ([v << k * self.width for v in part.tolist()] for k, part in sums.items())
        return [sum(line) for line in zip(*lines, strict=True)]


def width_for(terms: int) -> int:
    """The bits of parts whose products may be added up so many times."""
    return (53 - terms.bit_length()) // 2


def _count(length: int, width: int) -> int:
    return max(1, ceil(length / width))
