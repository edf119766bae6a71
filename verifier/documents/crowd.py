"""Many people judged by many processes: here, or on the workers of a Dask scheduler.

People are judged in batches, and come back in their order, so that what is written has the same
bytes as from one process. A process that ends costs nothing: its batches are done again, and
whoever ends a process alone as well is told to be unjudged, as one is whose file cannot be read.
Only so many batches wait at a time, however many people there are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from itertools import chain, islice
from multiprocessing import get_context
from typing import Any

from verifier.check.model import Answers, Checked
from verifier.check.unforeseen import Failure, unjudged
from verifier.documents.everyone import verdicts
from verifier.errors import MissingExtraError, VerifierError, extra
from verifier.problem import Problem
from verifier.solution import Solution, solve

Handed = Answers | Checked
"""Answers, or what has been judged already since nothing could be read."""

BATCH, WAITING = 8, 4
"""People in a batch, and batches that wait for each process."""

ENDED = Failure("the process that judged these answers ended twice")


def judged_here(task: Problem, people: Iterable[Handed], jobs: int) -> Iterator[Checked]:
    """The verdicts on everyone by so many processes of this machine, in order."""
    with _Pool(task, jobs) as pool:
        yield from _in_order(pool.submit, pool.result, people, jobs)


def judged_there(task: Problem, people: Iterable[Handed], address: str) -> Iterator[Checked]:
    """The verdicts on everyone by the workers of a Dask scheduler, in order.

    Errors: MissingExtraError without distributed; VerifierError for an address that no one answers.
    """
    with _client(address) as client:
        own = client.scatter(task, broadcast=True)
        threads = max(1, sum(client.nthreads().values()))

        def submit(batch: tuple[Handed, ...]) -> Any:
            return client.submit(judged_batch, own, batch, pure=False, retries=2)

        def result(future: Any, batch: tuple[Handed, ...]) -> Sequence[Checked]:
            from distributed.client import FutureCancelledError
            from distributed.scheduler import KilledWorker

            try:
                return tuple(future.result())
            except (KilledWorker, FutureCancelledError):
                return _alone(task, batch)

        yield from _in_order(submit, result, people, threads)


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise MissingExtraError("--scheduler needs distributed", accepted=extra("dask")) from None
    try:
        return Client(address, timeout=10, set_as_default=False)
    except (OSError, ValueError) as error:
        what = f"no Dask scheduler answers at {address}: {error}"
        raise VerifierError(what, accepted="an address such as tcp://127.0.0.1:8786") from None


def judged_batch(task: Problem, batch: tuple[Handed, ...]) -> list[Checked]:
    """The verdicts on some people; a process that keeps the problem solves it once."""
    solution = _solved(task)
    return [verdicts(solution, one) for one in batch]


@lru_cache(maxsize=2)
def _solved(task: Problem) -> Solution:
    return solve(task)


OWN: list[Problem] = []
"""The problem of a process that was started for it."""


def _begin(task: Problem) -> None:
    OWN.append(task)


def _judged(batch: tuple[Handed, ...]) -> list[Checked]:
    """The verdicts on some people by a process that was started for a problem."""
    return judged_batch(OWN[0], batch)


def _in_order(
    submit: Callable[[tuple[Handed, ...]], Any],
    result: Callable[[Any, tuple[Handed, ...]], Sequence[Checked]],
    people: Iterable[Handed],
    jobs: int,
) -> Iterator[Checked]:
    """What comes of batches, the first first; later ones are worked on meanwhile."""
    waiting: deque[tuple[Any, tuple[Handed, ...]]] = deque()
    for batch in _batches(people):
        waiting.append((submit(batch), batch))
        if len(waiting) >= WAITING * jobs:
            yield from result(*waiting.popleft())
    yield from chain.from_iterable(result(*pair) for pair in waiting)


def _batches(people: Iterable[Handed]) -> Iterator[tuple[Handed, ...]]:
    left = iter(people)
    while batch := tuple(islice(left, BATCH)):
        yield batch


class _Pool:
    """Processes that are started again when one of them ends."""

    def __init__(self, task: Problem, jobs: int) -> None:
        self.task, self.jobs = task, jobs
        self.pool = _processes(task, jobs)

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown(cancel_futures=True)

    def submit(self, batch: tuple[Handed, ...]) -> Future[list[Checked]]:
        """A batch on its way."""
        try:
            return self.pool.submit(_judged, batch)
        except BrokenProcessPool:
            self.pool = _processes(self.task, self.jobs)
            return self.pool.submit(_judged, batch)

    def result(self, future: Future[list[Checked]], batch: tuple[Handed, ...]) -> Sequence[Checked]:
        """What came of a batch; where its process ended, of each person alone."""
        try:
            return future.result()
        except BrokenProcessPool:
            return _alone(self.task, batch)


def _alone(task: Problem, batch: tuple[Handed, ...]) -> list[Checked]:
    """The verdicts on some people, each in a process that costs no one else."""
    found: list[Checked] = []
    pool = _processes(task, 1)
    for one in batch:
        try:
            found += pool.submit(_judged, (one,)).result()
        except BrokenProcessPool:
            pool = _processes(task, 1)
            found.append(unjudged(one if isinstance(one, Answers) else one.answers, ENDED))
    pool.shutdown()
    return found


def _processes(task: Problem, jobs: int) -> ProcessPoolExecutor:
    """New processes for a problem, which share nothing with this one, whatever threads it has."""
    return ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (task,))
