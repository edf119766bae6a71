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
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np

from tests import audit_campaign, boxes
from tests.adversary import ACCURACY, Adversary, reordered
from verifier.arithmetic.floats.binary import BINARY
from verifier.arithmetic.ieee import LOGISTICS, Ieee
from verifier.audit.over import over
from verifier.audit.truth import truths
from verifier.errors import ProblemError
from verifier.evaluate import evaluate
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
        for broken in (*check(problem, rng, counted), *check_bounds(problem, rng, counted)):
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


def check_bounds(problem: Problem, rng: Random, counted: Counter[str]) -> list[str]:
    """What a program errs more than its bound over the box, at some point of it."""
    order = rng.choice(("sequential", "sequential", "pairwise"))
    fma = order == "sequential" and rng.random() < 0.3
    model = Ieee(rng.choice(list(BINARY)), order, fma=fma, logistic=rng.choice(LOGISTICS))
    if model.float == "bfloat16" and rng.random() < 0.5:
        model = replace(model, accumulator="float32")
    try:
        (found,) = over(problem, [model], ACCURACY, most=rng.choice((1, 1, 32)))
    except ProblemError:
        counted["without a bound"] += 1
        return []
    broken = []
    for _ in range(POINTS):
        point = boxes.point(problem, rng)
        exact = [_truths(point, model, rounded) for rounded in (True, False)]
        for any_order in (0, 1):
            program = _program(point, model, bool(any_order), rng)
            for site, value in evaluate(*program).values.items():
                floats = np.ravel(value).astype(np.float64)
                for kind, bounds in enumerate((found.arithmetic, found.total)):
                    limit, truth = bounds[site][any_order], exact[kind]
                    counted["errors"] += floats.size
                    counted["errors without a bound"] += int(np.isinf(limit).sum())
                    if truth is None:
                        continue
                    with np.errstate(all="ignore"):
                        off = truth[site].distance(floats) - truth[site].radius
                    out = np.nonzero(~(off <= limit * (1 + 2.0**-40)) & np.isfinite(limit))[0]
                    about = f"{model} {kind} {any_order} {site}"
                    broken += [f"{about} {k}: {off[k]} > {limit[k]}" for k in out]
    return broken


def _truths(point: Problem, model: Ieee, rounded: bool) -> Any:
    """The exact results of the given or the rounded numbers; None where there are none."""
    with suppress(ProblemError, OverflowError):
        return truths(point, model.format, rounded=rounded)
    return None


def _program(point: Problem, model: Ieee, any_order: bool, rng: Random) -> tuple[Problem, Ieee]:
    """A program that uses its whole allowance, in the stated order or in any."""
    settings = vars(model)
    if not any_order:
        return point, Adversary(**settings, rng=rng)
    return reordered(point, rng), Adversary(**settings, rng=rng, free=True)


if __name__ == "__main__":
    main()
