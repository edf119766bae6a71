"""Quantities that were made with one number of the question left out, or read wrongly.

Who reads a number wrongly everywhere is found by the whole sheet; here it was done in some
quantities only, beside the person's own earlier numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from verifier.arithmetic.protocol import QuantityAt
from verifier.check.causes import Cause, most_first
from verifier.outcomes.asked import Floats
from verifier.outcomes.mistakes import MOST_ALSO, MOST_CHANCE, SLIPS
from verifier.outcomes.model import Entry, Explanation, Given
from verifier.outcomes.own import as_read
from verifier.outcomes.tried import agreement
from verifier.rewrites.readings import change

if TYPE_CHECKING:
    from verifier.check.local import Local


@dataclass(frozen=True, eq=False)
class Beside:
    """The given numbers of a quantity: values, what they may be off, and what follows there."""

    where: list[int]
    given: Floats
    slack: Floats
    middle: Floats
    astray: Floats

    def keeping(self, values: Floats) -> Floats:
        """Which readings give the numbers that are right, and another one of those astray."""
        own = values[:, self.where]
        kept = (np.abs(own - self.given) <= self.slack)[:, ~self.astray].all(axis=1)
        changed: Floats = (np.abs(own - self.middle) > self.slack)[:, self.astray].any(axis=1)
        return kept & changed

    def fitting(self, values: Floats) -> Floats:
        """Which readings give all numbers, and those astray much better than what follows does."""
        off = np.abs(values[:, self.where] - self.given)
        better = off < np.abs(self.middle - self.given) / 2
        found: Floats = (off <= self.slack).all(axis=1) & better[:, self.astray].all(axis=1)
        return found


class Reread:
    """The readings of the question beside one person's own numbers."""

    def __init__(
        self, local: Local, sites: Mapping[QuantityAt, Sequence[tuple[Entry, Given]]]
    ) -> None:
        self.local, self.sites = local, sites
        self.readings = local.mistakes.readings

    @cached_property
    def values(self) -> Floats | None:
        """The numbers that each reading gives: readings by entries."""
        if not self.readings.every:
            return None
        return as_read(self.local.question, self.readings.arithmetic, self.local.given)

    def causes(self) -> Iterator[tuple[QuantityAt, Cause, Fraction]]:
        """Quantities with the reading that gives their numbers, and how likely by coincidence.

        Numbers left out come first: there are far fewer of these.
        """
        values = self.values
        if values is None:
            return
        left = {site: self._beside(site) for site in self.sites}
        every = np.ones(len(values), dtype=bool)
        for some in (self.readings.missed, every):
            for site, cause, chance in self._among(some, values, left):
                del left[site]
                yield site, cause, chance

    def _among(
        self, some: Floats, values: Floats, left: Mapping[QuantityAt, Beside]
    ) -> list[tuple[QuantityAt, Cause, Fraction]]:
        chances = {site: self._chance(some, values, beside) for site, beside in left.items()}
        fits: dict[int, list[QuantityAt]] = {}
        for site, beside in left.items():
            if chances[site] <= MOST_CHANCE:
                for k in np.nonzero(some & beside.fitting(values))[0].tolist():
                    fits.setdefault(k, []).append(site)
        found = []
        for best, sites, also in most_first(fits):
            cause = self._cause(best, sites, also)
            found += [(site, cause, chances[site]) for site in sites]
        return found

    def _beside(self, site: QuantityAt) -> Beside:
        local = self.local
        own = [(e, n) for e, n in local.given if e[:2] == site]
        ends = np.array([local.ends.get(e, (np.nan, np.nan)) for e, _ in own])
        slack = np.array([local.slack(e, n) for e, n in own])
        return Beside(
            [local.question.number[e] for e, _ in own],
            np.array([float(n.value) for _, n in own]),
            slack + ends[:, 1] - ends[:, 0],
            ends.mean(axis=1),
            np.array([local.astray(e, n) for e, n in own]),
        )

    def _chance(self, some: Floats, values: Floats, beside: Beside) -> Fraction:
        """How likely a reading gives the numbers of a quantity by coincidence.

        Readings that give the same numbers count once.
        """
        tells, own = beside.astray, values[some & beside.keeping(values)][:, beside.where]
        different = np.unique(np.round(own / beside.slack)[:, tells], axis=0)
        odds = Fraction(len(different) + SLIPS) * len(self.sites)
        off = np.abs(beside.given - beside.middle)[tells]
        for slack, far in zip(beside.slack[tells].tolist(), off.tolist(), strict=True):
            odds *= agreement(2 * slack, far)
        return min(Fraction(1), odds)

    def _cause(self, best: int, sites: Sequence[QuantityAt], also: Sequence[int]) -> Cause:
        names = dict.fromkeys(name for _, name in sites)
        others = tuple(self._explanation(k, names) for k in also[:MOST_ALSO])
        return Cause(self._explanation(best, names), (), others)

    def _explanation(self, k: int, names: Mapping[str, None]) -> Explanation:
        """A reading, made in some quantities."""
        rule, reading = self.readings.every[k]
        about = {**change(self.local.question.problem, reading).about, "quantities": tuple(names)}
        return Explanation("mistake", rule, tuple((key, tuple(n)) for key, n in about.items()))
