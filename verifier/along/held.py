"""Enclosures of all steps as arrays of float64, which are balls where someone asks for them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import arb, fmpq

from verifier.along.chain import Bounds
from verifier.arithmetic.enclosed import Enclosed
from verifier.arithmetic.lane_digits import digits
from verifier.arithmetic.objects import as_objects
from verifier.arithmetic.protocol import QuantityAt, Value
from verifier.certify import rounded
from verifier.problem import Problem

Floats = Any


@dataclass(frozen=True, eq=False)
class Part:
    """The quantities of some steps in a row, the first of which is `first`."""

    first: int
    values: Mapping[str, Enclosed]
    rational: Mapping[str, Floats]


@dataclass(frozen=True, eq=False)
class Ended:
    """How steps ended: what bounds the errors behind them, and the floats that these are of."""

    past: Bounds
    floats: Floats


@dataclass(eq=False)
class Held(MutableMapping[QuantityAt, Value]):
    """The values of all quantities; `finer` has those that are known better than by floats.

    `refine` makes the quantities of a step finer, before someone looks at one of them; `ended` is
    for steps that go on from here.
    """

    names: tuple[str, ...]
    parts: list[Part] = field(default_factory=list)
    finer: dict[QuantityAt, Value] = field(default_factory=dict)
    refine: Callable[[int], None] | None = None
    ended: Ended | None = None

    def __getitem__(self, site: QuantityAt) -> Value:
        if site not in self.finer and self.refine is not None:
            self.refine(site[0])
        return self.coarse(site)

    def coarse(self, site: QuantityAt) -> Value:
        """The balls as they are known."""
        if site in self.finer:
            return self.finer[site]
        part = self.part(site[0])
        if part is None or site[1] not in part.values:
            raise KeyError(site)
        at, value = site[0] - part.first, part.values[site[1]]
        pairs = zip(value.middle[at].flat, value.radius[at].flat, strict=True)
        kinds = part.rational[site[1]][at].ravel().tolist()
        found = [_entry(m, r, kind) for (m, r), kind in zip(pairs, kinds, strict=True)]
        return as_objects(found).reshape(value.shape)

    def __setitem__(self, site: QuantityAt, value: Value) -> None:
        self.finer[site] = value

    def __delitem__(self, site: QuantityAt) -> None:
        raise TypeError("enclosures of floats stay")

    def __iter__(self) -> Iterator[QuantityAt]:
        steps = sorted({t for t, _ in self.finer} | {t for p in self.parts for t in _steps(p)})
        return ((t, name) for t in steps for name in self.names)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def part(self, step: int) -> Part | None:
        """The part in which a step lies."""
        k = bisect_right(self.parts, step, key=lambda part: part.first) - 1
        return self.parts[k] if k >= 0 and step in _steps(self.parts[k]) else None

    def undecided(self, problem: Problem) -> frozenset[tuple[int, str, int]]:
        """(step, name, entry) of what the rules of a problem cannot round from these."""
        open_there = {
            (part.first + t, name, k)
            for part in self.parts
            for name, value in part.values.items()
            for t, k in self._doubtful(part, name, problem)
        }
        beside = {(t, name, k) for (t, name), v in self.finer.items() for k in range(v.size)}
        return frozenset(
            (t, name, k)
            for t, name, k in open_there | beside
            if rounded(self.coarse((t, name)).flat[k], problem.rule(name)) is None
        )

    def _doubtful(self, part: Part, name: str, problem: Problem) -> list[tuple[int, int]]:
        """Step and entry of what floats alone do not round."""
        value = part.values[name].flat()
        _, sure = digits(value, problem.rule(name))
        return [(int(t), int(k)) for t, k in np.argwhere(~(sure & np.isfinite(value.radius)))]


def _steps(part: Part) -> range:
    return range(part.first, part.first + len(next(iter(part.values.values())).middle))


def _entry(middle: float, radius: float, rational: bool) -> Any:
    """A ball, or the number that a float is. Nothing is rounded: both are FLINT's as they stand."""
    if rational:
        return fmpq(*map(int, float(middle).as_integer_ratio()))
    return arb(float(middle), float(radius))
