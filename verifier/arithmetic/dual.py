"""Dual numbers over balls: values with their derivatives, both as proven enclosures.

A scalar is x + Σ_k d_k ε_k with ε_j ε_k = 0; an operation carries the d_k by the chain rule, so one
walk gives the enclosures of a quantity and of its derivatives by every seeded entry. Where a
function has a kink (max, min) inside the ball, the derivative's enclosure holds both slopes.
W. K. Clifford, "Preliminary Sketch of Biquaternions" (1873); A. Griewank, A. Walther, "Evaluating
Derivatives" (2008), chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from flint import arb, fmpq

from verifier.arithmetic.ball import Ball
from verifier.arithmetic.composite import slope
from verifier.arithmetic.objects import ScalarArithmetic, as_objects
from verifier.arithmetic.protocol import LITERAL, Origin, Site, Value
from verifier.language.operations import OPERATIONS
from verifier.numbers import Numbers

Tangents = dict[int, Any]
"""Derivatives by the number of the seeded entry; what is not there is exactly zero."""


class DualNumber:
    """A value (an `fmpq` or an `arb`) and its derivatives."""

    __slots__ = ("tangents", "value")

    def __init__(self, value: Any, tangents: Tangents | None = None) -> None:
        self.value, self.tangents = value, tangents or {}

    def __add__(self, other: DualNumber) -> DualNumber:
        return DualNumber(self.value + other.value, _sum(self.tangents, other.tangents))

    def __sub__(self, other: DualNumber) -> DualNumber:
        return DualNumber(self.value - other.value, _sum(self.tangents, (-other).tangents))

    def __neg__(self) -> DualNumber:
        return DualNumber(-self.value, _scaled(self.tangents, -1))

    def __mul__(self, other: DualNumber) -> DualNumber:
        left, right = _scaled(self.tangents, other.value), _scaled(other.tangents, self.value)
        return DualNumber(self.value * other.value, _sum(left, right))

    def __truediv__(self, other: DualNumber) -> DualNumber:
        """(x/y)' = (x' − (x/y) y') / y."""
        quotient = self.value / other.value
        above = _sum(self.tangents, _scaled(other.tangents, -quotient))
        return DualNumber(quotient, _scaled(above, 1 / other.value))

    def __eq__(self, other: object) -> bool:
        """Whether the value is that number, whatever the derivatives."""
        return bool(self.value == (other.value if isinstance(other, DualNumber) else other))

    __hash__ = None  # type: ignore[assignment]

    def derivative(self, direction: int) -> Any:
        """The enclosure of the derivative by a seeded entry."""
        return self.tangents.get(direction, fmpq(0))


@dataclass(frozen=True)
class Dual(ScalarArithmetic):
    """Dual numbers over balls of `precision` bits.

    `seeds` says by whose entries is differentiated: entry k of what comes from an origin is the
    direction that stands there, plus k.
    """

    precision: int = 128
    seeds: Mapping[Origin, int] = field(default_factory=dict)
    name = "dual"
    arrays = ScalarArithmetic.arrays - {"abs"}
    ball: Ball = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ball", Ball(self.precision))

    def session(self) -> Any:
        """FLINT's precision, for this thread alone."""
        return self.ball.session()

    def number(self, value: Fraction) -> DualNumber:
        return DualNumber(self.ball.number(value))

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Value:
        """Constants; the entries of what is seeded vary, each in its own direction."""
        first = self.seeds.get(origin)
        if first is None:
            return super().given(numbers, origin)
        plain = [self.ball.number(value) for value in numbers.objects.flat]
        found = [DualNumber(x, {first + k: fmpq(1)}) for k, x in enumerate(plain)]
        return as_objects(found).reshape(numbers.shape)

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        given = [np.asarray(part) if hasattr(part, "shape") else part for part in arguments]
        return super().apply(operation, given, site)

    def function(self, operation: str) -> Callable[..., Any]:
        """The arithmetic's own, else by the slopes that the row knows, else composed."""
        own = operation in vars(Dual) or operation in _OPERATORS
        known = OPERATIONS[operation].slopes and not own
        return partial(self.sloped, operation) if known else super().function(operation)

    def sign(self, x: DualNumber) -> int | None:
        return self.ball.sign(x.value)

    def pi(self) -> DualNumber:
        return DualNumber(self.ball.pi())

    def power(self, x: DualNumber, n: int) -> DualNumber:
        """(x^n)' = n x^(n − 1) x'."""
        slope = self.ball.power(x.value, n - 1) * n if n else fmpq(0)
        return DualNumber(self.ball.power(x.value, n), _scaled(x.tangents, slope))

    def sloped(self, operation: str, *arguments: DualNumber) -> DualNumber:
        """The value of the balls, with derivatives by the chain rule."""
        values = [part.value for part in arguments]
        value = self.ball.function(operation)(*values)
        tangents: Tangents = {}
        for k, part in enumerate(arguments):
            if part.tangents:
                factor = slope(self.ball, operation, k, values, value)
                tangents = _sum(tangents, _scaled(part.tangents, factor))
        return DualNumber(value, tangents)

    def max(self, x: DualNumber, y: DualNumber) -> DualNumber:
        if x.value > y.value or y.value > x.value:
            return x if x.value > y.value else y
        return DualNumber(self.ball.max(x.value, y.value), _hull(x.tangents, y.tangents))

    def min(self, x: DualNumber, y: DualNumber) -> DualNumber:
        if x.value > y.value or y.value > x.value:
            return y if x.value > y.value else x
        return DualNumber(self.ball.min(x.value, y.value), _hull(x.tangents, y.tangents))


_OPERATORS = {"add", "subtract", "multiply", "divide", "negate", "identity"}
"""What Python's operators on dual numbers do."""


def _sum(left: Tangents, right: Tangents) -> Tangents:
    if not left or not right:
        return left or right
    return {
        k: left[k] + right[k] if k in left and k in right else left.get(k, right.get(k))
        for k in left | right
    }


def _scaled(tangents: Tangents, factor: Any) -> Tangents:
    return {k: entry * factor for k, entry in tangents.items()}


def _hull(left: Tangents, right: Tangents) -> Tangents:
    """Balls that hold both derivatives, and all between: the slopes at a kink."""
    zero = fmpq(0)
    return {
        k: arb(left.get(k, zero)).union(arb(right.get(k, zero)))
        if left.get(k, zero) != right.get(k, zero)
        else left[k]
        for k in left | right
    }
