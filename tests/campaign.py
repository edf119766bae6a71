"""The long campaign: random problems on which all arithmetics are held against each other.

    python -m tests.campaign --problems 100000

For each problem, on every entry: mpmath's 30 digits lie in the ball; plain NumPy in float64 is
near it; the digits of one policy and mode, certified by balls, are those that Python's decimal
gives; and, on one problem in fifty, sympy's closed form evaluated to 50 digits lies in the ball.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from fractions import Fraction
from random import Random

from tests import random_problems
from tests.test_arithmetics import plain_numpy
from verifier.arithmetic.ball import Ball, enclosure
from verifier.arithmetic.decimals import by_hand
from verifier.arithmetic.digits import Digits
from verifier.arithmetic.exact import Exact, evaluated
from verifier.certify import certify, rounded
from verifier.evaluate import Trace, evaluate
from verifier.problem import Problem
from verifier.rounding import MODES, POLICIES, Policy, Rounding

BATCH = 200


def main() -> None:
    """Run the campaign and print what was compared; exit 1 when anything disagreed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    start, total = time.perf_counter(), Counter[str]()
    seeds = range(options.seed * 10**6, options.seed * 10**6 + options.problems // BATCH)
    with multiprocessing.Pool() as pool:
        for done, counted in enumerate(pool.imap_unordered(batch, seeds), 1):
            total += counted
            if sys.stderr.isatty():
                print(f"\r{done * BATCH} problems", end="", file=sys.stderr)
    taken = time.perf_counter() - start
    print(
        ", ".join(f"{count} {what}" for what, count in sorted(total.items())), f"in {taken:.0f} s"
    )
    sys.exit(bool(total["disagreements"]))


def batch(seed: int) -> Counter[str]:
    """What one batch of problems gave."""
    rng, counted = Random(seed), Counter[str]()
    for k in range(BATCH):
        cell, numbers = random_problems.draw(rng)
        problem = random_problems.problem(cell, numbers, turned=rng.random() < 0.5)
        ball = evaluate(problem, Ball(128))
        counted["problems"] += 1
        counted["entries"] += sum(len(ball.entries(*site)) for site in ball.values)
        digits = evaluate(problem, Digits(30))
        wrong = _outside(ball, digits, 10**-28)
        floats = plain_numpy(cell, numbers)
        wrong += _outside(ball, floats, 64 * 8 * problem.steps * 2.0**-53)
        wrong += _policies(problem, rng, counted)
        if k % 50 == 0:
            forms = evaluate(problem, Exact())
            counted["closed forms"] += sum(len(forms.entries(*site)) for site in forms.values)
            wrong += _outside(ball, forms, 10**-35)
        if wrong:
            counted["disagreements"] += wrong
            print(f"seed {seed}, problem {k}: {cell} {numbers}", flush=True)
    return counted


def _outside(ball: Trace, other: object, slack: float) -> int:
    """How many entries of the other computation lie further than `slack` from their ball."""
    return sum(
        not low - Fraction(slack) <= value <= high + Fraction(slack)
        for site in ball.values
        for (low, high), value in zip(_ends(ball, site), _values(other, site), strict=True)
    )


def _ends(ball: Trace, site: tuple[int, str]) -> list[tuple[Fraction, Fraction]]:
    found = [enclosure(entry) for entry in ball.entries(*site)]
    return [ends for ends in found if ends is not None]


def _values(other: object, site: tuple[int, str]) -> list[Fraction]:
    if not isinstance(other, Trace):
        return [Fraction(float(x)) for x in other[site].ravel()]  # type: ignore[index]
    if isinstance(other.arithmetic, Exact):
        return [Fraction(str(evaluated(form, 50))) for form in other.entries(*site)]
    return [Fraction(str(x)) for x in other.entries(*site)]


def _policies(problem: Problem, rng: Random, counted: Counter[str]) -> int:
    """How many digits Python's decimal gives otherwise, under a random policy and mode."""
    rule = Rounding(rng.randint(1, 6), rng.choice(MODES))
    policy = Policy(rng.choice(POLICIES))
    task = problem.rounded_by(rule, policy)
    proven = certify(task, policy)
    counted["passes beyond the first"] += len(proven.precisions) - 1
    counted["undecided"] += len(proven.undecided)
    decimals = evaluate(task, by_hand(policy, rule))
    return sum(
        rounded(entry, rule) not in (None, rule.text(Fraction(value)))
        for site in proven.trace.values
        for entry, value in zip(proven.trace.entries(*site), decimals.entries(*site), strict=True)
    )


if __name__ == "__main__":
    main()
