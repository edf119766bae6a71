"""N significant digits: mpmath, with guard digits in every operation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import mpmath

from verifier.arithmetic.base import ScalarArithmetic
from verifier.arithmetic.context import alone


@dataclass(frozen=True)
class Digits(ScalarArithmetic):
    """Numbers of `digits` significant digits and `guard` more; in a context of their own."""

    digits: int = 50
    guard: int = 15
    name = "digits"

    @cached_property
    def context(self) -> Any:
        """A context that no one else changes."""
        context = mpmath.MPContext()
        context.dps = self.digits + self.guard
        return context

    @contextmanager
    def session(self) -> Iterator[None]:
        """mpmath for this thread alone: its functions change their context while they run."""
        with alone(), super().session():
            yield

    def number(self, value: Fraction) -> Any:
        return self.context.mpf(value.numerator) / value.denominator

    def exp(self, x: Any) -> Any:
        return self.context.exp(x)

    def tanh(self, x: Any) -> Any:
        return self.context.tanh(x)

    def softplus(self, x: Any) -> Any:
        larger = x if x > 0 else self.context.zero
        return larger + self.context.log1p(self.context.exp(-abs(x)))

    def max(self, x: Any, y: Any) -> Any:
        return x if x >= y else y

    def min(self, x: Any, y: Any) -> Any:
        return x if x <= y else y

    def dot(self, left: Sequence[Any], right: Sequence[Any]) -> Any:
        """The sum of products, rounded once."""
        return self.context.fdot(zip(left, right, strict=True))
