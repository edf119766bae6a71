"""Problems and their solutions go through pickle, as Dask and joblib send them about."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import verifier
from tests.conftest import SEED
from verifier import cells
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.rounding import Policy, Rounding
from verifier.solution import solve

SEED_PROBLEM = verifier.load(SEED)
FLOATS = Problem(
    cells.from_text("s[t] = tanh(x[t] @ W)"),
    {"W": Numbers.of_floats(np.array([[0.1, 0.2]], np.float32))},
    {"x": Numbers.typed([["0.5"], ["1/3"]])},
)
UNDECIDED = verifier.loads(
    'equations = "y[t] = (sigmoid(x[t]) + sigmoid(-x[t])) * 0.00005"\n[inputs]\nx = [1]\n'
)
PROBLEMS = [
    SEED_PROBLEM,
    SEED_PROBLEM.rounded_by(Rounding(6, "up"), Policy("operation")),
    FLOATS,
    UNDECIDED,
]


def through(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("asked", [False, True])
def test_a_solution_comes_back_with_the_same_digits(problem: Problem, asked: bool) -> None:
    solution = solve(problem)
    if asked:
        _ = solution.rows, solution.terms, solution.closed_forms, solution.undecided
    back = through(solution)
    assert back.rows == solution.rows
    assert back.undecided == solution.undecided
    assert back.digits("equation") == solution.digits("equation")


def test_a_solution_that_came_back_writes_the_same_documents() -> None:
    solution = verifier.solve(SEED_PROBLEM)
    back = through(solution)
    assert back.to_markdown() == solution.to_markdown()
    assert back.to_json() == solution.to_json()
    assert back.part("z@2").to_markdown() == solution.part("z@2").to_markdown()
    assert through(back).rows == solution.rows


def test_finished_digits_need_no_second_computation() -> None:
    solution = solve(SEED_PROBLEM)
    _ = solution.rows
    back = through(solution)
    assert back.rows == solution.rows
    assert "full" not in vars(back)


def test_a_problem_comes_back() -> None:
    back = through(SEED_PROBLEM)
    assert (back.sha256, back.to_markdown()) == (SEED_PROBLEM.sha256, SEED_PROBLEM.to_markdown())
    assert solve(back).rows == solve(SEED_PROBLEM).rows


def test_a_part_comes_back() -> None:
    solution = verifier.solve(SEED_PROBLEM)
    assert through(solution.step(1)).rows == solution.step(1).rows


def test_another_process_solves() -> None:
    """As a worker does: it gets the problem and sends the solution back."""
    script = (
        "import pickle, sys, verifier;"
        "found = verifier.solve(pickle.load(sys.stdin.buffer));"
        "sys.stdout.buffer.write(pickle.dumps(found))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=pickle.dumps(SEED_PROBLEM),
        stdout=subprocess.PIPE,
        check=True,
    )
    assert pickle.loads(done.stdout).rows == solve(SEED_PROBLEM).rows


def test_an_audit_is_pickled_like_its_solution() -> None:
    found = verifier.solve(SEED_PROBLEM).audit()
    again = through(found)
    assert again.findings.audit.attributions == found.findings.audit.attributions
