"""Lanes that move: how a value changes while seeded ones change within bounds.

With e the change of all seeded values, |e_k| ≤ ρ_k in each lane, a value changes by L e + r: the
entries of L are float32 numbers as they stand, and all that they lack, roundings of L included, is
in the bound of |r|. So L costs what plain float32 costs, and only vectors are enclosed. Of each
operation by the mean value theorem, with slopes enclosed over all of the box; a bend has both
slopes and all between. What jumps within the box changes by the height of the jump.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from verifier.arithmetic import enclosed as own
from verifier.arithmetic import side_by_side as plain
from verifier.arithmetic.changes import Change, Moving, made
from verifier.arithmetic.composite import slope
from verifier.arithmetic.differing import Differing
from verifier.arithmetic.enclosed import UNIT, Enclosed, Floats
from verifier.arithmetic.lane_products import matmul, products, roundings
from verifier.arithmetic.lanes import Lanes
from verifier.arithmetic.linear_maps import Map, Source
from verifier.arithmetic.protocol import Origin
from verifier.language.operations import Shape

LINEAR = {"negate", "identity", "transpose", "concat", "slice", "fill", "pad", "sum"}
"""Operations that do to changes what they do to values; bounds of a difference are sums."""

JUMPS = {"step", "positive"}
SHORT = 2.0**-23
"""Twice what a float32 operation may err, of its result."""

LOST = 1e-36
"""More than what float32 loses below its normal numbers in an operation, flushed to zero or not."""

FLUSHED = 1e-37
"""More than a float32 number that is taken for zero."""

ROOM = 1 + 64 * UNIT


def erring(count: int) -> float:
    """What a float32 product of matrices errs at most, of the sum of its terms' sizes, with eight
    roundings to spare: for those of factors."""
    return gathered(roundings(count) + 8)


def gathered(count: int) -> float:
    """What so many float32 roundings one after the other err at most, of their terms' sizes."""
    n = count * SHORT
    return n / (2 - n) if n < 0.5 else float("inf")


