"""Sets of possible floats: what a program can compute under the stated model of evaluation.

Each value is the set of all floats between two floats of the format. Rounding to nearest is
monotone, so an operation on the ends gives the ends of its results. exp, tanh and log1p may be any
float within so many ulps of the truth, an ulp being that of the larger of both: that is the
declared hypothesis, together with exp 0 = 1, tanh 0 = log1p 0 = 0 and exp ≥ 0. sigmoid is computed
by a formula from these, unless it has a hypothesis of its own. An end that is nan
says that the result may be anything, nan included.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import numpy as np

from verifier.arithmetic.floats.accuracy import KNOWN, Accuracy, allowed
from verifier.arithmetic.floats.binary import Array, Bools, Floats, Format
from verifier.arithmetic.floats.enclose import Ends, between, enclosed
from verifier.arithmetic.floats.fused import fused
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.objects import ScalarArithmetic, filled, sliced
from verifier.arithmetic.protocol import LITERAL, Origin, Site
from verifier.language.operations import OPERATIONS, Shape
from verifier.numbers import Numbers


@dataclass(frozen=True, eq=False)
class Span:
    """All floats from `low` to `high`: arrays of the format's type and of one shape.

    `parts` are those of a single difference, where blends are looked for.
    """

    low: Array
    high: Array
    parts: tuple[Span, Span] | None = None

    @property
    def shape(self) -> Shape:
        """The shape of the quantity."""
        return self.low.shape

    def each(self, function: Callable[[Array], Array]) -> Span:
        """The same change of layout on both ends."""
        low = function(self.low)
        return Span(low, low if self.low is self.high else function(self.high))

    def reshape(self, shape: Shape) -> Span:
        """The entries in another shape."""
        return self.each(lambda end: end.reshape(shape))

    def __getitem__(self, index: Any) -> Span:
        return self.each(lambda end: end[index])

    @property
    def infinite(self) -> Bools:
        """Where an end is infinite."""
        return np.isinf(self.low) | np.isinf(self.high)

    @property
    def holds_zero(self) -> Bools:
        """Where zero is among the floats."""
        return (self.low <= 0) & (self.high >= 0)

    @property
    def as_one(self) -> bool:
        """Whether a blend takes it for its one: all entries start at one."""
        return bool(np.all(self.low == 1))


@dataclass(frozen=True)
class FloatSet(ScalarArithmetic):
    """Spans of floats in the order of summation that the model states."""

    model: Ieee
    accuracy: Accuracy
    name = "float set"

    @property
    def format(self) -> Format:
        """The format's numbers."""
        return self.model.format

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Span:
        """Given numbers, each the one float that it is rounded to."""
        found = self.model.given(numbers)
        return Span(found, found)

    def constant(self, text: str) -> Span:
        found = np.asarray(self.model.constant(text))
        return Span(found, found)

    def apply(self, operation: str, arguments: Sequence[Span], site: Site) -> Any:
        found: Span = self.function(operation)(*arguments)
        return found

    def add(self, x: Span, y: Span) -> Any:
        opposed = (x.high == np.inf) & (y.low == -np.inf) | (x.low == -np.inf) & (y.high == np.inf)
        return unless(opposed, x.low + y.low, x.high + y.high)

    def subtract(self, x: Span, y: Span) -> Any:
        return self.add(x, Span(-y.high, -y.low))

    def negate(self, x: Span) -> Any:
        return Span(-x.high, -x.low)

    def multiply(self, x: Span, y: Span) -> Any:
        lost = x.holds_zero & y.infinite | y.holds_zero & x.infinite
        return unless(lost, *_extremes(np.multiply, x, y))

    def divide(self, x: Span, y: Span) -> Any:
        lost = y.holds_zero | x.infinite & y.infinite
        return unless(lost, *_extremes(np.divide, x, y))

    def max(self, x: Span, y: Span) -> Any:
        return Span(np.maximum(x.low, y.low), np.maximum(x.high, y.high))

    def min(self, x: Span, y: Span) -> Any:
        return Span(np.minimum(x.low, y.low), np.minimum(x.high, y.high))

    def exp(self, x: Span) -> Any:
        return self.within("exp", x)

    def tanh(self, x: Span) -> Any:
        return self.within("tanh", x)

    def sigmoid(self, x: Span) -> Any:
        if (self.format.functions, "sigmoid") in self.accuracy:
            return self.within("sigmoid", x)
        return _LOGISTIC[self.model.logistic](self, x)

    def softplus(self, x: Span) -> Any:
        below = np.where(x.holds_zero, 0, np.minimum(np.abs(x.low), np.abs(x.high)))
        size = Span(below.astype(self.format.dtype), np.maximum(np.abs(x.low), np.abs(x.high)))
        small = self.within("log1p", self.exp(self.negate(size)))
        return self.add(self.max(x, self.constant("0")), small)

    def abs(self, x: Span) -> Any:
        return self.max(self.max(x, self.negate(x)), self.constant("0"))

    def positive(self, x: Span) -> Any:
        return x.each(self.model.positive)

    def pi(self) -> Span:
        found = np.asarray(self.model.pi())
        return Span(found, found)

    def power(self, x: Span, n: int) -> Any:
        """Products from left to right; below zero, the inverse of them."""
        one = self.constant("1").each(lambda end: np.broadcast_to(end, x.shape))
        found = reduce(self._product_of, [x] * abs(n)) if n else one
        return self.divide(one, found) if n < 0 else found

    def _product_of(self, x: Span, y: Span) -> Any:
        return self.closed(self.multiply(x, y))

    def closed(self, value: Any) -> Any:
        """The floats of a value; here no sum is ever open."""
        return value

    def outer(self, x: Span, y: Span) -> Any:
        return self.multiply(x.reshape((*x.shape, 1)), y.reshape((1, *y.shape)))

    def sum(self, x: Span, axis: int | None = None) -> Any:
        """The sum in the stated order."""
        return self.total(x.each(np.ravel if axis is None else partial(_first, axis)))

    def slice(self, x: Span, *ends: int | None) -> Any:
        return x.each(lambda end: sliced(end, *ends))

    def fill(self, x: Span, *sizes: int) -> Any:
        return x.each(lambda end: filled(end, *sizes))

    def pad(self, x: Span, before: int, after: int) -> Any:
        return x.each(lambda end: self.model.pad(end, before, after))

    def concat(self, *parts: Span) -> Any:
        lows, highs = zip(*((part.low, part.high) for part in parts), strict=True)
        return Span(_joined(lows), _joined(highs))

    def transpose(self, x: Span) -> Any:
        return x.each(np.transpose)

    def matmul(self, left: Span, right: Span) -> Any:
        """Every sum of products that the stated order allows."""
        shape = left.shape[:-1] + right.shape[1:]
        x, y = factors(left, right)
        low, high = self._sums(x, y)
        return unless(np.isinf(low) & np.isinf(high), low, high).reshape(shape)

    def softmax(self, x: Span) -> Any:
        """exp(x_i − max x) / Σ exp(x_j − max x) along the last axis."""
        top = x.each(lambda end: end.max(axis=-1, keepdims=True))
        powers = self.exp(self.min(self.subtract(x, top), self.constant("0")))
        terms = powers.each(lambda end: np.moveaxis(end, -1, 0))
        return self.divide(powers, self.total(terms).each(lambda end: end[..., None]))

    def total(self, terms: Span) -> Span:
        """The sum along the first axis, in the stated order and accumulator."""
        wide = terms.each(lambda end: end.astype(self.model.sums.dtype))
        found = wide.each(self.model.total).each(lambda end: end.astype(self.format.dtype))
        return unless(np.isinf(found.low) & np.isinf(found.high), found.low, found.high)

    def _sums(self, x: Span, y: Span) -> tuple[Array, Array]:
        """The least and the largest sum of products along the first axis."""
        dtype = self.model.sums.dtype
        x, y = (part.each(lambda end: end.astype(dtype)) for part in (x, y))
        if not self.model.fma:
            found = Span(*_extremes(np.multiply, x, y)).each(self.model.total)
        else:
            start = np.zeros(np.broadcast_shapes(x.shape, y.shape)[1:], dtype)
            pairs = [(x[k], y[k]) for k in range(x.shape[0])]
            found = reduce(self._fused, pairs, Span(start, start))
        return found.low.astype(self.format.dtype), found.high.astype(self.format.dtype)

    def _fused(self, total: Span, pair: tuple[Span, Span]) -> Span:
        low = _extremes(lambda a, b: fused(a, b, total.low, self.model.sums), *pair)[0]
        high = _extremes(lambda a, b: fused(a, b, total.high, self.model.sums), *pair)[1]
        return Span(low, high)

    def library(self, operation: str) -> Callable[..., Any]:
        """What a library's function of that name may return."""
        return partial(self.within, operation)

    def within(self, function: str, x: Span, *settings: Span | int) -> Any:
        """The floats that a library's function may return."""
        ulps, more = allowed(self.accuracy, self.format, function)
        least, most = self._image(function, x, *settings)
        low, high = -self._furthest(-least, -most, ulps), self._furthest(most, least, ulps)
        if more:
            low, high = np.nextafter(low - more, -np.inf), np.nextafter(high + more, np.inf)
        low = np.maximum(low, 0.0) if function == "exp" else low
        if function in KNOWN:
            at, value = KNOWN[function]
            there = (x.low == at) & (x.high == at)
            low, high = (np.where(there, value, end) for end in (low, high))
        return Span(self.format.cast(self.format.up(low)), self._highest(high))

    def _image(self, function: str, x: Span, *settings: Span | int) -> Ends:
        """Float64 numbers below and above the function; at the ends, where it only rises."""
        sharp, row = self.format.precision == 53, OPERATIONS.get(function)
        ends = doubles(x)
        others = [part if isinstance(part, int) else doubles(part) for part in settings]
        if row and (row.turns or (row.definition and function != "sigmoid") or settings):
            return between(function, *ends, *others)
        return enclosed(function, ends[0], sharp)[0], enclosed(function, ends[1], sharp)[1]

    def _furthest(self, value: Floats, other: Floats, ulps: float) -> Floats:
        """The largest number within so many ulps above a value, the larger one's ulps.

        The value may be any between `value`, which is the largest, and `other`. Below zero, the
        next binade has larger ulps and may reach higher.
        """
        size, format = np.abs(value), self.format
        step = ulps * format.ulps(size)
        for _ in range(2):  # once for a new binade, once more for what that may reach
            step = ulps * format.ulps(size + step)
            start = np.ldexp(1.0, np.minimum(np.frexp(size + step)[1], format.most))
            wide = ulps * format.ulps(start)  # in the next binade results may be further off
            step = np.where(size + wide >= start, wide, step)
        up = np.where(size > format.largest, np.inf, size + step)
        binade = np.ldexp(1.0, np.minimum(np.frexp(size)[1], format.most))
        reached = np.where((binade > size) & (binade <= -other), binade, size)
        below = np.minimum(*(end - ulps * format.ulps(end) for end in (size, reached)))
        below = np.where(size > format.largest, format.largest, below)
        moved = np.where(value >= 0, up, -below)
        return np.nextafter(moved, np.inf) if format.precision == 53 else moved

    def _highest(self, value: Floats) -> Array:
        """The largest float at or below each value; infinity where the format ends."""
        found = self.format.down(np.minimum(value, self.format.largest))
        return self.format.cast(np.where(value > self.format.largest, np.inf, found))


