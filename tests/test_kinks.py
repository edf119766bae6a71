"""Kinks that are met exactly: found in any arithmetic, with both sides, and said in documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from tests.test_audit_report import schema
from verifier import cells, load, solve
from verifier.arithmetic.ball import Ball
from verifier.arithmetic.dual import Dual
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.protocol import Origin
from verifier.arithmetic.wrap.kinks import Kink, Kinked
from verifier.cli import main
from verifier.evaluate import evaluate
from verifier.language.adjoint import adjoint
from verifier.language.operations import OPERATIONS
from verifier.language.parse import parse
from verifier.language.write import text_of
from verifier.numbers import Numbers
from verifier.problem import Problem, from_data

ARITHMETICS = [Ball(), Dual(128, {Origin("input", "x", 1): 0}), Ieee("float16"), Ieee("float64")]


def found(equation: str, x: Any, arithmetic: Any) -> list[Kink]:
    """The kinks of one equation y at a value of x."""
    problem = Problem(cells.from_text(equation), {}, {"x": Numbers.typed([x])})
    kinked = Kinked(arithmetic)
    evaluate(problem, kinked)
    return kinked.found


MET = [
    ("relu(x[t])", "0", "0 1"),
    ("abs(x[t])", "0", "-1 1"),
    ("leaky_relu(x[t], 0.25)", "0", "1/4 1"),
    ("leaky_relu(x[t], 2)", "0", "2 1"),
    ("hard_sigmoid(x[t])", "2.5", "1/5 0"),
    ("hard_sigmoid(x[t])", "-2.5", "0 1/5"),
    ("hard_sigmoid_relu6(x[t])", "3", "1/6 0"),
    ("hard_sigmoid_relu6(x[t])", "-3", "0 1/6"),
    ("hard_tanh(x[t])", "1", "1 0"),
    ("hard_tanh(x[t])", "-1", "0 1"),
    ("clip(x[t], -2, 3)", "3", "1 0"),
    ("clip(x[t], -2, 3)", "-2", "0 1"),
    ("max(x[t], 2)", "2", "0 1"),
    ("max(2, x[t])", "2", "0 1"),
    ("min(x[t], 2)", "2", "1 0"),
    ("elu(x[t], 0.5)", "0", "1/2 1"),
]
JUMPS = [
    ("step(x[t])", "0", "0 1", False),
    ("positive(x[t])", "0", "0 1", True),
    ("thresholded_relu(x[t], 2)", "2", "0 2", True),
]
SMOOTH = [
    ("relu(x[t])", "0.1"),
    ("relu(-x[t])", "1e-7"),
    ("softsign(x[t])", "0"),
    ("elu(x[t])", "0"),
    ("leaky_relu(x[t], 1)", "0"),
    ("thresholded_relu(x[t], 2)", "1"),
    ("tanh(x[t])", "0"),
]


@pytest.mark.parametrize("arithmetic", ARITHMETICS, ids=lambda own: own.name)
@pytest.mark.parametrize(("right", "x", "slopes"), MET)
def test_slopes_below_and_above(right: str, x: str, slopes: str, arithmetic: Any) -> None:
    (kink,) = found(f"y[t] = {right}", x, arithmetic)
    assert " ".join(map(str, kink.slopes)) == slopes
    assert not kink.jumps


@pytest.mark.parametrize("arithmetic", ARITHMETICS, ids=lambda own: own.name)
@pytest.mark.parametrize(("right", "x", "values", "settled"), JUMPS)
def test_values_below_and_above(
    right: str, x: str, values: str, settled: bool, arithmetic: Any
) -> None:
    (kink,) = found(f"y[t] = {right}", x, arithmetic)
    assert kink.jumps
    assert kink.settled == settled
    assert " ".join(map(str, kink.values)) == values


@pytest.mark.parametrize("arithmetic", ARITHMETICS, ids=lambda own: own.name)
@pytest.mark.parametrize(("right", "x"), SMOOTH)
def test_nothing_is_said_where_there_is_a_derivative(right: str, x: str, arithmetic: Any) -> None:
    assert not found(f"y[t] = {right}", x, arithmetic)


def test_every_row_with_kinks_is_tried() -> None:
    tried = {right.split("(")[0] for right, *_ in [*MET, *JUMPS]}
    assert tried == {name for name, row in OPERATIONS.items() if row.kinks}


def test_entries_are_those_of_the_operation() -> None:
    kinks = found("y[t] = sum(relu(x[t]) + 2)", ["1", "0", "-1", "0"], Ball())
    assert [(kink.site.path, kink.index) for kink in kinks] == [((0, 0), (1,)), ((0, 0), (3,))]


def test_what_is_not_finite_has_no_kink() -> None:
    assert not found("y[t] = relu(1 / x[t] - 1 / x[t])", "1e-30", Ieee("float16"))


PROBLEM = """
equations = '''
a[t] = relu(W @ x[t])
s[t] = max(a[t], s[t-1]) + {more}
'''
rounding = {{places = 3}}
parameters.W = [[1, 0], [0, 1]]
initial.s = [0, "0.5"]
inputs.x = [[0, 1], ["0.5", 1]]
"""


@pytest.fixture
def written(tmp_path: Any) -> Any:
    def write(more: str) -> str:
        path = tmp_path / "kink.toml"
        path.write_text(PROBLEM.format(more=more))
        return str(path)

    return write


def printed(data: dict[str, Any]) -> str:
    """The solution of a problem as Markdown."""
    return solve(from_data(data, Path())).to_markdown()


IRRATIONAL = [
    ("relu(tanh(x[t]) - tanh(y[t]))", "just below and $1$ just above"),
    ("max(tanh(x[t]), tanh(y[t]))", "just below and $1$ just above"),
    ("relu((1 + exp(x[t])) * (1 - exp(y[t])) + exp(x[t]) * exp(y[t]) - 1)", "stands exactly"),
    ("thresholded_relu(exp(x[t]) + 1 - exp(y[t]), 1)", "its value is $0$, just above $1$"),
    ("thresholded_relu(exp(x[t]), exp(y[t]))", "its value is $0$, just above $1.64872"),
    ("step(exp(x[t]) - exp(y[t]))", "just below it is $0$, just above $1$"),
    ("relu(tanh(2 * x[t]) * (1 + tanh(x[t]) * tanh(y[t])) - 2 * tanh(x[t]))", "may stand exactly"),
    ("elu(tanh(x[t]) - tanh(y[t]))", None),
    ("relu(tanh(x[t]) - tanh(y[t]) + 1e-200)", None),
]


@pytest.mark.parametrize(("right", "said"), IRRATIONAL)
def test_equal_irrational_numbers_are_proven_to_be_equal(right: str, said: str | None) -> None:
    data = {"equations": f"s[t] = {right}", "inputs": {"x": ["0.5"], "y": ["0.5"]}}
    text = printed(data)
    assert ("exactly at a" in text) == bool(said)
    assert (said or "") in text


def test_closed_forms_prove_nothing_of_what_a_policy_rounds() -> None:
    data = {
        "equations": "s[t] = relu(tanh(x[t]) - tanh(y[t]))",
        "rounding": {"places": 3, "policy": "equation"},
        "inputs": {"x": ["0.5"], "y": ["0.5"]},
    }
    assert "may stand exactly at a kink" in printed(data)
    for right in ("relu(tanh(x[t]) - tanh(x[t])) * y[t]", "max(tanh(y[t]), tanh(y[t])) * x[t]"):
        assert "stands exactly at a kink" in printed({**data, "equations": f"s[t] = {right}"})


def test_an_audit_has_the_kinks_of_each_format(written: Any) -> None:
    path, floats = written("0.1 * step(x[t])"), ("--float", "float16", "--float", "float64")
    done = CliRunner().invoke(main, ["audit", path, *floats, "--format", "json", "--stdout"])
    rows = json.loads(done.stdout)["kinks"]
    Draft202012Validator(schema()).validate(json.loads(done.stdout))
    assert {row["float"] for row in rows} == {"float16", "float64"}
    first = [rows[0][key] for key in ("name", "step", "index", "what", "below", "above")]
    assert first == ["a", 1, [0], "slope", 0, 1]
    smooth = CliRunner().invoke(
        main, ["audit", "examples/hw10_question2.toml", "--format", "json", "--stdout"]
    )
    assert "kinks" not in json.loads(smooth.stdout)


def document(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, [*arguments, "--format", "md", "--stdout"])
    assert done.exit_code == code, done.output
    return done.stdout


FIRST = (
    r"first entry of $\operatorname{ReLU}\left(W x_1\right)$ (in $a_1$) stands exactly at a kink"
)
SIDES = "its slope by $W x_1$ is $0$ just below and $1$ just above"


def test_a_solution_names_entry_quantity_step_and_both_slopes(written: Any) -> None:
    text = document("solve", written("0.1"))
    assert f"The {FIRST}: {SIDES}" in text
    assert r"The first entry of $\max\left(a_1, s_0\right)$ (in $s_1$)" in text
    assert "(in $a_2$)" not in text


def test_a_solution_says_why_a_step_has_no_digits(written: Any) -> None:
    text = document("solve", written("0.1 * step(x[t])"), code=1)
    assert r"The first entry of $H\left(x_1\right)$ (in $s_1$) stands exactly at a jump" in text
    assert "just below it is $0$, just above $1$, and no precision decides" in text


def test_many_kinks_are_counted(tmp_path: Any) -> None:
    path = tmp_path / "many.toml"
    path.write_text(
        'equations = "s[t] = abs(s[t-1]) * x[t]"\n[initial]\ns = [0, 0, 0, 0, 0, 0, 0]\n'
        "[inputs]\nx = [1, 1]\n"
    )
    text = document("solve", str(path))
    assert text.count("stands exactly at a kink") == 12
    assert "2 more entries stand exactly at kinks or jumps." in text


def test_derivatives_of_a_problem_say_where_its_numbers_have_none(written: Any) -> None:
    text = document("derive", written("0.1"), "--jacobian")
    assert "The numbers of the problem meet kinks" in text
    assert f"The {FIRST}: {SIDES}" in text


def test_derivatives_of_smooth_numbers_say_nothing(tmp_path: Any) -> None:
    path = tmp_path / "smooth.toml"
    path.write_text('equations = "s[t] = relu(s[t-1]) + x[t]"\ninitial.s = 1\ninputs.x = [1, 1]\n')
    assert "The numbers of the problem" not in document("derive", str(path), "--jacobian")


def test_derivatives_need_no_results(tmp_path: Any) -> None:
    """A cell is differentiated in symbols, whatever its numbers divide by."""
    path = tmp_path / "zero.toml"
    path.write_text('equations = "s[t] = relu(s[t-1]) / x[t]"\ninitial.s = 1\ninputs.x = [1, 0]\n')
    assert "The numbers of the problem" not in document("derive", str(path), "--jacobian")


def test_an_attribution_says_which_side_it_takes(written: Any) -> None:
    text = document("audit", written("0.1"), "--float", "float32")
    assert f"In float32: the {FIRST}: {SIDES}" in text
    assert "The shares take the step H to be 0 there." in text


def test_a_policy_meets_the_kinks_of_what_it_carries(tmp_path: Any) -> None:
    path = tmp_path / "carried.toml"
    path.write_text(
        'equations = "a[t] = 0.001 * x[t]\\ny[t] = relu(a[t])"\n'
        'rounding = {places = 2, policy = "equation"}\ninputs.x = [1]\n'
    )
    assert "(in $y_1$) stands exactly at a kink" in document("solve", str(path))
    assert load(path).policy.kind == "equation"


def test_adjoints_meet_the_kinks_of_what_they_go_back_through() -> None:
    """Where relu stands at its kink, the step in its adjoint stands at its jump."""
    system = parse("y[t] = relu(w * x[t])")
    shapes = {"y": (), "x": (), "w": ()}
    made = adjoint(system, shapes, ["y"], ["w"])
    problem = from_data(
        {
            "equations": text_of((*system, *made)),
            "parameters": {"w": 3},
            "inputs": {"x": [1, 0], "seed_y": [1, 1]},
        },
        Path(),
    )
    kinked = Kinked(Ball())
    evaluate(problem, kinked)
    assert [(k.site.step, k.operation, k.slopes, k.values) for k in kinked.found] == [
        (2, "relu", (0, 1), (0, 0)),
        (2, "step", (0, 0), (0, 1)),
    ]
