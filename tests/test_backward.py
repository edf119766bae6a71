"""The backward pass: its equations, and its numbers beside others' and an independent pass."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from tests import backward_campaign, random_losses, random_problems
from tests.conftest import SEED, module
from verifier.arithmetic.ball import Ball, enclosure
from verifier.errors import VerifierError
from verifier.evaluate import evaluate
from verifier.language.write import written
from verifier.problem import Problem, from_data, load, loads
from verifier.problem.backward import asked, backward
from verifier.solution import solve

# equations


OUTPUT = """
equations = '''
h[t] = tanh(x[t] @ U + h[t-1] @ W)
o[t] = h[t] @ V
p[t] = softmax(o[t])
'''
loss = "cross_entropy(p[t], y[t])"
{more}
[parameters]
U = [[1, 2]]
W = [[0.1, 0.2], [0.3, 0.4]]
V = [[1, 0, 2], [1, 1, 1]]
[inputs]
x = [[1], [-2], [0.5]]
y = {y}
"""
ONE_HOT = "[[0, 1, 0], [1, 0, 0], [0, 0, 1]]"


def equations(problem: Problem, step: int) -> dict[str, str]:
    """The backward equations that are there at a step, as text."""
    found = backward(problem).cell.equations[len(problem.cell.equations) :]
    trees = {equation.name: equation.at(step) for equation in found}
    return {name: written(tree) for name, tree in trees.items() if tree is not None}


def test_a_step_has_the_terms_that_are_there() -> None:
    problem = loads(OUTPUT.format(more='loss_at = "last"', y="[[0, 1, 0]]"))
    assert equations(problem, 3) == {
        "loss": "-sum(y[t] * log(p[t]))",
        "d_p": "-(y[t] / p[t])",
        "d_o": "p[t] - y[t]",
        "d_h": "d_o[t] @ V.T",
        "delta_h": "d_h[t] * (1 - h[t] * h[t])",
        "back_h": "delta_h[t] @ W.T",
        "d_U": "outer(x[t], delta_h[t])",
        "d_W": "outer(h[t-1], delta_h[t])",
        "d_V": "outer(h[t], d_o[t])",
    }
    assert equations(problem, 2) == {
        "d_p": "fill(0, 3)",
        "d_o": "fill(0, 3)",
        "d_h": "back_h[t+1]",
        "delta_h": "d_h[t] * (1 - h[t] * h[t])",
        "back_h": "delta_h[t] @ W.T",
        "d_U": "outer(x[t], delta_h[t]) + d_U[t+1]",
        "d_W": "outer(h[t-1], delta_h[t]) + d_W[t+1]",
        "d_V": "d_V[t+1]",
    }


def test_the_loss_of_some_steps_is_summed_from_the_first_to_the_last_of_them() -> None:
    problem = loads(OUTPUT.format(more="loss_at = [3, 1]", y=ONE_HOT))
    own = "-sum(y[t] * log(p[t]))"
    found = [equations(problem, step).get("loss") for step in (1, 2, 3)]
    assert found == [own, "loss[t-1]", f"loss[t-1] {own.replace(chr(45), chr(45) + chr(32), 1)}"]


def test_a_target_may_have_a_row_for_each_step_or_for_each_that_counts() -> None:
    few = loads(OUTPUT.format(more="loss_at = [1, 3]", y="[[0, 1, 0], [0, 0, 1]]"))
    all_ = loads(OUTPUT.format(more="loss_at = [1, 3]", y=ONE_HOT))
    assert digits(few) == digits(all_)


def test_what_softmax_passes_back_is_short_where_the_target_adds_up_to_one() -> None:
    rows = "[[0.2, 0.3, 0.6], [1, 0, 0], [0, 0, 1]]"
    assert equations(loads(OUTPUT.format(more="", y=ONE_HOT)), 1)["d_o"] == "p[t] - y[t]"
    assert equations(loads(OUTPUT.format(more="", y=rows)), 1)["d_o"] == "p[t] * sum(y[t]) - y[t]"


LOSSES = [
    ("half_squared_error(s[t], y[t])", "s[t] - y[t]"),
    ("squared_error(y[t], s[t])", "2 * (s[t] - y[t])"),
    ("0.5 * sum((s[t] - y[t]) * (s[t] - y[t]))", "s[t] - y[t]"),
    ("mean(square(s[t] - y[t]))", "2 * (s[t] - y[t]) / 3"),
    ("-0.25 * (y[t] - s[t]) @ (y[t] - s[t])", "(y[t] - s[t]) / 2"),
    ("sum(s[t])", "fill(1, 3)"),
    ("cross_entropy(softmax(s[t]), y[t])", "softmax(s[t]) - y[t]"),
    ("exp(sum(s[t]))", "fill(exp(sum(s[t])), 3)"),
    ("sqrt(sum(s[t] * s[t]))", "s[t] / sqrt(sum(s[t] * s[t]))"),
    ("s[t][0:1]", "pad(fill(1, 1), 0, 2)"),
]


@pytest.mark.parametrize(("loss", "expected"), LOSSES)
def test_a_loss_has_the_gradient_that_one_would_write(loss: str, expected: str) -> None:
    assert equations(seed(loss), 2)["d_s"] == expected


def seed(loss: str, more: str = "", y: str = "[[0.5, 0.2, 0.3], [0, 1, 0]]") -> Problem:
    """The first problem with a loss."""
    text = f"loss = {loss!r}\n{more}\n{SEED.read_text('utf-8')}"
    return loads(text.replace("[inputs]", f"[inputs]\ny = {y}") if "y[t]" in loss else text)


def test_gradients_by_inputs_are_those_of_their_steps() -> None:
    problem = seed("half_squared_error(s[t], y[t])", 'gradients = ["x"]')
    passed = "delta_z[t] @ U_z.T + delta_r[t] @ U_r.T + delta_h[t] @ U_h.T"
    assert [equations(problem, step)["d_x"] for step in (1, 2)] == [passed, passed]
    assert all(asked(backward(problem), step, "d_x") for step in (1, 2))


def test_a_parameter_that_nothing_hangs_on_has_a_gradient_of_zero() -> None:
    found = equations(seed("sum(z[t])", "loss_at = [1]"), 1)
    assert found["d_W_h"] == "fill(0, 3, 3)"


def test_a_step_of_descent_is_made_once() -> None:
    problem = seed("half_squared_error(s[t], y[t])", "rate = 0.5")
    assert equations(problem, 1)["new_W_z"] == "W_z - rate * d_W_z[t]"
    assert "new_W_z" not in equations(problem, 2)
    rows = {(r.name, r.index): r for r in solve(backward(problem)).rows if r.step == 1}
    for index in ((0, 0), (2, 0)):
        new, old = rows["new_W_z", index], problem.parameters["W_z"].fractions[index[0]]
        assert new.lower is not None
        assert rows["d_W_z", index].lower is not None
        expected = old - Fraction(rows["d_W_z", index].lower) / 2  # type: ignore[arg-type]
        assert abs(Fraction(new.lower) - expected) < Fraction(1, 10**11)


def digits(problem: Problem) -> dict[tuple[int, str, tuple[int, ...]], str | None]:
    """The digits of all entries."""
    return {(r.step, r.name, r.index): r.rounded for r in solve(backward(problem)).rows}


@pytest.mark.parametrize("at", ["'all'", "'last'", "[1]"])
def test_equations_alike_at_all_steps_give_the_same_digits(at: str) -> None:
    problem = seed("cross_entropy(softmax(s[t]), y[t])", f"loss_at = {at}")
    alike = {
        (r.step, r.name, r.index): r.rounded for r in solve(backward(problem, uniform=True)).rows
    }
    found = digits(problem)
    assert found == {key: alike[key] for key in found}


# numbers that others published


BY_HAND = """
equations = '''
a[t] = W_xh * x[t] + W_hh * h[t-1]
h[t] = tanh(a[t])
y[t] = W_hy * h[t]
'''
loss = "half_squared_error(y[t], target[t])"
[rounding]
places = 4
[parameters]
W_xh = 0.5
W_hh = 0.1
W_hy = 1.0
[inputs]
x = [1, 2, 3]
target = [0.5, 1.0, 1.5]
"""
PUBLISHED = {
    1: {
        "a": "0.5000",
        "h": "0.4621",
        "y": "0.4621",
        "d_y": "-0.03788",
        "d_h": "-0.04683",
        "d_a": "-0.03683",
        "d_W_xh": "-0.48930",
        "d_W_hh": "-0.11249",
        "d_W_hy": "-0.72310",
    },
    2: {
        "a": "1.0462",
        "h": "0.7803",
        "y": "0.7803",
        "d_y": "-0.2197",
        "d_h": "-0.2288",
        "d_a": "-0.08948",
        "back_h": "-0.008948",
    },
    3: {
        "a": "1.5780",
        "h": "0.9183",
        "y": "0.9183",
        "loss": "0.1940",
        "d_y": "-0.5817",
        "d_h": "-0.5817",
        "d_a": "-0.09117",
        "back_h": "-0.009117",
    },
}
"""Backpropagation through time of one unit, worked by hand in public lecture notes."""


def test_numbers_published_by_hand() -> None:
    rows = {(r.step, r.name): r for r in solve(backward(loads(BY_HAND))).rows}
    for step, numbers in PUBLISHED.items():
        for name, text in numbers.items():
            places = len(text.split(".")[1])
            lower = Fraction(rows[step, name].lower or "nan")
            assert abs(lower - Fraction(text)) < Fraction(1, 2 * 10**places), (step, name)
    assert sum(map(len, PUBLISHED.values())) == 24


# PyTorch


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_autograd_of_pytorchs_cells(cell: str, precision: str) -> None:
    torch = module("torch")
    for draw in range(3):
        rng = Random(draw)
        _, numbers = random_problems.draw(rng, cell, (4, 3, 4))
        problem = random_problems.problem(cell, numbers)
        size = problem.shapes["h"][0]
        data = {"inputs": {"y": random_problems.array(rng, problem.steps, size)}}
        text = {"cell": cell, "loss": "half_squared_error(h[t], y[t])", **merged(numbers, data)}
        found = values(from_data(text, Path()))
        model, gates = torch_cell(torch, cell, problem, precision)
        for name, gradient in gradients(torch, model, gates, from_data(text, Path())).items():
            own = np.array(found[1, f"d_{name}"], dtype=float).reshape(gradient.shape)
            limit = 1e-5 if precision == "float32" else 1e-13
            np.testing.assert_allclose(gradient, own, rtol=limit, atol=limit)


def merged(*tables: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Sections with the entries of all."""
    sections = {section for table in tables for section in table}
    return {s: {k: v for t in tables for k, v in t.get(s, {}).items()} for s in sections}


