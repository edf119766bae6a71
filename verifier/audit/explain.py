"""What would bring a program's outputs inside: a convention, two, three, or another view.

Candidates are worked in float64 as lanes; those near the outputs are then held to proven bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from verifier.arithmetic.floats.deployed import FORMATS
from verifier.arithmetic.protocol import QuantityAt
from verifier.audit.conventions import Candidate, Convention, pairs, singles, triples
from verifier.audit.held import Held, held_of, near_truth
from verifier.audit.implementations import Outputs
from verifier.audit.lane_batches import Lane, Shown
from verifier.audit.lanes import distances, site_distances, traces
from verifier.audit.views import STRAIGHT, View, views
from verifier.certify import total_products
from verifier.errors import VerifierError
from verifier.problem import Problem
from verifier.problem.backward import backward
from verifier.rewrites.model import Change
from verifier.solution import Solution

CLOSE = 16.0
"""Conventions are tried in earnest where float64 comes this near, in bounds of the problem itself;
where nothing does, it is none of them."""

MOST_NAMED, MOST_TRIED = 3, 12

OWN_BOUND = 1_000_000
"""Up to so many scalar products, a convention's own bound is proven; beyond, that of the equations
as they stand is taken."""

MOST_PRODUCTS = 5_000_000_000
"""Of pairs, triples, and mistakes, no more are tried than take so many scalar products."""

SAME = 1e-12
"""Where values differ by less, relatively, a change changes nothing."""


@dataclass(frozen=True)
class Explanation:
    """Conventions that bring all outputs inside, by their own bounds or by those as it stands."""

    conventions: tuple[Convention, ...]
    own_bound: bool = True


@dataclass(frozen=True, eq=False)
class _Seen:
    """A candidate, how it is shown, and how far the outputs are from it, in bounds."""

    far: float
    candidate: Candidate
    view: View = STRAIGHT

    @property
    def conventions(self) -> tuple[Convention, ...]:
        """The changes, that of the view last."""
        view = Convention(self.view.rule, self.view.about)
        return (*self.candidate.steps, *(() if self.view is STRAIGHT else (view,)))


def explained(
    solution: Solution, outputs: Outputs, held: tuple[Held, ...]
) -> Iterator[Explanation]:
    """What explains the outputs, simplest first: single changes, else two, else three."""
    search = _Search(solution.problem, outputs, held)
    for stage in search.stages():
        found = list(search.holding(stage))
        yield from found
        if found:
            return


@dataclass(frozen=True, eq=False)
class _Search:
    problem: Problem
    outputs: Outputs
    held: tuple[Held, ...]

    def stages(self) -> Iterator[list[_Seen]]:
        """Candidates near the outputs, one kind after the other."""
        if self.problem.backward is not None:
            yield from self.passed_back()
            return
        own = list(singles(self.problem, "convention"))
        whole, parts = ([one for one in own if one.whole is is_whole] for is_whole in (True, False))
        yield self.near(whole)
        yield self.viewed([self.unchanged])
        twos = self.affordable(pairs(self.problem, whole))
        yield self.near(twos)
        yield self.viewed(whole)
        yield self.near(self.affordable(triples(self.problem, twos)))
        yield self.near(parts)
        yield self.near(self.affordable(singles(self.problem, "mistake")))

    @property
    def unchanged(self) -> Candidate:
        return Candidate((), self.problem, Change({}))

    def affordable(self, found: Iterable[Candidate]) -> list[Candidate]:
        most = MOST_PRODUCTS // max(1, total_products(self.problem))
        return [one for one, _ in zip(found, range(most), strict=False)]

    def near(self, found: Sequence[Candidate]) -> list[_Seen]:
        """Those near which the outputs lie, each step worked from the program's own states."""
        lanes = [one.lane for one in found]
        far = distances(self.problem, lanes, self.shown, CLOSE) if lanes else ()
        return [_Seen(float(d), one) for d, one in zip(far, found, strict=True) if d <= CLOSE]

    def viewed(self, found: Sequence[Candidate]) -> list[_Seen]:
        """Those near which the outputs lie in another view."""
        sites = {(row.step, row.name) for row in self.held}
        other = list(views(self.problem, sites))
        wanted = sorted({site for view in other for site in view.computed(sites)})
        if not other:
            return []
        traced = traces(self.problem, [one.lane for one in found], wanted)
        return [
            _Seen(float(far), one, view)
            for view in other
            for far, one in zip(self.seen(traced, view), found, strict=True)
            if far <= CLOSE
        ]

    def seen(self, traced: Mapping[QuantityAt, Any], view: View) -> Any:
        """How far each lane is from the outputs in a view."""
        with np.errstate(all="ignore"):
            far = [
                np.max(
                    np.abs(view.values(traced, row.step, row.name) - np.ravel(row.computed))
                    / self.scale[row.step, row.name],
                    axis=1,
                )
                for row in self.held
            ]
        return np.nan_to_num(np.max(far, axis=0), nan=np.inf)

    @cached_property
    def shown(self) -> Shown:
        values = {(r.step, r.name): np.asarray(r.computed).astype(np.float64) for r in self.held}
        return Shown(values, self.scale)

    @cached_property
    def scale(self) -> dict[QuantityAt, Any]:
        return scale_of(self.held, self.outputs.float)

    def holding(self, stage: Sequence[_Seen]) -> Iterator[Explanation]:
        """Those in whose bounds all outputs lie, the nearest first."""
        left = sorted(stage, key=lambda seen: (len(seen.conventions), seen.far))
        own = total_products(self.problem) <= OWN_BOUND or self.problem.backward is not None
        named = 0
        for seen in self.differing(left)[: MOST_TRIED if own else MOST_NAMED]:
            if self.holds(seen, own):
                yield Explanation(seen.conventions, own)
                named += 1
            if named == MOST_NAMED or (named and not own):
                return

    def holds(self, seen: _Seen, own: bool) -> bool:
        if not own:
            return near_truth(seen.candidate.problem, self.outputs, self.held, seen.view)
        rows = held_of(seen.candidate.problem, self.outputs, seen.view)
        return all(bool(row.inside.all()) for row in rows)

    def differing(self, stage: Sequence[_Seen]) -> list[_Seen]:
        """Those that change a value, and of several that give the same values the first."""
        if self.problem.backward is not None or not stage:
            return list(stage)
        sites = {(row.step, row.name) for row in self.held}
        wanted = sorted({site for seen in stage for site in seen.view.computed(sites)})
        lanes = [self.unchanged.lane, *(seen.candidate.lane for seen in stage)]
        traced = traces(self.problem, lanes, sorted({*wanted, *sites}))
        known, kept = [_row(traced, STRAIGHT, sites, 0)], []
        for k, seen in enumerate(stage, 1):
            values = _row(traced, seen.view, sites, k)
            if not any(_same(values, other) for other in known):
                known.append(values)
                kept.append(seen)
        return kept

    def passed_back(self) -> Iterator[list[_Seen]]:
        """Conventions of the problem whose gradients these are, each passed back anew."""
        assert self.problem.backward is not None
        task = self.problem.backward.task
        own = list(singles(task, "convention"))
        for some in (own, self.affordable(pairs(task, own))):
            yield [seen for one in some for seen in self.alone(one)]

    def alone(self, one: Candidate) -> Iterator[_Seen]:
        """A candidate that is near, passed back and worked by itself."""
        with suppress(VerifierError):  # a loss that no longer fits
            passed = backward(one.problem, uniform=True, descent=False)
            lane = Lane(Change({}), passed.cell.blocks)
            far = distances(passed, [lane], self.shown, CLOSE)[0]
            if far <= CLOSE:
                yield _Seen(float(far), replace(one, problem=passed))


