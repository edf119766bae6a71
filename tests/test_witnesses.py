"""Worked numbers that others published, against the ball."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from verifier import cells
from verifier.arithmetic.ball import Ball, enclosure
from verifier.evaluate import Trace, evaluate
from verifier.numbers import Numbers
from verifier.problem import Problem, load
from verifier.rounding import Rounding, decide

SEED = Path(__file__).parents[1] / "examples" / "hw10_question2.toml"

# The notebook's output, "HW 10 | Question 2" (2024); NumPy prints 0.0700 as 0.07.
PRINTED = {
    (1, "z"): "0.5381",
    (1, "r"): "0.5294",
    (1, "h"): "0.1516 0.0828 0.0939",
    (1, "s"): "0.0700 0.0383 0.0434",
    (2, "z"): "0.6910",
    (2, "r"): "0.5930",
    (2, "h"): "0.4738 0.5223 0.3563",
    (2, "s"): "0.1948 0.1878 0.1401",
}


def test_seed() -> None:
    trace = evaluate(load(SEED), Ball(64))
    assert set(trace.values) == set(PRINTED)
    for site, digits in PRINTED.items():
        ends = [enclosure(entry) for entry in trace.entries(*site)]
        assert " ".join(Rounding(4).text(decide(*end, Rounding(4))) for end in ends) == digits  # type: ignore[misc, arg-type]


def test_seed_before_rounding() -> None:
    """Figures of two entries that DESIGN.md names in sections 1 and 7."""
    trace = evaluate(load(SEED), Ball(64))
    for name, k, text in [("s", 1, "0.03825394"), ("z", 0, "0.538051284")]:
        low, high = enclosure(trace.entries(1, name)[k])  # type: ignore[misc]
        rule = Rounding(len(text) - 2)
        assert rule.text(low) == rule.text(high) == text


# ONNX's own node tests: Y = forward(X). Equations after the operator's specification, by gate.

GRU = """
z{m}[t] = sigmoid(x[t] @ Wz{m} + h{m}[{k}] @ Rz{m} + bz{m} + cz{m})
r{m}[t] = sigmoid(x[t] @ Wr{m} + h{m}[{k}] @ Rr{m} + br{m} + cr{m})
n{m}[t] = tanh(x[t] @ Wn{m} + (r{m}[t] * h{m}[{k}]) @ Rn{m} + cn{m} + bn{m})
h{m}[t] = (1 - z{m}[t]) * n{m}[t] + z{m}[t] * h{m}[{k}]
"""
LSTM = """
i{m}[t] = sigmoid(x[t] @ Wi{m} + h{m}[{k}] @ Ri{m} + Pi{m} * c{m}[{k}] + bi{m} + ci{m})
f{m}[t] = sigmoid(x[t] @ Wf{m} + h{m}[{k}] @ Rf{m} + Pf{m} * c{m}[{k}] + bf{m} + cf{m})
g{m}[t] = tanh(x[t] @ Wg{m} + h{m}[{k}] @ Rg{m} + bg{m} + cg{m})
c{m}[t] = f{m}[t] * c{m}[{k}] + i{m}[t] * g{m}[t]
o{m}[t] = sigmoid(x[t] @ Wo{m} + h{m}[{k}] @ Ro{m} + Po{m} * c{m}[t] + bo{m} + co{m})
h{m}[t] = o{m}[t] * tanh(c{m}[t])
"""
RNN = "h{m}[t] = tanh(x[t] @ Wh{m} + h{m}[{k}] @ Rh{m} + bh{m} + ch{m})\n"
OPERATORS = {"GRU": (GRU, "zrn"), "LSTM": (LSTM, "iofg"), "RNN": (RNN, "h")}
CASES = [
    *(f"gru_{kind}" for kind in ("defaults", "with_initial_bias", "seq_length", "batchwise")),
    *(f"lstm_{kind}" for kind in ("defaults", "with_initial_bias", "with_peepholes", "batchwise")),
    *(f"simple_rnn_{kind}" for kind in ("defaults", "with_initial_bias", "batchwise")),
    "rnn_seq_length",
    *(
        f"{op}_{way}"
        for op in ("gru", "lstm", "simple_rnn")
        for way in ("reverse", "bidirectional")
    ),
]


def gates(array: Any, names: str, mark: str, prefix: str, turn: bool) -> dict[str, Numbers]:
    parts = np.split(array, len(names))
    return {
        f"{prefix}{name}{mark}": Numbers.of_floats(part.T if turn else part)
        for name, part in zip(names, parts, strict=True)
    }


def direction(given: dict[str, Any], op: str, d: int, mark: str) -> dict[str, Numbers]:
    """The parameters of one direction; what a case leaves out is zero."""
    _, names = OPERATORS[op]
    hidden = given["R"].shape[-1]
    zeros = np.zeros((given["W"].shape[0], 2 * len(names) * hidden), np.float32)
    wb, rb = np.split(given.get("B", zeros)[d], 2)
    found = gates(given["W"][d], names, mark, "W", True) | gates(
        given["R"][d], names, mark, "R", True
    )
    found |= gates(wb, names, mark, "b", False) | gates(rb, names, mark, "c", False)
    if op == "LSTM":
        peepholes = given.get("P", np.zeros((len(given["W"]), 3 * hidden), np.float32))
        found |= gates(peepholes[d], "iof", mark, "P", False)
    return found


def traces(case: Any) -> list[Trace]:
    """One trace for every sequence of the batch; marks "a" and "b" are the directions."""
    from onnx import helper

    node = case.model.graph.node[0]
    attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    known = {"hidden_size", "direction", "layout"}
    assert set(attributes) <= known
    given = dict(zip(node.input, case.data_sets[0][0], strict=True))
    way = attributes.get("direction", b"forward").decode()
    x = given["X"].swapaxes(0, 1) if attributes.get("layout") else given["X"]
    assert (given.get("sequence_lens", np.array([len(x)])) == len(x)).all()
    ends = {"forward": ["t-1"], "reverse": ["t+1"], "bidirectional": ["t-1", "t+1"]}[way]
    text, parameters = "", {}
    for d, k in enumerate(ends):
        text += OPERATORS[node.op_type][0].format(m="ab"[d], k=k)
        parameters |= direction(given, node.op_type, d, "ab"[d])
    states = {"h": given.get("initial_h"), "c": given.get("initial_c")}
    return [
        evaluate(
            Problem(
                cells.from_text(text),
                parameters,
                {"x": Numbers.of_floats(x[:, b])},
                {n + "a": Numbers.of_floats(v[0, b]) for n, v in states.items() if v is not None},
            ),
            Ball(64),
        )
        for b in range(x.shape[1])
    ]


def middle(trace: Trace, step: int, name: str) -> list[float]:
    ends = [enclosure(entry) for entry in trace.entries(step, name)]
    return [float(Fraction(low + high) / 2) for low, high in ends]  # type: ignore[misc]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CASES)
def test_onnx_node(name: str, node_tests: dict[str, Any]) -> None:
    case = node_tests[f"test_{name}"]
    found, node = traces(case), case.model.graph.node[0]
    way = next((a.s.decode() for a in node.attribute if a.name == "direction"), "forward")
    batchwise = any(a.name == "layout" and a.i for a in node.attribute)
    steps, marks = found[0].problem.steps, "ab" if way == "bidirectional" else "a"
    last = {"a": 1 if way == "reverse" else steps, "b": 1}
    outputs = [output for output in node.output if output]
    for output, wanted in zip(outputs, case.data_sets[0][1], strict=True):
        if output == "Y":  # [step, direction, batch, hidden], with layout 1 the batch first
            mine = [
                [[middle(f, t, "h" + m) for f in found] for m in marks] for t in range(1, steps + 1)
            ]
            result = np.array(mine)
            result = result.transpose(2, 0, 1, 3) if batchwise else result
        else:
            quantity = {"Y_h": "h", "Y_c": "c"}[output]
            result = np.array([[middle(f, last[m], quantity + m) for f in found] for m in marks])
            result = result.swapaxes(0, 1) if batchwise else result
        assert result.shape == wanted.shape
        np.testing.assert_allclose(result, wanted, rtol=case.rtol, atol=case.atol)
