"""Nested functions at extreme arguments: forms and digits that cannot be made are left out."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sympy
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.arithmetic.exact import Exact, closed
from verifier.cli import main
from verifier.evaluate import evaluate
from verifier.problem import loads
from verifier.solution import solve

ARGUMENTS = ("0", "1/3", "-1000.5", "-107476.6", "1e5", "88.8", "1e-30", "-1e300", "1e300", "40000")
FUNCTIONS = (
    *("sigmoid", "tanh", "relu", "leaky_relu", "hard_sigmoid", "hard_sigmoid_relu6", "hard_tanh"),
    *("softsign", "softplus", "exp", "identity"),
)


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    sums = st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda p: f"({' '.join(p)})")
    calls = st.tuples(st.sampled_from(FUNCTIONS), inner).map(lambda p: f"{p[0]}({p[1]})")
    clips = inner.map(lambda part: f"clip({part}, -1, 0.5)")
    rows = inner.map(lambda part: f"softmax(concat({part}, x[t], 0))")
    return sums | calls | clips | rows


EXPRESSIONS = st.recursive(st.sampled_from(["x[t]", "2"]), nested, max_leaves=6)


def problem(expression: str, value: str) -> str:
    return f'equations = "y[t] = {expression} + 0 * x[t]"\n[inputs]\nx = ["{value}"]\n'


def run(command: str, text: str, folder: Path, *options: str) -> Any:
    (folder / "p.toml").write_text(text)
    return CliRunner().invoke(main, [command, str(folder / "p.toml"), "--stdout", *options])


@settings(max_examples=60)
@given(expression=EXPRESSIONS, value=st.sampled_from(ARGUMENTS))
def test_every_document_is_made_or_refused_with_a_word(
    expression: str, value: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, text = tmp_path_factory.mktemp("extreme"), problem(expression, value)
    calls = [("solve", "--format", "json"), ("solve", "--format", "tex", "--digits", "30")]
    for command, *options in [*calls, ("audit", "--format", "json")]:
        done = run(command, text, folder, *options)
        assert done.exit_code in (0, 1, 2), (text, done.exception)
        assert done.exception is None or isinstance(done.exception, SystemExit), (
            text,
            done.exc_info,
        )


def form(expression: str, value: str) -> sympy.Expr:
    text = problem(expression, value).replace(" + 0 * x[t]", "")
    return evaluate(loads(text), Exact()).entries(1, "y")[0]


@pytest.mark.parametrize(
    ("expression", "value", "text"),
    [
        ("relu(softplus(x[t]))", "-1000.5", "-2001/2 + log(1 + exp(2001/2))"),
        ("relu(-softplus(x[t]))", "-1000.5", "0"),
        ("clip(exp(x[t]), 0, 1)", "3000", "1"),
        ("softsign(exp(x[t]))", "1", "E/(1 + E)"),
        ("hard_tanh(sigmoid(x[t]))", "1", "1/(exp(-1) + 1)"),
        ("tanh(x[t])", "1e300", f"tanh({10**300})"),
    ],
)
def test_forms_are_compared_by_what_is_proven(expression: str, value: str, text: str) -> None:
    assert str(form(expression, value)) == text


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("relu(softplus(x[t]))", "-107476.6"),
        ("sigmoid(exp(exp(exp(x[t]))))", "1.5"),
        ("sigmoid(exp(exp(exp(exp(x[t])))))", "5"),
        ("exp(1e12 * softplus(0 * x[t]))", "1"),  # 2 to the power 1e12, if sympy were asked
        ("softmax(concat(x[t], exp(x[t])))", "50"),
        ("relu(sigmoid(x[t]) + sigmoid(-x[t]) - 1)", "1"),  # zero, which no ball proves
    ],
)
def test_forms_beyond_the_budget_are_no_forms(expression: str, value: str) -> None:
    assert not closed(form(expression, value))


def test_what_follows_from_no_form_may_have_one() -> None:
    assert form("0 * exp(exp(x[t]))", "1e9") == 0


def test_the_other_columns_stay_when_there_is_no_form() -> None:
    (row,) = solve(loads(problem("sigmoid(exp(exp(x[t])))", "1e6"))).rows
    assert (row.rounded, row.exact) in {("1.0000", None), (None, None)}
    done = solve(loads(problem("relu(softplus(x[t]))", "-107476.6"))).rows[0]
    assert (done.rounded, done.exact, done.status) == ("0.0000", None, "certified")


def test_a_closed_form_that_is_printed_is_read_back(tmp_path: Path) -> None:
    done = run("solve", problem("relu(softplus(x[t]))", "-20.5"), tmp_path, "--format", "json")
    (row,) = json.loads(done.stdout)["rows"]
    value = Fraction(str(sympy.sympify(row["exact"]).evalf(30)))
    assert Fraction(row["lower"]) <= value <= Fraction(row["upper"])


def test_more_digits_than_can_be_waited_for_are_refused(tmp_path: Path) -> None:
    text = problem("tanh(x[t])", "1").replace('["1"]', str([1] * 300))
    refused = run("solve", text, tmp_path, "--format", "md", "--digits", "10000")
    assert refused.exit_code == 2
    assert "300 entries" in refused.output
    assert "at most 3333" in refused.output
    assert run("solve", text, tmp_path, "--format", "md", "--digits", "10001").exit_code == 2
