"""Batches of work by many processes: here, or on the workers of a Dask scheduler; or by a thread.

What comes of batches comes in their order, whoever worked on which and when, so that what is made
of it has the same bytes as from one process. A process that ends costs nothing: its batches are
done again. Only so many batches wait at a time, however many there are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from typing import Any, TypeVar

from verifier.errors import MissingExtraError, VerifierError, extra

A = TypeVar("A")
B = TypeVar("B")

WAITING = 4
"""Batches that wait for each process."""

Work = Callable[[Any], Sequence[Any]]
"""What is done with a batch, and what may be done where it cost a process its life."""


def in_batches(items: Iterable[A], size: int) -> Iterator[tuple[A, ...]]:
    """The items, so many at a time."""
    left = iter(items)
    while batch := tuple(islice(left, size)):
        yield batch


def spread(
    work: Work, batches: Iterable[Any], jobs: int = 1, scheduler: str | None = None
) -> Iterator[Any]:
    """What comes of batches, by this process alone, by several, or by a scheduler's workers."""
    if scheduler is not None:
        return there(work, batches, scheduler, lambda batch: alone(work, batch))
    if jobs > 1:
        return here(work, batches, jobs, lambda batch: alone(work, batch))
    return (one for batch in batches for one in work(batch))


def here(work: Work, batches: Iterable[Any], jobs: int, again: Work) -> Iterator[Any]:
    """What comes of batches by so many processes of this machine, in order."""
    with Pool(work, again, jobs) as pool:
        yield from in_order(pool.submit, pool.result, batches, jobs)


def there(work: Work, batches: Iterable[Any], address: str, again: Work) -> Iterator[Any]:
    """What comes of batches by the workers of a Dask scheduler, in order.

    Errors: MissingExtraError without distributed; VerifierError for an address that no one answers.
    """
    with _client(address) as client:
        threads = max(1, sum(client.nthreads().values()))

        def submit(batch: Any) -> Any:
            return client.submit(work, batch, pure=False, retries=2)

        def result(future: Any, batch: Any) -> Sequence[Any]:
            from distributed.client import FutureCancelledError
            from distributed.scheduler import KilledWorker

            try:
                return tuple(future.result())
            except (KilledWorker, FutureCancelledError):
                return again(batch)

        yield from in_order(submit, result, batches, threads)


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


def in_order(
    submit: Callable[[A], Any],
    result: Callable[[Any, A], Sequence[B]],
    batches: Iterable[A],
    jobs: int,
) -> Iterator[B]:
    """What comes of batches, the first first; later ones are worked on meanwhile."""
    waiting: deque[tuple[Any, A]] = deque()
    for batch in batches:
        waiting.append((submit(batch), batch))
        if len(waiting) >= WAITING * jobs:
            yield from result(*waiting.popleft())
    while waiting:
        yield from result(*waiting.popleft())


def ahead(calls: Iterable[Callable[[], A]]) -> Iterator[A]:
    """What calls give, in order: a thread makes them while this one prepares those that follow.

    It is worth it where a call runs outside of the interpreter, as a compiler does.
    """
    with ThreadPoolExecutor(1) as thread:
        try:
            yield from in_order(thread.submit, lambda future, _: (future.result(),), calls, 1)
        finally:
            thread.shutdown(cancel_futures=True)


class Pool:
    """Processes that are started again when one of them ends."""

    def __init__(self, work: Work, again: Work, jobs: int) -> None:
        self.work, self.again, self.jobs = work, again, jobs
        self.pool = started(jobs)

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown(cancel_futures=True)

    def submit(self, batch: Any) -> Future[Sequence[Any]]:
        """A batch on its way."""
        try:
            return self.pool.submit(self.work, batch)
        except BrokenProcessPool:
            self.pool = started(self.jobs)
            return self.pool.submit(self.work, batch)

    def result(self, future: Future[Sequence[Any]], batch: Any) -> Sequence[Any]:
        """What came of a batch; where its process ended, what is done again of it."""
        try:
            return future.result()
        except BrokenProcessPool:
            return self.again(batch)


def alone(work: Work, batch: Any) -> Sequence[Any]:
    """What comes of a batch in a process of its own. Errors: VerifierError where that ends, too."""
    pool = started(1)
    try:
        return pool.submit(work, batch).result()
    except BrokenProcessPool:
        what = "a process ended twice over the same work"
        raise VerifierError(what, accepted="fewer --jobs, or more memory") from None
    finally:
        pool.shutdown()


def started(jobs: int) -> ProcessPoolExecutor:
    """New processes that share nothing with this one, whatever threads it has."""
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))
