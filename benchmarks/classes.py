"""10,000 variants of the seed's problem searched and proven fair, and then their digits."""

from __future__ import annotations

import sys
import time
from collections import deque

from benchmarks.printing import SEED
from verifier.exercises.search import variants
from verifier.many import solve_problems
from verifier.problem import load

COUNT = 10_000


def main() -> None:
    """At most 20 s on two cores, and at most 5 s: `python -m benchmarks.classes [COUNT [JOBS]]`."""
    count, jobs = (*map(int, sys.argv[1:3]), *(COUNT, 1)[len(sys.argv) - 1 :])
    begun = time.perf_counter(), time.process_time()
    found = variants(load(SEED), count, 1, jobs)
    _tell(f"{count} variants by {jobs} processes", begun)
    begun = time.perf_counter(), time.process_time()
    deque(solve_problems([one.problem for one in found]).digits(), 0)
    _tell("their digits by one process", begun)


def _tell(what: str, begun: tuple[float, float]) -> None:
    clock, cpu = time.perf_counter() - begun[0], time.process_time() - begun[1]
    print(f"{what}: {clock:.1f} s, {cpu:.1f} s of this process")


if __name__ == "__main__":
    main()
