"""Mistakes in a backward pass: what each gives, and that checked answers name it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from tests.conftest import BACKWARD
from verifier.arithmetic.ieee import Ieee
from verifier.check.answers import read
from verifier.check.engine import check
from verifier.check.model import Answers
from verifier.check.scores import score
from verifier.cli import main
from verifier.documents.pieces import piece_text
from verifier.evaluate import evaluate
from verifier.language.write import written
from verifier.outcomes.model import Given
from verifier.problem import load, loads
from verifier.problem.backward import asked, backward
from verifier.rewrites.backward import ROWS
from verifier.rewrites.catalogue import CATALOGUE
from verifier.solution import Solution, solve

TASK = backward(load(BACKWARD), uniform=True)
SOLUTION = Solution(TASK)
LONGER = (
    BACKWARD.read_text("utf-8")
    .replace("[0.48, 0.98]]", "[0.48, 0.98], [-0.5, 0.3]]")
    .replace("[0, 0.5, 0.2]]", "[0, 0.5, 0.2], [0.4, 0.1, -0.3]]")
    .replace("s = [0, 0, 0]", "s = [0.5, -0.4, 0.3]")
    .replace("W_r = [[0.21], [0.22], [0.45]]", "W_r = [[2.1], [2.2], [4.5]]")
)
"""The homework with a third step, in which the reset gate matters more."""
THREE = Solution(backward(loads(LONGER), uniform=True))

CHANGED = [
    ("slope-of-other-function", "delta_h", "d_h[t] * (h[t] * (1 - h[t]))"),
    ("slope-of-other-function", "delta_z", "d_z[t] * (1 - z[t] * z[t])"),
    ("square-forgotten", "delta_h", "d_h[t] * (1 - h[t])"),
    ("function-for-slope", "delta_r", "d_r[t] * r[t]"),
    ("transpose-forgotten", "delta_h_2", "delta_h[t] @ W_h"),
    ("steps-not-summed", "d_W_r", "outer(s[t-1], delta_r[t])"),
    ("truncated", "d_s", "s[t] - y[t]"),
    ("target-sign", "d_s", "y[t] - s[t] + back_s[t+1]"),
    ("half-forgotten", "d_s", "2 * (s[t] - y[t]) + back_s[t+1]"),
    (
        "gate-path-left-out",
        "back_s",
        "delta_r[t] @ W_r.T + delta_h_2[t] * r[t] + d_s[t] * z[t]",
    ),
    (
        "reset-path-left-out",
        "back_s",
        "delta_z[t] @ W_z.T + delta_h_2[t] * r[t] + d_s[t] * z[t]",
    ),
    (
        "way-back-left-out",
        "back_s",
        "delta_z[t] @ W_z.T + delta_r[t] @ W_r.T + d_s[t] * z[t]",
    ),
]


@pytest.mark.parametrize(("rule", "name", "expected"), CHANGED)
def test_what_a_mistake_makes_of_an_equation(rule: str, name: str, expected: str) -> None:
    made = [
        written(variant.problem.cell.equation[name].expression)
        for variant in CATALOGUE[rule].variants(TASK)
    ]
    assert expected in made


def answers(values: Any, places: int = 4) -> Answers:
    """What someone who computed these values writes."""
    given = {}
    for (step, name), value in values.items():
        for index in np.ndindex(*TASK.shapes[name]):
            text = f"{float(np.asarray(value)[index]):.{places}f}"
            given[step, name, index] = Given(text, Fraction(text), places)
    return Answers("Ada", "ada.toml", given)


@pytest.mark.parametrize("rule", [row[0] for row in ROWS])
def test_answers_with_the_mistake_are_told_of_it(rule: str) -> None:
    variant = next(CATALOGUE[rule].variants(THREE.problem))
    values = evaluate(variant.problem, variant.wrap(Ieee("float64"))).values
    found = check(THREE, answers(values)).findings
    assert found[0].explanation.id == rule


@pytest.mark.parametrize(
    ("rule", "gate"), [("gate-path-left-out", "z"), ("reset-path-left-out", "r")]
)
def test_a_path_through_a_gate_names_the_gate_with_coarse_digits_too(rule: str, gate: str) -> None:
    variant = next(CATALOGUE[rule].variants(THREE.problem))
    values = evaluate(variant.problem, variant.wrap(Ieee("float64"))).values
    found = check(THREE, answers(values, places=3)).findings
    assert found[0].explanation.id == rule
    assert gate in dict(found[0].explanation.about)[rule.partition("-")[0]]


def test_the_pass_that_stops_has_nothing_further_back() -> None:
    (variant,) = CATALOGUE["stopped-after-one-step"].variants(THREE.problem)
    own, whole = (evaluate(p, Ieee("float64")).values for p in (variant.problem, THREE.problem))
    same = {step: np.array_equal(own[step, "d_s"], whole[step, "d_s"]) for step in (1, 2, 3)}
    assert same == {1: False, 2: True, 3: True}


def test_a_step_with_the_gradient_is_named() -> None:
    values = evaluate(TASK, Ieee("float64")).values
    up = {
        site: 2 * np.asarray(TASK.parameters[site[1].removeprefix("new_")].doubles) - value
        if site[1].startswith("new_")
        else value
        for site, value in values.items()
    }
    (found,) = check(SOLUTION, answers(up)).findings
    assert found.explanation.id == "number-misread"  # one cause for all parameters
    assert found.explanation.named("parameters") == ("rate",)
    assert found.explanation.named("read") == ("0.1", "-0.1")


def test_right_answers_are_right() -> None:
    values = evaluate(TASK, Ieee("float64")).values
    verdicts = {row.verdict for row in check(SOLUTION, answers(values)).rows}
    assert verdicts == {"correct"}


def test_who_answers_what_the_sheet_asks_for_has_all_points() -> None:
    """Terms on the way and parts of sums are judged where they are given, and not missed."""
    values = evaluate(TASK, Ieee("float64")).values
    whole = {site: v for site, v in values.items() if asked(TASK, *site)}
    assert (2, "d_W_z") not in whole
    assert (1, "delta_h") not in whole
    for kept in (whole, values):
        checked = check(SOLUTION, answers(kept))
        found = score(TASK, checked)
        assert found.points == found.most == sum(np.size(v) for v in whole.values())
        assert {row.verdict for row in checked.rows} == {"correct"}


def test_no_rule_fits_a_forward_pass() -> None:
    for rule, *_ in ROWS:
        assert not list(CATALOGUE[rule].variants(load(BACKWARD)))


def test_the_command_names_the_mistake(tmp_path: Path) -> None:
    sheet = tmp_path / "ada.toml"
    sheet.write_text("[2]\nd_s = [-0.1948, 0.3122, 0.0599]\nd_h = [-0.0602, 0.0965, 0.0185]\n")
    options = ["--backward", "--format", "md", "--stdout"]
    run = CliRunner().invoke(main, ["check", str(BACKWARD), str(sheet), *options])
    assert run.exit_code == 1
    assert "target" in run.output


KERNELS = """
equations = "h[t] = tanh(x[t] @ kernel + h[t-1] @ recurrent_kernel)"
loss = "0.5 * sum(h[t] * h[t])"
[parameters]
kernel = [[0.1, 0.2]]
recurrent_kernel = [[0.3, 0.1], [0.2, 0.4]]
[inputs]
x = [[1], [2]]
"""
GRADIENT = "[[0.0244, 0.0359], [0.0483, 0.0711]]"
WRITTEN = ("d_recurrent_kernel", "∂L/∂U", "dL/dU", "dL/drecurrent_kernel", "$dL/dU$")


@pytest.mark.parametrize("label", WRITTEN)
def test_a_gradient_is_read_as_it_is_printed(label: str, tmp_path: Path) -> None:
    """By the name of Keras's parameter or the letter it prints as; the whole one has no step."""
    task = backward(loads(KERNELS))
    assert "∂L/∂U" in piece_text(solve(task), "d_recurrent_kernel@1:rounded", "txt")
    (tmp_path / "a.txt").write_text(f"{label} = {GRADIENT}\n", "utf-8")
    (told,) = read(task, [tmp_path / "a.txt"])
    assert not told.complaints
    places = {(1, "d_recurrent_kernel", (i, j)) for i in range(2) for j in range(2)}
    assert set(told.given) == places
