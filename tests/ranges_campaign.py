"""The long campaign on boxes: no value leaves its range, and no program its bound over a box.

    python -m tests.ranges_campaign --problems 10000

For each random problem some numbers become intervals. At corners, sides and points inside, Arb's
balls are held to the ranges; programs that use the whole allowance of the hypotheses, in the stated
order and in any, with fused products and wide sums, are held to the bounds over the whole box.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections import Counter
from random import Random

import numpy as np

from tests import audit_campaign, boxes
from verifier.errors import ProblemError
from verifier.problem import Problem
from verifier.ranges import Ranges

BATCH, POINTS = 10, 6


def main() -> None:
    """Run the campaign and print what was compared; exit 1 when something left its range."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    seeds = range(options.seed * 10**6, options.seed * 10**6 + options.problems // BATCH)
    total = Counter[str]()
    with multiprocessing.Pool() as pool:
        for counted in pool.imap_unordered(batch, seeds):
            total += counted
    print(", ".join(f"{count} {what}" for what, count in sorted(total.items())))
    sys.exit(bool(total["broken"]))


def batch(seed: int) -> Counter[str]:
    """What one batch of problems gave."""
    rng, counted = Random(seed), Counter[str]()
    for k in range(BATCH):
        problem = drawn(rng)
        for broken in check(problem, rng, counted):
            counted["broken"] += 1
            print(f"seed {seed}, problem {k}: {broken}", flush=True)
    return counted


def drawn(rng: Random) -> Problem:
    """A random problem with intervals."""
    most = rng.choice(((1, 2, 2), (2, 2, 2), (3, 3, 2)))
    problem = audit_campaign.draw(rng, most, any_cell=rng.random() < 0.5)
    return boxes.boxed(problem, rng)


def check(problem: Problem, rng: Random, counted: Counter[str]) -> list[str]:
    """What left its range at some point of the box."""
    try:
        found = Ranges(problem)
        rows = found.rows
    except ProblemError:
        counted["without a range"] += 1
        return []
    low = {(row.step, row.name, row.index): row.lower for row in rows}
    high = {(row.step, row.name, row.index): row.upper for row in rows}
    broken = []
    for _ in range(POINTS):
        for (step, name), below, above in boxes.values(boxes.point(problem, rng)):
            shape = problem.shapes[name]
            for k in range(len(below)):
                index = tuple(int(i) for i in np.unravel_index(k, shape)) if shape else ()
                place = step, name, index
                least, most = low[place], high[place]
                counted["values"] += 1
                if least is None or most is None:
                    counted["values without a range"] += 1
                elif float(least) > above[k] or below[k] > float(most):
                    broken.append(f"{place}: {below[k]} is not in {least} to {most}")
    return broken


if __name__ == "__main__":
    main()
