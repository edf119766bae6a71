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
from verifier.check.honest import NEAR, Asked, Floats, Question, Way, matches
from verifier.check.model import Entry, Explanation, Given
from verifier.language.tree import Equation
from verifier.notation.paper import on_paper
from verifier.problem import Problem
from verifier.rewrites.catalogue import variants
from verifier.rewrites.model import Variant

MOST_PAIRS, PAIR_PRODUCTS = 3000, 3_000_000
"""Pairs are tried up to so many, and up to so many scalar products in all."""

MOST_ALSO = 4

Numbers = Sequence[tuple[Entry, Given]]


@dataclass(frozen=True, eq=False)
class Tried:
    """A changed problem (by one mistake or two), and its numbers under every way."""

    variant: Variant[Problem]
    made: tuple[Variant[Problem], ...]
    values: Floats

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
        values = self.question.values(made[-1].problem, _wrapped(made))
        return None if values is None else Tried(made[-1], made, values)

    @cached_property
    def stacked(self) -> tuple[Floats, Floats]:
        """Full precision and the spread of all ways: mistakes by entries."""
        return _stacked(self.singles)

    def single(self, asked: Asked, numbers: Numbers) -> Found | None:
        """The single mistake that gives all these numbers, the simplest way of rounding first."""
        return self._best(self.singles, self.stacked, asked, numbers, len(self.singles))

    def pair(self, asked: Asked, numbers: Numbers, wrong: Entry) -> Found | None:
        """Two mistakes that give all these numbers."""
        pairs = tuple(self._pairs(asked, wrong))
        if not pairs:
            return None
        return self._best(pairs, _stacked(pairs), asked, numbers, len(pairs))

    def _best(
        self,
        tried: Sequence[Tried],
        stacked: tuple[Floats, Floats],
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
        return Found(best, way, tuple(distinct[:MOST_ALSO]), self._chance(asked, best, count))

    def _proven(self, tried: Tried, way: Way, numbers: Numbers) -> bool:
        if len(tried.made) > 1 and _wrapped(tried.made) is not tried.variant.wrap:
            return True  # two keys of the calculator at once: the estimate has to do
        return self.question.proven(tried.variant, way, numbers)

    def _matching(
        self, tried: Sequence[Tried], stacked: tuple[Floats, Floats], asked: Asked
    ) -> Iterator[tuple[Tried, Way, int]]:
        """Mistakes that match, each with its simplest way and its place."""
        if not tried:
            return
        full, spread = (part[:, asked.where] for part in stacked)
        near = (np.abs(full - asked.value) <= spread + 1.1 * asked.unit).all(axis=1)
        ways = self.question.plain
        for k in np.nonzero(near)[0].tolist():
            fits = matches(tried[k].values, asked, ways).all(axis=1)
            for way in sorted(
                (ways[i] for i in np.nonzero(fits)[0].tolist()), key=lambda way: way.rank
            )[:1]:
                yield tried[k], way, k

    def _chance(self, asked: Asked, best: Tried, count: int) -> Fraction:
        """How likely one of so many tries agrees by coincidence, were digits drawn from ±1.

        Only entries that the mistake changes can tell.
        """
        own, changed = self.question.honest[0], best.values[0]
        tells = np.abs(own - changed)[asked.where] > asked.unit
        odds = Fraction(count * len(self.question.plain))
        for unit in asked.unit[tells]:
            odds *= Fraction(float(unit)).limit_denominator(10**12)
        return min(Fraction(1), odds)

    def _pairs(self, asked: Asked, wrong: Entry) -> Iterator[Tried]:
        """Two mistakes, of which one gives the first wrong quantity alone, or both reach it."""
        left = min(MOST_PAIRS, PAIR_PRODUCTS // max(1, total_products(self.question.problem)))
        alone, reaching, keeping = self._pruned(asked, wrong)
        seen: set[frozenset[int]] = set()
        for k in sorted(np.nonzero(keeping & (alone | reaching))[0].tolist(), key=_last(alone)):
            for other in self._seconds(k):
                pair = frozenset((k, other))
                if pair in seen or not keeping[other] or not (alone[k] or reaching[other]):
                    continue
                if not left:
                    return
                left -= 1
                seen.add(pair)
                tried = self._together(k, other)
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
        full = self.stacked[0][:, first.where]
        changed = np.abs(full - self.question.honest[0, first.where]) > NEAR * first.unit
        read = np.array([wrong[1] in tried.touches for tried in self.singles], dtype=bool)
        return self._near(first), changed.any(axis=1) | read, self._near(before)

    def _near(self, asked: Asked) -> Floats:
        """Which mistakes give these numbers, up to rounding."""
        full, spread = (part[:, asked.where] for part in self.stacked)
        near: Floats = (np.abs(full - asked.value) <= spread + 1.1 * asked.unit).all(axis=1)
        return near

    @cached_property
    def _order(self) -> dict[Any, int]:
        return {tried.made[0].key: k for k, tried in enumerate(self.singles)}

    def _seconds(self, k: int) -> dict[int, Variant[Problem]]:
        """The mistakes that can still be made beside one, by their numbers."""
        if k not in self._after:
            every = variants(self.singles[k].variant.problem, "mistake")
            known = ((self._order.get(second.key), second) for second in every)
            self._after[k] = {n: second for n, second in known if n is not None and n != k}
        return self._after[k]

    def _together(self, k: int, other: int) -> Tried | None:
        """Two mistakes made together; kept, since a class makes the same ones again."""
        if (k, other) not in self._pairs_made:
            made = self.singles[k].made[0], self._seconds(k)[other]
            self._pairs_made[k, other] = self._tried(made)
        return self._pairs_made[k, other]

    @cached_property
    def _after(self) -> dict[int, dict[int, Variant[Problem]]]:
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


def _stacked(tried: Sequence[Tried]) -> tuple[Floats, Floats]:
    if not tried:
        return np.zeros((0, 0)), np.zeros((0, 0))
    full = np.stack([each.values[0] for each in tried])
    with np.errstate(all="ignore"):
        spread = np.stack([np.abs(t.values - t.values[0]).max(axis=0) for t in tried])
    return full, np.where(np.isnan(spread), np.inf, spread)
