"""The catalogue of mistakes and conventions, against NumPy written by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.random_problems import problems
from verifier.arithmetic.ieee import Ieee
from verifier.evaluate import evaluate
from verifier.problem import Problem, loads
from verifier.report.words import Words
from verifier.rewrites.catalogue import CATALOGUE, variants

GRU = """cell = "gru"
[parameters]
U_z = [[0.35, -0.2], [0.6, 0.1]]
U_r = [[0.45, 0.3], [0.12, -0.7]]
U_h = [[0.56, 0.1], [0.2, 0.5]]
W_z = [[0.12, 0.4], [0.67, -0.3]]
W_r = [[0.21, -0.5], [0.22, 0.9]]
W_h = [[0.54, 0.1], [0.2, 0.66]]
b_z = [0.1, 0.2]
b_r = [-0.3, 0.4]
b_h = [0.25, -0.15]
[initial]
s = [0.3, -0.4]
[inputs]
x = [[0.23, 0.12], [0.48, 0.98]]
"""


def sigmoid(a: Any) -> Any:
    return 1 / (1 + np.exp(-a))


def numbers(problem: Problem) -> dict[str, Any]:
    found = {name: given.doubles for name, given in problem.parameters.items()}
    return found | {"x": problem.inputs["x"].doubles, "s": problem.initial["s"].doubles}


def gru(p: dict[str, Any], change: str) -> Any:
    """The states of a GRU with one thing done wrong, written out."""
    s, states = p["s"], []
    xs = p["x"]
    if change == "inputs-summed":
        xs = np.broadcast_to(xs.sum(axis=0), xs.shape)
    squash, gate = np.tanh, sigmoid
    for x in xs:
        old = p["s"] if change == "state-not-carried" else s
        z = gate(x @ p["U_z"] + old @ p["W_z"] + p["b_z"] * (2 if change == "bias-doubled" else 1))
        r = gate(x @ p["U_r"] + old @ p["W_r"] + p["b_r"])
        if change in ("reset-after", "reset-after-with-bias"):
            inner = old @ p["W_h"] + (p["b_h"] if change == "reset-after-with-bias" else 0)
            outer = 0 if change == "reset-after-with-bias" else p["b_h"]
            a = x @ p["U_h"] + r * inner + outer
        elif change == "gate-left-out":
            a = x @ p["U_h"] + old @ p["W_h"] + p["b_h"]
        else:
            weights = p["W_h"].T if change == "transposed" else p["W_h"]
            a = x @ p["U_h"] + (old * r) @ weights + p["b_h"]
        h = squash(a)
        keep = 1 - z if change == "blend-swapped" else z
        s = (1 - keep) * h + keep * old
        states.append(s)
    return np.array(states)


@pytest.mark.parametrize(
    "rule",
    [
        "blend-swapped",
        "reset-after",
        "reset-after-with-bias",
        "gate-left-out",
        "bias-doubled",
        "transposed",
        "state-not-carried",
        "inputs-summed",
    ],
)
def test_a_rule_does_what_it_says(rule: str) -> None:
    problem = loads(GRU)
    wanted = gru(numbers(problem), rule)
    found = []
    for variant in CATALOGUE[rule].variants(problem):
        trace = evaluate(variant.problem, variant.wrap(Ieee("float64")))
        found.append(np.array([trace.values[step, "s"] for step in (1, 2)]))
    assert any(np.allclose(states, wanted, rtol=0, atol=1e-12) for states in found)


@pytest.mark.parametrize(
    ("rule", "key"),
    [("base-ten", lambda a: 10**a), ("base-two", lambda a: 2**a)],
)
def test_another_key_of_the_calculator(rule: str, key: Callable[[Any], Any]) -> None:
    problem = loads('equations = "y[t] = sigmoid(x[t])"\n[inputs]\nx = [0.7, -1.2]\n')
    (variant, *_) = CATALOGUE[rule].variants(problem)
    trace = evaluate(variant.problem, variant.wrap(Ieee("float64")))
    for step, x in ((1, 0.7), (2, -1.2)):
        assert float(trace.values[step, "y"]) == pytest.approx(1 / (1 + key(-x)), rel=1e-12)


def test_every_variant_can_be_computed_and_changes_something() -> None:
    for problem in problems(12, seed=8):
        own = evaluate(problem, Ieee("float64"))
        for tag in ("mistake", "convention"):
            for variant in variants(problem, tag):  # type: ignore[arg-type]
                trace = evaluate(variant.problem, variant.wrap(Ieee("float64")))
                assert {*trace.values} == {*own.values}
                assert variant.touches
                assert all(eq.name in problem.cell.equation for eq in variant.equations)


def test_conventions_come_from_the_table_and_cells_of_ones_own_have_some() -> None:
    tagged = {rule for rule, row in CATALOGUE.items() if "convention" in row.tags}
    assert {"blend-swapped", "reset-after", "gates-permuted", "transposed"} <= tagged


def test_the_page_on_mistakes_has_every_rule() -> None:
    page = (ROOT / "docs" / "mistakes.md").read_text(encoding="utf-8")
    words = Words()
    for rule, row in CATALOGUE.items():
        if "mistake" in row.tags:
            line = f"| `{rule}` | {row.kind} | {words.text(f'check.mistake.{rule}.name')} |"
            assert line in page, line
