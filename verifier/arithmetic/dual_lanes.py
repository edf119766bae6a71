"""Lanes with secant slopes: how a value moves, at most, while seeded ones move within their boxes.

The difference of a value at two points of the boxes is its slope times the difference of the seeded
values, with a slope in the enclosure: of each operation by the mean value theorem, since slopes are
enclosed over all of the boxes, and of what is made of operations by the chain rule. A bend has both
slopes and all between. A jump within a box has none. Where many states move, `linear_lanes` keeps
linear parts in float32; here each direction's slope is enclosed by itself, sign and all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from verifier.arithmetic import enclosed as own
from verifier.arithmetic.composite import slope
from verifier.arithmetic.differing import Differing
from verifier.arithmetic.enclosed import Enclosed
from verifier.arithmetic.lanes import Lanes
from verifier.arithmetic.protocol import Origin

LINEAR = {"negate", "identity", "transpose", "concat", "slice", "fill", "pad", "sum", "mean"}
"""Operations that do to slopes what they do to values."""

JUMPS = {"step", "positive"}


@dataclass(frozen=True, eq=False)
class Moving:
    """A value, and its slopes by each direction: lane t·n + k has those of lane t by direction k.

    Without slopes it does not move.
    """

    value: Enclosed
    slopes: Enclosed | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value in each lane."""
        return self.value.shape

    def reshape(self, *shape: Any) -> Moving:
        """The value in another shape."""
        return Moving(self.value.reshape(*shape), self.slopes and self.slopes.reshape(*shape))

    def __getitem__(self, key: Any) -> Moving:
        return Moving(self.value[key], None if self.slopes is None else self.slopes[key])


@dataclass(frozen=True)
class DualLanes(Differing):
    """Lanes in which what is `moving` has slopes by `directions` directions."""

    lanes: Lanes
    directions: int
    moving: Mapping[Origin, Moving] = field(default_factory=dict)
    name = "dual lanes"
    still = Moving
    alike = LINEAR

    def linear(self, operation: str, *arguments: Any) -> Moving:
        """What the operation does to values, done to their slopes."""
        function = self.lanes.function(operation)
        value = function(*(_value(part) for part in arguments))
        if not any(isinstance(part, Moving) and part.slopes for part in arguments):
            return Moving(value)
        parts = [_slopes(part) if isinstance(part, Moving) else part for part in arguments]
        return Moving(value, function(*parts))

    def sloped(self, operation: str, *arguments: Moving) -> Moving:
        """The value with slopes by the chain rule."""
        values = [part.value for part in arguments]
        value = self.lanes.function(operation)(*values)
        found = Moving(value)
        for k, part in enumerate(arguments):
            if part.slopes is not None:
                factor = slope(self.lanes, operation, k, values, value)
                found = self.plus(found, self.scaled(factor, part.slopes))
        return self._jumping(found) if operation in JUMPS else found

    def power(self, x: Moving, n: int) -> Moving:
        """A whole power: its slope is n x^(n − 1)."""
        value = self.lanes.power(x.value, n)
        if x.slopes is None or n == 0:
            return Moving(value)
        factor = own.product(self.lanes.constant(str(n)), self.lanes.power(x.value, n - 1))
        return Moving(value, self.scaled(factor, x.slopes))

    def add(self, x: Moving, y: Moving) -> Moving:
        """A sum, which moves as its terms do."""
        return self._summed("add", x, (x.slopes, y.slopes), y)

    def subtract(self, x: Moving, y: Moving) -> Moving:
        """A difference."""
        return self._summed("subtract", x, (x.slopes, y.slopes and own.negative(y.slopes)), y)

    def _summed(
        self, operation: str, x: Moving, slopes: tuple[Enclosed | None, ...], y: Moving
    ) -> Moving:
        found = Moving(self.lanes.function(operation)(x.value, y.value))
        for part in slopes:
            found = found if part is None else self.plus(found, part)
        return found

    def matmul(self, x: Moving, y: Moving) -> Moving:
        """A product, whose difference is that of either factor times the other."""
        return self._bilinear("matmul", x, y)

    def outer(self, x: Moving, y: Moving) -> Moving:
        """The matrix of all products x_i y_j."""
        return self._bilinear("outer", x, y)

    def softmax(self, x: Moving) -> Moving:
        """p_i = softmax(x)_i moves by p_i (x_i′ − Σ p_j x_j′)."""
        value = self.lanes.softmax(x.value)
        if x.slopes is None:
            return Moving(value)
        share = self.scaled(value, x.slopes)
        whole = own.summed(share, x.value.ndim - 1)
        joint = self.scaled(value, whole.reshape((*whole.shape, 1)))
        return Moving(value, own.total(share, own.negative(joint)))

    def count(self, slopes: Enclosed) -> int:
        """By how many directions there are slopes."""
        return self.directions

    def each(self, x: Enclosed, slopes: Enclosed) -> Enclosed:
        """The value of a lane for each of its directions."""
        if len(x.middle) == 1:
            return x
        count = self.count(slopes)
        return Enclosed(*(np.repeat(part, count, axis=0) for part in (x.middle, x.radius)))

    def scaled(self, factor: Enclosed, slopes: Enclosed) -> Enclosed:
        """The slopes of a product with a factor that does not move."""
        count = self.count(slopes)
        factor, slopes = own.aligned(factor, slopes)
        if len(factor.middle) == 1:
            return own.product(factor, slopes)
        shape = -1, count, *slopes.shape
        both = (
            Enclosed(factor.middle[:, None], factor.radius[:, None]),
            Enclosed(slopes.middle.reshape(shape), slopes.radius.reshape(shape)),
        )
        found = own.product(*both)
        return Enclosed(
            *(part.reshape(-1, *part.shape[2:]) for part in (found.middle, found.radius))
        )

    def _bilinear(self, operation: str, x: Moving, y: Moving) -> Moving:
        function = self.lanes.function(operation)
        found = Moving(function(x.value, y.value))
        if x.slopes is not None:
            found = self.plus(found, function(x.slopes, self.each(y.value, x.slopes)))
        if y.slopes is not None:
            found = self.plus(found, function(self.each(x.value, y.slopes), y.slopes))
        return found

    def plus(self, x: Moving, slopes: Enclosed) -> Moving:
        """The value when it moves by so much more."""
        shape = (len(slopes.middle), *x.shape)
        grown, _ = own.aligned(slopes, x.value)
        spread = Enclosed(
            np.broadcast_to(grown.middle, shape), np.broadcast_to(grown.radius, shape)
        )
        return Moving(x.value, spread if x.slopes is None else own.total(x.slopes, spread))

    def _jumping(self, x: Moving) -> Moving:
        if x.slopes is None:
            return x
        jumps = np.broadcast_to(self.each(x.value, x.slopes).radius > 0, x.slopes.middle.shape)
        return Moving(x.value, own.sound(x.slopes.middle, np.where(jumps, np.inf, x.slopes.radius)))


def _value(part: Any) -> Any:
    return part.value if isinstance(part, Moving) else part


def _slopes(part: Moving) -> Enclosed:
    return part.slopes or own.exactly(np.zeros((1, *part.shape)))
