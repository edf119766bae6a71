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


@pytest.mark.parametrize("number", range(16))
def test_an_entry_by_its_name_is_the_row_that_rows_have(number: int) -> None:
    solution = verifier.solve(verifier.load(SEED))
    row = solution.rows[number]
    index = "".join(f"[{k}]" for k in row.index)
    assert solution.part(f"{row.name}[{row.step}]{index}") is row
    assert (row._repr_markdown_(), "<math" in str(row._repr_html_())) == (f"${row.rounded}$", True)


def test_entries_of_length_one_and_of_matrices_are_rows() -> None:
    equations = '"y[t] = x[t] + 1\\nv[t] = 2 * u[t]"'
    text = f"equations = {equations}\n[inputs]\nx = [[[1, 2], [3, 4]]]\nu = [[5]]"
    solution = verifier.solve(verifier.loads(text))
    assert solution.part("y[1][1,0]") is solution.rows[2]
    assert solution.part("v[1]") is solution.part("v[1][0]") is solution.rows[4]


def test_other_pieces_are_parts() -> None:
    solution = verifier.solve(verifier.load(SEED))
    for text, rounded in (
        ("s[2]", ("0.1948", "0.1878", "0.1401")),
        ("z@2", ("0.6910",)),
        ("U_z[0,0]", ()),
        ("s[0][1]", ()),
    ):
        part = solution.part(text)
        assert isinstance(part, verifier.Part)
        assert part.rounded == rounded


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="solvee"):
        _ = verifier.solvee  # type: ignore[attr-defined]
