"""What honest people give: the numbers of a problem under every policy, mode and carried places.

Estimates in float64, all ways at once, say which way may have given a number; balls then prove it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from verifier.arithmetic.ball import enclosure
from verifier.arithmetic.many_policies import ManyPolicies
from verifier.arithmetic.protocol import QuantityAt, Value
from verifier.certify import Ends, certify, rounded_between
from verifier.errors import ProblemError
from verifier.evaluate import Trace, evaluate, needed
from verifier.outcomes.asked import Asked, Floats, matching
from verifier.outcomes.model import Entry, Given
from verifier.outcomes.ways import MORE_PLACES, Way, ways
from verifier.problem import Problem
from verifier.problem.only import flat
from verifier.rewrites.model import Variant, unwrapped
from verifier.rounding import Mode, Policy, Rounding
from verifier.solution import Solution

MOST_PROOFS = 1000
"""Enclosures of changed problems are kept for the next sheet up to so many."""


@dataclass(frozen=True, eq=False)
class Question:
    """A solved problem with what does not depend on who answers."""

    solution: Solution

    @property
    def problem(self) -> Problem:
        """The problem that was asked."""
        return self.solution.problem

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every entry, step by step, in the order of evaluation."""
        problem = self.problem
        return tuple(
            (step, name, index)
            for step in range(1, problem.steps + 1)
            for name in self.solution.order
            for index in np.ndindex(problem.shapes[name])
        )

    @cached_property
    def wanted(self) -> tuple[Entry, ...]:
        """The entries that are judged; the others explain them where they are given."""
        only, shapes = self.problem.only, self.problem.shapes
        chosen = {name: only.chosen(name) for name in self.solution.order}
        return tuple(
            (step, name, index)
            for step, name, index in self.entries
            if only.shows(step, name)
            and ((own := chosen[name]) is None or flat(index, shapes[name]) in own)
        )

    @cached_property
    def number(self) -> dict[Entry, int]:
        """The place of each entry in that order."""
        return {entry: k for k, entry in enumerate(self.entries)}

    @cached_property
    def ways(self) -> tuple[Way, ...]:
        """All ways of rounding that are tried."""
        return ways(self.problem)

    @cached_property
    def honest(self) -> Floats:
        """The numbers that every way gives: ways by entries."""
        found = self.under(self._lanes[0], self.problem, unwrapped)
        return np.full((len(self.ways), len(self.entries)), np.nan) if found is None else found

    @cached_property
    def spread(self) -> Floats:
        """How far habits lie from full precision."""
        near = [k for k, way in enumerate(self.ways) if way.habit]
        with np.errstate(all="ignore"):
            return np.nanmax(np.abs(self.honest[near] - self.honest[0]), axis=0)

    @cached_property
    def plain(self) -> tuple[Way, ...]:
        """The ways that are tried with mistakes: every mode as asked, and more places carried."""
        return tuple(self.ways[k] for k in self.plain_places)

    @cached_property
    def plain_places(self) -> tuple[int, ...]:
        """Where these stand among all ways."""
        asked = self.problem.rounding.mode
        return tuple(
            k
            for k, w in enumerate(self.ways)
            if w.policy.only is None
            and w.policy.table is None
            and (
                (w.policy.places is None and w.policy.figures is None)
                or (w.habit and w.mode == asked)
            )
        )

    def values(self, problem: Problem, wrap: Any = unwrapped) -> Floats | None:
        """The numbers of a changed problem under every plain way; None where it divides by zero."""
        return self.under(self._lanes[1], problem, wrap)

    def estimate(self, problem: Problem, wrap: Any = unwrapped) -> Floats | None:
        """The numbers of a changed problem in full precision; None where it divides by zero."""
        found = self.under(self._single, problem, wrap)
        return None if found is None else found[0]

    def trace(self, problem: Problem, wrap: Any = unwrapped) -> Mapping[QuantityAt, Value]:
        """The values of a changed problem in full precision; none where it divides by zero."""
        try:
            return evaluate(problem, wrap(self._single)).values
        except ProblemError:
            return {}

    def until(
        self,
        problem: Problem,
        site: QuantityAt,
        wrap: Any = unwrapped,
        known: Mapping[QuantityAt, Value] | None = None,
    ) -> Floats | None:
        """The numbers that a changed problem gives of a quantity, alone, from `known` values."""
        known = known or {}
        wanted = needed(problem, [site], known)
        try:
            trace = evaluate(problem, wrap(self._single), wanted=wanted, known=known)
        except ProblemError:
            return None
        found = np.full(len(self.entries), np.nan)
        found[self._slots[site]] = trace.values[site].flat()[0]
        return found

    @cached_property
    def _slots(self) -> dict[QuantityAt, list[int]]:
        """The places of the entries of each quantity."""
        found: dict[QuantityAt, list[int]] = {}
        for k, entry in enumerate(self.entries):
            found.setdefault(entry[:2], []).append(k)
        return found

    @cached_property
    def _single(self) -> ManyPolicies:
        return ManyPolicies((Policy(),), self.problem.rule)

    def under(self, arithmetic: ManyPolicies, problem: Problem, wrap: Any) -> Floats | None:
        """The numbers of a changed problem under lanes; None where it divides by zero."""
        try:
            trace = evaluate(problem, wrap(arithmetic))
        except ProblemError:
            return None
        return self.flat(trace.values, len(arithmetic.policies))

    @cached_property
    def _lanes(self) -> tuple[ManyPolicies, ManyPolicies]:
        """All ways, and the plain ones, as arithmetics; they keep what they make of the rules."""
        rule = self.problem.rule
        both = (tuple(way.policy for way in ways) for ways in (self.ways, self.plain))
        every, plain = (ManyPolicies(policies, rule) for policies in both)
        return every, plain

    def flat(self, values: Mapping[QuantityAt, Any], count: int) -> Floats:
        """The entries of quantities in lanes, in the order of `entries`."""
        sites = dict.fromkeys((step, name) for step, name, _ in self.entries)
        parts = [values[site].flat() for site in sites]
        wide = [np.broadcast_to(part, (count, part.shape[1])) for part in parts]
        return np.concatenate(wide, axis=1)

    def asked(self, given: Sequence[tuple[Entry, Given]]) -> Asked:
        """Given numbers as arrays; a number without places counts to the places that are asked."""
        entries = tuple(entry for entry, _ in given)
        places = [self.places(entry, number) for entry, number in given]
        return Asked(
            entries,
            np.array([self.number[entry] for entry in entries], dtype=int),
            np.array([float(number.value) for _, number in given]),
            np.array([10.0**-count for count in places]),
        )

    def places(self, entry: Entry, number: Given) -> int:
        """The places at which a number is judged."""
        if number.places is not None:
            return min(number.places, self.asked_places(entry) + MORE_PLACES)
        return self.asked_places(entry)

    def long(self, entry: Entry, number: Given) -> bool:
        """Whether a number has the places that are asked."""
        return number.places is None or number.places >= self.asked_places(entry)

    def exact(self, given: Sequence[tuple[Entry, Given]]) -> bool:
        """Whether most numbers have the places that are asked: of others zeros were dropped."""
        return 2 * sum(self.long(entry, number) for entry, number in given) > len(given)

    def asked_places(self, entry: Entry) -> int:
        """The places that are asked of an entry; figures are counted at its value."""
        return self._places[entry]

    @cached_property
    def _places(self) -> dict[Entry, int]:
        rules = {name: self.problem.rule(name) for name in self.solution.order}
        return {
            entry: rules[entry[1]].places_of(ends[0]) if ends else rules[entry[1]].places or 0
            for entry, ends in self.ends("final").items()
        }

    def ends(self, kind: str) -> dict[Entry, Ends | None]:
        """The enclosures of all entries under the problem's own policy, or in full precision."""
        if kind not in self._ends:
            certified = self.solution.full if kind == "final" else self.solution.carried
            self._ends[kind] = self._enclosed(certified.trace)
        return self._ends[kind]

    @cached_property
    def _ends(self) -> dict[str, dict[Entry, Ends | None]]:
        return {}

    def _enclosed(self, trace: Trace) -> dict[Entry, Ends | None]:
        found, flat = {}, {}
        for entry in self.entries:
            site = entry[:2]
            if site not in flat:
                flat[site] = iter(trace.entries(*site))
            found[entry] = enclosure(next(flat[site]))
        return found

    @cached_property
    def _proofs(self) -> dict[Any, dict[Entry, Ends | None] | None]:
        return {}

    def proven(
        self,
        variant: Variant[Problem] | None,
        way: Way,
        given: Sequence[tuple[Entry, Given]],
    ) -> bool:
        """Whether balls do not contradict that a change and a way gave these numbers."""
        ends = self.certified(variant, way)
        return ends is not None and all(
            self._agrees(ends[e], e, n, self.mode(way, e[1])) for e, n in given
        )

    def mode(self, way: Way, name: str) -> Mode:
        """The mode in which a quantity is written in a way; its own stays, but where all is cut."""
        own = self.problem.rule(name).mode
        return own if way.earns and own != self.problem.rounding.mode else way.mode

    def certified(
        self, variant: Variant[Problem] | None, way: Way
    ) -> dict[Entry, Ends | None] | None:
        """The enclosures of a (changed) problem under a way; None where it divides by zero."""
        key = variant, way.policy
        if key not in self._proofs:
            if len(self._proofs) >= MOST_PROOFS:
                self._proofs.clear()
            self._proofs[key] = self._certified(variant, way)
        return self._proofs[key]

    def _certified(
        self, variant: Variant[Problem] | None, way: Way
    ) -> dict[Entry, Ends | None] | None:
        problem = self.problem if variant is None else variant.problem
        wrap = unwrapped if variant is None else variant.wrap
        try:
            return self._enclosed(certify(problem, way.policy, wrap).trace)
        except ProblemError:
            return None

    def _agrees(self, ends: Ends | None, entry: Entry, number: Given, mode: Mode) -> bool:
        if ends is None:
            return True
        rule = Rounding(max(0, self.places(entry, number)), mode)
        ours, theirs = rounded_between(ends, ends[0], rule), rule.text(number.value)
        return ours is None or ours == theirs

    def matches(self, values: Floats, asked: Asked, ways: Sequence[int]) -> Floats:
        """Which ways' numbers print as the given ones: ways by given numbers, in float64.

        Ways are told by their places among `ways`.
        """
        columns = [self._names.index(name) for _, name, _ in asked.entries]
        return matching(values, asked, self._kinds[np.ix_(list(ways), columns)])

    @cached_property
    def _names(self) -> list[str]:
        return list(self.problem.cell.equation)

    @cached_property
    def _kinds(self) -> Any:
        """The modes in which ways write each quantity, as half for all to the nearest."""
        kinds = [[self.mode(way, name).split("-")[0] for name in self._names] for way in self.ways]
        return np.array(kinds)
