"""Linear maps in lanes, in float32, which are worked out late: few steps at a time, in the cache.

A map is a sum of matrices with a factor for each entry of the value. Slopes only change factors,
and what has the same matrix is one term, so that a matrix is made where a product needs it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier.language.operations import Shape

Floats = Any
Move = Callable[[Floats, int], Floats]
"""What is done to the entries of an array that has so many axes before them."""

Made = dict[int, Floats]
"""What is made already of the lanes at hand, by the source."""


@dataclass(frozen=True, eq=False, slots=True)
class Source:
    """A matrix by direction and entry in each lane: as it stands, or made of maps when asked for.

    `reach` bounds |L| ρ, by lane and entry.
    """

    reach: Floats
    array: Floats | None = None
    make: Callable[..., Floats] | None = None
    parts: tuple[Any, ...] = ()

    def at(self, lanes: slice, made: Made) -> Floats:
        """The matrices of some lanes."""
        if self.array is not None:
            return self.array if len(self.array) == 1 else self.array[lanes]
        if id(self) not in made:
            parts = [p.at(lanes, made) if isinstance(p, Map) else p for p in self.parts]
            assert self.make is not None
            made[id(self)] = self.make(lanes, *parts)
        return made[id(self)]


@dataclass(frozen=True, eq=False, slots=True)
class Map:
    """A sum of sources, each times a factor by lane and entry; None is the factor one."""

    shape: Shape
    terms: tuple[tuple[Source, Floats | None], ...]

    @classmethod
    def of(cls, shape: Shape, source: Source) -> Map:
        """A single source."""
        return cls(shape, ((source, None),))

    @property
    def one(self) -> Floats:
        """The factor one, for all entries of all lanes."""
        return np.ones((1,) * (1 + len(self.shape)))

    def times(self, factor: Floats) -> Map:
        """Each entry times a factor."""
        found = [(s, factor if f is None else f * factor) for s, f in self.terms]
        return Map(self.shape, tuple(found))

    def plus(self, other: Map, sign: int = 1) -> Map:
        """The sum, or the difference; what has the same source is one term."""
        found: dict[int, tuple[Source, Floats | None]] = {id(s): (s, f) for s, f in self.terms}
        for source, factor in other.terms:
            own = sign * (other.one if factor is None else factor)
            _, before = found.get(id(source), (source, 0.0))
            found[id(source)] = source, own + (1.0 if before is None else before)
        return Map(self.shape, tuple(found.values()))

    def moved(self, shape: Shape, move: Move) -> Map:
        """The map of a value whose entries are moved, cut out or repeated: nothing is rounded."""
        return Map(shape, tuple(self._moved(s, f, move) for s, f in self.terms))

    def _moved(
        self, source: Source, factor: Floats | None, move: Move
    ) -> tuple[Source, Floats | None]:
        alone = Map(self.shape, ((source, None),))
        parts = Source(move(source.reach, 1), make=lambda lanes, x: move(x, 2), parts=(alone,))
        if factor is None:
            return parts, None
        return parts, move(np.broadcast_to(factor, (len(factor), *self.shape)), 1)

    def at(self, lanes: slice, made: Made) -> Floats:
        """The matrices of some lanes, as float32 gives them."""
        whole: Floats = None
        for source, factor in self.terms:
            matrix = source.at(lanes, made)
            if factor is not None:
                some = factor if len(factor) == 1 else factor[lanes]
                matrix = matrix * some.astype(np.float32)[:, None]
            whole = matrix if whole is None else whole + matrix
        return whole
