"""LSTM, 256 units, two layers, 50 steps, six places: JSON beside the certified pass behind it."""

from __future__ import annotations

import resource
import tempfile
from pathlib import Path

from benchmarks.problems import lstm
from benchmarks.timing import ratio
from verifier.problem import Problem
from verifier.report.contract import solution_lines
from verifier.report.write import write
from verifier.solution import solve

HIDDEN, INPUTS, STEPS = 256, 128, 50


def main() -> None:
    """A pass and its JSON: at most 3 times the pass."""
    problem = lstm(HIDDEN, INPUTS, STEPS)
    times = ratio(lambda: _written(problem), lambda: solve(problem), 5)
    print("LSTM 256 x 2 x 50: solve to JSON / pass  ", times)
    print(f"  {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at most")


def _written(problem: Problem) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "solution.json", solution_lines(solve(problem)))


if __name__ == "__main__":
    main()
