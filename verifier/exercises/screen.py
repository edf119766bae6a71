"""Which candidates are fair, proven for many at once: a lane each, with radii.

Fair is what `check.fairness` means: no habit that earns all points gives another digit, and every
mistake shows that is not the same formula. Beside that, no call is close and no number tiny.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from verifier.arithmetic.enclosed import Enclosed, Floats, lower, sizes
from verifier.arithmetic.lane_digits import digits, is_zero, room
from verifier.arithmetic.lanes import Lanes
from verifier.arithmetic.protocol import Arithmetic, QuantityAt
from verifier.arithmetic.wrap.blurred import Blurred
from verifier.arithmetic.wrap.rounded import Rounded
from verifier.check.fairness import same_formula
from verifier.check.repair import MARGIN
from verifier.errors import ProblemError
from verifier.evaluate import evaluate, sites
from verifier.exercises.plan import Plan
from verifier.exercises.unknowns import Unknowns
from verifier.outcomes.model import Explanation
from verifier.outcomes.ways import NEAREST, ways
from verifier.problem import Problem
from verifier.rewrites.catalogue import variants
from verifier.rewrites.model import Variant
from verifier.rounding import Policy, Rounding

TINY = 1e-4
"""No number is smaller, unless it is zero whatever is drawn: systems take such answers for zero."""

PROBED = 64
"""Candidates that tell which mistakes never show."""

Demand = tuple[str, str]
"""What a candidate fails: `margin`, `tiny`, `habit`, `mistake` or `number`, and which."""

Mistake = Variant[Problem]


@dataclass(frozen=True, eq=False)
class Screen:
    """A plan with all that its candidates are held against."""

    plan: Plan
    failed: Counter[Demand] = field(default_factory=Counter)
    met: Counter[Demand] = field(default_factory=Counter)

    @cached_property
    def habits(self) -> tuple[Policy, ...]:
        """One policy for all habits that differ in what becomes of ties alone: both are enclosed.

        Those that carry the fewest places come first, since they fail the most.
        """
        own = self.plan.problem.rounding.mode
        found = (way for way in ways(self.plan.problem) if way.habit)
        policies = (
            replace(way.policy, mode=own if own in NEAREST else way.policy.mode) for way in found
        )
        distinct = dict.fromkeys(p for p in policies if p.kind != "final")
        return tuple(sorted(distinct, key=lambda p: p.places or p.figures or 0))

    @cached_property
    def sites(self) -> tuple[QuantityAt, ...]:
        """Where quantities are asked for."""
        problem = self.plan.problem
        return tuple(site for site in sites(problem) if problem.only.shows(*site))

    @cached_property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The mistakes of the catalogue but those that are the same formula.

        Those that no candidate of the probe shows come first: they may never show.
        """
        made = tuple(variants(self.plan.template, "mistake"))
        silent = {explained(one): one for one in made if not self._shows(one)}
        same = set(same_formula(self.plan.problem, list(silent)))
        first = [one for why, one in silent.items() if why not in same]
        return (*first, *(one for one in made if explained(one) not in silent))

    def _shows(self, mistake: Mistake) -> bool:
        """Whether a mistake changes digits of any of the first candidates, in full precision."""
        full = [digits(*pair) for pair in self._walk(self._probe, self.plan.template)]
        return bool(self._differs(mistake, self._probe, full).any())

    @cached_property
    def _probe(self) -> Unknowns:
        """Some candidates, the same ones for every search."""
        raw = np.random.Philox(key=0).random_raw(len(self.plan.slots) * PROBED)
        return self._lanes(self.plan.drawn(raw.reshape(-1, PROBED)))

    @cached_property
    def _zeros(self) -> Floats:
        """The entries that are zero whatever is drawn."""
        found = self._walk(self._probe, self.plan.template)
        return np.concatenate([is_zero(value).all(axis=0) for value, _ in found])

    def _lanes(self, units: Floats) -> Unknowns:
        return Unknowns(units, self.plan.places)

    def fair(self, units: Floats) -> Floats:
        """Which candidates are proven fair, by their lanes in order."""
        lanes = _Kept(self._lanes(units), np.arange(units.shape[1]))
        full = self._walk(lanes.values, self.plan.template)
        lanes = self._kept(lanes, self._apart(full), ("margin", ""))
        lanes = self._kept(lanes, self._large(full)[lanes.at], ("tiny", ""))
        asked = self._asked(lanes.values)
        sure = np.logical_and.reduce([found.all(axis=1) for _, found in asked])
        lanes, asked = self._both(lanes, asked, sure, ("habit", "own"))
        lanes, asked = self._by_habits(lanes, asked)
        for mistake in self.mistakes:
            shows = self._differs(mistake, lanes.values, asked)
            lanes, asked = self._both(lanes, asked, shows, ("mistake", mistake.rule))
        return lanes.at

    def _by_habits(self, lanes: _Kept, asked: Digits) -> tuple[_Kept, Digits]:
        """The lanes in which no habit gives other digits.

        Where any rounding to the places of habits leaves the digits alone, no habit need be tried.
        """
        alone = self._alone(lanes.values, asked)
        if alone.all() or not self.habits:
            return lanes, asked
        open_ = _Kept(lanes.values.some(~alone), np.nonzero(~alone)[0])
        left = _some(asked, ~alone)
        for policy in self.habits:
            agrees = self._agrees(policy, open_.values, left)
            open_, left = self._both(open_, left, agrees, ("habit", policy.kind))
        alone[open_.at] = True
        return _Kept(lanes.values.some(alone), lanes.at[alone]), _some(asked, alone)

    def _alone(self, values: Unknowns, asked: Digits) -> Floats:
        """Which lanes keep their digits for certain, wherever habits round."""
        if self.plan.problem.policy.kind != "final":
            return np.zeros(values.units.shape[1], dtype=bool)
        blurred = Blurred(Lanes(values.known), self._coarsest)
        return self._same(self._traced(values, self.plan.template, blurred), asked, values)

    def _coarsest(self, name: str) -> Rounding:
        """The coarsest rule by which a habit rounds results of a quantity."""
        rule = self.plan.problem.rule(name)
        carried = (policy.carried(rule) for policy in self.habits)
        return min(carried, key=lambda rule: rule.count, default=rule)

    def _kept(self, lanes: _Kept, keep: Floats, demand: Demand) -> _Kept:
        self.failed[demand] += int((~keep).sum())
        self.met[demand] += keep.size
        return lanes if keep.all() else _Kept(lanes.values.some(keep), lanes.at[keep])

    def _both(
        self, lanes: _Kept, asked: Digits, keep: Floats, demand: Demand
    ) -> tuple[_Kept, Digits]:
        kept = self._kept(lanes, keep, demand)
        return (lanes, asked) if kept is lanes else (kept, _some(asked, keep))

    def _apart(self, full: Walked) -> Floats:
        """Which lanes have no value near to where its digits change."""
        room_of = np.concatenate([room(value, rule) for value, rule in full], axis=1)
        return np.asarray(((room_of >= MARGIN) | self._zeros).all(axis=1))

    def _large(self, full: Walked) -> Floats:
        """Which lanes have no tiny value."""
        least = np.concatenate([lower(sizes(value)) for value, _ in full], axis=1)
        return np.asarray(((least >= TINY) | self._zeros).all(axis=1))

    def _asked(self, values: Unknowns) -> Digits:
        """The digits that are asked for, in units of the last place."""
        policy = self.plan.problem.policy
        return [digits(*pair) for pair in self._walk(values, self.plan.template, policy)]

    def _agrees(self, policy: Policy, values: Unknowns, asked: Digits) -> Floats:
        """Which lanes have the asked digits for certain under a policy."""
        return self._same(self._walk(values, self.plan.template, policy), asked, values)

    def _same(self, found: Walked, asked: Digits, values: Unknowns) -> Floats:
        """Which lanes have the asked digits for certain."""
        same = np.ones(values.units.shape[1], dtype=bool)
        for (value, rule), (own, _) in zip(found, asked, strict=True):
            units, sure = digits(value, rule)
            same &= ((units == own) & sure).all(axis=1)
        return same

    def _differs(self, mistake: Mistake, values: Unknowns, asked: Digits) -> Floats:
        """Which lanes have other digits for certain where a mistake is made.

        Where it divides by zero, or a number gets too large, there are none that could be asked.
        """
        seen = np.zeros(values.units.shape[1], dtype=bool)
        own = dict(zip(self.sites, asked, strict=True))

        def look(step: int, name: str, value: Enclosed) -> None:
            if (step, name) in own:
                here = self._chosen(value, name)
                units, sure = digits(here, self.plan.problem.rule(name))
                other = (units != own[step, name][0]) & sure
                seen[:] |= (other | ~np.isfinite(here.radius)).any(axis=1)
                if seen.all():
                    raise _SeenError

        with suppress(_SeenError, ProblemError):
            evaluate(mistake.problem, mistake.wrap(Lanes(values.known)), look=look)
            return seen
        return np.ones_like(seen)

    def _walk(
        self,
        values: Unknowns,
        problem: Problem,
        policy: Policy | None = None,
    ) -> Walked:
        """The entries that are asked for, by lanes, each with its rule."""
        inner: Arithmetic = Lanes(values.known)
        if policy is not None and policy.kind != "final":
            inner = Rounded(Lanes(values.known), policy, self.plan.problem.rule)
        return self._traced(values, problem, inner)

    def _traced(self, values: Unknowns, problem: Problem, arithmetic: Arithmetic) -> Walked:
        own, trace = self.plan.problem, evaluate(problem, arithmetic)
        lanes = values.units.shape[1]
        found = ((self._chosen(trace.values[s], s[1]), own.rule(s[1])) for s in self.sites)
        return [(value.spread(lanes), rule) for value, rule in found]

    def _chosen(self, value: Enclosed, name: str) -> Enclosed:
        """The entries of a quantity that are asked for."""
        chosen, found = self.plan.problem.only.chosen(name), value.flat()
        return found if chosen is None else found[(list(chosen),)]


Walked = list[tuple[Enclosed, Rounding]]
Digits = list[tuple[Floats, Floats]]


class _SeenError(Exception):
    """A mistake shows in every lane: the walk need not go farther."""


@dataclass(frozen=True, eq=False)
class _Kept:
    """Lanes that are left, and where they stood."""

    values: Unknowns
    at: Floats


def _some(asked: Digits, keep: Floats) -> Digits:
    return [(units[keep], sure[keep]) for units, sure in asked]


def explained(mistake: Mistake) -> Explanation:
    """What a mistake is called."""
    return Explanation("mistake", mistake.rule, mistake.about)