def factors(left: Span, right: Span) -> tuple[Span, Span]:
    """Both sides of a matrix product with the index that is summed over as the first axis."""
    rows = left.each(np.atleast_2d)
    columns = right.reshape((-1, 1)) if len(right.shape) == 1 else right
    return rows.each(lambda end: end.T[:, :, None]), columns.each(lambda end: end[:, None, :])


def _extremes(operation: Callable[[Array, Array], Array], x: Span, y: Span) -> tuple[Array, Array]:
    """The least and the largest of the operation's results at the ends; nan where one is nan."""
    ends = [x.low] if x.low is x.high else [x.low, x.high]
    others = [y.low] if y.low is y.high else [y.low, y.high]
    found = [operation(a, b) for a in ends for b in others]
    return reduce(np.minimum, found), reduce(np.maximum, found)


def unless(lost: Bools, low: Array, high: Array) -> Span:
    """The floats between two ends; anything at all where they are lost."""
    if not np.any(lost):
        return Span(low, high)
    nan = np.array(np.nan, dtype=low.dtype)
    return Span(np.where(lost, nan, low), np.where(lost, nan, high))


def doubles(x: Span) -> Ends:
    """Both ends as float64 numbers."""
    return x.low.astype(np.float64), x.high.astype(np.float64)


