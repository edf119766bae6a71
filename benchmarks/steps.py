"""Time and memory against the number of steps: GRU, hidden 64, a contractive cell."""

from __future__ import annotations

import tracemalloc
from functools import partial

from benchmarks.problems import gru
from benchmarks.timing import seconds
from verifier.solution import solve


def main() -> None:
    """Time a step, bits, and memory a step that is left when the solution is made."""
    for gain in (0.5, 1.0):
        for steps in (50, 100, 200):
            problem = gru(64, 16, steps, gain=gain * 3**0.5)
            solve(problem)
            taken = min(seconds(partial(solve, problem)) for _ in range(3))
            tracemalloc.start()
            solution = solve(problem)
            kept, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            print(
                f"gain {gain}: {steps:4d} steps {1e3 * taken / steps:6.2f} ms a step, bits "
                f"{solution.full.precisions}, kept {kept / steps / 1024:5.1f} KiB a step, "
                f"peak beyond it {(peak - kept) / 1024:7.1f} KiB"
            )


if __name__ == "__main__":
    main()
