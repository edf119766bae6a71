"""Each quantity beside what follows from the person's own earlier numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from math import prod

import numpy as np

from verifier.arithmetic.protocol import QuantityAt
from verifier.check.causes import Cause
from verifier.check.judge import Told
from verifier.check.made import Made
from verifier.check.model import Finding
from verifier.check.reread import Reread
from verifier.check.roundness import agrees, in_the_head, only_source
from verifier.check.slips import slip
from verifier.check.verdicts import Numbers, Verdicts
from verifier.outcomes.mistakes import MOST_CHANCE, Mistakes
from verifier.outcomes.model import Entry, Explanation, Given
from verifier.outcomes.own import followed
from verifier.outcomes.tried import agreement
from verifier.rounding import Rounding

NARROW = 10
"""Of what follows within more units than this, no digits can be compared."""


class Local:
    """What follows, what a mistake in one quantity explains, and what is left."""

    def __init__(self, mistakes: Mistakes, given: Numbers, verdicts: Verdicts) -> None:
        self.mistakes, self.given, self.verdicts = mistakes, given, verdicts
        self.question, self.known = mistakes.question, dict(given)
        self.exact = self.question.exact(given)
        self.ends = followed(self.question, given) or {}
        self.open = {entry for entry, _ in verdicts.open(given)} | verdicts.alone
        self.follows = {e for e, n in given if self._follows(e, n)}
        self.far = followed(self.question, [pair for pair in given if self._far(*pair)]) or {}
        self.shown = self._showing()
        self.sites = self._sites()
        self.made = {site: (cause, chance) for site, cause, chance in Made(self).causes()}

    def slack(self, entry: Entry, number: Given) -> float:
        """A unit of the last place, or what rounding every operation may do where that is more."""
        spread = float(self.question.spread[self.question.number[entry]])
        return 1.001 * max(10.0 ** -self.question.places(entry, number), spread)

    def _follows(self, entry: Entry, number: Given) -> bool:
        if not (self.exact or self.question.long(entry, number)):
            return False
        low, high = self.ends.get(entry, (float("nan"),) * 2)
        slack = self.slack(entry, number)
        return low - slack <= float(number.value) <= high + slack

    def _honest(self, entry: Entry, number: Given) -> bool:
        """Whether the number lies among those of honest people, whatever they mixed."""
        k = self.question.number[entry]
        true = float(self.question.honest[0, k])
        return abs(float(number.value) - true) <= self.slack(entry, number)

    def astray(self, entry: Entry, number: Given) -> bool:
        """Whether neither the person's own numbers nor an honest way give this one."""
        known = entry in self.verdicts.told or entry in self.follows
        return entry in self.open and not known and not self._honest(entry, number)

    def _sites(self) -> dict[QuantityAt, Numbers]:
        """The numbers that are astray, by quantity."""
        sites: dict[QuantityAt, Numbers] = {}
        for entry, number in self.given:
            if self.astray(entry, number):
                sites.setdefault(entry[:2], []).append((entry, number))
        return sites

    @cached_property
    def causes(self) -> dict[QuantityAt, tuple[Cause, Fraction]]:
        """What was done otherwise in quantities, and how likely it agrees by coincidence.

        Beside mistakes these are numbers of the question that were left out, or misread. Where much
        of the sheet is neither right nor follows, there are too many of those to tell.
        """
        left = {site: own for site, own in self.sites.items() if site not in self.made}
        read = Reread(self, left).causes() if left and self.likely else ()
        return self.made | {site: (cause, chance) for site, cause, chance in read}

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
            if self.astray(entry, number) and entry[:2] not in self.made
        )

    def _isolated(self, entry: Entry) -> bool:
        """Whether every other number of the same quantity is right, or follows."""
        others = [(e, n) for e, n in self.given if e[:2] == entry[:2] and e != entry]
        return bool(others) and not any(self.astray(e, n) for e, n in others)

    def told(self) -> Verdicts:
        """The verdicts, in order: once something went wrong, what fits follows."""
        told: dict[Entry, Told] = {}
        inexact = False
        for entry, number in self.given:
            if entry in self.open:
                told[entry] = self._told(entry, number, inexact)
            now = told.get(entry) or self.verdicts.told[entry]
            inexact |= now.verdict != "correct"
        return self.verdicts.also(told, *self._findings(told))

    def _told(self, entry: Entry, number: Given, inexact: bool) -> Told:
        """One verdict: what follows earns where a cause shows, and else stays what it was.

        A number so coarse that it stands for the right value, too, is not said to follow.
        """
        own, earns = self.verdicts.told.get(entry), self._earns(entry)
        other = own is None and self.likely and not self._honest(entry, number)
        if inexact and entry in self.follows and (earns or other):
            return Told(
                "follows", Explanation("follows", "own" if earns else "unclear"), Fraction(earns)
            )
        if own is not None:
            return own
        if entry[:2] in self.causes:
            return Told("mistake", self.causes[entry[:2]][0].explanation)
        if inexact and entry in self.follows and not self._honest(entry, number):
            return Told("wrong", Explanation("follows", "unclear"), Fraction(0))
        return Told("wrong", self._slip(entry, number))

    def _earns(self, entry: Entry) -> bool:
        """Whether what follows earns: where its quantity shows it, or that of which it is all made.

        One minus a gate shows nothing by itself, and is right where the gate is.
        """
        site: QuantityAt | None = entry[:2]
        while site is not None and site not in self.shown:
            site = only_source(self.question, site)
        return site is not None or entry in self.near

    def _far(self, entry: Entry, number: Given) -> bool:
        """Whether a number is off by more than honest people differ, and a unit more."""
        k = self.question.number[entry]
        off = abs(float(number.value) - float(self.question.honest[0, k]))
        unit = 10.0 ** -self.question.asked_places(entry)
        return off > 1.001 * (unit + float(self.question.spread[k]))

    @cached_property
    def likely(self) -> bool:
        """Whether most of the sheet is right or follows: else what follows is as good as chance."""
        fine = sum(e in self.verdicts.told or e in self.follows - self.plain for e in self.known)
        return fine >= self.question.problem.scoring.habits * len(self.given)

    def _showing(self) -> set[QuantityAt]:
        """Quantities of which something follows that an entry tells from luck.

        It must show what came of numbers that are far off, not of many small deviations.
        """
        sites: dict[QuantityAt, list[Entry]] = {}
        for entry in self.known:
            sites.setdefault(entry[:2], []).append(entry)
        return {
            site
            for site, own in sites.items()
            if any(e in self.open for e in own)
            and any(e in self.follows and self._shows(e, self.known[e]) for e in own)
            and self._certain(own)
        }

    def _certain(self, own: Sequence[Entry]) -> bool:
        """Whether what follows in a quantity is no coincidence.

        All of it follows; or the entries beside one that does not lie so far off. Where much of the
        sheet neither is right nor follows, one entry alone must lie so far off.
        """
        odds = [self._luck(e) for e in own if e in self.open and e in self.follows]
        if not self.likely:
            return min(odds, default=1) <= MOST_CHANCE
        return all(e in self.follows for e in own) or prod(odds) <= MOST_CHANCE

    def _luck(self, entry: Entry) -> Fraction:
        """How likely a number follows by coincidence; what needs no computing tells nothing."""
        if entry in self.plain:
            return Fraction(1)
        low, high = self.ends.get(entry, (float("nan"),) * 2)
        number = self.known[entry]
        far = abs(float(number.value) - float(self.question.honest[0, self.question.number[entry]]))
        return agreement(2 * self.slack(entry, number) + high - low, far)

    @cached_property
    def plain(self) -> set[Entry]:
        """Whole numbers, and those that stand before, as 1 − a or −a too: ones give ones.

        And sums and products of round or repeated numbers: halves give quarters.
        """
        found, before = set[Entry](), set[Fraction]()
        for entry, number in self.given:
            value = abs(number.value)
            if value.denominator == 1 or value in before or self._by_heart(entry):
                found.add(entry)
            before |= {value, abs(1 - number.value), abs(1 + number.value)}
        return found

    def _by_heart(self, entry: Entry) -> bool:
        return agrees(self.question, entry, self.known[entry], self.heads.get(entry))

    @cached_property
    def heads(self) -> dict[Entry, Fraction]:
        """What can be worked in the head from the person's own numbers."""
        return in_the_head(self.question, self.known)

    @cached_property
    def near(self) -> set[Entry]:
        """What follows so near the right number that it shows nothing, where other numbers do.

        It is what the person's own numbers print, and nearer to what comes of those far off than to
        the right number.
        """
        if not self.shown or not self.likely:
            return set()
        return {e for e in self.open & self.follows if self._nearer(e, self.known[e])}

    def _nearer(self, entry: Entry, number: Given) -> bool:
        low, high = self.ends.get(entry, (float("nan"),) * 2)
        half, value = 10.0 ** -self.question.places(entry, number) / 2, float(number.value)
        true = float(self.question.honest[0, self.question.number[entry]])
        caused = sum(self.far.get(entry, (float("nan"),) * 2)) / 2
        return low - half <= value <= high + half and abs(value - caused) < abs(value - true)

    def _shows(self, entry: Entry, number: Given) -> bool:
        """Whether what follows is told apart from the right number; else it may be luck."""
        low, high = self.far.get(entry, (float("nan"),) * 2)
        true = float(self.question.honest[0, self.question.number[entry]])
        return abs((low + high) / 2 - true) > self.slack(entry, number)

    def _slip(self, entry: Entry, number: Given) -> Explanation | None:
        """What turned the right number, or the one that follows, into this one."""
        places = max(0, self.question.places(entry, number))
        rule = Rounding(places, self.question.problem.rule(entry[1]).mode)
        for value in self._meant(entry, number):
            found = slip(Fraction(value), number.value, rule)
            if found is not None and (found.id == "sign" or number.places is not None):
                return found
        return Explanation("slip", "other") if self._alone(entry) else None

    def _meant(self, entry: Entry, number: Given) -> Iterator[float]:
        """The right number, and the one that follows, where it is known well enough to be read."""
        low, high = self.ends.get(entry, (float("nan"),) * 2)
        narrow = high - low <= NARROW * self.slack(entry, number)
        true = float(self.question.honest[0, self.question.number[entry]])
        yield from (v for v in (true, (low + high) / 2) if np.isfinite(v) and (v == true or narrow))

    def _alone(self, entry: Entry) -> bool:
        """Whether this is the one number that is off, and the rest follows from it."""
        order = self.question.number
        later = [e for e, _ in self.given if order[e] > order[entry]]
        astray = any(e != entry and self.astray(e, n) for e, n in self.given)
        shows = any(e[:2] in self.shown for e in later)
        return shows and not astray and all(e in self.follows for e in later)

    def _findings(self, told: Mapping[Entry, Told]) -> Iterator[Finding]:
        """Each cause once, with the numbers that it explains."""
        spoken: dict[Cause, list[Entry]] = {}
        for entry, one in told.items():
            if one.verdict == "mistake":
                spoken.setdefault(self.causes[entry[:2]][0], []).append(entry)
        for cause, entries in spoken.items():
            chance = max(self.causes[e[:2]][1] for e in entries)
            yield Finding(cause.explanation, tuple(entries), cause.used, cause.also, chance)
