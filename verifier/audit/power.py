"""What a comparison can tell apart: conventions that a problem, in a format, shows no sign of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier.audit.conventions import Candidate, Convention, singles
from verifier.audit.held import Held
from verifier.audit.lanes import traces
from verifier.problem import Problem
from verifier.rewrites.model import Change


@dataclass(frozen=True)
class Power:
    """The conventions whose values lie within all bounds, and the nearest one that does not.

    `times` says how many bounds away that is, at the entry where it is furthest.
    """

    blind: tuple[Convention, ...] = ()
    nearest: Convention | None = None
    times: float = np.inf

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of those that cannot be told apart, each once."""
        return tuple(dict.fromkeys(convention.rule for convention in self.blind))


def power(problem: Problem, held: Sequence[Held]) -> Power:
    """What outputs with these bounds can tell apart; nothing is known of a backward pass."""
    if problem.backward is not None:
        return Power()
    found = [one for one in singles(problem, "convention") if one.whole]
    far = times(problem, found, held)
    blind = tuple(one.steps[0] for one, off in zip(found, far, strict=True) if off <= 1)
    seen = [(off, k) for k, off in enumerate(far) if off > 1]
    if not seen:
        return Power(blind)
    nearest, k = min(seen)
    return Power(blind, found[k].steps[0], nearest)


def times(problem: Problem, found: Sequence[Candidate], held: Sequence[Held]) -> list[float]:
    """How many bounds each candidate is away from the problem, where it is furthest."""
    sites = [(row.step, row.name) for row in held]
    unchanged = Candidate((), problem, Change({}))
    traced = traces(problem, [one.lane for one in (unchanged, *found)], sites)
    with np.errstate(all="ignore"):
        far = [_far(traced[row.step, row.name], row.limit) for row in held]
    return np.max([*far, np.zeros(len(found))], axis=0).tolist()  # type: ignore[no-any-return]


def _far(values: Any, limit: Any) -> Any:
    """How far the first lane is from each other one, in bounds; what is no number is far."""
    flat = values.reshape(len(values), -1)
    off = np.abs(flat[1:] - flat[0])
    ratio = np.where(off == 0, 0.0, np.where(np.isinf(limit), 0.0, off / limit))
    return np.max(np.where(np.isnan(ratio), np.inf, ratio), axis=1, initial=0.0)
