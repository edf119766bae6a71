"""PyTorch's modules with layers, directions and projection, held against the catalogue's cells."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.conftest import module
from verifier import cells
from verifier.arithmetic.floats.binary import BINARY
from verifier.arithmetic.ieee import Ieee
from verifier.audit.against import against
from verifier.audit.implementations import run
from verifier.cells.combine import Stack
from verifier.errors import VerifierError
from verifier.evaluate import evaluate
from verifier.numbers import Numbers
from verifier.problem import Problem, loads
from verifier.problem.starter import Sizes, starter
from verifier.solution import Solution
from verifier.testing import assert_forward

ALONE, DEEP, BOTH = Stack(), Stack(2), Stack(2, True)
STACKED = [
    *((name, DEEP) for name in ("rnn", "lstm")),
    ("rnn", BOTH),
    ("rnn-relu", BOTH),
    ("rnn-pytorch", DEEP),
    ("gru-pytorch", ALONE),
    ("gru-pytorch", BOTH),
    ("gru-keras", DEEP),
    ("gru-flax", Stack(1, True)),
    ("gru-flux", DEEP),
    ("lstm-pytorch", BOTH),
    ("lstm-projection", DEEP),
    ("lstm-projection", BOTH),
]


def started(name: str, stack: Stack, **sizes: Any) -> Problem:
    """A problem with all biases, and states before the first and behind the last step."""
    text = starter(name, Sizes(steps=3, biases=True, stack=stack, **sizes))
    return loads(
        text.replace("= [0, 0, 0]", "= [0.3, -0.2, 0.7]").replace("= [0, 0]", "= [0.4, -0.1]")
    )


FORMATS = [*((*one, "float64") for one in STACKED), *((*STACKED[5], float) for float in BINARY)]
"""Every stack in float64, which tells most; one in every format."""


@pytest.mark.parametrize(("name", "stack", "float"), FORMATS, ids=str)
def test_modules_compute_the_cells(name: str, stack: Stack, float: str) -> None:
    module("torch")
    task = started(name, stack)
    truth = evaluate(task, Ieee("float64")).values
    coarse = {"float16": 1e-2, "bfloat16": 8e-2, "float32": 2e-6, "float64": 1e-13}[float]
    found = run(task, "torch", float).values
    assert {(step, task.cell.output) for step in (1, 2, 3)} <= set(found)
    for site, value in found.items():
        assert value.dtype == BINARY[float].dtype
        assert np.abs(value.astype(np.float64) - truth[site]).max() < coarse, site


BOUNDED = [
    ("gru-pytorch", ALONE, "float32"),
    ("gru-pytorch", ALONE, "float64"),
    ("gru-pytorch", BOTH, "float32"),
    ("lstm-projection", DEEP, "float64"),
]


@pytest.mark.parametrize(("name", "stack", "float"), BOUNDED, ids=str)
def test_modules_are_inside_the_bound_for_any_order(name: str, stack: Stack, float: str) -> None:
    module("torch")
    task = started(name, stack)
    found = against(Solution(task), run(task, "torch", float))
    assert found.inside
    assert found.worst.error <= found.worst.bound


@pytest.mark.parametrize("column", [False, True])
def test_column_convention_and_batches(column: bool) -> None:
    module("torch")
    for task in (
        started("gru-pytorch", DEEP, column=column),
        loads(starter("gru-pytorch", Sizes(batch=2, biases=True))),
    ):
        truth = evaluate(task, Ieee("float64")).values
        for site, value in run(task, "torch", "float64").values.items():
            assert np.abs(value - truth[site]).max() < 1e-14


def test_torch_s_own_module_is_what_someone_has() -> None:
    """nn.GRU as a user builds it, its own random weights put into a problem, batch first."""
    torch = module("torch")
    torch.manual_seed(1)
    net = torch.nn.GRU(2, 3, batch_first=True)
    weights = {name: value.detach().numpy() for name, value in net.named_parameters()}
    x = torch.randn(1, 5, 2)
    keys = {"r": 0, "z": 1, "h": 2}
    given: dict[str, Any] = {}
    for gate, k in keys.items():
        rows = slice(3 * k, 3 * k + 3)
        given[f"U_{gate}"] = weights["weight_ih_l0"][rows].T
        given[f"W_{gate}"] = weights["weight_hh_l0"][rows].T
        given[f"b_{gate}"] = weights["bias_ih_l0"][rows]
        given[f"b_s{gate}"] = weights["bias_hh_l0"][rows]
    task = Problem(
        cells.load("gru-pytorch"),
        {name: Numbers.of_floats(np.ascontiguousarray(value)) for name, value in given.items()},
        {"x": Numbers.of_floats(x[0].numpy())},
    )
    with torch.no_grad():
        shown, _ = net(x)
    assert_forward(task, {"s": shown}, functions="torch")
    with pytest.raises(AssertionError, match="OUTSIDE"):
        assert_forward(task, {"s": shown.flip(1)}, functions="torch")


@pytest.mark.parametrize("name", ["gru-update", "mgu", "lstm-peephole"])
def test_what_pytorch_has_not_is_said(name: str) -> None:
    module("torch")
    with pytest.raises(VerifierError, match="torch does not have this cell") as error:
        run(started(name, ALONE), "torch")
    assert "gru-pytorch" in error.value.accepted
