"""Mismatches of public reports, each rebuilt by hand from what the report says, and named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests import test_mismatches as known
from tests.test_mismatches import (
    BOTH,
    GRU,
    HIDDEN,
    LSTM,
    PEEPHOLE,
    numbers,
    sigmoid,
)
from tests.test_mismatches import (
    test_a_report_is_named_in_the_first_sentence as named_first,
)
from verifier.problem import Problem

GATES = "zrn"
FORGETS = "one-added+gates-permuted"
TWO_BIASES = GRU.replace("@ W_z + b_z", "@ W_z + b_Wz + b_z").replace(
    "W_r + b_r", "W_r + b_Wr + b_r"
)
BACKWARDS = "h[t] = tanh(x[t] @ U + h[t+1] @ W + b)"
PEEPHOLES = PEEPHOLE.replace("+ b_i)", "+ b_i + p_i * c[t-1])").replace(
    "+ b_f)", "+ b_f + p_f * c[t-1])"
)
TWO_GRUS = GRU + "".join(
    line.replace("s[", "q[").replace("x[t]", "s[t]").replace("U_", "V_").replace("z[", "k[")
    .replace("r[", "l[").replace("n[", "m[").replace("W_", "W_2").replace("b_", "b_2")
    .replace("b_2W_2", "b_2W") + "\n"
    for line in GRU.strip().splitlines()
)  # fmt: skip
TEXTS = {
    "two biases": TWO_BIASES,
    "backwards": BACKWARDS,
    "lstm backwards": LSTM.replace("[t-1]", "[t+1]"),
    "peepholes": PEEPHOLES,
    "two grus": TWO_GRUS,
    "both ways": BOTH,
}

SQUARE = {f"V_{gate}": (HIDDEN, HIDDEN) for gate in GATES}
STARTS = {"two biases": ("s",), "peepholes": ("h", "c"), "two grus": ("s", "q")}


@pytest.fixture(autouse=True)
def texts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(known, "TEXTS", {**known.TEXTS, **TEXTS})
    monkeypatch.setattr(known, "SQUARE", {**known.SQUARE, **SQUARE})
    monkeypatch.setattr(known, "STARTS", {**known.STARTS, **STARTS})
    known.task.cache_clear()
    yield
    known.task.cache_clear()


def two_biases(recurrent: bool = True, after: bool = True) -> Any:
    """A GRU with the biases of PyTorch and of Keras's reset_after."""

    def forward(problem: Problem, dtype: Any) -> dict[str, Any]:
        p, xs, states = numbers(problem, dtype)
        s, rows = states["s"], []
        b_z, b_r, b_n = (dtype.type(recurrent) * getattr(p, f"b_W{gate}") for gate in GATES)
        for x in xs:
            z = sigmoid(x @ p.U_z + s @ p.W_z + b_z + p.b_z)
            r = sigmoid(x @ p.U_r + s @ p.W_r + b_r + p.b_r)
            inner = r * (s @ p.W_n + b_n) if after else (r * s) @ p.W_n + b_n
            n = np.tanh(x @ p.U_n + inner + p.b_n)
            s = (dtype.type(1) - z) * n + z * s
            rows.append(s)
        return {"s": np.array(rows)}

    return forward


def two_grus(problem: Problem, dtype: Any) -> dict[str, Any]:
    """PyTorch's blocks r, z, n copied into both of Keras's layers, which take them for z, r, n."""
    p, xs, states = numbers(problem, dtype)
    for layer, second in (("", False), ("2", True)):
        s, rows, one = states["q" if second else "s"], [], dtype.type(1)
        own = ("V_" if second else "U_", f"W_{layer}", f"b_{layer}")
        u, w, b = ({gate: getattr(p, f"{array}{gate}") for gate in GATES} for array in own)
        inner = getattr(p, f"b_{layer}Wn")
        for x in xs:
            z = sigmoid(x @ u["r"] + s @ w["r"] + b["r"])
            r = sigmoid(x @ u["z"] + s @ w["z"] + b["z"])
            n = np.tanh(x @ u["n"] + r * (s @ w["n"] + inner) + b["n"])
            s = (one - z) * n + z * s
            rows.append(s)
        xs = np.array(rows)
    return {"q": xs}


def backwards(problem: Problem, dtype: Any) -> dict[str, Any]:
    """`go_backwards` left out of account: the layer runs from the first step on."""
    p, xs, _ = numbers(problem, dtype)
    return {"h": known._rnn(xs, p.U, p.W, p.b, dtype)}


def both_forwards(problem: Problem, dtype: Any) -> dict[str, Any]:
    """Two directions that get the same sequence in the same order."""
    p, xs, _ = numbers(problem, dtype)
    front, other = (known._rnn(xs, *w, dtype) for w in ((p.U, p.W, p.b), (p.U_b, p.W_b, p.b_b)))
    return {"y": np.hstack([front, other])}


