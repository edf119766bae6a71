"""Long sequences of one cell side by side: their steps are lanes of the same walks.

They stand one after the other as if they were one sequence, in which some steps begin anew: nothing
moves what these begin with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from verifier.along.certifier import Along, applies, proven, several
from verifier.along.held import Held, Part
from verifier.along.states import States
from verifier.arithmetic.enclosed import Enclosed
from verifier.arithmetic.protocol import Origin
from verifier.certify import Certified
from verifier.evaluate import Trace
from verifier.problem import Problem
from verifier.rounding import Policy

Floats = Any


@dataclass(frozen=True, eq=False)
class Beside(States):
    """The states of problems that differ in the rows of their inputs alone, one after the other."""

    sequences: tuple[Problem, ...] = ()

    @property
    def steps(self) -> int:
        """The steps of all of them."""
        return len(self.sequences) * self.length

    @cached_property
    def each(self) -> tuple[States, ...]:
        """Each by itself."""
        return tuple(map(States, self.sequences))

    @cached_property
    def rows(self) -> dict[str, tuple[Floats, Floats]]:
        """The rows of each input, with an axis of sequences before that of rows."""
        every = [states.rows for states in self.each]
        return {
            name: (
                np.stack([rows[name][0] for rows in every]),
                np.stack([rows[name][1] for rows in every]),
            )
            for name in self.problem.inputs
        }

    def inputs(self, steps: Floats) -> dict[Origin, Enclosed]:
        """The rows of each input at some steps, and those at the steps before."""
        which, at = np.divmod(steps - 1, self.length)
        found = {}
        for name, pair in self.rows.items():
            delayed = name in self.problem.cell.roles.initial
            now = (part[which, at + delayed][:, None] for part in pair)
            found[Origin("input", name, 1)] = Enclosed(*now)
            if delayed:
                found[Origin("end", name, 0)] = Enclosed(*(part[which, at] for part in pair))
        return found

    def at(self, t: int) -> Problem:
        """One step as a problem of its own, with the inputs of step t."""
        which, at = divmod(t - 1, self.length)
        return self.each[which].at(at + 1)


def traces(problems: Sequence[Problem]) -> list[Trace] | None:
    """All quantities of each of some problems that differ in the rows of their inputs alone,
    enclosed by float64; None where no bound is found."""
    if not applies(problems[0]):
        return None
    found = several(Beside(problems[0], sequences=tuple(problems)))
    if found is None:
        return None
    assert isinstance(found.values, Held)
    return [
        Trace(problem, found.arithmetic, cut(found.values, k * problem.steps, problem.steps))
        for k, problem in enumerate(problems)
    ]


def cut(held: Held, past: int, steps: int) -> Held:
    """What is held of some steps, those before them left out."""
    parts = []
    for part in held.parts:
        count = len(next(iter(part.rational.values())))
        first = max(0, past + 1 - part.first)
        some = slice(first, min(count, past + steps + 1 - part.first))
        if some.start < some.stop:
            values = {
                name: Enclosed(x.middle[some], x.radius[some]) for name, x in part.values.items()
            }
            kinds = {name: kind[some] for name, kind in part.rational.items()}
            parts.append(Part(part.first + first - past, values, kinds))
    finer = {
        (t - past, name): value
        for (t, name), value in held.finer.items()
        if past < t <= past + steps
    }
    return Held(held.names, parts, finer)


@dataclass(frozen=True)
class Known(Along):
    """What proves the digits of a problem of which the enclosures are known already."""

    trace: Trace

    def certified(self, problem: Problem, policy: Policy) -> Certified:
        """These, with what they leave open settled, else balls."""
        return proven(problem, self.trace) if policy.exact else super().certified(problem, policy)
