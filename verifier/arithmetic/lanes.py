"""Lanes: the same equations at many points at once, enclosed by float64 with radii.

What differs from lane to lane, as the rows of an input do when every step is a lane, is handed in
by its origin; all else is there once. Functions that float64 does not enclose are Arb's, entry by
entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial, reduce
from typing import Any

import numpy as np
from flint import arb

from verifier.arithmetic import enclosed as own
from verifier.arithmetic.ball import Ball
from verifier.arithmetic.composite import composed, has_definition
from verifier.arithmetic.context import flint_bits
from verifier.arithmetic.enclosed import Enclosed
from verifier.arithmetic.protocol import LITERAL, Origin, Site, Value
from verifier.numbers import Numbers

BITS = 64
"""Bits of Arb where float64 asks it."""


@dataclass(frozen=True)
class Lanes:
    """Enclosures in float64; `varying` has the values that each lane has of its own."""

    varying: Mapping[Origin, Enclosed] = field(default_factory=dict)
    name = "lanes"

    def session(self) -> Any:
        """What overflows is known by its result."""
        return np.errstate(all="ignore")

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Enclosed:
        """The value of each lane, else the given numbers for all of them."""
        found = self.varying.get(origin)
        if found is not None:
            return found
        lane = numbers.doubles[None]
        return own.nearly(lane) if numbers.floats is None else own.exactly(lane)

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Enclosed:
        """The value of an operation in every lane."""
        found: Enclosed = self.function(operation)(*arguments)
        return found

    def function(self, operation: str) -> Callable[..., Any]:
        """An operation: by float64, else composed, else by Arb."""
        if operation in OWN:
            return OWN[operation]
        if hasattr(type(self), operation):
            return getattr(self, operation)  # type: ignore[no-any-return]
        if has_definition(operation):
            return lambda *arguments: composed(self, operation, arguments)
        return partial(_by_arb, operation)

    def constant(self, text: str) -> Enclosed:
        """A number that belongs to a function's definition."""
        exact = Fraction(text)
        lane = np.array([float(exact)])
        return own.exactly(lane) if Fraction(float(exact)) == exact else own.nearly(lane)

    def pi(self) -> Enclosed:
        """π."""
        return own.nearly(np.array([np.pi]))

    def power(self, x: Enclosed, n: int) -> Enclosed:
        """A whole power, by products."""
        one = self.constant("1")
        if n < 0:
            return own.quotient(one, self.power(x, -n))
        return reduce(own.product, [x] * n, own.product(one, own.exactly(np.ones_like(x.middle))))

    def mean(self, x: Enclosed, axis: int | None = None) -> Enclosed:
        """The sum divided by the number of its terms."""
        count = x.middle[0].size if axis is None else x.shape[axis]
        return own.quotient(own.summed(x, axis), self.constant(str(count)))

    def softmax(self, x: Enclosed) -> Enclosed:
        """exp(x_i − c) / Σ exp(x_j − c) along the last axis, with c near the largest entry."""
        top = own.exactly(x.middle.max(axis=-1, keepdims=True))
        powers = own.power_of_e(own.total(x, own.negative(top)))
        sums = own.summed(powers, x.ndim - 1)
        return own.quotient(powers, sums.reshape((*sums.shape, 1)))


def _concatenated(*parts: Enclosed) -> Enclosed:
    """The parts joined along the last axis, in as many lanes as any of them has."""
    whole = [part if part.ndim else part.reshape((1,)) for part in parts]
    count = max(len(part.middle) for part in whole)

    def joined(arrays: list[Any]) -> Any:
        spread = [np.broadcast_to(array, (count, *array.shape[1:])) for array in arrays]
        return np.concatenate(spread, axis=-1)

    return Enclosed(joined([p.middle for p in whole]), joined([p.radius for p in whole]))


def _transposed(x: Enclosed) -> Enclosed:
    return Enclosed(np.swapaxes(x.middle, 1, 2), np.swapaxes(x.radius, 1, 2))


def _sliced(x: Enclosed, *ends: int | None) -> Enclosed:
    return x[tuple(slice(*pair) for pair in zip(ends[::2], ends[1::2], strict=True))]


def _filled(x: Enclosed, *sizes: int) -> Enclosed:
    """The value repeated as a vector, as rows, or as a matrix."""
    shape, inner = (len(x.middle), *sizes, *x.shape), x.reshape((*(1,) * len(sizes), *x.shape))
    return Enclosed(np.broadcast_to(inner.middle, shape), np.broadcast_to(inner.radius, shape))


def _padded(x: Enclosed, before: int, after: int) -> Enclosed:
    around = [(0, 0)] * x.ndim + [(before, after)]
    return Enclosed(np.pad(x.middle, around), np.pad(x.radius, around))


def _outer(x: Enclosed, y: Enclosed) -> Enclosed:
    return own.product(x.reshape((*x.shape, 1)), y.reshape((1, *y.shape)))


def _smaller(x: Enclosed, y: Enclosed) -> Enclosed:
    return own.negative(own.larger(own.negative(x), own.negative(y)))


OWN: Mapping[str, Callable[..., Enclosed]] = {
    "add": own.total,
    "subtract": lambda x, y: own.total(x, own.negative(y)),
    "multiply": own.product,
    "divide": own.quotient,
    "negate": own.negative,
    "identity": lambda x: x,
    "matmul": own.matrix_product,
    "outer": _outer,
    "sum": lambda x, axis=None: own.summed(x, axis),
    "max": own.larger,
    "min": _smaller,
    "abs": own.sizes,
    "step": lambda x: own.stepped(x, closed=False),
    "positive": lambda x: own.stepped(x, closed=True),
    "exp": own.power_of_e,
    "sigmoid": own.logistic,
    "tanh": own.hyperbolic,
    "sqrt": own.root,
    "concat": _concatenated,
    "transpose": _transposed,
    "slice": _sliced,
    "fill": _filled,
    "pad": _padded,
}
"""What float64 encloses itself, and what only moves entries."""


def _by_arb(operation: str, *arguments: Enclosed) -> Enclosed:
    """The function of a library that proves its values, entry by entry."""
    ball = Ball(BITS)
    with flint_bits(BITS):
        function = np.frompyfunc(ball.function(operation), len(arguments), 1)
        value = _from_balls(function(*map(_balls, arguments)))
    known = reduce(np.logical_and, (part.radius < np.inf for part in arguments))
    return own.sound(value.middle, np.where(known, value.radius, np.inf))


def _balls(x: Enclosed) -> Any:
    return np.frompyfunc(lambda middle, radius: arb(middle, radius), 2, 1)(x.middle, x.radius)


def _from_balls(found: Any) -> Enclosed:
    middle = np.frompyfunc(float, 1, 1)(found).astype(np.float64)
    radius = np.frompyfunc(lambda ball: float(arb(ball).rad()), 1, 1)(found).astype(np.float64)
    return own.sound(middle, radius * (1 + 4 * own.UNIT) + own.UNIT * np.abs(middle) + own.TINY)