def in_turn(problem: Problem, dtype: Any) -> dict[str, Any]:
    """Directions as the last axis of the output: entries of both alternate."""
    found = known.both()(problem, dtype)["y"]
    return {"y": found.reshape(len(found), 2, HIDDEN).swapaxes(1, 2).reshape(found.shape)}


def lstm(
    backwards: bool = False,
    peep: str = "",
    starts: str = "hc",
    shown: str = "tanh",
) -> Any:
    """An LSTM with its states begun, its peepholes read or its output made otherwise."""

    def forward(problem: Problem, dtype: Any) -> dict[str, Any]:
        p, xs, states = numbers(problem, dtype)
        zero = np.zeros(HIDDEN, dtype)
        h, c = (states.get(name, zero) if name in "hc" else zero for name in starts)
        rows = []
        for x in xs[::-1] if backwards else xs:
            a = {gate: known._sum(p, gate, x, h, "") for gate in "ifgo"}
            new = (
                dict(zip("ifo", (getattr(p, f"p_{g}") for g in peep), strict=True)) if peep else {}
            )
            i, f = (sigmoid(a[g] + new[g] * c if new else a[g]) for g in "if")
            c = f * c + i * np.tanh(a["g"])
            if shown == "late":
                o = sigmoid(a["o"]) + p.p_o * c
            else:
                o = sigmoid(a["o"] + new["o"] * c if new else a["o"])
            h = o * c if shown == "cell" else o * np.tanh(c)
            rows.append(h)
        return {"h": np.array(rows)}

    return forward


def _flat(p: Any) -> None:
    """Kernels of [weights, channels] taken for [channels, weights], gate by gate."""
    known._reshaped(p)
    known._transposed(p)


def _no_reset(p: Any, x: Any, s: Any, r: Any, first: bool) -> Any:
    return x + s @ p.W_n + p.b_Wn + p.b_n


REPORTS: tuple[tuple[str, str, Any, str], ...] = (
    ("keras-team/keras#8720", "gru", known.gru(_flat), "reshaped+transposed"),
    ("keras-team/keras#15915", "two grus", two_grus, "gates-permuted"),
    ("two biases as they are", "two biases", two_biases(), ""),
    ("tensorflow/tfjs#2442", "two biases", two_biases(recurrent=False), "bias-dropped"),
    ("nntrainer/nntrainer#1644", "two biases", two_biases(after=False), "reset-before"),
    ("zhiyongc/GRU-D#2", "gru", known.gru(candidate=_no_reset), "gate-left-out"),
    ("onnx/keras-onnx#523", "lstm backwards", lstm(backwards=True), "steps-reversed"),
    ("apache/tvm#15829", "backwards", backwards, "direction-turned"),
    ("stanfordmlgroup/nlc#8", "both", both_forwards, "direction-turned"),
    ("pytorch/pytorch#10838", "both", in_turn, "directions-interleaved"),
    ("tensorflow/tensorflow#29622", "lstm", known.lstm("igfo", forget=1.0), FORGETS),
    ("apple/coremltools#93", "lstm", known.lstm("ifog"), "gates-permuted"),
    ("NX-AI/xlstm#98", "lstm", known.lstm("figo"), "gates-permuted"),
    ("onnx/onnx-tensorflow#408", "lstm", lstm(starts="-c"), "initial-ignored"),
    ("neulab/xnmt#223", "lstm", lstm(starts="ch"), "initial-exchanged"),
    ("microsoft/nni#2839", "lstm", known.lstm(result="c"), "other-quantity"),
    ("XiaLiPKU/RESCAN#2", "lstm", lstm(shown="cell"), "function-left-out"),
    ("Lasagne/Lasagne#448", "peephole", lstm(shown="late"), "term-outside"),
    ("peepholes as they are", "peepholes", lstm(peep="ifo"), ""),
    ("webmachinelearning/webnn-baseline#81", "peepholes", lstm(peep="iof"), "peepholes-exchanged"),
)  # fmt: skip


LATE = {"tensorflow/tensorflow#29622", "XiaLiPKU/RESCAN#2", "Lasagne/Lasagne#448"}
"""What is found after all pairs or triples: tried by the command, `python -m` of this module."""

QUICK = [row for row in REPORTS if row[0] not in LATE]


@pytest.mark.parametrize(
    ("cell", "program", "named"), [row[1:] for row in QUICK], ids=[row[0] for row in QUICK]
)
def test_a_report_is_named(cell: str, program: Any, named: str) -> None:
    named_first(cell, program, named)


def main() -> None:
    """Try all reports, those of `test_mismatches` too, and print what was named rightly."""
    known.TEXTS.update(TEXTS)
    known.SQUARE.update(SQUARE)
    known.STARTS.update(STARTS)
    rows = [row for row in (*known.REPORTS, *REPORTS) if row[3]]
    for title, cell, program, named in rows:
        named_first(cell, program, named)
        print(f"{title}: {named}", flush=True)
    print(f"{len(rows)} named rightly in the first sentence")


if __name__ == "__main__":
    main()
