"""Documents of the backward pass: as they are printed, their contract, and the command."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from tests.conftest import BACKWARD, SEED
from tests.test_backward import ONE_HOT, OUTPUT
from tests.test_documents import Golden
from verifier.api import load, solve
from verifier.cli import main
from verifier.derive.recompute import missed
from verifier.documents.sheet import sheet_documents
from verifier.documents.solution import solution_text
from verifier.errors import DocumentError
from verifier.problem import loads
from verifier.problem.backward import backward
from verifier.solution import Solution
from verifier.solution import solve as plainly

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def passed() -> Solution:
    return plainly(backward(load(BACKWARD)))


@pytest.mark.parametrize("format", ["md", "tex", "json"])
def test_the_seed_with_a_loss(passed: Solution, format: str, golden: Golden) -> None:
    golden(GOLDEN / f"hw10_backward.{format}", solution_text(passed, format))


def test_the_sheet_poses_the_loss_and_gives_no_derivative_away(golden: Golden) -> None:
    text = str(sheet_documents(backward(load(BACKWARD)), ["md"])["md"])
    equations = text.partition("What is given")[0]
    assert "L_t" in equations
    assert r"\partial" not in equations
    golden(GOLDEN / "hw10_backward_sheet.md", text)


def test_rows_keep_the_schema_of_a_solution(passed: Solution) -> None:
    file = resources.files("verifier.report").joinpath("schemas/solve.schema.json")
    data = json.loads(solution_text(passed, "json"))
    Draft202012Validator(json.loads(file.read_text())).validate(data)
    names = {row["name"] for row in data["rows"] if row["step"] == 1}
    assert {"d_s", "d_W_z", "d_U_h", "loss", "new_W_z", "z"} <= names


@pytest.mark.parametrize("format", ["md", "tex", "html", "typ"])
@pytest.mark.parametrize("language", ["en", "de", "zh"])
def test_every_language_and_symbol_in_every_format(format: str, language: str) -> None:
    if (language, format) == ("zh", "tex"):
        return
    problem = load(BACKWARD)
    notation = replace(problem.notation, gradient="delta")
    texts = replace(problem.texts, language=language)
    text = solution_text(
        Solution(backward(replace(problem, notation=notation, texts=texts))), format
    )
    assert "Undefined" not in text
    assert r"\partial" not in text
    assert "∂" not in text


def test_a_step_backwards_follows_the_steps_forwards(passed: Solution) -> None:
    headings = re.findall(r"^## (.*)$", solution_text(passed, "md"), re.MULTILINE)
    steps = ["Step 1", "Step 2", "Step 2, backwards", "Step 1, backwards"]
    assert headings[3:8] == [*steps, "One step of gradient descent"]


def test_an_output_layer_and_inputs_are_worked_from_the_last_step_to_the_first() -> None:
    problem = loads(OUTPUT.format(more='gradients = ["x"]', y=ONE_HOT))
    text = solution_text(plainly(backward(problem)), "txt")
    found = re.findall(r"^(Step \d.*|∂L/∂[opx]_\d|h_\d)$", text, re.MULTILINE)
    forth = [line for k in (1, 2, 3) for line in (f"Step {k}", f"h_{k}")]
    back = [(f"Step {k}, backwards", *(f"∂L/∂{q}_{k}" for q in "pox")) for k in (3, 2, 1)]
    assert found == [*forth, *(line for lines in back for line in lines)]


def test_nothing_is_said_to_stand_behind_the_last_step(passed: Solution) -> None:
    text = solution_text(passed, "md")
    assert "After the last step" not in text
    entries = re.sub(r"\\rbrack_\d", "", text)
    assert not re.search(r"[a-zA-Z}]_\{?3|ge 3", entries)


def test_what_is_zero_by_its_form_is_said_and_not_worked() -> None:
    text = SEED.read_text("utf-8")
    problem = loads(f'loss = "sum(s[t])"\nloss_at = [1]\n{text}')
    made = solution_text(Solution(backward(problem)), "md")
    assert "are zero here: no loss that is counted follows from them." in made
    assert "\\begin{bmatrix} 0 & 0 & 0 \\cr 0 & 0 & 0" not in made


def test_no_name_of_the_loss_prints_as_another_does() -> None:
    text = """
equations = "L[t] = tanh(x[t] * J)"
loss = "L[t] * L[t]"
[parameters]
J = 2
[inputs]
x = [1]
"""
    assert "∂E/∂J" in solve(loads(text)).part("d_J@1:equation").__repr__()
    with pytest.raises(DocumentError, match="alike"):
        solution_text(Solution(backward(loads(text + '[notation.names]\nloss = "L"'))), "md")


def test_lines_that_do_not_recompute_are_found_backwards_too(passed: Solution) -> None:
    assert any(miss.name.startswith("d_") for miss in missed(passed))


def test_the_command_writes_beside_the_solution(tmp_path: Path) -> None:
    run = CliRunner().invoke(main, ["backward", str(BACKWARD), "--output", str(tmp_path)])
    assert run.exit_code == 0, run.output
    assert (tmp_path / "hw10_backward" / "backward.md").exists()
    assert (tmp_path / "hw10_backward" / "backward.tex").exists()


def test_the_command_needs_a_loss() -> None:
    run = CliRunner().invoke(main, ["backward", str(SEED)])
    assert run.exit_code == 2
    assert "has no loss" in run.output


def test_options_are_those_of_a_solution(tmp_path: Path) -> None:
    options = ["--places", "6", "--policy", "equation", "--detail", "vector", "--format", "json"]
    run = CliRunner().invoke(main, ["backward", str(BACKWARD), "--stdout", *options])
    rows = json.loads(run.output)["rows"]
    found = next(row for row in rows if (row["step"], row["name"]) == (2, "d_z"))
    assert re.fullmatch(r"0\.0912\d\d", found["rounded"])


def test_the_rounding_of_a_gradient_can_be_its_own() -> None:
    text = BACKWARD.read_text("utf-8") + "\n[rounding.d_W_z]\nplaces = 7\n"
    rows = solve(loads(text)).backward.rows
    found = {row.name: row.rounded for row in rows if row.step == 1 and row.index == (0, 0)}
    assert found["d_W_z"] == "0.0013641"
    assert found["d_W_r"] == "0.0000"


GENERAL = [
    "∂L/∂h_t     = h_t − y_t + δh⃖_{t+1}",
    "δh̄_{t,1} = (∂L/∂h_{t,1}) (1 − h_{t,1}^2)",
    "δh⃖_{t,2} = δh̄_{t,1} W_{2,1} + δh̄_{t,2} W_{2,2}",
    "(∂L/∂U_{1,2})[≥t] = x_{t,1} δh̄_{t,2} + (∂L/∂U_{1,2})[≥t+1]",
]


@pytest.mark.parametrize("line", GENERAL)
def test_the_general_derivation_backwards(line: str) -> None:
    run = CliRunner().invoke(main, ["derive", "rnn", "--backward", "--format", "txt", "--stdout"])
    assert run.exit_code == 0, run.output
    assert line in run.output


@pytest.mark.parametrize("cell", ["gru", "lstm", str(BACKWARD), str(SEED)])
def test_cells_and_problems_are_derived_backwards(cell: str, tmp_path: Path) -> None:
    options = ["--backward", "--format", "md", "--format", "html", "--output", str(tmp_path)]
    run = CliRunner().invoke(main, ["derive", cell, *options])
    assert run.exit_code == 0, run.output
