"""The backward pass of a GRU, hidden 64, 20 steps, certified beside its certified forward pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.problems import gru
from benchmarks.timing import ratio
from verifier.language.parse import parse_expression
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.problem.backward import backward
from verifier.problem.loss import Loss
from verifier.solution import solve


def main() -> None:
    """At most 4."""
    problem = with_loss(gru(64, 64, 20))
    solution = solve(backward(problem))
    assert solution.complete
    took = ratio(lambda: solve(backward(problem)), lambda: solve(problem), 5)
    print("hidden 64: backward / forward ", took)
    print("  precisions of the passes:", solution.full.precisions)


def with_loss(problem: Problem) -> Problem:
    """The problem with half the squared error of its state at every step."""
    targets = np.random.default_rng(2).uniform(-1, 1, (problem.steps, problem.shapes["s"][0]))
    loss = parse_expression("half_squared_error(s[t], y[t])")
    rows = Numbers.typed(np.char.mod("%.2f", targets).tolist())
    return replace(problem, loss=Loss(loss, inputs={"y": rows}))


if __name__ == "__main__":
    main()
