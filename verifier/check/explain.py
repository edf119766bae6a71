"""Mistakes that explain a whole sheet: single ones, then pairs, each with every way of rounding.

Of two mistakes, one must give the first wrong quantity alone, or both must have a hand in it: what
cannot touch the first wrong entry is not tried, nor what changes a number before it. At most
`MOST_PAIRS` pairs are tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from verifier.certify import total_products
from verifier.check.honest import NEAR, Asked, Floats, Question, matches
from verifier.check.misread import Readings
from verifier.check.model import Entry, Explanation, Given
from verifier.check.ways import Way
from verifier.language.tree import Equation
from verifier.notation.paper import on_paper
from verifier.problem import Problem
from verifier.rewrites.catalogue import CATALOGUE, variants
from verifier.rewrites.model import Variant

MOST_PAIRS, PAIR_PRODUCTS = 3000, 3_000_000
"""Pairs are tried up to so many, and up to so many scalar products in all."""

MOST_ALSO = 4

MOST_READINGS = 24
"""Of readings that may give the numbers, so many are tried with every way of rounding."""

MOST_CHANCE = Fraction(1, 20)
"""A mistake that agrees by coincidence more often than this is not named."""

WIDE = 8
"""How many times as far as without it rounding may move numbers when a mistake is made."""

Numbers = Sequence[tuple[Entry, Given]]


@dataclass(frozen=True, eq=False)
class Tried:
    """A changed problem (by one mistake or two), and its numbers in full precision."""

    variant: Variant[Problem]
    made: tuple[Variant[Problem], ...]
    full: Floats
    question: Question

    @cached_property
    def values(self) -> Floats:
        """The numbers under every way that is tried with mistakes: ways by entries."""
        found = self.question.values(self.variant.problem, _wrapped(self.made))
        return (
            np.full((len(self.question.plain), len(self.full)), np.nan) if found is None else found
        )

    @property
    def explanation(self) -> Explanation:
        """The mistake, or both joined with a plus sign."""
        ids = "+".join(part.rule for part in self.made)
        about = tuple(item for part in self.made for item in part.about)
        return Explanation("mistake", ids, about)

    def used(self, own: Problem) -> tuple[Equation, ...]:
        """The equations that differ from a problem's own, as they print.

        They may hold names that the problem does not have, so their shapes are the changed one's.
        """
        changed = self.variant.problem
        return tuple(
            replace(eq, expression=on_paper(eq.expression, changed.shapes))
            for eq in changed.cell.equations
            if eq not in own.cell.equations
        )

    @property
    def touches(self) -> frozenset[str]:
        """The quantities whose own computation is changed."""
        return frozenset().union(*(part.touches for part in self.made))


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
        every = (self._tried((variant,)) for variant in variants(self.question.problem, "mistake"))
        return tuple(tried for tried in every if tried is not None)

    def _tried(self, made: tuple[Variant[Problem], ...]) -> Tried | None:
        full = self.question.estimate(made[-1].problem, _wrapped(made))
        return None if full is None else Tried(made[-1], made, full, self.question)

    @cached_property
    def stacked(self) -> Floats:
        """Full precision: mistakes by entries."""
        return _stacked(self.singles, self.question)

    def single(self, asked: Asked, numbers: Numbers) -> Found | None:
        """The single mistake that gives all these numbers, the simplest way of rounding first."""
        return self._best(self.singles, self.stacked, asked, numbers, len(self.singles))

    @cached_property
    def readings(self) -> Readings:
        """All ways to misread one number of the question."""
        return Readings(self.question)

    def reading(self, asked: Asked, numbers: Numbers) -> Found | None:
        """The number that, read wrongly, gives all these numbers."""
        near = np.nonzero(self._near(asked, self.readings.full))[0].tolist()
        variants = [self.readings.variant(k) for k in near[:MOST_READINGS]]
        tried = tuple(t for v in variants if v is not None for t in (self._tried((v,)),) if t)
        count = len(self.singles) + len(self.readings.every)
        return self._best(tried, _stacked(tried, self.question), asked, numbers, count)

    def pair(self, asked: Asked, numbers: Numbers, wrong: Entry) -> Found | None:
        """Two mistakes that give all these numbers."""
        pairs = tuple(self._pairs(asked, wrong))
        if not pairs:
            return None
        return self._best(pairs, _stacked(pairs, self.question), asked, numbers, len(pairs))

    def _best(
        self,
        tried: Sequence[Tried],
        stacked: Floats,
        asked: Asked,
        numbers: Numbers,
        count: int,
    ) -> Found | None:
        ranked = sorted(
            self._matching(tried, stacked, asked), key=lambda found: (found[1].rank, found[2])
        )
        proven = [f for f in ranked[: 4 * MOST_ALSO] if self._proven(f[0], f[1], numbers)]
        if not proven:
            return None
        best, way, _ = proven[0]
        also = [other.explanation for other, _, _ in proven[1:]]
        distinct = [e for e in dict.fromkeys(also) if e != best.explanation]
        chance = self._chance(asked, best, count)
        if chance > MOST_CHANCE:
            return None
        return Found(best, way, tuple(distinct[:MOST_ALSO]), chance)

    def _proven(self, tried: Tried, way: Way, numbers: Numbers) -> bool:
        if len(tried.made) > 1 and _wrapped(tried.made) is not tried.variant.wrap:
            return True  # two keys of the calculator at once: the estimate has to do
        return self.question.proven(tried.variant, way, numbers)

    def _matching(
        self, tried: Sequence[Tried], stacked: Floats, asked: Asked
    ) -> Iterator[tuple[Tried, Way, int]]:
        """Mistakes that match, each with its simplest way and its place."""
        if not tried:
            return
        near, ways = self._screened(stacked, asked), self.question.plain
        for k in np.nonzero(near)[0].tolist():
            fits = matches(tried[k].values, asked, ways).all(axis=1)
            for way in sorted(
                (ways[i] for i in np.nonzero(fits)[0].tolist()), key=lambda way: way.rank
            )[:1]:
                yield tried[k], way, k

    def _chance(self, asked: Asked, best: Tried, count: int) -> Fraction:
        """How likely one of so many tries agrees by coincidence with the entries that it changes.

        Only entries that the mistake changes can tell.
        """
        own, spread = self.question.honest[0, asked.where], self.question.spread[asked.where]
        tells = np.abs(own - best.full[asked.where]) > asked.unit
        odds, off = Fraction(count), np.abs(asked.value - own)
        for unit, wide, far in zip(asked.unit[tells], spread[tells], off[tells], strict=True):
            odds *= agreement(float(unit + wide), float(far))
        return min(Fraction(1), odds)

    def _pairs(self, asked: Asked, wrong: Entry) -> Iterator[Tried]:
        """Two mistakes, of which one gives the first wrong quantity alone, or both reach it."""
        left = min(MOST_PAIRS, PAIR_PRODUCTS // max(1, total_products(self.question.problem)))
        alone, reaching, keeping = self._pruned(asked, wrong)
        first = asked.some(np.array([entry[:2] == wrong[:2] for entry in asked.entries]))
        seen: set[frozenset[int]] = set()
        for k in sorted(np.nonzero(keeping & (alone | reaching))[0].tolist(), key=_last(alone)):
            beside = keeping & (reaching | alone[k])
            beside[[k, *(o for pair in seen if k in pair for o in pair)]] = False
            wanted = np.nonzero(beside)[0].tolist()
            for other in self._seconds(k, wanted):
                pair = frozenset((k, other))
                if not left:
                    return
                left -= 1
                seen.add(pair)
                tried = self._together(k, other) if self._begun(k, other, first) else None
                if tried is not None:
                    yield tried

    def _pruned(self, asked: Asked, wrong: Entry) -> tuple[Floats, Floats, Floats]:
        """Which mistakes give the first wrong quantity alone, reach it, and keep what comes before.

        A mistake reaches a quantity where it changes its numbers or its equation.
        """
        order = self.question.number
        first = asked.some(np.array([entry[:2] == wrong[:2] for entry in asked.entries]))
        earlier = np.array([order[entry] < order[wrong] for entry in asked.entries])
        before = asked.some(earlier & np.array([e[:2] != wrong[:2] for e in asked.entries]))
        full = self.stacked[:, first.where]
        changed = np.abs(full - self.question.honest[0, first.where]) > NEAR * first.unit
        read = np.array([wrong[1] in tried.touches for tried in self.singles], dtype=bool)
        return self._near(first), changed.any(axis=1) | read, self._near(before)

    def _near(self, asked: Asked, full: Floats | None = None) -> Floats:
        """Which mistakes give these numbers, up to rounding."""
        return self._screened(self.stacked if full is None else full, asked)

    def _screened(self, full: Floats, asked: Asked) -> Floats:
        """Which mistakes may give numbers: nothing is rounded yet, so with some room.

        And which change every number that lies beyond rounding at least half as far as it lies off.
        """
        room = WIDE * self.question.spread[asked.where] + self._room[asked.where]
        near = (np.abs(full[:, asked.where] - asked.value) <= room + 1.1 * asked.unit).all(axis=1)
        return near & self._changing(full, asked)

    def _changing(self, full: Floats, asked: Asked) -> Floats:
        own = self.question.honest[0, asked.where]
        off = np.abs(asked.value - own)
        far = off > np.maximum(self.question.spread[asked.where], asked.unit)
        changed: Floats = np.abs(full[:, asked.where] - own) > off / 2
        return (changed | ~far).all(axis=1)

    @cached_property
    def _room(self) -> Floats:
        """Two units of the last asked place of every entry."""
        places = [self.question.asked_places(entry) for entry in self.question.entries]
        return 2 * 10.0 ** -np.array(places, dtype=float)

    @cached_property
    def _order(self) -> dict[Any, int]:
        return {tried.made[0].key: k for k, tried in enumerate(self.singles)}

    def _seconds(self, k: int, wanted: Sequence[int]) -> list[int]:
        """Those of the wanted mistakes that can still be made beside one."""
        known = self._after.setdefault(k, {})
        missing: dict[str, set[Any]] = {}
        for other in wanted:
            if other not in known:
                key = self.singles[other].made[0].key
                missing.setdefault(key[0], set()).add(key)
                known[other] = None
        for rule, keys in missing.items():
            for second in CATALOGUE[rule].variants(self.singles[k].variant.problem, keys):
                known[self._order[second.key]] = second
        return [other for other in wanted if known[other] is not None]

    def _begun(self, k: int, other: int, first: Asked) -> bool:
        """Whether two mistakes give the numbers of one quantity: the walk need not go farther."""
        key, site = (k, other), first.entries[0][:2]
        if key in self._pairs_made:
            made = self._pairs_made[key]
            full = None if made is None else made.full
        else:
            second = self._after[k][other]
            made_of = () if second is None else (self.singles[k].made[0], second)
            full = self._until.setdefault(site, {}).get(key)
            if full is None and second is not None:
                full = self.question.until(second.problem, site, _wrapped(made_of))
                self._until[site][key] = full
        return full is not None and bool(self._near(first, full[None])[0])

    def _together(self, k: int, other: int) -> Tried | None:
        """Two mistakes made together; kept, since a class makes the same ones again."""
        if (k, other) not in self._pairs_made:
            second = self._after[k][other]
            made = (self.singles[k].made[0], second) if second is not None else ()
            self._pairs_made[k, other] = self._tried(made) if made else None
        return self._pairs_made[k, other]

    @cached_property
    def _after(self) -> dict[int, dict[int, Variant[Problem] | None]]:
        return {}

    @cached_property
    def _until(self) -> dict[tuple[int, str], dict[tuple[int, int], Floats | None]]:
        return {}

    @cached_property
    def _pairs_made(self) -> dict[tuple[int, int], Tried | None]:
        return {}


def _last(alone: Floats) -> Callable[[int], tuple[bool, int]]:
    """The order in which mistakes are tried: those that give the quantity alone come first."""
    return lambda k: (not alone[k], k)


def _wrapped(made: Sequence[Variant[Problem]]) -> Any:
    """What operations mean after all changes."""
    wraps = [part.wrap for part in made]
    first, last = wraps[0], wraps[-1]
    if len(wraps) == 1 or first is last or not _changes(first):
        return last
    return first if not _changes(last) else lambda inner: first(last(inner))


def _changes(wrap: Any) -> bool:
    from verifier.rewrites.model import unwrapped

    return wrap is not unwrapped


def _stacked(tried: Sequence[Tried], question: Question) -> Floats:
    if not tried:
        return np.zeros((0, len(question.entries)))
    return np.stack([each.full for each in tried])


def agreement(wide: float, far: float) -> Fraction:
    """How likely a number agrees within a width, if it lay as far off as this one, or twice."""
    if not np.isfinite(wide) or not np.isfinite(far) or 4 * far <= wide:
        return Fraction(1)
    return Fraction(wide / (4 * far)).limit_denominator(10**12)