def own_steps(problem: Problem, outputs: Outputs, held: tuple[Held, ...]) -> tuple[int, ...]:
    """The steps that are off where every step is worked from the program's own states.

    None where a state is not known at every step, and where all that is off stays off.
    """
    states = {*problem.cell.roles.initial, *problem.cell.roles.final} & {*problem.cell.equation}
    known = {(row.step, row.name) for row in held}
    every = all((t, name) in known for name in states for t in range(1, problem.steps + 1))
    if problem.backward is not None or not states or not every:
        return ()
    search = _Search(problem, outputs, held)
    far = site_distances(problem, search.unchanged.lane, search.shown)
    own = sorted({step for (step, _), off in far.items() if off > 1})
    usual = {row.step for row in held if not row.inside.all()}
    return tuple(own) if own and len(own) < len(usual) else ()


def _row(traced: Mapping[QuantityAt, Any], view: View, sites: Iterable[QuantityAt], k: int) -> Any:
    return np.concatenate([view.values(traced, *site)[k] for site in sorted(sites)])


def _same(one: Any, other: Any) -> bool:
    with np.errstate(all="ignore"):
        off = np.abs(one - other)
        return bool((off <= SAME * np.maximum(np.abs(one), np.abs(other)) + 1e-300).all())


def scale_of(held: Sequence[Held], float: str) -> dict[QuantityAt, Any]:
    """How far outputs may be off, roughly: the bounds as absolute numbers, and no less than 4 u."""
    format, found = FORMATS[float], {}
    for row in held:
        size = np.abs(np.ravel(row.computed).astype(np.float64))
        bound = np.where(np.isfinite(row.bound), row.bound, 0.0)
        least = 2.0 ** (3 - format.precision)
        found[row.step, row.name] = np.maximum(bound * format.ulps(size), least)
    return found
