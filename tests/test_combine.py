"""Layers, directions and output layers, against the witnesses of their cells put one on another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.cell_witnesses import WITNESSES, Given
from verifier import cells
from verifier.arithmetic.ieee import Ieee
from verifier.cells.combine import ALONE, HEADS, Stack, combine, joined
from verifier.errors import VerifierError
from verifier.evaluate import evaluate
from verifier.problem import loads
from verifier.problem.starter import Sizes, starter

FLOAT = Ieee("float64")
OWN = [name for name in cells.catalogue() if not cells.load(name).same_as]
NO_BOTH = ("lru", "sru")
"""Cells whose input and output have one length, which both directions would double."""

STACKS = [Stack(3), Stack(1, True), Stack(2, True, "softmax"), Stack(1, False, "sigmoid")]


def layer(name: str, given: dict[str, Any], suffix: str, rows: dict[str, Any], zeros: Any) -> Any:
    """The outputs of a cell over rows of inputs, from zeros, by its witness."""
    cell = cells.load(name)
    own = {key: given[key + suffix].T for key in cell.roles.parameters if key + suffix in given}
    state = {key: zeros(key + suffix) for key in cell.roles.initial}
    found = []
    for k in range(len(rows["x"])):
        state = WITNESSES[name](Given(own), {key: row[k] for key, row in rows.items()}, state)
        found.append(state[cell.output])
    return np.array(found)


def stacked(name: str, stack: Stack, given: Any, rows: dict[str, Any], zeros: Any) -> list[Any]:
    """The outputs of each layer."""
    found = []
    for k in range(1, stack.layers + 1):
        above = f"_{k}" if stack.layers > 1 else ""
        if stack.bidirectional:
            back = {key: row[::-1] for key, row in rows.items()}
            sides = [
                layer(name, given, f"{above}_fwd", rows, zeros),
                layer(name, given, f"{above}_back", back, zeros)[::-1],
            ]
            found.append(np.concatenate(sides, axis=1))
        else:
            found.append(layer(name, given, above, rows, zeros))
        rows = {**rows, "x": found[-1]}
    return found


FEW = ("elman", "gru", "lru", "lstm", "lstm-projection", "lstm-phased")
"""Cells that are put in every kind of stack; the others in the one that has everything."""

CASES = [(n, stack) for n in OWN for stack in (STACKS if n in FEW else STACKS[2:3])]


@pytest.mark.parametrize(("name", "stack"), CASES, ids=str)
def test_a_stack_is_its_layers(name: str, stack: Stack) -> None:
    cell = cells.load(name)
    own = {*cell.roles.defined, *cell.roles.parameters}
    if stack == Stack(head="sigmoid") and {"y", "V"} & own:
        with pytest.raises(VerifierError, match="already, and an output layer"):
            combine(cell, stack)
        return
    if name in NO_BOTH and stack.bidirectional and stack.layers > 1:
        with pytest.raises(VerifierError, match="both directions double it"):
            combine(cell, stack)
        return
    task = loads(starter(name, Sizes(steps=3, hidden=2, biases=True, stack=stack)))
    given = {key: FLOAT.given(numbers) for key, numbers in task.parameters.items()}
    rows = {key: FLOAT.given(numbers) for key, numbers in task.inputs.items()}
    found = evaluate(task, FLOAT).values
    layers = stacked(name, stack, given, rows, lambda key: np.zeros(task.shapes[key]))
    for k, expected in enumerate(layers, 1):
        for step in (1, 2, 3):
            shown = found[step, joined(cell, stack, k)]
            np.testing.assert_allclose(shown, expected[step - 1], rtol=1e-12, atol=1e-13)
    assert task.cell.output == ("y" if stack.head else joined(cell, stack, stack.layers))
    assert {*task.cell.words} == {*task.cell.roles.defined, *task.cell.roles.inputs}


@pytest.mark.parametrize("head", HEADS)
def test_an_output_layer_is_its_function(head: str) -> None:
    task = loads(starter("rnn", Sizes(biases=True, stack=Stack(head=head))))
    found = evaluate(task, FLOAT).values
    v, b = (FLOAT.given(task.parameters[key]) for key in ("V", "b_y"))
    x = found[2, "h"] @ v + b
    functions = {"identity": x, "sigmoid": 1 / (1 + np.exp(-x)), "tanh": np.tanh(x)}
    functions |= {"relu": np.maximum(x, 0), "softmax": np.exp(x) / np.exp(x).sum()}
    np.testing.assert_allclose(found[2, "y"], functions[head], rtol=1e-14)


def test_one_layer_is_the_cell_itself() -> None:
    assert combine(cells.load("gru"), ALONE) is cells.load("gru")


def test_names_print_as_in_textbooks() -> None:
    names = combine(cells.load("gru-pytorch"), Stack(2, True)).names
    assert names["s_2_back"] == "s\u20d6^(2)"
    assert names["W_h_1_fwd"] == "W\u20d7^(1)_h"
    assert names["b_sz_1_fwd"] == "b\u20d7^(1)_{sz}"
    assert names["s_1"] == "s^(1)"
    assert combine(cells.load("rnn"), Stack(1, True)).names["h_back"] == "h\u20d6"


HEAD = "[parameters]\nU = [[1]]\nW = [[1]]\n[inputs]\nx = [[1]]\n"
BAD = [
    ('cell = "rnn"\nlayers = 0\n', "layers = 0"),
    ('cell = "rnn"\nlayers = 17\n', "layers = 17"),
    ('cell = "rnn"\nbidirectional = "yes"\n', "bidirectional = 'yes'"),
    ('cell = "rnn"\noutput_layer = "softmix"\n', "did you mean 'softmax'"),
    ('equations = "h[t] = tanh(x[t] @ U + h[t-1] @ W)"\nlayers = 2\n', "layers beside equations"),
    ('cell = "rnn"\nlayers = 2\n', "no equation uses 'U' here"),
]


@pytest.mark.parametrize(("text", "says"), BAD)
def test_what_cannot_be_stacked(text: str, says: str) -> None:
    with pytest.raises(VerifierError, match=says):
        loads(text + HEAD)
