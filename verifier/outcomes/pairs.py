"""Two mistakes at once: those that may give the first wrong quantity, and no number before it.

Of two mistakes, one must give the first wrong quantity alone, or both must have a hand in it: what
cannot touch the first wrong entry is not tried, nor what changes a number before it. At most
`MOST_PAIRS` pairs are tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from verifier.arithmetic.protocol import QuantityAt, Value
from verifier.certify import total_products
from verifier.outcomes.asked import NEAR, Asked, Floats
from verifier.outcomes.beside import unchanged
from verifier.outcomes.honest import Question
from verifier.outcomes.model import Entry
from verifier.outcomes.tried import Tried, wrapped
from verifier.problem import Problem
from verifier.rewrites.catalogue import CATALOGUE
from verifier.rewrites.model import Variant

if TYPE_CHECKING:
    from verifier.outcomes.mistakes import Mistakes

MOST_PAIRS, PAIR_PRODUCTS = 3000, 3_000_000
"""Pairs are tried up to so many, and up to so many scalar products in all."""

MOST_KEPT = 6000
"""Pairs are kept for the next sheet up to about so many."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of the mistakes on a question; what does not depend on who answers is kept."""

    mistakes: Mistakes

    @property
    def question(self) -> Question:
        """The question that was asked."""
        return self.mistakes.question

    @property
    def singles(self) -> Sequence[Tried]:
        """The single mistakes."""
        return self.mistakes.singles

    def tried(self, asked: Asked, wrong: Entry) -> Iterator[Tried | None]:
        """Two mistakes, of which one gives the first wrong quantity alone, or both reach it.

        None for each two that do not give that quantity.
        """
        self._forget()
        left = min(MOST_PAIRS, PAIR_PRODUCTS // max(1, total_products(self.question.problem)))
        alone, reaching, keeping = self._pruned(asked, wrong)
        first = asked.some(np.array([entry[:2] == wrong[:2] for entry in asked.entries]))
        seen: set[frozenset[int]] = set()
        for k in sorted(np.nonzero(keeping & (alone | reaching))[0].tolist(), key=_last(alone)):
            beside = keeping & (reaching | alone[k])
            beside[[k, *(o for pair in seen if k in pair for o in pair)]] = False
            others = list(self._seconds(k, np.nonzero(beside)[0].tolist()))[:left]
            left -= len(others)
            seen |= {frozenset((k, other)) for other in others}
            yield from self._beside(k, others, first, asked)
            if not left:
                return

    def _beside(
        self, k: int, others: Sequence[int], first: Asked, asked: Asked
    ) -> Iterator[Tried | None]:
        """A mistake with each of some others; None where they do not begin with the numbers.

        The walk goes on from the first wrong quantity to the next that the mistake alone does not
        give, and only then to the end.
        """
        begun = self._begun(k, others, first)
        near = self.mistakes.each_near(asked, self.mistakes.full[k : k + 1])[0]
        off = [e[:2] for e, fits in zip(asked.entries, near.tolist(), strict=True) if not fits]
        later = next((site for site in off if site != first.entries[0][:2]), None)
        if later is not None:
            there = asked.some(np.array([entry[:2] == later for entry in asked.entries]))
            begun = self._begun(k, begun, there)
        kept = {*begun}
        yield from (self._together(k, other) if other in kept else None for other in others)

    def _pruned(self, asked: Asked, wrong: Entry) -> tuple[Floats, Floats, Floats]:
        """Which mistakes give the first wrong quantity alone, reach it, and keep what comes before.

        A mistake reaches a quantity where it changes its numbers or its equation.
        """
        order = self.question.number
        first = asked.some(np.array([entry[:2] == wrong[:2] for entry in asked.entries]))
        earlier = np.array([order[entry] < order[wrong] for entry in asked.entries])
        before = asked.some(earlier & np.array([e[:2] != wrong[:2] for e in asked.entries]))
        full = self.mistakes.full[:, first.where]
        changed = np.abs(full - self.question.honest[0, first.where]) > NEAR * first.unit
        read = np.array([tried.changes(wrong[:2]) for tried in self.singles], dtype=bool)
        return self.mistakes.near(first), changed.any(axis=1) | read, self.mistakes.near(before)

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

    def _begun(self, k: int, others: Sequence[int], part: Asked) -> list[int]:
        """Those others that give the numbers of one quantity beside a mistake."""
        if not others:
            return []
        unknown = np.full(len(self.question.entries), np.nan)
        found = [self._at(k, other, part.entries[0][:2]) for other in others]
        full = np.stack([unknown if one is None else one for one in found])
        near = self.mistakes.near(part, full).tolist()
        return [other for other, fits in zip(others, near, strict=True) if fits]

    def _at(self, k: int, other: int, site: QuantityAt) -> Floats | None:
        """What two mistakes give of a quantity: the walk goes no farther."""
        key = (k, other)
        if key in self._pairs_made:
            both = self._pairs_made[key]
            return None if both is None else both.full
        known = self._until.setdefault(site, {})
        second = self._after[k][other]
        if key not in known and second is not None:
            made, left = (self.singles[k].made[0], second), unchanged(self._trace(k), second)
            known[key] = self.question.until(second.problem, site, wrapped(made), left)
        return known.get(key)

    def _trace(self, k: int) -> Mapping[QuantityAt, Value]:
        """The values that one mistake gives."""
        if k not in self._traces:
            made = self.singles[k].made[0]
            self._traces[k] = self.question.trace(made.problem, made.wrap)
        return self._traces[k]

    def _together(self, k: int, other: int) -> Tried | None:
        """Two mistakes made together; kept, since a class makes the same ones again."""
        if (k, other) not in self._pairs_made:
            second = self._after[k][other]
            made = (self.singles[k].made[0], second) if second is not None else ()
            self._pairs_made[k, other] = self.mistakes.tried(made) if made else None
        return self._pairs_made[k, other]

    def _forget(self) -> None:
        """What was kept of other people's sheets, where it became much."""
        if sum(map(len, self._after.values())) > MOST_KEPT:
            for kept in (self._after, self._until, self._pairs_made, self._traces):
                kept.clear()

    @cached_property
    def _after(self) -> dict[int, dict[int, Variant[Problem] | None]]:
        return {}

    @cached_property
    def _until(self) -> dict[QuantityAt, dict[tuple[int, int], Floats | None]]:
        return {}

    @cached_property
    def _traces(self) -> dict[int, Mapping[QuantityAt, Value]]:
        return {}

    @cached_property
    def _pairs_made(self) -> dict[tuple[int, int], Tried | None]:
        return {}


def _last(alone: Floats) -> Callable[[int], tuple[bool, int]]:
    """The order in which mistakes are tried: those that give the quantity alone come first."""
    return lambda k: (not alone[k], k)