def values(problem: Problem) -> dict[tuple[int, str], list[Fraction]]:
    """The middles of the enclosures of a backward pass."""
    trace = evaluate(backward(problem), Ball(200))
    ends = {site: [enclosure(entry) for entry in trace.entries(*site)] for site in trace.values}
    return {site: [(e[0] + e[1]) / 2 for e in own if e] for site, own in ends.items()}


def torch_cell(torch: Any, cell: str, problem: Problem, precision: str) -> tuple[Any, list[str]]:
    """PyTorch's cell with the problem's weights, and the gates in its order."""
    gates = {"rnn": [""], "lstm": ["_i", "_f", "_g", "_o"]}[cell]
    kind = {"rnn": torch.nn.RNNCell, "lstm": torch.nn.LSTMCell}[cell]
    inputs, hidden = problem.parameters["U" + gates[0]].shape
    model = kind(inputs, hidden, dtype=getattr(torch, precision))
    with torch.no_grad():
        for parameter, letter in (("weight_ih", "U"), ("weight_hh", "W"), ("bias_ih", "b")):
            blocks = [given(problem, letter + gate, hidden).T for gate in gates]
            getattr(model, parameter).copy_(torch.from_numpy(np.concatenate(blocks)))
        model.bias_hh.zero_()
    return model, gates


