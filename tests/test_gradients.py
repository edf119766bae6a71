"""Gradients of programs held to the bound: PyTorch's autograd, and those that people bring."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from tests import random_losses, random_problems, torch_layers
from tests.conftest import BACKWARD, SEED, module
from tests.test_backward import merged
from verifier.arithmetic.ieee import Ieee
from verifier.audit.against import against
from verifier.cli import main
from verifier.errors import ProblemError, VerifierError
from verifier.evaluate import evaluate
from verifier.problem import Problem, from_data, load
from verifier.problem.backward import backward
from verifier.solution import Solution
from verifier.testing import assert_backward

TASK = load(BACKWARD)


def right(problem: Problem, float: str) -> dict[Any, Any]:
    """The gradients in the format's own arithmetic, in NumPy's order of summation."""
    trace = evaluate(backward(problem, uniform=True), Ieee(float, order="numpy"))
    return {site: np.asarray(value) for site, value in trace.values.items()}


def whole(problem: Problem, dtype: Any) -> Mapping[str, Any]:
    """The gradients of parameters, and of the states by step."""
    found = right(problem, np.dtype(dtype).name)
    gradients = {name: found[1, f"d_{name}"] for name in problem.parameters}
    steps = range(1, problem.steps + 1)
    return gradients | {"s": np.array([found[step, "d_s"] for step in steps])}


@pytest.mark.parametrize("float", ["float16", "bfloat16", "float32", "float64"])
def test_right_gradients_are_inside(float: str) -> None:
    assert_backward(TASK, whole, float)
    assert_backward(BACKWARD, {(1, "d_W_z"): right(TASK, float)[1, "d_W_z"]}, float)


def test_a_wrong_gradient_is_named_with_its_entry() -> None:
    found = dict(whole(TASK, np.float32))
    found["W_h"] = found["W_h"].copy()
    found["W_h"][1, 2] *= np.float32(1.0001)
    with pytest.raises(AssertionError, match=r"d_W_h\[1, 2\] at step 1"):
        assert_backward(TASK, found)


def test_the_sum_over_the_steps_left_out_is_outside() -> None:
    found = right(TASK, "float32")
    last = found[1, "d_U_h"] - found[2, "d_U_h"]
    with pytest.raises(AssertionError, match="d_U_h"):
        assert_backward(TASK, {"U_h": last})


def test_a_gradient_under_another_convention_is_explained() -> None:
    equations = "h[t] = tanh(x[t] @ U + h[t-1] @ W + b)"
    data = {
        "equations": equations,
        "loss": "half_squared_error(h[t], y[t])",
        "parameters": {
            "U": [["0.3", "0.1"], ["-0.2", "0.4"]],
            "W": [["0.5", "0.2"], ["-0.7", "0.1"]],
            "b": ["0.1", "0.3"],
        },
        "inputs": {"x": [["1", "0.5"], ["-1", "0.2"]], "y": [["0", "1"], ["0.5", "0"]]},
    }
    problem = from_data(data, Path())
    turned = {**data, "equations": equations.replace("@ W", "@ W.T")}
    other = right(from_data(turned, Path()), "float32")
    with pytest.raises(AssertionError, match="transposed"):
        assert_backward(problem, {(2, "h"): other[2, "d_h"], "b": other[1, "d_b"]})


BAD: list[tuple[Any, str]] = [
    ({"W_q": np.zeros((3, 1), np.float32)}, "W_q"),
    ({"W_z": np.zeros((1, 3), np.float32)}, "shape"),
    ({"W_z": np.zeros((3, 1))}, "float64"),
    ({}, "nothing"),
    ([1, 2], "list"),
]


@pytest.mark.parametrize(("gradients", "told"), BAD)
def test_what_cannot_be_compared_is_said(gradients: Any, told: str) -> None:
    with pytest.raises(AssertionError, match=told):
        assert_backward(TASK, gradients)


def test_a_problem_without_a_loss_has_no_gradients() -> None:
    with pytest.raises(VerifierError, match="no loss"):
        assert_backward(load(SEED), {"W_z": np.zeros((3, 1), np.float32)})


def outside(problem: Problem, float: str) -> int:
    """How many numbers of autograd are outside of their bounds."""
    from verifier.audit.implementations import run

    task = backward(problem, uniform=True)
    return against(Solution(task), run(task, "torch", float)).outside


@pytest.mark.parametrize("float", ["float32", "float64"])
def test_autograd_of_catalogue_cells_is_inside(float: str) -> None:
    module("torch")
    for draw in range(6):
        rng = Random(draw)
        cell, numbers = random_problems.draw(rng, most=(3, 3, 3))
        state = random_problems.STATES[cell][0]
        size = len(
            numbers["parameters"]["W_h" if cell == "gru" else "W_i" if cell == "lstm" else "W"]
        )
        target = {"inputs": {"y": random_problems.array(rng, len(numbers["inputs"]["x"]), size)}}
        data = {"cell": cell, "loss": f"squared_error({state}[t], y[t])", "loss_at": "last"}
        assert not outside(from_data({**data, **merged(numbers, target)}, Path()), float)


MODULES = [
    *(torch_layers.Module(kind) for kind in ("RNNCell", "LSTMCell", "GRUCell")),
    *(torch_layers.Module(kind, 2, True) for kind in ("RNN", "LSTM", "GRU")),
    torch_layers.Module("GRU", layers=2, hidden=3),
]


@pytest.mark.parametrize("float", ["float32", "float64"])
@pytest.mark.parametrize("made", MODULES, ids=lambda m: f"{m.kind}{m.layers}{m.both}")
def test_every_gradient_of_pytorchs_modules_is_inside_its_own_bound(
    made: torch_layers.Module, float: str
) -> None:
    torch, rng = module("torch"), Random(3)
    problem = torch_layers.draw(made, rng)
    found = torch_layers.gradients(torch, made, problem, float)
    assert {*found} == {*problem.parameters}
    assert_backward(problem, found, float, functions="torch")


def test_autograd_of_random_cells_is_inside() -> None:
    """Cells of the whole language; where a kink is met exactly, nothing is claimed."""
    module("torch")
    rng, count = Random(5), 0
    while count < 8:
        try:
            problem = random_losses.draw(rng).problem
            solution = Solution(backward(problem, uniform=True))
            if not solution.complete:
                continue
        except ProblemError:
            continue
        assert not outside(problem, "float64"), problem
        count += 1


def test_the_command_compares_with_autograd(tmp_path: Path) -> None:
    module("torch")
    options = ["--backward", "--against", "torch", "--float", "float32", "--output", str(tmp_path)]
    run = CliRunner().invoke(main, ["audit", str(BACKWARD), *options])
    assert run.exit_code == 0, run.output
    assert "all 59 outputs are inside the bound" in run.output
