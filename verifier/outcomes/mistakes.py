"""Mistakes that explain a whole sheet: single ones, then pairs, each with every way of rounding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache

import numpy as np

from verifier.outcomes.asked import Asked, Floats
from verifier.outcomes.honest import Question
from verifier.outcomes.misread import Readings
from verifier.outcomes.model import Entry, Explanation, Given
from verifier.outcomes.pairs import Pairs
from verifier.outcomes.tried import Tried, agreement, full_of, wrapped
from verifier.outcomes.ways import Way
from verifier.problem import Problem
from verifier.rewrites.catalogue import variants
from verifier.rewrites.model import Variant
from verifier.solution import Solution

MOST_ALSO = 4

MOST_READINGS = 24
"""Of readings that may give the numbers, so many are tried with every way of rounding."""

MOST_CHANCE = Fraction(1, 20)
"""A mistake that agrees by coincidence more often than this is not named."""

SLIPS = 3
"""Beside the mistakes that are tried, so many slips are always thought possible."""

WIDE = 8
"""How many times as far as without it rounding may move numbers when a mistake is made."""

Numbers = Sequence[tuple[Entry, Given]]


@dataclass(frozen=True, eq=False)
class Found:
    """An explanation of a sheet, with others that give the very same numbers."""

    tried: Tried
    way: Way
    also: tuple[Explanation, ...]
    chance: Fraction


@dataclass(frozen=True, eq=False)
class Mistakes:
    """The mistakes of the catalogue on a question; what does not depend on who answers is kept."""

    question: Question

    @cached_property
    def singles(self) -> tuple[Tried, ...]:
        """Every single mistake that can be computed."""
        every = (self.tried((variant,)) for variant in variants(self.question.problem, "mistake"))
        return tuple(tried for tried in every if tried is not None)

    def tried(self, made: tuple[Variant[Problem], ...]) -> Tried | None:
        """Changes made together, with their numbers; None where these divide by zero."""
        full = self.question.estimate(made[-1].problem, wrapped(made))
        return None if full is None else Tried(made[-1], made, full, self.question)

    @cached_property
    def full(self) -> Floats:
        """Full precision: mistakes by entries."""
        return full_of(self.singles, self.question)

    def single(self, asked: Asked, numbers: Numbers) -> Found | None:
        """The single mistake that gives all these numbers, the simplest way of rounding first."""
        return self._best(self.singles, self.full, asked, numbers, self.full)

    @cached_property
    def readings(self) -> Readings:
        """All ways to misread one number of the question."""
        return Readings(self.question)

    def reading(self, asked: Asked, numbers: Numbers) -> Found | None:
        """The number that, left out or read wrongly, gives all these numbers.

        Far fewer can be left out than read wrongly, so coincidences are rarer among these.
        """
        missed, every = self.readings.missed, np.ones(len(self.readings.every), dtype=bool)
        found = (self._read(some, asked, numbers) for some in (missed, every))
        return next((one for one in found if one is not None), None)

    def _read(self, some: Floats, asked: Asked, numbers: Numbers) -> Found | None:
        """The reading among some that gives all these numbers."""
        near = np.nonzero(some & self.near(asked, self.readings.full))[0].tolist()
        variants = [self.readings.variant(k) for k in near[:MOST_READINGS]]
        tried = tuple(t for v in variants if v is not None for t in (self.tried((v,)),) if t)
        among = np.concatenate((self.full, self.readings.full[some]))
        return self._best(tried, full_of(tried, self.question), asked, numbers, among)

    @cached_property
    def pairs(self) -> Pairs:
        """Two of the mistakes at once."""
        return Pairs(self)

    def pair(self, asked: Asked, numbers: Numbers, wrong: Entry) -> Found | None:
        """Two mistakes that give all these numbers."""
        every = list(self.pairs.tried(asked, wrong))
        begun = tuple(tried for tried in every if tried is not None)
        return self._best(begun, full_of(begun, self.question), asked, numbers, len(every))

    def _best(
        self,
        tried: Sequence[Tried],
        full: Floats,
        asked: Asked,
        numbers: Numbers,
        among: Floats | int,
    ) -> Found | None:
        ranked = sorted(
            self._matching(tried, full, asked), key=lambda found: (found[1].rank, found[2])
        )
        proven = [f for f in ranked[: 4 * MOST_ALSO] if self._proven(f[0], f[1], numbers)]
        if not proven:
            return None
        best, way, _ = proven[0]
        also = [other.explanation for other, _, _ in proven[1:]]
        distinct = [e for e in dict.fromkeys(also) if e != best.explanation]
        chance = self._chance(asked, best, among)
        if chance > MOST_CHANCE:
            return None
        return Found(best, way, tuple(distinct[:MOST_ALSO]), chance)

    def _proven(self, tried: Tried, way: Way, numbers: Numbers) -> bool:
        if len(tried.made) > 1 and wrapped(tried.made) is not tried.variant.wrap:
            return True  # two keys of the calculator at once: the estimate has to do
        return self.question.proven(tried.variant, way, numbers)

    def _matching(
        self, tried: Sequence[Tried], full: Floats, asked: Asked
    ) -> Iterator[tuple[Tried, Way, int]]:
        """Mistakes that match, each with its simplest way and its place."""
        if not tried:
            return
        near, ways = self.near(asked, full), self.question.plain
        places = self.question.plain_places
        for k in np.nonzero(near)[0].tolist():
            fits = self.question.matches(tried[k].values, asked, places).all(axis=1)
            for way in sorted(
                (ways[i] for i in np.nonzero(fits)[0].tolist()), key=lambda way: way.rank
            )[:1]:
                yield tried[k], way, k

    def _chance(self, asked: Asked, best: Tried, among: Floats | int) -> Fraction:
        """How likely one of those tried agrees by coincidence with the entries that best changes.

        Only entries that the mistake changes can tell, and no zeros or ones.
        """
        own, spread = self.question.honest[0, asked.where], self.question.spread[asked.where]
        changed = np.abs(own - best.full[asked.where]) > asked.unit
        tells = changed & ~np.isin(np.abs(asked.value), (0, 1))
        many = among if isinstance(among, int) else _different(among, own, asked, changed)
        odds, off = Fraction(many + SLIPS), np.abs(asked.value - own)
        for unit, wide, far in zip(asked.unit[tells], spread[tells], off[tells], strict=True):
            odds *= agreement(float(unit + wide), float(far))
        return min(Fraction(1), odds)

    def near(self, asked: Asked, full: Floats | None = None) -> Floats:
        """Which mistakes may give numbers: nothing is rounded yet, so with some room.

        And which change every number that lies beyond rounding at least half as far as it lies off.
        """
        found: Floats = self.each_near(asked, self.full if full is None else full).all(axis=1)
        return found

    def each_near(self, asked: Asked, full: Floats) -> Floats:
        """Which numbers mistakes may give: mistakes by given numbers."""
        room = WIDE * self.question.spread[asked.where] + self._room[asked.where]
        near = np.abs(full[:, asked.where] - asked.value) <= room + 1.1 * asked.unit
        found: Floats = near & self._changing(full, asked)
        return found

    def _changing(self, full: Floats, asked: Asked) -> Floats:
        own = self.question.honest[0, asked.where]
        off = np.abs(asked.value - own)
        far = off > np.maximum(self.question.spread[asked.where], asked.unit)
        changed: Floats = np.abs(full[:, asked.where] - own) > off / 2
        found: Floats = changed | ~far
        return found

    @cached_property
    def _room(self) -> Floats:
        """Two units of the last asked place of every entry."""
        places = [self.question.asked_places(entry) for entry in self.question.entries]
        return 2 * 10.0 ** -np.array(places, dtype=float)


def _different(full: Floats, own: Floats, asked: Asked, tells: Floats) -> int:
    """How many different numbers tries give of the entries that tell, and none of the others.

    The others are right, so what changes these too was no candidate.
    """
    off = (full[:, asked.where] - own) / asked.unit
    same = (np.abs(off[:, ~tells]) <= 1).all(axis=1) & np.isfinite(off).all(axis=1)
    told = np.round(off[same][:, tells])
    return len(np.unique(told[(told != 0).any(axis=1)], axis=0))


@lru_cache(maxsize=4)
def mistakes(solution: Solution) -> Mistakes:
    """The mistakes on a question, kept for the next who answers: a class asks often."""
    return Mistakes(Question(solution))