def given(problem: Problem, name: str, hidden: int) -> Any:
    return problem.parameters[name].doubles if name in problem.parameters else np.zeros(hidden)


def gradients(torch: Any, model: Any, gates: list[str], problem: Problem) -> dict[str, Any]:
    """What autograd finds for the problem's parameters."""
    dtype = model.weight_ih.dtype
    states = [
        torch.tensor(problem.end(n, 0).doubles, dtype=dtype)
        for n in ("h", "c")
        if n in problem.shapes
    ]
    loss, assert_ = torch.zeros((), dtype=dtype), problem.loss
    assert assert_ is not None
    given = problem.inputs["x"], assert_.inputs["y"]
    xs, ys = (torch.tensor(numbers.doubles, dtype=dtype) for numbers in given)
    for x, y in zip(xs, ys, strict=True):
        state = tuple(states) if len(states) > 1 else states[0]
        made = model(x, state)
        states = list(made) if isinstance(made, tuple) else [made]
        loss = loss + ((states[0] - y) ** 2).sum() / 2
    loss.backward()
    found = {}
    for parameter, letter in (("weight_ih", "U"), ("weight_hh", "W"), ("bias_ih", "b")):
        blocks = getattr(model, parameter).grad.double().numpy()
        for gate, block in zip(gates, np.split(blocks, len(gates)), strict=True):
            if letter + gate in problem.parameters:
                found[letter + gate] = block.T
    return found


