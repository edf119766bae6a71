"""Lanes: the same equations at many points at once, enclosed by float64 with radii.

What differs from lane to lane, as the rows of an input do when every step is a lane, is handed in;
all else is there once. Functions that float64 does not enclose are Arb's, entry by entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial, reduce
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from verifier.arithmetic import enclosed as own
from verifier.arithmetic.composite import composed, has_definition
from verifier.arithmetic.enclosed import Enclosed
from verifier.arithmetic.floats.enclose import between
from verifier.arithmetic.lane_digits import rounded
from verifier.arithmetic.protocol import LITERAL, Origin, Site, Value
from verifier.numbers import Numbers
from verifier.rounding import Rounding

Known = Callable[[Numbers, Origin], Enclosed | None]
"""What lanes have in place of given numbers, where they have something."""


@dataclass(frozen=True, eq=False)
class Lanes:
    """Enclosures in float64; `known` has the values that each lane has of its own."""

    known: Known = lambda numbers, origin: None
    name = "lanes"

    def session(self) -> Any:
        """What overflows is known by its result."""
        return np.errstate(all="ignore")

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Enclosed:
        """The value of each lane, else the given numbers for all of them."""
        found = self.known(numbers, origin)
        return shared(numbers) if found is None else found

    def rounded(self, value: Enclosed, rule: Rounding) -> Enclosed:
        """What the rule gives: decimals where they are decided, else all that it may give."""
        return rounded(value, rule)

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
        return partial(_by_balls, operation)

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


_SHARED: WeakKeyDictionary[Numbers, Enclosed] = WeakKeyDictionary()
"""Given numbers as enclosures, kept as long as they: many walks begin with the same ones."""


def shared(numbers: Numbers) -> Enclosed:
    """Given numbers, the same in all lanes; a float is exact, and what is one."""
    if numbers not in _SHARED:
        _SHARED[numbers] = _enclosed(numbers)
    return _SHARED[numbers]


def _enclosed(numbers: Numbers) -> Enclosed:
    lane = numbers.doubles[None]
    if numbers.floats is not None:
        return own.exactly(lane)
    exact = np.reshape(_are_floats(lane, *numbers.integers()), lane.shape)
    return own.sound(lane, np.where(exact, 0.0, own.nearly(lane).radius))


def _are_floats(floats: Any, values: list[int], over: int) -> Any:
    """Which of some numbers over one denominator are the floats near them."""
    power = (over & -over).bit_length() - 1
    odd = over >> power
    if power < 1000 and odd < 2**62 and max(map(abs, values), default=0) < 2**53:
        return np.array(values, np.int64) % odd == 0
    finite = np.where(np.isfinite(floats), floats, 0.0)
    ratios = map(float.as_integer_ratio, finite.ravel().tolist())
    return [n * over == v * d for v, (n, d) in zip(values, ratios, strict=True)]


def _by_balls(operation: str, *arguments: Enclosed | int) -> Enclosed:
    """The function of a library that proves its values, entry by entry."""
    parts = [part for part in arguments if isinstance(part, Enclosed)]
    axes = max(part.ndim for part in parts)
    ends = [
        part if isinstance(part, int) else (own.lower(one := own.grown(part, axes)), own.upper(one))
        for part in arguments
    ]
    first, *others = ends
    return own.between(*between(operation, *first, *others))  # type: ignore[misc]
