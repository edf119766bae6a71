"""Many people judged by many processes: here, or on the workers of a Dask scheduler.

People are judged in batches, and come back in their order. Whoever ends a process alone as well is
told to be unjudged, as one is whose file cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import lru_cache, partial
from uuid import uuid4

from verifier import processes
from verifier.check.model import Answers, Checked
from verifier.check.unforeseen import Failure, unjudged
from verifier.documents.everyone import verdicts
from verifier.documents.own import Sitting, judged_own
from verifier.problem import Problem
from verifier.processes import in_batches
from verifier.solution import Solution, solve

Handed = Answers | Checked
"""Answers, or what has been judged already since nothing could be read."""

BATCH = 8
"""People in a batch."""

ENDED = Failure("the process that judged these answers ended twice")


@dataclass(frozen=True)
class Task:
    """A problem under a name of its own, by which another process keeps its solution."""

    problem: Problem = field(compare=False)
    name: str = field(default_factory=lambda: uuid4().hex)


def judged_here(task: Problem, people: Iterable[Handed], jobs: int) -> Iterator[Checked]:
    """The verdicts on everyone by so many processes of this machine, in order."""
    work = partial(judged_batch, Task(task))
    return processes.here(work, in_batches(people, BATCH), jobs, partial(_alone, work))


def judged_there(task: Problem, people: Iterable[Handed], address: str) -> Iterator[Checked]:
    """The verdicts on everyone by the workers of a Dask scheduler, in order.

    Errors: MissingExtraError without distributed; VerifierError for an address that no one answers.
    """
    work = partial(judged_batch, Task(task))
    return processes.there(work, in_batches(people, BATCH), address, partial(_alone, work))


def judged_own_all(
    everyone: Iterable[Sitting], jobs: int, scheduler: str | None
) -> Iterator[Checked]:
    """The verdicts on everyone by their own problems, in order."""
    if scheduler is not None:
        again = partial(_alone, own_batch)
        return processes.there(own_batch, in_batches(everyone, BATCH), scheduler, again)
    if jobs > 1:
        again = partial(_alone, own_batch)
        return processes.here(own_batch, in_batches(everyone, BATCH), jobs, again)
    return map(judged_own, everyone)


def judged_batch(task: Task, batch: tuple[Handed, ...]) -> list[Checked]:
    """The verdicts on some people; a process solves a problem once."""
    solution = _solved(task)
    return [verdicts(solution, one) for one in batch]


def own_batch(batch: tuple[Sitting, ...]) -> list[Checked]:
    """The verdicts on some people by their own problems."""
    return [judged_own(one) for one in batch]


@lru_cache(maxsize=2)
def _solved(task: Task) -> Solution:
    return solve(task.problem)


def _alone(work: processes.Work, batch: tuple[Handed | Sitting, ...]) -> list[Checked]:
    """The verdicts on some people, each in a process that costs no one else."""
    found: list[Checked] = []
    pool = processes.started(1)
    for one in batch:
        try:
            found += pool.submit(work, (one,)).result()
        except BrokenProcessPool:
            pool = processes.started(1)
            found.append(unjudged(_answers(one), ENDED))
    pool.shutdown()
    return found


def _answers(one: Handed | Sitting) -> Answers:
    handed = one.answers if isinstance(one, Sitting) else one
    return handed.answers if isinstance(handed, Checked) else handed
