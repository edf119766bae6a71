"""CPU time of digits over long sequences: bounds along the steps, JSON, and NumPy or balls beside.

    python -m benchmarks.long [NAME …]

Without names, all of it in one run; set OPENBLAS_NUM_THREADS=1 for one core.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.problems import forward, gru
from verifier.along.certifier import enclosures
from verifier.certify import PLAIN, undecided
from verifier.many import solve_many
from verifier.problem import Problem
from verifier.problem.starter import Sizes, starter
from verifier.report.contract import solution_lines
from verifier.report.write import write
from verifier.rounding import Policy, Rounding
from verifier.solution import Solution


def main(names: list[str]) -> None:
    """Print what is asked for."""
    for name, show in SHOWN.items():
        if not names or name in names:
            show()


def wide() -> None:
    """GRU of 64 units and 32 inputs, 10,000 steps."""
    for gain in (0.6, 1.0):
        problem = gru(64, 32, 10_000, gain=3**0.5 * gain)
        spent, left, radius = certificate(problem)
        with TemporaryDirectory() as folder:
            work = partial(_written, problem, Path(folder) / "rows.json")
            rows = cpu(work)
        print(
            f"gain {gain}: certificate {spent:.2f} s, {left} open, radius {radius:.1e}; "
            f"all of it to JSON {rows:.1f} s",
            flush=True,
        )


def remembering() -> None:
    """GRU of 64 units whose update gate keeps the state, 4,000 steps."""
    for bias in ("3", "6"):
        problem = gru(64, 32, 4_000, gain=3**0.5, bias=bias)
        spent, left, radius = certificate(problem)
        print(
            f"z bias +{bias}: {1e3 * spent / 4_000:.3f} ms a step, {left} open, "
            f"radius {radius:.1e}",
            flush=True,
        )


def narrow() -> None:
    """One unit, 100,000 steps."""
    spent, left, radius = certificate(gru(1, 1, 100_000))
    print(f"one unit, 100,000 steps: {spent:.2f} s, {left} open, radius {radius:.1e}", flush=True)


def places() -> None:
    """What floats leave open at more places, and what all of it takes."""
    for count in (8, 10):
        problem = gru(64, 32, 2_000, gain=3**0.5 * 0.6).rounded_by(Rounding(count))
        spent, left, _ = certificate(problem)
        solution = Solution(problem, False, False)
        whole = cpu(solution.computed)
        print(
            f"{count} places, 2,000 steps: {spent:.2f} s, {left} open, all {whole:.2f} s at "
            f"{solution.full.precisions} bits",
            flush=True,
        )


def very_wide() -> None:
    """GRU of 512 units, 200 steps, beside NumPy's forward pass; both read weights as floats."""
    for gain in (0.6, 1.0):
        problem = gru(512, 128, 200, gain=3**0.5 * gain)
        plain_forward(problem)
        spent, left, radius = certificate(problem)
        times = spent / cpu(partial(plain_forward, problem))
        print(
            f"512 units, gain {gain}, 200 steps: {1e3 * spent / 200:.1f} ms a step, "
            f"{times:.0f} x NumPy, {left} open, radius {radius:.1e}",
            flush=True,
        )


def sequences() -> None:
    """1,000 sequences of 200 steps for one GRU of 64 units, beside one of them by balls."""
    problem = gru(64, 32, 200, gain=3**0.5)
    data = np.random.default_rng(3).uniform(-1, 1, (1000, 200, 32)).round(2)
    many = solve_many(problem, {"x": data})
    left: list[int] = []
    spent = cpu(lambda: left.append(many.open)) / 1000
    plain = cpu(partial(PLAIN.certified, problem, Policy()))
    print(
        f"1,000 sequences of 200 steps: {1e3 * spent:.1f} ms each, {left[0]} left open by floats; "
        f"balls {1e3 * plain:.0f} ms, ratio {spent / plain:.3f}",
        flush=True,
    )


def beside() -> None:
    """Balls beside, where they end soon."""
    for hidden, inputs, steps in ((1, 1, 1000), (16, 8, 400), (64, 32, 200)):
        problem = gru(hidden, inputs, steps, gain=3**0.5)
        spent, left, _ = certificate(problem)
        plain = cpu(partial(PLAIN.certified, problem, Policy()))
        print(
            f"{hidden:4d} units, {steps:5d} steps: {1e3 * spent / steps:7.3f} ms a step, balls "
            f"{1e3 * plain / steps:7.3f} ms, ratio {spent / plain:.3f}, {left} open",
            flush=True,
        )


def streams() -> None:
    """GRU of two units over arrays of many steps, as streams: time and memory of processes."""
    for steps in (10_000, 100_000):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "x.npy"
            np.save(path, np.random.default_rng(5).uniform(-1, 1, (steps, 2)).round(2))
            used = _streamed(Path(folder), path)
        print(
            f"{steps} steps as a stream: {used.ru_utime + used.ru_stime:.1f} s, "
            f"{used.ru_maxrss // 1024} MB at most",
            flush=True,
        )


def _streamed(folder: Path, path: Path) -> Any:
    """What a process used that solved a stream."""
    problem = folder / "gru.toml"
    problem.write_text(starter("gru", Sizes(inputs=2, hidden=2)), "utf-8")
    command = [sys.executable, "-m", "verifier", "solve", str(problem), "--stream", str(path)]
    done = subprocess.Popen([*command, "--output", str(folder)], stdout=subprocess.DEVNULL)
    _, code, used = os.wait4(done.pid, 0)
    assert code == 0
    return used


def certificate(problem: Problem) -> tuple[float, Any, float]:
    """The time of the bounds and of all digits, what is open, and the largest radius."""
    found: list[Any] = []

    def work() -> None:
        trace = enclosures(problem)
        found.append(trace and (trace, undecided(trace, problem)))

    spent = cpu(work)
    if found[0] is None:
        return spent, "all", float("inf")
    trace, left = found[0]
    return (
        spent,
        len(left),
        max(
            float(value.radius.max())
            for part in trace.values.parts
            for value in part.values.values()
        ),
    )


def _written(problem: Problem, path: Path) -> None:
    write(path, solution_lines(Solution(problem)))


def plain_forward(problem: Problem) -> Any:
    """NumPy's own GRU in float64."""
    given = {name: numbers.doubles for name, numbers in problem.parameters.items()}
    *_, last = forward(given, problem.inputs["x"].doubles)
    return last


def cpu(work: Callable[[], object]) -> float:
    """The processor time of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


SHOWN = {
    show.__name__: show
    for show in (wide, remembering, narrow, places, very_wide, sequences, beside, streams)
}

if __name__ == "__main__":
    main(sys.argv[1:])
