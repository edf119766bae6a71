"""What a comparison can tell apart: conventions that a problem, in a format, shows no sign of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np

from verifier.audit.conventions import Candidate, Convention, singles
from verifier.audit.drawn import drawn
from verifier.audit.held import Held
from verifier.audit.lanes import traces
from verifier.problem import Problem
from verifier.rewrites.model import About, Change


@dataclass(frozen=True)
class Power:
    """The conventions whose values lie within all bounds, and the nearest one that does not.

    `times` says how many bounds away that is, at the entry where it is furthest. `rules` are the
    ids of which no change can be told apart.
    """

    blind: tuple[Convention, ...] = ()
    nearest: Convention | None = None
    times: float = np.inf
    rules: tuple[str, ...] = ()


CLIPS = ("clipped", "state-clipped")
"""A limit beyond all values is seen by no numbers: that is not said."""

APART = 1e-9
"""Values that differ by more differ by what is computed, not by float64's roundings."""

Key = tuple[str, About]


def power(problem: Problem, held: Sequence[Held]) -> Power:
    """What outputs with these bounds can tell apart; nothing is known of a backward pass.

    A convention that other numbers would tell apart, and these do not, is blind.
    """
    if problem.backward is not None:
        return Power()
    found = _whole(problem)
    far = dict(zip(found, times(problem, list(found.values()), held), strict=True))
    could = _seen_somewhere(problem, {row.name for row in held})
    blind = tuple(one for key, one in could.items() if far.get(key, 0) <= 1)
    seen = {key: off for key, off in far.items() if off > 1}
    told = {rule for rule, _ in seen}
    rules = tuple(dict.fromkeys(one.rule for one in blind if one.rule not in told))
    if not seen:
        return Power(blind, rules=rules)
    nearest = min(seen, key=lambda key: seen[key])
    return Power(blind, found[nearest].steps[0], seen[nearest], rules)


def _whole(problem: Problem) -> dict[Key, Candidate]:
    """Single conventions of the whole model, by rule and names."""
    whole = (one for one in singles(problem, "convention") if one.whole)
    usual = (one for one in whole if one.steps[0].rule not in CLIPS)
    return {(one.steps[0].rule, one.steps[0].about): one for one in usual}


def _seen_somewhere(problem: Problem, names: Collection[str]) -> dict[Key, Convention]:
    """The conventions that change these quantities for drawn numbers."""
    task = drawn(problem, Random(1), weights=True)
    found, sites = _whole(task), [(t, n) for n in names for t in range(1, task.steps + 1)]
    traced = traces(task, [one.lane for one in (_unchanged(task), *found.values())], sites)
    off = np.max([_far(values, APART) for values in traced.values()], axis=0)
    pairs = zip(found.items(), off.tolist(), strict=True)
    return {key: one.steps[0] for (key, one), far in pairs if far > 1}


def _unchanged(problem: Problem) -> Candidate:
    return Candidate((), problem, Change({}))


def times(problem: Problem, found: Sequence[Candidate], held: Sequence[Held]) -> list[float]:
    """How many bounds each candidate is away from the problem, where it is furthest."""
    sites = [(row.step, row.name) for row in held]
    traced = traces(problem, [one.lane for one in (_unchanged(problem), *found)], sites)
    with np.errstate(all="ignore"):
        far = [_far(traced[row.step, row.name], row.limit) for row in held]
    return np.max([*far, np.zeros(len(found))], axis=0).tolist()  # type: ignore[no-any-return]


def _far(values: Any, limit: Any) -> Any:
    """How far the first lane is from each other one, in bounds; what is no number is far."""
    flat = values.reshape(len(values), -1)
    off = np.abs(flat[1:] - flat[0])
    ratio = np.where(off == 0, 0.0, np.where(np.isinf(limit), 0.0, off / limit))
    return np.max(np.where(np.isnan(ratio), np.inf, ratio), axis=1, initial=0.0)
