"""Random sequences, certified along their steps and by balls: all rows are compared.

    python -m tests.along_campaign --problems 2000

Each is worked as a stream, too, in blocks of random length, with bounds by the 2-norm, and some as
several sequences side by side.
Cells of the catalogue, with and without gates that remember, and random equations of every
operation; 12 to 120 steps, 2 to 10 places, every mode. A disagreement is a difference in digits,
status, closed text or policies, or an enclosure that 700 bits leave.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from random import Random
from unittest import mock

from flint import arb

from tests.random_sequences import recurrent, remembering
from tests.streamed import SAME, streamed
from verifier.along.beside import Known, traces
from verifier.along.certifier import Along
from verifier.along.held import Held
from verifier.arithmetic.ball import Ball
from verifier.arithmetic.context import flint_bits
from verifier.certify import PLAIN
from verifier.errors import VerifierError
from verifier.evaluate import evaluate
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.rounding import MODES, Rounding
from verifier.solution import Solution

ROWS = ("step", "name", "index", "rounded", "status", "exact", "policies")
"""What both certifiers must agree in."""

CASES = [("gru", None), ("lstm", None), ("rnn", None), ("gru", "3"), ("gru", "6"), ("lstm", "5")]
BATCH = 10
BESIDE = 30
"""Steps up to which several sequences are tried side by side: balls of each take their time."""


def differing(problem: Problem, policies: bool = False) -> list[str]:
    """The rows in which both certifiers differ."""
    both = [Solution(problem, False, policies, which).rows for which in (PLAIN, Along())]
    return [
        f"{one} is {other}"
        for one, other in zip(*both, strict=True)
        if any(getattr(one, name) != getattr(other, name) for name in ROWS)
    ]


def torn(problem: Problem, size: int) -> list[str]:
    """The rows in which a stream in blocks of so many steps differs from balls over the whole."""
    whole = Solution(problem, False, False, PLAIN).rows
    return [
        f"in blocks of {size}: {one} is {other}"
        for one, other in zip(streamed(problem, size), whole, strict=True)
        if any(getattr(one, name) != getattr(other, name) for name in SAME)
        or Decimal(one.lower or other.lower or 0) > Decimal(other.upper or 0)
        or Decimal(one.upper or other.upper or 0) < Decimal(other.lower or 0)
    ]


@contextmanager
def by_length() -> Iterator[None]:
    """States of any width are bounded by their 2-norm where that gets smaller."""
    with (
        mock.patch("verifier.along.certifier.WIDE", 1),
        mock.patch("verifier.along.guess.WIDE", 1),
    ):
        yield


def beside(problem: Problem, count: int) -> list[str]:
    """The rows in which sequences that are proven side by side differ from balls over each.

    They are the problem's own, and such as begin with later rows of it.
    """
    steps = range(problem.steps)
    problems = [
        replace(problem, inputs={n: _turned(x, steps, k) for n, x in problem.inputs.items()})
        for k in range(count)
    ]
    found = traces(problems)
    if found is None:
        return []
    return [
        f"side by side: {one} is {other}"
        for problem, trace in zip(problems, found, strict=True)
        for one, other in zip(
            Solution(problem, False, False, Known(trace)).rows,
            Solution(problem, False, False, PLAIN).rows,
            strict=True,
        )
        if any(getattr(one, name) != getattr(other, name) for name in ROWS)
        or Decimal(one.lower or other.lower or 0) > Decimal(other.upper or 0)
        or Decimal(one.upper or other.upper or 0) < Decimal(other.lower or 0)
    ]


def _turned(numbers: Numbers, steps: range, count: int) -> Numbers:
    return numbers.picked([*steps[count:], *steps[:count]])


def drawn(rng: Random) -> Problem:
    """A random problem and its rounding."""
    steps = rng.choice([12, 30, 60, 120])
    rule = Rounding(rng.choice([2, 4, 4, 6, 8, 10]), rng.choice(MODES))
    if rng.random() < 0.5:
        cell, bias = rng.choice(CASES)
        return remembering(rng.randrange(10**9), cell, bias, steps).rounded_by(rule)
    return recurrent(rng, steps=steps, zeros=rng.random() < 0.2).rounded_by(rule)


def escaped(problem: Problem) -> list[str]:
    """The enclosures of floats that 700 bits leave."""
    trace = Along().certified(problem, problem.policy).trace
    if not isinstance(trace.values, Held):
        return []
    truth, found = evaluate(problem, Ball(700)), []
    with flint_bits(900):
        for site in truth.values:
            pairs = zip(trace.values.coarse(site).flat, truth.entries(*site), strict=True)
            found += [f"{site}: {a} {b}" for a, b in pairs if not arb(a).overlaps(arb(b))]
    return found


def batch(seed: int) -> tuple[Counter[str], list[str]]:
    """What was compared in some problems, and what disagrees."""
    counted, wrong = Counter[str](), []
    for k in range(BATCH):
        rng = Random(f"{seed} {k}")
        try:
            problem = drawn(rng)
            found = Along().certified(problem, problem.policy)
            kind = (
                " and ".join(map(str, found.precisions))
                if isinstance(found.trace.values, Held)
                else "balls"
            )
            faults = differing(problem) + escaped(problem)
            faults += torn(problem, rng.choice([1, 3, 10, 25, 50]))
            with by_length():
                faults += differing(problem) + escaped(problem) + torn(problem, rng.choice([7, 40]))
            if problem.steps <= BESIDE:
                faults += beside(problem, rng.choice([2, 3]))
        except VerifierError:
            counted["refused"] += 1
            continue
        counted[kind] += 1
        counted["rows"] += problem.steps * sum(map(problem.size, problem.cell.equation))
        wrong += [f"seed {seed} {k}: {fault}" for fault in faults]
    return counted, wrong


def main() -> None:
    """Run the campaign and print what was compared; exit 1 where something disagrees."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int)
    options = parser.parse_args()
    total, wrong = Counter[str](), []
    seeds = range(options.seed * 10**6, options.seed * 10**6 + options.problems // BATCH)
    with multiprocessing.Pool(options.processes) as pool:
        for counted, faults in pool.imap_unordered(batch, seeds):
            total += counted
            wrong += faults
            for fault in faults:
                print(fault)
    print(", ".join(f"{count} {what}" for what, count in sorted(total.items())))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
