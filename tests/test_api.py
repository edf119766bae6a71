"""The Python interface, used as the README uses it."""

from __future__ import annotations

import json

import pytest

import verifier
from tests.conftest import SEED


def test_the_readmes_example() -> None:
    solution = verifier.solve(verifier.load(SEED))
    assert (solution.rows[0].rounded, solution.rows[0].margin) == ("0.5381", "0.012")
    assert solution.to_markdown().startswith("# HW 10 · Question 2: worked solution")
    assert solution._repr_markdown_() == solution.to_markdown()
    assert solution.to_latex().startswith("\\documentclass")
    assert len(json.loads(solution.to_json())["rows"]) == 16
    assert "## 30 digits" in solution.to_markdown(digits=30)


def test_a_problem_from_a_text() -> None:
    problem = verifier.loads('equations = "y[t] = tanh(x[t])"\n[inputs]\nx = [0, 1]\n')
    assert [row.rounded for row in verifier.solve(problem).rows] == ["0.0000", "0.7616"]


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="solvee"):
        _ = verifier.solvee  # type: ignore[attr-defined]