@dataclass(frozen=True)
class LinearLanes(Differing):
    """Lanes in which what is `moving` changes; `within` are the bounds ρ, by lane and direction."""

    lanes: Lanes
    within: Floats
    moving: Mapping[Origin, Moving] = field(default_factory=dict)
    name = "linear lanes"
    still = Moving
    alike = LINEAR

    @cached_property
    def lost(self) -> Floats:
        """What float32 may lose below its normal numbers, in each lane, by an operation."""
        return LOST * self.within.sum(axis=1) + own.TINY

    def _lost(self, axes: int) -> Floats:
        return self.lost.reshape((len(self.lost), *(1,) * axes))

    def linear(self, operation: str, *arguments: Any) -> Moving:
        """What the operation does to values, done to L; to bounds, whatever the sign."""
        value = self.lanes.function(operation)(*(_value(part) for part in arguments))
        if not any(isinstance(part, Moving) and part.change for part in arguments):
            return Moving(value)
        if operation == "identity":
            return Moving(value, arguments[0].change)
        parts = [self._changing(part) for part in arguments]
        function = plain.OWN[operation]
        if operation == "negate":
            change = parts[0]
            return Moving(value, replace(change, linear=change.linear.times(-change.linear.one)))
        rest, reach = (
            function(*(getattr(p, side) if isinstance(p, Change) else p for p in parts))
            for side in ("rest", "reach")
        )
        settled = [p.linear if isinstance(p, Change) else p for p in parts]
        linear = made(reach, lambda lanes, *arrays: _by_lane(function, arrays), *settled)
        return Moving(value, self._summed(Change(linear, rest, reach), operation, parts))

    def moved(self, x: Moving) -> Change:
        """How a value changes, also where it stays."""
        found: Change = self._changing(x)
        return found

    def _changing(self, part: Any) -> Any:
        """The change of an argument as float32 has it, zero where it stays; whole numbers as
        they are."""
        if not isinstance(part, Moving):
            return part
        if part.change is not None:
            return self.settled(part.change)
        none = np.zeros((1, *part.shape))
        array = np.zeros((1, self.within.shape[1], *part.shape), np.float32)
        return Change(Map.of(part.shape, Source(none, array)), none, none)

    def settled(self, x: Change) -> Change:
        """The change with what float32 loses when all terms of L are made and added up."""
        terms, axes = x.linear.terms, len(x.shape)
        if len(terms) == 1 and terms[0][1] is None:
            return x
        flushed = sum(source.reach for source, _ in terms) * FLUSHED
        lost = (len(terms) + 2) * self._lost(axes)
        rest = (x.rest + (len(terms) + 6) * SHORT * x.reach + flushed + lost) * ROOM
        return Change(x.linear, rest, x.reach * (1 + (len(terms) + 6) * SHORT) + lost)

    def _summed(self, found: Change, operation: str, parts: Sequence[Any]) -> Change:
        """With what float32 loses in a sum of so many terms."""
        if operation != "sum":
            return found
        count = max(1, prod(parts[0].shape))
        rest = (found.rest + count * SHORT * found.reach) * (1 + count * UNIT)
        reach = found.reach * (1 + count * SHORT)
        return Change(found.linear, rest + self._lost(rest.ndim - 1), reach)

    def mean(self, x: Moving, axis: int | None = None) -> Moving:
        """The sum divided by the number of its terms."""
        count = prod(x.shape) if axis is None else x.shape[axis]
        whole = self.linear("sum", x, *([] if axis is None else [axis]))
        return self.sloped("divide", whole, self.constant(str(count)))

    def add(self, x: Moving, y: Moving) -> Moving:
        """x + y."""
        value = own.total(x.value, y.value)
        return Moving(value, self._plus(x.change, y.change, value.shape))

    def subtract(self, x: Moving, y: Moving) -> Moving:
        """x − y."""
        value = own.total(x.value, own.negative(y.value))
        if x.change is None or y.change is None:
            y = self.linear("negate", y)
            return Moving(value, self._plus(x.change, y.change, value.shape))
        return Moving(value, self._plus(x.change, y.change, value.shape, -1))

    def sloped(self, operation: str, *arguments: Moving) -> Moving:
        """The value, and its change by the slopes over the box."""
        function = self.lanes.function(operation)
        value = function(*(part.value for part in arguments))
        boxes = [part.box for part in arguments]
        if operation in JUMPS:
            return Moving(value, self._jump(arguments[0], function(*boxes)))
        found, wide = None, None
        for k, part in enumerate(arguments):
            if part.change is not None:
                wide = function(*boxes) if wide is None else wide
                factor = slope(self.lanes, operation, k, boxes, wide)
                moved = self._times(part.change, factor)
                found = self._plus(found, moved, value.shape)
        return Moving(value, found)

    def _jump(self, x: Moving, wide: Enclosed) -> Change | None:
        """How a step moves: not at all, or by its height where the box has both sides."""
        if x.change is None:
            return None
        height = np.where(wide.radius > 0, 1.0, 0.0)
        none = np.zeros((1, self.within.shape[1], *x.shape), np.float32)
        return Change(Map.of(x.shape, Source(height, none)), height, height)

    def power(self, x: Moving, n: int) -> Moving:
        """A whole power: its slope is n x^(n − 1)."""
        value = self.lanes.power(x.value, n)
        if x.change is None or n == 0:
            return Moving(value)
        factor = own.product(self.lanes.constant(str(n)), self.lanes.power(x.box, n - 1))
        return Moving(value, self._times(x.change, factor))

    def outer(self, x: Moving, y: Moving) -> Moving:
        """The matrix of all products x_i y_j."""
        return self.sloped("multiply", x.reshape((*x.shape, 1)), y.reshape((1, *y.shape)))

    def softmax(self, x: Moving) -> Moving:
        """p_i changes by p_i (x_i′ − Σ p_j x_j′), with p over the box."""
        value = self.lanes.softmax(x.value)
        if x.change is None:
            return Moving(value)
        shares = self.lanes.softmax(x.box)
        part = self._times(x.change, shares)
        whole = self.linear("sum", Moving(value, part), x.value.ndim - 1)
        again = self.moved(whole).reshape((*x.shape[:-1], 1))
        joint = self._times(again, shares)
        return Moving(value, self._plus(part, joint, value.shape, -1))

    def matmul(self, x: Moving, y: Moving) -> Moving:
        """A product: either factor's change by the other over its box."""
        value = own.matrix_product(x.value, y.value)
        found = None
        if x.change is not None:
            found = self._plus(found, self._product(x.change, y.box, left=True), value.shape)
        if y.change is not None:
            found = self._plus(found, self._product(y.change, x.value, left=False), value.shape)
        return Moving(value, found)

    def _product(self, x: Change, y: Enclosed, left: bool) -> Change:
        """The change of x @ y, or of y @ x, by that of x."""
        count = x.reach.shape[-1] if left else x.reach.shape[1]
        sizes, lacking = np.abs(y.middle), erring(count)

        def times(bound: Floats, sizes: Floats) -> Floats:
            return products(*((bound, sizes) if left else (sizes, bound)))

        narrow = y.middle.astype(np.float32)

        def product(lanes: slice, array: Floats) -> Floats:
            return _products(array, narrow if len(narrow) == 1 else narrow[lanes], left)

        x = self.settled(x)
        if (off := own.relative(y)) is not None:
            rest = times((1 + off) * x.rest + (off + lacking) * x.reach, sizes)
            reach = times(x.reach, sizes) * (1 + off)
        else:
            rest = times(x.rest, sizes + y.radius) + times(x.reach, y.radius + lacking * sizes)
            reach = times(x.reach, sizes + y.radius)
        flushed = FLUSHED * x.reach.reshape(len(x.reach), -1).sum(axis=1)
        lost = (count * self.lost + flushed).reshape((-1, *(1,) * (reach.ndim - 1)))
        room = 1 + (2 * count + 64) * UNIT
        reach = (reach * (1 + lacking) + lost) * room
        return Change(made(reach, product, x.linear), (rest + lost) * room, reach)

    def _times(self, x: Change, factor: Enclosed) -> Change:
        """The change times a slope, entry by entry."""
        shape = np.broadcast_shapes(x.shape, factor.shape)
        x, factor = x.spread(shape), own.grown(factor, len(shape))
        sizes = np.abs(factor.middle)
        whole = (sizes + factor.radius) * ROOM
        rest = (whole * x.rest + factor.radius * x.reach) * ROOM + own.TINY
        return Change(x.linear.times(factor.middle), rest, whole * x.reach + own.TINY)

    def _plus(
        self, x: Change | None, y: Change | None, shape: Shape, sign: int = 1
    ) -> Change | None:
        """The sum of two changes, or their difference, of a value of some shape."""
        if x is None or y is None:
            only = x or y
            return only and only.spread(shape)
        x, y = x.spread(shape), y.spread(shape)
        rest, reach = (x.rest + y.rest) * ROOM, (x.reach + y.reach) * ROOM
        return Change(x.linear.plus(y.linear, sign), rest, reach)