# differences of an independent forward pass


@pytest.mark.parametrize("draw", range(12))
def test_random_cells_against_differences_in_seventy_digits(draw: int) -> None:
    rng, counted = Random(1000 + draw), Counter[str]()
    while not counted["problems"]:
        drawn = random_losses.draw(rng)
        assert not list(backward_campaign.compared(drawn, rng, counted, most=12)), drawn


# bad input


BAD = [
    ('"s[t] - y[t]"', "", "a vector of 3 entries"),
    ('"sum(s[t] - q[t])"', "", "q is missing: the loss uses q[t]"),
    ('"sum(y[t])"', "", "no parameter leads to the loss"),
    ('"sum(s[t])"', "loss_at = [3]", "there is no step 3"),
    ('"sum(s[t])"', "loss_at = [0]", "there is no step 0"),
    ('"sum(s[t])"', "loss_at = []", "the loss is counted at no step"),
    ('"sum(s[t])"', "loss_at = [1, 1]", "step 1 is there twice"),
    ('"sum(s[t])"', 'loss_at = "first"', "loss_at = 'first'"),
    ('"sum(s[t])"', 'gradients = "x"', "gradients = 'x'"),
    ('"sum(s[t])"', 'gradients = ["s"]', "'s' is no input of the cell"),
    ('"sum(s[t] * y[t])"', 'gradients = ["y"]', "'y' is no input of the cell"),
    ('"sum(s[t])"', "loss_at = [true]", "no step"),
    ('"sum(s[t])"', "rate = 0", "rate = 0"),
    ('"sum(s[t])"', "rate = nan", "no number"),
    ('"sum(s[t-1])"', "", "another step than t"),
    ('"sum(s)"', "", "the loss has s"),
    ('"sum(U_z[t])"', "", "the loss has U_z[t]"),
    ('"sum(s[t"', "", "the loss cannot be read"),
    ('"sum(s[t]) ** 2.5"', "", "2.5"),
    ("3", "", "loss is no text"),
]


@pytest.mark.parametrize(("loss", "more", "told"), BAD)
def test_a_loss_that_cannot_be_used_is_refused_where_it_stands(
    loss: str, more: str, told: str
) -> None:
    target = "y = [[0, 1, 0], [1, 0, 0]]" if "y[t]" in loss else ""
    text = SEED.read_text("utf-8").replace("[inputs]", f"[inputs]\n{target}")
    with pytest.raises(VerifierError) as error:
        loads(f"loss = {loss}\n{more}\n{text}")
    assert told in str(error.value)
    assert error.value.place is not None


TARGETS = [
    ("[[1, 2], [3, 4]]", "2 entries"),
    ("[[1, 2, 3]]", "1 row"),
    ("[[1, 2, 3], [1, 2, 3], [1, 2, 3]]", "3 rows"),
    ("4", "a single number"),
    ("[1, 2]", "y is a scalar a step, beside a vector of 3 entries"),
    ("[[1], [2]]", "y is a vector of 1 entry a step"),
    ("[[1, 2, 3], [1, 2]]", "ragged"),
]


@pytest.mark.parametrize(("y", "told"), TARGETS)
def test_a_target_that_does_not_fit_is_refused(y: str, told: str) -> None:
    with pytest.raises(VerifierError, match=told):
        seed("half_squared_error(s[t], y[t])", y=y)


@pytest.mark.parametrize("name", ["d_z", "back_q", "loss", "rate", "new_W"])
def test_names_of_the_backward_pass_are_its_own(name: str) -> None:
    text = f"equations = 'h[t] = tanh({name} * x[t])'\nloss = 'h[t]'\n"
    text += f"[parameters]\n{name} = 1\n[inputs]\nx = [1]\n"
    with pytest.raises(VerifierError, match=f"the name '{name}'"):
        loads(text)
    loads(text.replace("loss = 'h[t]'", ""))


def test_what_a_loss_has_no_value_at_is_told_where_the_loss_stands() -> None:
    with pytest.raises(VerifierError, match="the equation of loss has log") as error:
        solve(backward(seed("log(-sum(s[t] * s[t]))")))
    assert error.value.place is not None
    assert error.value.place.line == 1


def test_without_a_loss_there_is_no_gradient() -> None:
    with pytest.raises(VerifierError, match="has no loss"):
        backward(load(SEED))


def test_solving_forwards_needs_no_target_of_the_loss() -> None:
    with_loss = seed("half_squared_error(s[t], y[t])")
    assert solve(with_loss).rows == solve(replace(load(SEED))).rows
