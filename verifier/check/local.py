"""Each quantity beside what follows from the person's own earlier numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

import numpy as np

from verifier.check.model import Entry, Explanation, Finding, Given
from verifier.check.own import as_changed, followed
from verifier.check.slips import slip
from verifier.check.verdicts import Numbers, Verdicts


class Local:
    """What follows, what a mistake in one quantity explains, and what is left."""

    def __init__(self, verdicts: Verdicts, given: Numbers) -> None:
        self.verdicts, self.given, self.question = verdicts, given, verdicts.question
        self.ends = followed(self.question, given) or {}
        self.open = {entry for entry, _ in verdicts.open(given)} | verdicts.alone
        self.follows = {e for e, n in given if e in self.open and self._follows(e, n)}
        self.made = dict(self._made())

    def _slack(self, entry: Entry, number: Given) -> float:
        """A unit of the last place, or what rounding every operation may do where that is more."""
        spread = float(self.question.spread[self.question.number[entry]])
        return 1.001 * max(10.0 ** -self.question.places(entry, number), spread)

    def _follows(self, entry: Entry, number: Given) -> bool:
        low, high = self.ends.get(entry, (float("nan"),) * 2)
        slack = self._slack(entry, number)
        return low - slack <= float(number.value) <= high + slack

    def _honest(self, entry: Entry, number: Given) -> bool:
        """Whether the number lies among those of honest people, whatever they mixed."""
        k = self.question.number[entry]
        true = float(self.question.honest[0, k])
        return abs(float(number.value) - true) <= self._slack(entry, number)

    def _astray(self, entry: Entry, number: Given) -> bool:
        """Whether neither the person's own numbers nor an honest way give this one."""
        known = entry in self.verdicts.told or entry in self.follows
        return entry in self.open and not known and not self._honest(entry, number)

    def _made(self) -> Iterator[tuple[tuple[int, str], tuple[int, tuple[int, ...]]]]:
        """Mistakes by the quantity in which they are made; one that explains most comes first."""
        sites: dict[tuple[int, str], Numbers] = {}
        for entry, number in self.given:
            if self._astray(entry, number):
                sites.setdefault(entry[:2], []).append((entry, number))
        known = dict(self.given)
        fits: dict[int, list[tuple[int, str]]] = {}
        for k, tried in enumerate(self.verdicts.mistakes.singles):
            reach = {s for s in sites if s[1] in tried.touches and s[0] >= tried.variant.first}
            if reach:
                values = as_changed(self.question, tried.variant, self.given) or {}
                fits[k] = [s for s in reach if self._all(s, values, known)]
        left = set(sites)
        while left:
            best = max(fits, key=lambda k: (len(left & set(fits[k])), -k), default=None)
            if best is None or not left & set(fits[best]):
                return
            for site in sorted(left & set(fits[best])):
                also = [k for k in fits if site in fits[k] and k != best]
                yield site, (best, tuple(also))
            left -= set(fits[best])

    def _all(
        self, site: tuple[int, str], values: Mapping[Entry, float], known: Mapping[Entry, Given]
    ) -> bool:
        """Whether changed equations give all numbers of a quantity that were given."""
        own = [entry for entry in known if entry[:2] == site]
        wide = {e: self.ends[e][1] - self.ends[e][0] if e in self.ends else 0.0 for e in own}
        return all(
            e in values
            and abs(float(known[e].value) - values[e]) <= self._slack(e, known[e]) + wide[e]
            for e in own
        )

    def wrong(self) -> bool:
        """Whether a number stays unexplained."""
        return any(
            entry[:2] not in self.made
            for entry, number in self.given
            if entry in self.open and entry not in self.follows and not self._honest(entry, number)
        )

    def slipped(self) -> bool:
        """Whether single numbers are off, as by slips: that is simpler than two mistakes."""
        return all(
            self._isolated(entry) or getattr(self._slip(entry, number), "id", "other") != "other"
            for entry, number in self.given
            if self._astray(entry, number) and entry[:2] not in self.made
        )

    def _isolated(self, entry: Entry) -> bool:
        """Whether every other number of the same quantity is right, or follows."""
        others = [(e, n) for e, n in self.given if e[:2] == entry[:2] and e != entry]
        return bool(others) and not any(self._astray(e, n) for e, n in others)

    def told(self) -> None:
        """Put the verdicts down, in order: once something went wrong, what fits follows."""
        singles, astray = self.verdicts.mistakes.singles, False
        spoken: dict[int, list[Entry]] = {}
        also: dict[int, tuple[int, ...]] = {}
        for entry, number in self.given:
            if entry not in self.open or (entry in self.verdicts.told and not astray):
                continue
            if entry in self.follows:
                way = Explanation("policy", "equation")
                follow = Explanation("follows", "own")
                self.verdicts.told[entry] = ("follows", follow) if astray else ("rounding", way)
            elif entry in self.verdicts.told:
                continue
            elif self._honest(entry, number):
                self.verdicts.told[entry] = "rounding", Explanation("policy", "operation")
            elif entry[:2] in self.made:
                k, others = self.made[entry[:2]]
                spoken.setdefault(k, []).append(entry)
                also[k] = others
                self.verdicts.told[entry] = "mistake", singles[k].explanation
                astray = True
            else:
                self.verdicts.told[entry] = "wrong", self._slip(entry, number)
                astray = True
        self._findings(spoken, also)

    def _slip(self, entry: Entry, number: Given) -> Explanation | None:
        low, high = self.ends.get(entry, (0.0, 0.0))
        true = self.question.honest[0, self.question.number[entry]]
        places = self.question.places(entry, number)
        for value in (float(true), (low + high) / 2):
            if np.isfinite(value):
                found = slip(Fraction(value), number.value, places)
                if found is not None:
                    return found
        later = [e for e, _ in self.given if e in self.follows and e[0] >= entry[0]]
        return Explanation("slip", "other") if later else None

    def _findings(
        self, spoken: Mapping[int, list[Entry]], also: Mapping[int, tuple[int, ...]]
    ) -> None:
        singles = self.verdicts.mistakes.singles
        for k, entries in spoken.items():
            others = tuple(singles[other].explanation for other in also[k][:4])
            equations = singles[k].used(self.question.problem)
            self.verdicts.findings.append(
                Finding(singles[k].explanation, tuple(entries), equations, others)
            )
