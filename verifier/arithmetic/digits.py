"""N significant digits: mpmath, with guard digits in every operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

import mpmath

from verifier.arithmetic.context import alone
from verifier.arithmetic.objects import ScalarArithmetic
from verifier.language.operations import OPERATIONS


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

    def text(self, x: Any) -> str:
        """The number in decimals."""
        return str(self.context.nstr(x, self.digits + self.guard))

    def library(self, operation: str) -> Callable[..., Any]:
        """mpmath's function, in the arithmetic's own context; nan for what it cannot hold."""
        name = OPERATIONS[operation].known_as.get("mpmath", operation)
        return partial(self._held, getattr(self.context, name))

    def _held(self, function: Callable[..., Any], x: Any) -> Any:
        try:
            return function(x)
        except (OverflowError, ValueError):
            return self.context.nan

    def pi(self) -> Any:
        return +self.context.pi

    def softplus(self, x: Any) -> Any:
        larger = x if x > 0 else self.context.zero
        return larger + self._held(self.context.log1p, self._held(self.context.exp, -abs(x)))

    def max(self, x: Any, y: Any) -> Any:
        return x if x >= y else y

    def min(self, x: Any, y: Any) -> Any:
        return x if x <= y else y

    def dot(self, left: Sequence[Any], right: Sequence[Any]) -> Any:
        """The sum of products, rounded once."""
        return self.context.fdot(zip(left, right, strict=True))
