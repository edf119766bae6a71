"""The long campaign on gradients: random cells against differences of an independent pass.

    python -m tests.backward_campaign --problems 1000

Random cells of the whole language, one, two stacked or two in both directions of time, with a loss
over any of their quantities at all, the last or some steps. The total loss and the parameters after
a step of descent; every derivative by a quantity or an input at a step, every sum of a parameter
over the steps t … T, and all that one step passes to another, up to 40 entries a problem, are held
to 18 digits of central differences, in 70 digits, of a forward pass that Python runs on mpmath's
numbers. An entry at a kink, whose ball is wide at 400 bits, is counted apart; the slopes on both
sides are in its ball.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from random import Random
from typing import Any

import mpmath
import numpy as np

from tests import independent
from tests.random_losses import Drawn, draw
from verifier.arithmetic.ball import Ball, enclosure
from verifier.errors import ProblemError
from verifier.evaluate import Trace, evaluate
from verifier.problem import Problem
from verifier.problem.backward import backward

BATCH, MOST = 10, 40
WIDE = Fraction(1, 10**30)
SLACK = 1e-18  # a slope with a corner, as softsign's at zero, is off by the distance, 1e-22
Moves = Callable[[str, int, int | None], bool]
"""Whether what is read of a name, at a step with an offset, moves."""


def main() -> None:
    """Run the campaign and print what was compared; exit 1 when anything disagreed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    start, total = time.perf_counter(), Counter[str]()
    seeds = range(options.seed * 10**6, options.seed * 10**6 + options.problems // BATCH)
    with multiprocessing.Pool() as pool:
        for counted in pool.imap_unordered(batch, seeds):
            total += counted
    found = ", ".join(f"{count} {what}" for what, count in sorted(total.items()))
    print(found, f"in {time.perf_counter() - start:.0f} s")
    sys.exit(bool(total["disagreements"]))


def batch(seed: int) -> Counter[str]:
    """What one batch of problems gave."""
    rng, counted = Random(seed), Counter[str]()
    while counted["problems"] < BATCH:
        drawn = draw(rng)
        wrong = list(compared(drawn, rng, counted))
        counted["disagreements"] += len(wrong)
        if wrong:
            print(f"seed {seed}: {wrong[:3]} {drawn}", flush=True)
    return counted


def compared(drawn: Drawn, rng: Random, counted: Counter[str], most: int = MOST) -> Iterator[str]:
    """The entries of a problem that others compute otherwise; what was compared is counted."""
    try:
        problem = drawn.problem
        trace = evaluate(backward(problem), Ball(400))
    except ProblemError:  # a division by zero, or the logarithm of what is not positive
        counted["problems without a value"] += 1
        return
    counted["problems"] += 1
    entries = [
        (name, step, k)
        for step, name in trace.values
        if name not in problem.cell.equation and not name.startswith(("delta_", "new_"))
        for k in range(len(trace.entries(step, name)))
    ]
    for name, step, k in rng.sample(entries, min(len(entries), most)):
        kind = _agrees(drawn, problem, trace, (name, step, k))
        counted[kind] += 1
        if kind == "disagreements":
            counted[kind] -= 1
            yield f"{name}[{k}] at step {step}"
    yield from _descended(problem, trace, counted)


def _agrees(drawn: Drawn, problem: Problem, trace: Trace, entry: tuple[str, int, int]) -> str:
    """What an entry counts as."""
    name, step, k = entry
    ends = enclosure(trace.entries(step, name)[k])
    with mpmath.workdps(70):
        if ends is None:
            return "entries at a kink, without an enclosure"
        if name == "loss":
            theirs = forward(drawn, [t for t in drawn.steps if t <= step])
            return _inside(ends, [theirs], SLACK, "entries")
        moves = moving(problem, name, step)
        if ends[1] - ends[0] > WIDE:
            return _inside(ends, sided(drawn, moves, k), 1e-15, "entries at a kink")
        return _inside(ends, [slope(drawn, moves, k)], SLACK, "entries")


def _inside(ends: tuple[Fraction, Fraction], theirs: list[Any], slack: float, kind: str) -> str:
    """The kind, where all of the others' values are in the enclosure."""
    low, high = (mpmath.mpf(end.numerator) / end.denominator for end in ends)
    near = [slack * (1 + abs(value)) for value in theirs]
    right = all(low - e <= value <= high + e for e, value in zip(near, theirs, strict=True))
    return kind if right else "disagreements"


def moving(problem: Problem, name: str, step: int) -> Moves:
    """Which readings move where an entry is the derivative by what is read."""
    prefix, _, by = name.partition("_")
    if prefix in ("back", "ahead"):
        offset = -1 if prefix == "back" else 1
        return lambda read, at, k: (read, at, k) == (by, step, offset)
    if by in problem.cell.equation or by in problem.inputs:
        return lambda read, at, k: read == by and k is not None and at + k == step
    return lambda read, at, k: read == by and at >= step


def slope(drawn: Drawn, moves: Moves, k: int) -> Any:
    """The slope of the total loss: a central difference."""
    h = mpmath.mpf(10) ** -22
    low, high = (forward(drawn, drawn.steps, (moves, k, x)) for x in (-h, h))
    return (high - low) / (2 * h)


def sided(drawn: Drawn, moves: Moves, k: int) -> list[Any]:
    """The slopes of the total loss on both sides."""
    h = mpmath.mpf(10) ** -22
    low, own, high = (forward(drawn, drawn.steps, (moves, k, x)) for x in (-h, 0, h))
    return [(own - low) / h, (high - own) / h]


def forward(drawn: Drawn, steps: list[int], nudge: Any = None) -> Any:
    """The loss of steps, where an entry of what moves is nudged."""

    def read(name: str, step: int, offset: int | None, value: Any) -> Any:
        moves, k, by = nudge
        return _moved(value, k, by) if moves(name, step, offset) else value

    extra = (read,) if nudge else ()
    made = independent.Pass(drawn.text, drawn.data, drawn.count, *extra)
    return made.total(drawn.loss, steps)


def _moved(value: Any, k: int, by: Any) -> Any:
    if not np.shape(value):
        return value + by
    found = np.array(value, dtype=object)
    found.flat[k] += by
    return found


def _descended(problem: Problem, trace: Trace, counted: Counter[str]) -> Iterator[str]:
    """The parameters after a step of descent that are not W − rate · ∂L/∂W."""
    assert problem.loss is not None
    if problem.loss.rate is None:
        return
    rate = problem.loss.rate.fractions[0]
    for name, numbers in problem.parameters.items():
        rows = trace.entries(1, f"d_{name}"), trace.entries(1, f"new_{name}")
        for k, (slope, new) in enumerate(zip(*map(list, rows), strict=True)):
            ends, found = enclosure(slope), enclosure(new)
            if ends is None or found is None:
                continue
            counted["parameters after a step"] += 1
            low, high = (numbers.fractions[k] - rate * end for end in reversed(ends))
            if found[0] > high or found[1] < low:
                yield f"new_{name}[{k}]"


if __name__ == "__main__":
    main()
