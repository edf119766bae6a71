"""What varies: given numbers with intervals, as values in lanes of boxes, with slopes by each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from verifier.arithmetic import enclosed as own
from verifier.arithmetic.boxes import Box, ends, narrower
from verifier.arithmetic.dual_lanes import DualLanes, Moving
from verifier.arithmetic.enclosed import Enclosed, Floats
from verifier.arithmetic.protocol import Origin, QuantityAt, Site
from verifier.numbers import Numbers
from verifier.problem import Problem


@dataclass(frozen=True, eq=False)
class Varying:
    """Given numbers some of which are intervals; these are numbered from `first` on, row by row."""

    origin: Origin
    numbers: Numbers
    first: int

    @cached_property
    def own(self) -> slice:
        """The numbers of its intervals among all."""
        return slice(self.first, self.first + len(self.numbers.intervals))

    def between(self, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """The ends of all entries in lanes, those of the intervals being as given."""
        found = []
        for end, part in zip(ends(self.numbers.low, self.numbers.high), (low, high), strict=True):
            rows = np.repeat(end.reshape(1, -1), len(part), axis=0)
            rows[:, self.numbers.intervals] = part[:, self.own]
            found.append(rows.reshape(len(part), *self.numbers.shape))
        return found[0], found[1]

    def at(self, point: Floats) -> Enclosed:
        """All entries where the intervals are at a point: other numbers may be no float64 ones."""
        low, high = self.between(point, point)
        near = own.between(low, high)
        return Enclosed(near.middle, np.where(low == high, 0.0, near.radius))

    def moving(self, box: Enclosed) -> Moving:
        """What varies in lanes, with its slope by each interval of the problem: its radius."""
        lanes, count = box.middle.shape
        low, high = box.middle - box.radius, box.middle + box.radius
        value = own.between(*self.between(low, high))
        seeds = np.zeros((lanes, count, self.numbers.size))
        for k, entry in enumerate(self.numbers.intervals):
            seeds[:, self.first + k, entry] = box.radius[:, self.first + k]
        slopes = own.exactly(seeds.reshape(lanes * count, *self.numbers.shape))
        return Moving(Box.of(value), slopes)


def varying(problem: Problem) -> tuple[Varying, ...]:
    """The given numbers of a problem that hold intervals."""
    found: list[Varying] = []
    count = 0
    for origin, numbers in _given(problem):
        if numbers.intervals:
            found.append(Varying(origin, numbers, count))
            count += len(numbers.intervals)
    return tuple(found)


def _given(problem: Problem) -> Iterator[tuple[Origin, Numbers]]:
    yield from ((Origin("parameter", name), n) for name, n in problem.parameters.items())
    yield from ((Origin("input", name, 1), n) for name, n in problem.inputs.items())
    yield from ((Origin("end", name, 0), n) for name, n in problem.initial.items())
    last = problem.steps + 1
    yield from ((Origin("end", name, last), n) for name, n in problem.final.items())


@dataclass(frozen=True)
class Moved(DualLanes):
    """Lanes of boxes with slopes, by which each quantity's range is made narrower.

    `centers` has the quantities at the middles of the boxes.
    """

    centers: dict[QuantityAt, Enclosed] = field(default_factory=dict)

    def apply(self, operation: str, arguments: Any, site: Site) -> Moving:
        found = super().apply(operation, arguments, site)
        value = Box.of(found.value)
        if not site.path and found.slopes is not None:
            center = self.centers[site.step, site.name].reshape(found.shape)
            value = value.like(narrower(value, self.by_slopes(center, found.slopes)))
        return Moving(value, found.slopes)

    def by_slopes(self, center: Enclosed, slopes: Enclosed) -> Enclosed:
        """What is at most as far from the value at the middle as the slopes add up to."""
        sizes = np.abs(slopes.middle) + slopes.radius
        reach = sizes.reshape(-1, self.directions, *slopes.shape).sum(axis=1)
        room = 1 + (self.directions + 8) * own.UNIT
        return own.sound(center.middle + 0 * reach, (center.radius + reach) * room + own.TINY)