def _value(part: Any) -> Any:
    return part.value if isinstance(part, Moving) else part


def _by_lane(function: Callable[..., Floats], parts: Sequence[Any]) -> Floats:
    """A function of lanes, of what has an axis of directions behind that of lanes."""
    arrays = [part for part in parts if isinstance(part, np.ndarray)]
    count, directions = max(len(a) for a in arrays), arrays[0].shape[1]

    def folded(part: Any) -> Any:
        if not isinstance(part, np.ndarray):
            return part
        spread = np.broadcast_to(part, (count, *part.shape[1:]))
        return spread.reshape((count * directions, *part.shape[2:]))

    found = function(*map(folded, parts))
    return found.reshape((count, directions, *found.shape[1:]))


def _products(x: Floats, y: Floats, left: bool) -> Floats:
    """x @ y, or y @ x, of what has an axis of directions and of what has none."""
    if left:
        if y.ndim == 2:
            return matmul(x, y[:, None, :, None] if x.ndim > 3 else y[:, :, None])[..., 0]
        if len(y) == 1:
            found = matmul(x.reshape(-1, x.shape[-1]), y[0])
            return found.reshape(*x.shape[:-1], y.shape[-1])
        return matmul(x, y if x.ndim == 3 else y[:, None])
    if x.ndim == 3:
        if y.ndim == 2:
            return matmul(x, y[:, :, None])[..., 0]
        if len(y) == 1:
            found = matmul(x.reshape(-1, x.shape[-1]), y[0].T)
            return found.reshape(*x.shape[:-1], y.shape[1])
        return matmul(x, y.swapaxes(1, 2))
    return matmul(y[:, None, None, :], x)[..., 0, :] if y.ndim == 2 else matmul(y[:, None], x)
