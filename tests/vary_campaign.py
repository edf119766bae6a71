"""The long campaign on variants: none is unfair to honest people, or hides a single mistake.

    python -m tests.vary_campaign
    python -m tests.vary_campaign --count 2000 --checked 50 --jobs 2

100,000 variants of the example, each tried by 20 honest people and a dozen mistaken ones of
tests/independent_variants.py, which shares no code with what chose the variants. Of 1,000 the
sheets go through `check`: honest ones earn all points, and a sheet with a mistake never does;
`named` counts those of which a mistake is said. Each of these variants has two honest sheets, and
two of the mistakes in turn.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

from tests.independent_variants import MISTAKES, Witness, all_of_it
from verifier.check.engine import check
from verifier.check.model import Answers
from verifier.check.scores import score
from verifier.exercises.search import Variant, variants
from verifier.outcomes.model import Entry, Given
from verifier.problem import Problem, load
from verifier.solution import Solution

EXAMPLE = Path(__file__).parents[1] / "examples" / "hw10_question2.toml"
CARRIED, BATCH, REPORT = 6, 20, 500
HONEST, MISTAKEN = 2, 2
"""Sheets of a variant that `check` judges."""

Job = tuple[int, Sequence[Problem], int]


def main() -> None:
    """Run the campaign and print what came out; exit 1 where a variant failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="variants")
    parser.add_argument("--tries", type=int, default=20, help="honest sheets of a variant")
    parser.add_argument("--checked", type=int, default=1000, help="variants that check judges")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, help="processes")
    options = parser.parse_args()
    start, total = time.perf_counter(), Counter[str]()
    found = variants(load(EXAMPLE), options.count, options.seed)
    print(f"{len(found)} variants in {time.perf_counter() - start:.0f} s", flush=True)
    with multiprocessing.Pool(options.jobs) as pool:
        work = partial(batch, options.tries)
        for done, counted in enumerate(pool.imap(work, jobs(found, options.checked)), 1):
            total += counted
            if done % REPORT == 0 or done * BATCH >= len(found):
                told = ", ".join(f"{count} {what}" for what, count in sorted(total.items()))
                print(f"{told} in {time.perf_counter() - start:.0f} s", flush=True)
    sys.exit(bool(total["UNFAIR"] or total["HONEST NOT FULL"] or total["MISTAKE FULL"]))


def jobs(found: Sequence[Variant], checked: int) -> Iterator[Job]:
    """Batches of variants: their place, their problems, and how many of them are checked."""
    for first in range(0, len(found), BATCH):
        some = found[first : first + BATCH]
        yield first, [one.problem for one in some], min(len(some), max(0, checked - first))


def batch(tries: int, job: Job) -> Counter[str]:
    """What a batch of variants gave."""
    first, problems, checked = job
    witness, counted = Witness(problems, CARRIED, np.random.default_rng(first)), Counter[str]()
    for k, unfair in enumerate(witness.unfair(tries)):
        counted["variants"] += 1
        counted["UNFAIR"] += bool(unfair)
        if unfair:
            print(f"variant {first + k}: {unfair}", flush=True)
    for k, problem in enumerate(problems[:checked]):
        own = Witness([problem], CARRIED, witness.dice)
        counted += judged(problem, own, first + k)
    return counted


def judged(problem: Problem, witness: Witness, number: int) -> Counter[str]:
    """What `check` says of sheets of a variant."""
    solution, counted = Solution(problem), Counter[str]()
    for _ in range(HONEST):
        full, _ = points(solution, *witness.texts(witness.run(witness.honest())))
        counted["honest sheets checked"] += 1
        counted["HONEST NOT FULL"] += not full
    for k in range(MISTAKEN):
        name = [*MISTAKES][(number * MISTAKEN + k) % len(MISTAKES)]
        full, named = points(solution, *witness.texts(witness.run(all_of_it, **MISTAKES[name])))
        counted["mistaken sheets checked"] += 1
        counted["MISTAKE FULL"] += full
        counted["named"] += named
        if full:
            print(f"variant {number}: {name} earns all points", flush=True)
    return counted


def points(solution: Solution, texts: Sequence[str]) -> tuple[bool, bool]:
    """Whether a sheet earns all points, and whether a mistake is named."""
    given = {e: Given(t, Fraction(t), 4) for e, t in zip(asked(solution), texts, strict=True)}
    found = check(solution, Answers("someone", "", given))
    earned = score(solution.problem, found)
    return earned.points == earned.most, any(row.verdict == "mistake" for row in found.rows)


def asked(solution: Solution) -> list[Entry]:
    """The entries in the order in which the witness has them."""
    return [(row.step, row.name, row.index) for row in solution.rows]


if __name__ == "__main__":
    main()
