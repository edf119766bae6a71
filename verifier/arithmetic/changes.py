"""Changes of values in lanes: their linear part, what that lacks, and how far they reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier.arithmetic.enclosed import UNIT, Enclosed, Floats
from verifier.arithmetic.linear_maps import Map, Move, Source
from verifier.language.operations import Shape


@dataclass(frozen=True, eq=False, slots=True)
class Change:
    """L; bounds of |r|, and of both |L| ρ, term by term, and all of the change, by lane and entry.

    A single lane stands for all.
    """

    linear: Map
    rest: Floats
    reach: Floats

    @property
    def shape(self) -> Shape:
        """The shape of what changes in each lane."""
        return self.linear.shape

    def at(self, key: Any) -> Change:
        """The change of some entries."""
        place = key if isinstance(key, tuple) else (key,)
        return self._moved(lambda x, before: x[(*(slice(None),) * before, *place)])

    def reshape(self, shape: Shape) -> Change:
        """The change of the value in another shape."""
        if shape == self.shape:
            return self
        return self._moved(lambda x, before: x.reshape((*x.shape[:before], *shape)))

    def spread(self, shape: Shape) -> Change:
        """The same for a value of another shape, in which entries are repeated."""
        if shape == self.shape:
            return self
        grown = self.reshape((*(1,) * (len(shape) - len(self.shape)), *self.shape))
        return grown._moved(lambda x, before: np.broadcast_to(x, (*x.shape[:before], *shape)))

    def _moved(self, move: Move) -> Change:
        rest, reach = move(self.rest, 1), move(self.reach, 1)
        return Change(self.linear.moved(tuple(reach.shape[1:]), move), rest, reach)


def made(reach: Floats, make: Callable[..., Floats], *parts: Any) -> Map:
    """A map that is made of others, or of their arrays, when it is asked for."""
    return Map.of(tuple(reach.shape[1:]), Source(reach, make=make, parts=parts))


def seeds(shape: Shape, place: slice, bounds: Floats) -> Change:
    """The change of what is seeded: itself, in the directions of its place."""
    array = np.eye(bounds.shape[1], dtype=np.float32)[:, place]
    reach = bounds[:, place].reshape((len(bounds), *shape))
    source = Source(reach, array.reshape((1, bounds.shape[1], *shape)))
    return Change(Map.of(shape, source), np.zeros((1, *shape)), reach)


@dataclass(frozen=True, eq=False, slots=True)
class Moving:
    """A value where nothing has changed, and how it changes; without a change it stays."""

    value: Enclosed
    change: Change | None = None

    @property
    def shape(self) -> Shape:
        """The shape of the value in each lane."""
        return self.value.shape

    def reshape(self, *shape: Any) -> Moving:
        """The value in another shape."""
        sizes = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape
        return Moving(self.value.reshape(sizes), self.change and self.change.reshape(sizes))

    def __getitem__(self, key: Any) -> Moving:
        return Moving(self.value[key], self.change and self.change.at(key))

    @property
    def box(self) -> Enclosed:
        """All that the value may become."""
        if self.change is None:
            return self.value
        middle = np.broadcast_to(
            self.value.middle,
            (max(len(self.value.middle), len(self.change.reach)), *self.shape),
        )
        return Enclosed(middle, (self.value.radius + self.change.reach) * (1 + UNIT))
