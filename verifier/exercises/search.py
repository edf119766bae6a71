"""Fair variants one after the other, drawn by a counter: the same for the same seed.

Draw k of a plan is the k-th column of a stream of random bits (Philox, whose bits NumPy promises
to keep) that seed, plan and batch number key. Variants are the fair draws in order, without those
that were there before. So they do not depend on how many work on them, and more people at the end
of a roster leave those before them what they have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count as counted
from itertools import islice
from os import urandom
from typing import Any

import numpy as np

from verifier import effort
from verifier.errors import VerifierError
from verifier.exercises.plan import Plan, plans
from verifier.exercises.screen import Demand, Screen
from verifier.problem import Problem
from verifier.processes import spread

LANES = 8192
"""Draws that are screened at once."""

Units = tuple[int, ...]


@dataclass(frozen=True)
class Batch:
    """The fair draws of a batch, and how many draws met and failed each demand before."""

    fair: tuple[Units, ...]
    failed: tuple[tuple[Demand, int, int], ...]


@dataclass(frozen=True, eq=False)
class Variant:
    """A fair variant: its plan, and its numbers in units of their last places."""

    plan: Plan
    units: Units

    @property
    def problem(self) -> Problem:
        """The problem with the variant's numbers."""
        return self.plan.candidate(self.units)


@dataclass(frozen=True)
class Searcher:
    """What a process makes of batches of draws: their plans and numbers say which.

    `token` tells the searches of a process apart: what candidates are held against is made once.
    """

    problem: Problem
    seed: int
    token: str

    def __call__(self, which: tuple[int, int]) -> tuple[Batch]:
        """What comes of a batch."""
        if self.token not in _MADE:
            _MADE.clear()
            _MADE[self.token] = Screens(self.problem)
        return (_MADE[self.token].batch(self.seed, *which),)


class Screens:
    """The plans of a problem with what their candidates are held against, made once."""

    def __init__(self, problem: Problem) -> None:
        self.plans = plans(problem)
        self._made: dict[int, Screen] = {}

    def batch(self, seed: int, plan: int, number: int) -> Batch:
        """What comes of a batch of draws."""
        screen = self._made.setdefault(plan, Screen(self.plans[plan]))
        units = drawn(screen.plan, seed, plan, number)
        screen.failed.clear()
        screen.met.clear()
        fair = tuple(map(tuple, units[:, screen.fair(units)].T.tolist()))
        told = ((d, screen.met[d], failed) for d, failed in screen.failed.items() if failed)
        return Batch(fair, tuple(told))


def drawn(plan: Plan, seed: int, which: int, number: int) -> np.ndarray[Any, Any]:
    """The draws of a batch in units, slots by draws."""
    key = seed | which << 64 | number << 80
    raw = np.random.Philox(key=key).random_raw(len(plan.slots) * LANES)
    found: np.ndarray[Any, Any] = plan.drawn(raw.reshape(LANES, -1).T)
    return found


_MADE: dict[str, Screens] = {}


def variants(
    problem: Problem, count: int, seed: int, jobs: int = 1, scheduler: str | None = None
) -> list[Variant]:
    """So many fair variants; variant k has the steps of plan k, counted round.

    Errors: VerifierError where nothing varies, and where batch after batch has no fair draw: which
    demand fails most, and what would help.
    """
    made, searcher = plans(problem), Searcher(problem, seed, urandom(8).hex())
    many, streams = len(made), []
    for k, plan in enumerate(made):
        batches = spread(searcher, ((k, number) for number in counted()), jobs, scheduler)
        streams.append(list(islice(_stream(plan, batches), len(range(k, count, many)))))
    return [streams[k % many][k // many] for k in range(count)]


def _stream(plan: Plan, batches: Iterable[Batch]) -> Iterator[Variant]:
    seen: set[Units] = set()
    told: dict[Demand, list[int]] = {}
    alike = fruitless = 0
    for batch in batches:
        for demand, met, failed in batch.failed:
            before = told.setdefault(demand, [0, 0])
            told[demand] = [before[0] + met, before[1] + failed]
        new = [units for units in dict.fromkeys(batch.fair) if units not in seen]
        alike += len(batch.fair) - len(new)
        fruitless = 0 if new else fruitless + 1
        seen.update(new)
        yield from (Variant(plan, units) for units in new)
        if fruitless == effort.FRUITLESS:
            raise _hopeless(told, alike, len(seen))


HELP = {
    "margin": "fewer places, fewer steps, or more numbers that vary: [vary] numbers",
    "tiny": "a range farther from zero",
    "habit": "more places to carry ([vary] carry = N), or fewer places that are asked for",
    "mistake": "other signs, a wider range, more steps, or more numbers that vary, initial values "
    'too: [vary] numbers = ["parameters", "inputs", "initial"]',
    "alike": "a wider range, more places, or more numbers that vary: [vary] numbers",
}
WORDS = {
    "margin": "a value lies within 0.05 units of the last place of where its digits change",
    "tiny": "a value is smaller than 0.0001",
    "habit": "someone who carries no fewer places than the question says gets other digits",
    "mistake": "the mistake {} changes no printed digit",
    "alike": "the same numbers have been drawn before",
}


def _hopeless(told: dict[Demand, list[int]], alike: int, found: int) -> VerifierError:
    """What fails most among those that come so far, and what would help."""
    rates = {demand: failed / met for demand, (met, failed) in told.items()}
    kind, which = max(rates, key=lambda demand: rates[demand]) if rates else ("alike", "")
    if alike and rates.get((kind, which), 0.0) < 1:
        kind, which = "alike", ""
    met, failed = told.get((kind, which), [alike, alike])
    draws = effort.FRUITLESS * LANES
    what = f"no fair variant beside {found} in {draws} draws" if found else ""
    what = what or f"no fair variant in {draws} draws"
    what += f"; what fails most: {WORDS[kind].format(which)} ({failed} of {met} that came so far)"
    return VerifierError(what, accepted=HELP[kind])
