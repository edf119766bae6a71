"""Float errors over boxes: how tight, and what they take.

    python -m benchmarks.ranges

The unit is the example's, with its 2 inputs and 3 states in [−1, 1], in float32 with correctly
rounded functions. FPTaylor's figures are those of its own run on the same unit, sigmoid rounded
once, weights that are floats, first entries, default settings (version of March 2021, on a busy
machine: its seconds are rough). Beside each bound stands the largest error that programs were seen
to make, which use their whole allowance at corners and points of the box: a bound cannot be below
it.
Errors are those of operations, on floats of the box and rounded weights, as FPTaylor counts them;
`total` counts those of rounding the given numbers, too.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from benchmarks.climbing import climbed, half_ulps, programs
from verifier import cells
from verifier.arithmetic.floats.affine import Lane
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.protocol import QuantityAt
from verifier.audit.branch import Branches, influence
from verifier.audit.functions import accuracy
from verifier.audit.over import Exact, over, quick
from verifier.numbers import Numbers
from verifier.problem import Problem, loads
from verifier.ranges import Ranges

T = TypeVar("T")

SINGLE = Ieee("float32")
HALF = {("float32", function): 0.5 for function in ("exp", "tanh", "sigmoid")}
FPTAYLOR = {"z": "8.801e-8, 154 s", "h": "3.257e-7, 28 s", "s": "2.953e-7, 199 s"}
BOXES = {"z": 16_000, "h": 64_000, "s": 64_000}
CLIMBS = 4
"""Climbs from anywhere, and as many from where half ulps add up to most."""

SEED = Path(__file__).parents[1] / "examples" / "hw10_question2.toml"


def main() -> None:
    """Print every figure."""
    unit = example()
    timed("the range of every result", lambda: f"slack {Ranges(unit).slack:.3f}")
    few_inputs(unit)
    for hidden, steps in ((64, 1), (64, 5), (512, 1)):
        wide(hidden, steps)
    everything(unit)


def example() -> Problem:
    """The example's unit: its 2 inputs and 3 states are in [−1, 1]."""
    text = SEED.read_text("utf-8").replace("[0, 0, 0]", str(["[-1, 1]"] * 3))
    text = text.replace("[[0.23, 0.12], [0.48, 0.98]]", str([["[-1, 1]"] * 2]))
    return loads(text, intervals=True)


def few_inputs(unit: Problem) -> None:
    """The three targets: over the whole box, and over many small ones."""
    exact = Exact(unit, SINGLE, False)
    _ = exact.trace
    quick(unit, SINGLE, HALF, exact)
    by_grid = timed(
        "z, candidate and unit over the whole box", lambda: quick(unit, SINGLE, HALF, exact)
    )
    for name, most in BOXES.items():
        wanted: tuple[QuantityAt, ...] = ((1, name),)
        start, used = time.perf_counter(), time.process_time()
        search = Branches(unit, Lane(SINGLE, False), HALF, wanted, influence(unit, wanted))
        total, arithmetic = search.searched(most)[1, name]
        taken, used = time.perf_counter() - start, time.process_time() - used
        print(
            f"{name}: {arithmetic.max():.3e} in {taken:.1f} s ({used:.1f} s of CPU, {most} boxes)"
        )
        print(f"    total {total.max():.3e}, whole box {by_grid[1, name][0].max():.3e}", end="")
        print(f"; FPTaylor: {FPTAYLOR[name]}")
        sums, at = climbed(half_ulps(search), unit.intervals, 8)
        tried = (
            climbed(programs(unit, name), unit.intervals, 60, around, seed)[0]
            for around in (None, at)
            for seed in range(CLIMBS)
        )
        print(f"    climbed to: {max(tried):.3e} by a program, {sums:.3e} by half ulps at a point")


def wide(hidden: int, steps: int) -> None:
    """A GRU of drawn float32 weights, gain 1, all inputs and states in [−1, 1]."""
    dice = np.random.default_rng(1)

    def drawn(rows: int) -> Numbers:
        made: Any = dice.normal(size=(rows, hidden)) / np.sqrt(rows)
        return Numbers.of_floats(made.astype(np.float32))

    def box(*shape: int) -> Numbers:
        return Numbers(shape, ("[-1, 1]",) * int(np.prod(shape)))

    rows = {"U": hidden // 2, "W": hidden}
    weights = {f"{m}_{gate}": drawn(count) for m, count in rows.items() for gate in "zrh"}
    problem = Problem(cells.load("gru"), weights, {"x": box(steps, rows["U"])}, {"s": box(hidden)})
    exact = Exact(problem, SINGLE, False)
    what = f"{hidden} units, {steps} steps"
    timed(f"{what}: ranges", lambda: exact.trace)
    found = timed(f"{what}: bounds", lambda: quick(problem, SINGLE, accuracy("numpy").ulps, exact))
    for name in "zhs":
        stated, free = found[steps, name]
        print(f"    {name}: {stated.max():.2e} in the stated order, {free.max():.2e} in any")


def everything(unit: Problem) -> None:
    """What the command does for float32: both orders, both kinds of bound."""
    timed(
        "verifier audit --ranges, one format", lambda: over(unit, [SINGLE], accuracy("numpy").ulps)
    )


def timed(what: str, work: Callable[[], T]) -> T:
    """The result, its time printed."""
    start, used = time.perf_counter(), time.process_time()
    found = work()
    taken, used = time.perf_counter() - start, time.process_time() - used
    more = f", {found}" if isinstance(found, str) else ""
    print(f"{what}: {1e3 * taken:.1f} ms, {1e3 * used:.1f} ms of CPU{more}")
    return found


if __name__ == "__main__":
    main()
