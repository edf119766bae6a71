"""Lanes that know which of their values balls keep rational: `verifier.arithmetic.ball`'s rules.

A sum of rationals is rational, an exact zero makes a product an exact zero, a function of a
rational is irrational but at one point, a bend gives the kind of the side that is taken. What
float64 cannot tell, such as whether a rational is zero, is marked in its lane.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from verifier.arithmetic import enclosed as own
from verifier.arithmetic import side_by_side as plain
from verifier.arithmetic.composite import composed, has_definition
from verifier.arithmetic.enclosed import Enclosed, Floats
from verifier.arithmetic.lane_digits import is_zero
from verifier.arithmetic.lane_products import products
from verifier.arithmetic.lanes import Lanes
from verifier.arithmetic.protocol import LITERAL, Origin, Site, Value
from verifier.language.operations import OPERATIONS, Shape
from verifier.numbers import Numbers

MOVED = {"transpose", "concat", "slice", "fill"}
"""What moves kinds as it moves values."""

KEPT = {"negate", "identity", "abs", "power"}
BOTH = {"add", "subtract"}


@dataclass(frozen=True, eq=False, slots=True)
class Kinded:
    """An enclosure in lanes, and which entries are rational; a single lane stands for all."""

    value: Enclosed
    rational: Floats

    @property
    def shape(self) -> Shape:
        """The shape of the value in each lane."""
        return self.value.shape

    def reshape(self, *shape: Any) -> Kinded:
        """The value in another shape."""
        value = self.value.reshape(*shape)
        return Kinded(value, self.rational.reshape((len(self.rational), *value.shape)))

    def __getitem__(self, key: Any) -> Kinded:
        place = (slice(None), *(key if isinstance(key, tuple) else (key,)))
        return Kinded(self.value[key], self.rational[place])

    @property
    def zero(self) -> Floats:
        """Which entries are known to be zero, and rational."""
        return self.rational & is_zero(self.value)

    @property
    def single(self) -> Floats:
        """Which entries are zero, but balls: what follows from them may be a single number too."""
        return ~self.rational & is_zero(self.value)


@dataclass(frozen=True)
class Kinds:
    """Lanes with kinds. Lanes in which something is not known are marked: in `unknown` where a bend
    is too near, in `odd` where a rational decides, which balls know exactly."""

    lanes: Lanes
    unknown: Floats
    odd: Floats
    given_there: Mapping[Origin, Kinded] = field(default_factory=dict)
    name = "kinds"

    def session(self) -> Any:
        """What overflows is known by its result."""
        return self.lanes.session()

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Kinded:
        """What is there in each lane; all given numbers are rational."""
        there = self.given_there.get(origin)
        return there or _rational(self.lanes.given(numbers, origin))

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Kinded:
        """The value of an operation, and its kind."""
        found: Kinded = self.function(operation)(*arguments)
        return found

    def function(self, operation: str) -> Callable[..., Kinded]:
        """An operation as balls do it: by a rule, else composed, else irrational."""
        if hasattr(type(self), operation):
            return getattr(self, operation)  # type: ignore[no-any-return]
        own_rule = getattr(self, "of_" + operation, None)
        if own_rule is not None or OPERATIONS[operation].rational:
            return partial(self._by, operation, own_rule or partial(self._at_a_point, operation))
        if operation in MOVED | KEPT | BOTH:
            return partial(self._by, operation, partial(self._plainly, operation))
        if has_definition(operation):
            return lambda *arguments: composed(self, operation, arguments)
        return partial(self._by, operation, lambda *parts: np.zeros((), bool))

    def constant(self, text: str) -> Kinded:
        """A number that belongs to a function's definition."""
        return _rational(self.lanes.constant(text))

    def pi(self) -> Kinded:
        """π."""
        return Kinded(self.lanes.pi(), np.zeros(1, bool))

    def _by(self, operation: str, rule: Callable[..., Floats], *arguments: Any) -> Kinded:
        values = [part.value if isinstance(part, Kinded) else part for part in arguments]
        value = self.lanes.function(operation)(*values)
        if operation not in MOVED | KEPT | BOTH:
            for part in arguments:
                self._mark(part.single if isinstance(part, Kinded) else np.zeros((1, 1), bool))
        if operation in BOTH:
            for one, other in (arguments, arguments[::-1]):
                self._mark(_and(one.single, other.rational & ~other.zero))
        kind = _lifted(rule(*arguments), value)
        return Kinded(value, kind)

    def _plainly(self, operation: str, *arguments: Any) -> Floats:
        kinds = [part.rational if isinstance(part, Kinded) else part for part in arguments]
        if operation in MOVED:
            return plain.OWN[operation](*kinds)
        if operation == "power" and not arguments[1]:
            return np.ones_like(kinds[0])
        return _and(*kinds) if operation in BOTH else kinds[0]

    def of_pad(self, x: Kinded, before: int, after: int) -> Floats:
        """Zeros around are rational."""
        return ~plain.OWN["pad"](~x.rational, before, after)

    def multiply(self, x: Kinded, y: Kinded) -> Kinded:
        """A product: an exact zero makes it one."""
        value, zero = own.product(x.value, y.value), _or(x.zero, y.zero)
        self._mark(_or(x.single, y.single))
        kind = _lifted(_or(_and(x.rational, y.rational), zero), value)
        zero = _lifted(zero, value) & np.isfinite(value.radius)
        for one, other in ((x, y), (y, x)):
            self._mark(_and(one.rational & ~one.zero & _maybe_zero(one.value), ~other.rational))
        parts = (np.where(zero, 0.0, part) for part in (value.middle, value.radius))
        return Kinded(Enclosed(*parts), kind)

    def of_divide(self, x: Kinded, y: Kinded) -> Floats:
        """Rational where both are; a zero over what is not stays zero, and is one to products."""
        self._mark(_and(x.rational & _maybe_zero(x.value), ~y.rational))
        return _and(x.rational, y.rational)

    def outer(self, x: Kinded, y: Kinded) -> Kinded:
        """The matrix of all products x_i y_j."""
        return self.multiply(x.reshape((*x.shape, 1)), y.reshape((1, *y.shape)))

    def matmul(self, x: Kinded, y: Kinded) -> Kinded:
        """A product: rational where all entries of both are, zero where all its terms are."""
        value, rational = own.matrix_product(x.value, y.value), _all(x.rational) & _all(y.rational)
        for part in (x, y):
            self._mark(part.single)
        here, there = is_zero(x.value), is_zero(y.value)
        if here.any() or there.any():
            terms = products((~here).astype(np.float32), (~there).astype(np.float32))
            zero = (terms == 0) & np.isfinite(value.radius)
            value = Enclosed(*(np.where(zero, 0.0, p) for p in (value.middle, value.radius)))
        return Kinded(value, _lifted(rational, value))

    def of_sum(self, x: Kinded, axis: int | None = None) -> Floats:
        """Rational where all terms are."""
        return _all(x.rational) if axis is None else x.rational.all(axis=axis + 1)

    of_mean = of_sum

    def of_max(self, x: Kinded, y: Kinded) -> Floats:
        """The kind of the larger one."""
        return self._chosen(x, y, x.value, y.value)

    def of_min(self, x: Kinded, y: Kinded) -> Floats:
        """The kind of the smaller one."""
        return self._chosen(x, y, own.negative(x.value), own.negative(y.value))

    def _chosen(self, x: Kinded, y: Kinded, larger: Enclosed, than: Enclosed) -> Floats:
        a, b = own.aligned(larger, than)
        first, second = own.lower(a) > own.upper(b), own.lower(b) > own.upper(a)
        p, q = _aligned(x.rational, y.rational)
        self._mark(~first & ~second & (p != q), self.unknown)
        return np.where(first, p, np.where(second, q, p & q))

    def of_step(self, x: Kinded) -> Floats:
        """Rational but at zero."""
        return self._jumping(x, False)

    def of_positive(self, x: Kinded) -> Floats:
        """Rational."""
        return self._jumping(x, True)

    def _jumping(self, x: Kinded, at_zero: bool) -> Floats:
        doubt = _maybe_zero(x.value) & ~x.zero
        self._mark(doubt & x.rational)
        self._mark(doubt & ~x.rational, self.unknown)
        return np.where(x.zero, at_zero, True)

    def of_softmax(self, x: Kinded) -> Floats:
        """Irrational where any entry is; equal rationals have rational shares."""
        self._mark(x.rational.all(axis=-1))
        return np.zeros_like(x.rational)

    def of_sigmoid(self, x: Kinded) -> Floats:
        """Rational at zero."""
        return self._at(x, 0)

    def _at_a_point(self, operation: str, x: Kinded) -> Floats:
        if operation == "sqrt":  # of a square it is rational as well
            self._mark(x.rational & ~x.zero)
        return self._at(x, (OPERATIONS[operation].rational or (0, 0))[0])

    def _at(self, x: Kinded, point: int) -> Floats:
        exactly = x.rational & (x.value.middle == point) & (x.value.radius == 0)
        near = (own.lower(x.value) <= point) & (own.upper(x.value) >= point)
        self._mark(x.rational & near & ~exactly)
        return exactly

    def _mark(self, which: Floats, lanes: Floats = None) -> None:
        """Lanes of which something is not known."""
        marked = self.odd if lanes is None else lanes
        marked[:] |= which.reshape(len(which), -1).any(axis=1)


def _rational(value: Enclosed) -> Kinded:
    return Kinded(value, np.ones((1, *value.shape), bool))


def _maybe_zero(x: Enclosed) -> Floats:
    return ~(np.abs(x.middle) > x.radius)


def _all(kind: Floats) -> Floats:
    return kind.reshape(len(kind), -1).all(axis=1)


def _lifted(kind: Floats, value: Enclosed) -> Floats:
    """Kinds for the entries of a value, aligned from the last axis but for that of lanes."""
    kind = np.asarray(kind)
    lanes = kind.shape[:1] if kind.ndim else (1,)
    inner = kind.shape[1:]
    whole = kind.reshape((*lanes, *(1,) * (value.ndim - len(inner)), *inner))
    return np.broadcast_to(whole, (*lanes, *value.shape))


def _aligned(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Both with as many axes behind that of lanes."""
    axes = max(x.ndim, y.ndim)
    return tuple(p.reshape((len(p), *(1,) * (axes - p.ndim), *p.shape[1:])) for p in (x, y))


def _and(x: Floats, y: Floats) -> Floats:
    x, y = _aligned(x, y)
    return x & y


def _or(x: Floats, y: Floats) -> Floats:
    x, y = _aligned(x, y)
    return x | y
