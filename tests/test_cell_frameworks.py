"""Cells of the catalogue that are called after a framework, against that framework."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.conftest import module
from tests.test_cells import FLOAT, drawn, values
from verifier.problem import Problem

Array = Any
Given = dict[str, Array]
GRU, LSTM = ("z", "r", "h"), ("i", "f", "g", "o")


def numbers(task: Problem) -> tuple[Given, Array, Given]:
    """Parameters, inputs and initial states in float32."""
    given = {key: FLOAT.given(value).astype("f4") for key, value in task.parameters.items()}
    initial = {key: FLOAT.given(task.end(key, 0)).astype("f4") for key in task.cell.roles.initial}
    return given, FLOAT.given(task.inputs["x"]).astype("f4"), initial


def stack(p: Given, letter: str, gates: tuple[str, ...]) -> Array:
    """Matrices side by side, or biases one behind the other."""
    names = [f"{letter}_{gate}" if gate else letter for gate in gates]
    return np.concatenate([p[name] for name in names], axis=-1)


def keras(task: Problem) -> Array:
    """Keras on JAX; kernels as they are, gates z, r, h or i, f, c, o."""
    module("jax")
    os.environ.setdefault("KERAS_BACKEND", "jax")  # before Keras is imported
    layers = module("keras.layers")
    p, x, initial = numbers(task)
    units = len(next(iter(initial.values())))
    name = task.cell.name
    if name.startswith("gru"):
        after = name == "gru-keras"
        layer = layers.GRU(units, reset_after=after, return_sequences=True)
        bias = stack(p, "b", GRU)
        rows = np.stack([bias, np.concatenate([p[f"b_s{g}"] for g in GRU])]) if after else bias
        weights = [stack(p, "U", GRU), stack(p, "W", GRU), rows]
    elif name.startswith("lstm"):
        layer = layers.LSTM(units, return_sequences=True)
        weights = [stack(p, "U", LSTM), stack(p, "W", LSTM), stack(p, "b", LSTM)]
    else:
        layer = layers.SimpleRNN(units, return_sequences=True)
        weights = [p["U"], p["W"], p["b"]]
    layer.build((1, *x.shape))
    layer.set_weights(weights)
    states = [initial[key][None] for key in ("s", "h", "c") if key in initial]
    return np.asarray(layer(x[None], initial_state=states))[0]


def flax(task: Problem) -> Array:
    """Flax's linen cells, step by step; the names of their parts are the gates'."""
    module("jax")
    linen = module("flax.linen")
    p, x, initial = numbers(task)
    cell_of = {
        "gru-flax": (linen.GRUCell, {"r": "r", "z": "z", "h": "n"}),
        "mgu-flax": (linen.MGUCell, {"f": "f", "h": "n"}),
        "lstm-flax": (linen.OptimizedLSTMCell, dict(zip(LSTM, LSTM, strict=True))),
        "rnn-flax": (linen.SimpleCell, {"": ""}),
    }
    kind, gates = cell_of[task.cell.name]
    biased = "h" if "lstm" in task.cell.name else "i"
    variables: dict[str, dict[str, Array]] = {}
    for own, theirs in gates.items():
        mark = f"_{own}" if own else ""
        variables[f"i{theirs}"] = {"kernel": p[f"U{mark}"]}
        variables[f"h{theirs}"] = {"kernel": p[f"W{mark}"]}
        variables[f"{biased}{theirs}"]["bias"] = p[f"b{mark}"]
        if f"b_s{own}" in p:
            variables[f"h{theirs}"]["bias"] = p[f"b_s{own}"]
    cell = kind(features=len(next(iter(initial.values()))))
    carry: Any = (initial["c"], initial["h"]) if "c" in initial else next(iter(initial.values()))
    rows = []
    for row in x:
        carry, shown = cell.apply({"params": variables}, carry, row)
        rows.append(np.asarray(shown))
    return np.array(rows)


def onnx(task: Problem) -> Array:
    """ONNX Runtime's operators; transposes in the order z, r, h or i, o, f, c; P is i, o, f."""
    ort = module("onnxruntime")
    onnx = module("onnx")
    p, x, initial = numbers(task)
    gates, state = (GRU, "s") if "gru" in task.cell.name else (("i", "o", "f", "g"), "h")
    bias = [stack(p, "b", gates), np.concatenate([p[f"b_{state}{gate}"] for gate in gates])]
    fed = {
        "X": x[:, None],
        "W": stack(p, "U", gates).T[None],
        "R": stack(p, "W", gates).T[None],
        "B": np.concatenate(bias)[None],
        "h0": initial[state][None, None],
    }
    names, options = ["X", "W", "R", "B", "", "h0"], {"hidden_size": len(initial[state])}
    if "c" in initial:
        fed |= {"c0": initial["c"][None, None], "P": stack(p, "P", ("i", "o", "f"))[None]}
        names += ["c0", "P"]
    else:
        options["linear_before_reset"] = int(task.cell.name == "gru-onnx-after")
    node = onnx.helper.make_node("LSTM" if "c" in initial else "GRU", names, ["Y"], **options)
    value = onnx.helper.make_tensor_value_info
    ends = [value(key, 1, array.shape) for key, array in fed.items()], [value("Y", 1, None)]
    graph = onnx.helper.make_graph([node], "cell", *ends)
    opsets = [onnx.helper.make_opsetid("", 14)]
    model = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (shown,) = session.run(None, {key: np.ascontiguousarray(v) for key, v in fed.items()})
    return shown[:, 0, 0]


PROGRAMS: list[tuple[str, Callable[[Problem], Array]]] = [
    *((name, keras) for name in ("gru-keras", "gru-keras-before", "lstm-keras", "rnn-keras")),
    *((name, flax) for name in ("gru-flax", "mgu-flax", "lstm-flax", "rnn-flax")),
    *((name, onnx) for name in ("gru-onnx", "gru-onnx-after", "lstm-onnx")),
]


@pytest.mark.filterwarnings("ignore")  # what frameworks warn of is theirs
@pytest.mark.parametrize(("name", "program"), PROGRAMS, ids=[name for name, _ in PROGRAMS])
def test_a_framework_computes_its_cell(name: str, program: Callable[[Problem], Array]) -> None:
    task = drawn(name, n=2, m=3)
    found, output = values(task), task.cell.output
    expected = np.array([found[step, output] for step in range(1, task.steps + 1)])
    np.testing.assert_allclose(program(task), expected, atol=2e-6)