def _first(axis: int, end: Any) -> Any:
    return np.moveaxis(end, axis, 0)


def _joined(ends: Sequence[Any]) -> Any:
    return np.concatenate([np.atleast_1d(end) for end in ends], axis=-1)


def _naive(arithmetic: Any, x: Any) -> Any:
    one = arithmetic.constant("1")
    return arithmetic.divide(one, arithmetic.add(one, arithmetic.exp(arithmetic.negate(x))))


def _stable(arithmetic: Any, x: Any) -> Any:
    """Both branches where the sign is open, joined."""
    one, zero = arithmetic.constant("1"), arithmetic.constant("0")
    above = _naive(arithmetic, arithmetic.max(x, zero))
    power = arithmetic.exp(arithmetic.min(x, zero))
    below = arithmetic.divide(power, arithmetic.add(one, power))
    some_below, some_above = x.low < 0, ~(x.high < 0)
    low = np.where(some_below, below.low, above.low)
    high = np.where(some_above, above.high, below.high)
    both = some_below & some_above
    low = np.where(both, np.minimum(below.low, above.low), low)
    return Span(low, np.where(both, np.maximum(below.high, above.high), high))


def _by_tanh(arithmetic: Any, x: Any) -> Any:
    half = arithmetic.constant("1/2")
    squashed = arithmetic.tanh(arithmetic.multiply(half, x))
    return arithmetic.add(half, arithmetic.multiply(half, squashed))


_LOGISTIC: dict[str, Callable[[Any, Any], Any]] = {
    "naive": _naive,
    "stable": _stable,
    "tanh": _by_tanh,
}
