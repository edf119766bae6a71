"""Mistakes that were made in some quantities, beside the person's own earlier numbers.

A mistake that is made at every step is held against the same quantity at the other steps: where the
person's numbers contradict it there, it is told of the steps that it explains, and comes last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from verifier.arithmetic.protocol import QuantityAt
from verifier.check.causes import Cause, most_first
from verifier.outcomes.mistakes import MOST_ALSO, MOST_CHANCE
from verifier.outcomes.model import Entry, Explanation, Given
from verifier.outcomes.own import Own
from verifier.outcomes.tried import agreement

if TYPE_CHECKING:
    from verifier.check.local import Local

MOST_TIMES = 2
"""A number that stands on the sheet more often tells nothing: at its place, and as another's."""

NOWHERE = (float("nan"), float("nan"))


class Made:
    """The mistakes of the catalogue beside one person's own numbers."""

    def __init__(self, local: Local) -> None:
        self.local, self.question = local, local.question
        self.singles, self.numbers = local.mistakes.singles, Own(local.question, local.given)
        self.own: dict[QuantityAt, list[Entry]] = {}
        for entry in local.known:
            self.own.setdefault(entry[:2], []).append(entry)

    def causes(self) -> Iterator[tuple[QuantityAt, Cause, Fraction]]:
        """Quantities with the mistake that gives their numbers, and how likely by coincidence."""
        fits = self._fits()
        against = {k: self._against(k, set(sites)) for k, sites in fits.items()}
        alone = {k: sites for k, sites in fits.items() if not against[k]}
        yield from self._told(alone, against)
        told = {site for sites in alone.values() for site in sites}
        left = {k: self._likely({*fits[k]} - told, against[k]) for k in fits if against[k]}
        yield from self._told(left, against)

    def _told(
        self,
        fits: Mapping[int, Sequence[QuantityAt]],
        against: Mapping[int, set[QuantityAt]],
    ) -> Iterator[tuple[QuantityAt, Cause, Fraction]]:
        """The causes among some mistakes, each with the quantities for which it stands."""
        for best, sites, also in most_first(fits):
            agreeing = [k for k in also if {*sites} <= {*fits[k]} and self._fully(k, sites, fits)]
            cause = self._cause(best, sites, agreeing, bool(against[best]))
            wide = 1 + len(against[best])
            yield from ((s, cause, min(Fraction(1), wide * self.chances[s])) for s in sites)

    def _fits(self) -> dict[int, list[QuantityAt]]:
        """The quantities that each mistake explains, those alone that tell it from coincidence."""
        fits = {}
        for k, reach in self._reaching.items():
            likely = {site for site in reach if self.chances[site] <= MOST_CHANCE}
            if likely:
                values = self._values(k, likely)
                found = sorted(site for site in likely if self._all(site, values))
                if found:
                    fits[k] = found
        return fits

    def _likely(self, sites: set[QuantityAt], against: set[QuantityAt]) -> list[QuantityAt]:
        """Those of which a mistake that others contradict is no coincidence: it has more ways."""
        wide = 1 + len(against)
        return sorted(site for site in sites if wide * self.chances[site] <= MOST_CHANCE)

    def _values(self, k: int, sites: set[QuantityAt]) -> Mapping[Entry, float]:
        """What a mistake gives of some quantities from the person's own numbers."""
        return self.numbers.as_changed(self.singles[k].variant, sites) or {}

    @cached_property
    def _reaching(self) -> dict[int, set[QuantityAt]]:
        """The mistakes that change the computation of some quantities: by their numbers."""
        found = {}
        for k, tried in enumerate(self.singles):
            reach = {site for site in self.local.sites if tried.changes(site)}
            if reach:
                found[k] = reach
        return found

    @cached_property
    def chances(self) -> dict[QuantityAt, Fraction]:
        """How likely one of the mistakes agrees with each quantity by coincidence."""
        return {site: self._chance(site) for site in self.local.sites}

    def _chance(self, site: QuantityAt) -> Fraction:
        """How likely one agrees with a quantity.

        Whole numbers tell nothing, nor do sums and products of short ones: ones give ones. Nor does
        a number that stands all over the sheet.
        """
        sites = {s for reach in self._reaching.values() for s in reach}
        odds = Fraction(sum(site in reach for reach in self._reaching.values())) * len(sites)
        own = ((e, n) for e, n in self.local.sites[site] if e not in self.local.heads)
        for entry, number in own:
            if number.value.denominator == 1 or self._times[number.value] > MOST_TIMES:
                continue
            low, high = self.local.ends.get(entry, NOWHERE)
            far, wide = abs(float(number.value) - (low + high) / 2), high - low
            odds *= agreement(2 * self.local.slack(entry, number) + wide, far)
        return min(Fraction(1), odds)

    @cached_property
    def _times(self) -> Counter[Fraction]:
        """How often each number stands on the sheet."""
        return Counter(number.value for number in self.local.known.values())

    def _all(self, site: QuantityAt, values: Mapping[Entry, float]) -> bool:
        """Whether changed equations give the numbers of a quantity: all, or those that are astray.

        Who makes a mistake in one entry only has the others right, or as they follow.
        """
        local, known = self.local, self.local.known
        own = [e for e in self.own[site] if local.astray(e, known[e]) or e not in local.follows]
        return all(
            e in values and self._gives(e, values[e]) and self._changed(e, known[e], values[e])
            for e in own
        )

    def _gives(self, entry: Entry, value: float) -> bool:
        """Whether a value agrees with the given number, as far as the person's own numbers say."""
        number = self.local.known[entry]
        low, high = self.local.ends.get(entry, (0.0, 0.0))
        slack = self.local.slack(entry, number)
        return abs(float(number.value) - value) <= slack + high - low

    def _changed(self, entry: Entry, number: Given, value: float) -> bool:
        """Whether a mistake's number is nearer to the given one than the right formula's is."""
        low, high = self.local.ends.get(entry, NOWHERE)
        middle, given = (low + high) / 2, float(number.value)
        return not self.local.astray(entry, number) or abs(value - given) < abs(middle - given) / 2

    def _against(self, k: int, fits: set[QuantityAt]) -> set[QuantityAt]:
        """The given quantities that a mistake changes too, and whose numbers it does not give."""
        rest = {site for site in self.own if self.singles[k].changes(site)} - fits
        values = self._values(k, rest) if rest else {}
        return {
            site
            for site in rest
            if any(e in values and not self._gives(e, values[e]) for e in self.own[site])
        }

    def _fully(
        self, k: int, sites: Sequence[QuantityAt], fits: Mapping[int, Sequence[QuantityAt]]
    ) -> bool:
        """Whether a mistake explains all that it changes at the steps of some quantities."""
        steps = {step for step, _ in sites}
        there = {site for site in self.own if site[0] in steps and self.singles[k].changes(site)}
        return there <= set(fits[k])

    def _cause(
        self, best: int, sites: Sequence[QuantityAt], also: Sequence[int], contradicted: bool
    ) -> Cause:
        """A mistake in some quantities, and others that give the same; at steps where need be."""
        whys = [self.singles[k].explanation for k in (best, *also[:MOST_ALSO])]
        used = self.singles[best].used(self.question.problem)
        if contradicted:
            names = {name for _, name in sites}
            whys = [_at(why, sites) for why in whys]
            used = tuple(eq for eq in used if eq.name in names)
        return Cause(whys[0], used, tuple(whys[1:]))


def _at(why: Explanation, sites: Sequence[QuantityAt]) -> Explanation:
    """A mistake that was made in some quantities alone, at their steps."""
    names, steps = dict.fromkeys(name for _, name in sites), sorted({step for step, _ in sites})
    about = {**dict(why.about), "quantities": tuple(names), "steps": tuple(map(str, steps))}
    return replace(why, about=tuple(about.items()))
