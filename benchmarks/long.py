"""CPU time of digits over long sequences: bounds after the fact beside balls, in one run."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from benchmarks.problems import gru
from verifier.along.certifier import enclosures
from verifier.certify import PLAIN, undecided
from verifier.rounding import Policy

CASES = ((1, 1, 1000), (16, 8, 400), (64, 32, 200))
"""Hidden units, inputs, steps."""


def main() -> None:
    """Print both times, their ratio, and the entries that bounds leave open."""
    for hidden, inputs, steps in CASES:
        problem = gru(hidden, inputs, steps, gain=3**0.5)
        plain = cpu(partial(PLAIN.certified, problem, Policy()))
        own = cpu(partial(enclosures, problem))
        found = enclosures(problem)
        left = "no bound" if found is None else f"{len(undecided(found, problem))} open"
        print(
            f"{hidden:4d} units, {steps:5d} steps: {1e3 * own / steps:7.3f} ms a step, balls "
            f"{1e3 * plain / steps:7.3f} ms, ratio {own / plain:.3f}, {left}"
        )


def cpu(work: Callable[[], object]) -> float:
    """The processor time of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
