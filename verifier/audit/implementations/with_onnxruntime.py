"""ONNX Runtime on the CPU: the operators GRU, LSTM and RNN, step by step.

Gates stand in the order z, r, h (GRU) and i, o, f, c (LSTM); W is (1, gates · hidden, inputs) and
B is [Wb, Rb]. GRU keeps with z, and resets before the product when linear_before_reset is 0.
Source: the ONNX operator documentation, opset 14.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from verifier.arithmetic.floats.binary import BINARY, Format
from verifier.audit.implementations.onnx_parts import session as session_of
from verifier.audit.implementations.weights import STATES, Weights, by_step, weights
from verifier.problem import Problem

GATES = {"gru": ("_z", "_r", "_h"), "lstm": ("_i", "_o", "_f", "_g"), "rnn": ("",)}
OPSET, IR = 14, 8
OUTPUTS = {"gru": ["", "Y_h"], "lstm": ["", "Y_h", "Y_c"], "rnn": ["", "Y_h"]}
STARTS = ("initial_h", "initial_c")


def version() -> str:
    """ONNX Runtime's version."""
    return str(onnxruntime.__version__)


def formats() -> tuple[str, ...]:
    """What the runtime's recurrent operators compute in on a CPU."""
    return ("float32",)


def forward(problem: Problem, format: Format) -> Mapping[Any, Any]:
    """The states of every step: the operators show no gates."""
    given = weights(problem, format, "onnxruntime")
    names = STATES[problem.cell.name]
    session = session_of(_model(given, names).SerializeToString())
    states = [state[None, None, :] for state in given.states]
    rows: list[list[Any]] = []
    for x in given.inputs:
        feeds = dict(zip(STARTS, states, strict=False)) | {"X": x[None, None, :]}
        states = session.run(OUTPUTS[problem.cell.name][1:], feeds)
        rows.append([state[0, 0] for state in states])
    parts = [by_step(n, [r[k] for r in rows], format.dtype) for k, n in enumerate(names)]
    return {site: value for part in parts for site, value in part.items()}


def _model(given: Weights, names: tuple[str, ...]) -> Any:
    """A model of the one node; weights are initializers, states come in and go out."""
    cell, hidden, size = given.problem.cell.name, given.hidden, given.inputs.shape[1]
    gates = GATES[cell]
    bias = np.concatenate([given.bias(gates), np.zeros(len(gates) * hidden, given.dtype)])
    numbers = {"W": given.kernel(gates).T, "R": given.recurrent(gates).T, "B": bias}
    weights = [
        numpy_helper.from_array(np.ascontiguousarray(v[None]), k) for k, v in numbers.items()
    ]
    kind = helper.np_dtype_to_tensor_dtype(given.dtype)
    starts = list(STARTS[: len(names)])
    options = {"hidden_size": hidden} | ({"linear_before_reset": 0} if cell == "gru" else {})
    node = helper.make_node(
        cell.upper(), ["X", "W", "R", "B", "", *starts], OUTPUTS[cell], **options
    )
    fed = [_value("X", kind, [1, 1, size]), *(_value(n, kind, [1, 1, hidden]) for n in starts)]
    out = [_value(name, kind, [1, 1, hidden]) for name in OUTPUTS[cell][1:]]
    return _whole(helper.make_graph([node], cell, fed, out, weights))


def functions(format: str) -> Mapping[str, Any]:
    """tanh and sigmoid as the recurrent operators compute them: those of Tanh are better."""
    return {name.lower(): _function(name, BINARY[format]) for name in ("Tanh", "Sigmoid")}


def _function(activation: str, format: Format) -> Any:
    """An RNN of one unit with W = 1 and R = 0, each argument in a row of the batch."""
    kind = helper.np_dtype_to_tensor_dtype(format.dtype)
    numbers = {"W": [[[1.0]]], "R": [[[0.0]]]}
    weights = [numpy_helper.from_array(np.array(v, format.dtype), k) for k, v in numbers.items()]
    options: dict[str, Any] = {"hidden_size": 1, "activations": [activation]}
    node = helper.make_node("RNN", ["X", "W", "R"], ["", "Y"], **options)
    ends = [_value("X", kind, [1, None, 1])], [_value("Y", kind, [1, None, 1])]
    session = session_of(
        _whole(helper.make_graph([node], activation, *ends, weights)).SerializeToString()
    )
    return lambda x: session.run(None, {"X": x.reshape(1, -1, 1)})[0].ravel()


def _value(name: str, kind: int, shape: list[Any]) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


def _whole(graph: Any) -> Any:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    onnx.checker.check_model(model)
    return model
