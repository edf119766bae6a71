"""Derivatives from one side: what stands at a kink is taken as just before or behind it.

Of a ball that holds zero it is asked what holds if it is zero.
An argument x varies as x + dε with a small ε > 0; where a step's argument is zero, its derivative
says on which side of the step it lies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from flint import arb, fmpq

from verifier.arithmetic.composite import slope
from verifier.arithmetic.dual import Dual, DualNumber

ONE, ZERO = fmpq(1), fmpq(0)
STEPS = ("step", "positive")
"""What jumps at zero; the value at zero itself is neither side's."""
BENT = ("max", "min")
"""Of what dual numbers give the slopes of both sides, the row says which is which."""


class OneSided(Dual):
    """Dual numbers that see a step from the side to which its argument moves."""

    def function(self, operation: str) -> Callable[..., Any]:
        """Steps by the side; what has slopes by these, and what has none composed."""
        if operation in STEPS:
            return self.step
        return partial(self.sloped, operation) if operation in BENT else super().function(operation)

    def step(self, x: DualNumber) -> DualNumber:
        """One above zero or on the way up from it, else zero."""
        return DualNumber(self.ball.step(x.derivative(0) if may_be_zero(x.value) else x.value))

    def sloped(self, operation: str, *arguments: DualNumber) -> DualNumber:
        """The value and its derivative along the way that the arguments move."""
        values = [part.value for part in arguments]
        value = DualNumber(self.ball.function(operation)(*values))
        moving = [k for k, part in enumerate(arguments) if part.tangents]
        parts = [(slope(self, operation, k, arguments, value), arguments[k]) for k in moving]
        total = sum((own.value * part.derivative(0) for own, part in parts), ZERO)
        return DualNumber(value.value, {0: total})


def may_be_zero(value: Any) -> bool:
    """Whether a rational is zero, or a ball holds it."""
    return bool(value == 0 or (type(value) is arb and value.is_finite() and value.contains(0)))


def sides(operation: str, arguments: Sequence[Any]) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """The value and the slope by the first argument, just below the arguments and just above."""
    below, above = (_side(operation, arguments, direction) for direction in (-ONE, ONE))
    return below, above


def _side(operation: str, arguments: Sequence[Any], direction: fmpq) -> tuple[Any, Any]:
    arithmetic, (first, *others) = OneSided(), arguments
    with arithmetic.session():
        parts = [DualNumber(first, {0: direction}), *map(DualNumber, others)]
        found = arithmetic.function(operation)(*parts)
        return found.value, found.derivative(0) * direction
