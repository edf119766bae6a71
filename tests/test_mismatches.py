"""Mismatches as public reports tell them, rebuilt in NumPy by hand, and what is said of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from verifier.audit.against import against
from verifier.audit.implementations import run_callable
from verifier.problem import Problem, loads
from verifier.report.audit.lines import comparison_line
from verifier.report.words import Words
from verifier.solution import Solution
from verifier.testing import floats

HIDDEN, INPUTS, STEPS = 3, 2, 4
GRU = """
z[t] = sigmoid(x[t] @ U_z + s[t-1] @ W_z + b_z)
r[t] = sigmoid(x[t] @ U_r + s[t-1] @ W_r + b_r)
n[t] = tanh(x[t] @ U_n + r[t] * (s[t-1] @ W_n + b_Wn) + b_n)
s[t] = (1 - z[t]) * n[t] + z[t] * s[t-1]
"""
LSTM = """
i[t] = sigmoid(x[t] @ U_i + h[t-1] @ W_i + b_i)
f[t] = sigmoid(x[t] @ U_f + h[t-1] @ W_f + b_f)
g[t] = tanh(x[t] @ U_g + h[t-1] @ W_g + b_g)
o[t] = sigmoid(x[t] @ U_o + h[t-1] @ W_o + b_o)
c[t] = f[t] * c[t-1] + i[t] * g[t]
h[t] = o[t] * tanh(c[t])
"""
JOINED = LSTM.replace("x[t] @ U_", "concat(x[t], h[t-1]) @ V_")
for gate in "ifgo":
    JOINED = JOINED.replace(f" + h[t-1] @ W_{gate}", "")
PEEPHOLE = LSTM.replace("+ b_o)", "+ b_o + p_o * c[t])")
BOTH = """
f[t] = tanh(x[t] @ U + f[t-1] @ W + b)
g[t] = tanh(x[t] @ U_b + g[t+1] @ W_b + b_b)
y[t] = concat(f[t], g[t])
"""
STACK = """
h_1[t] = tanh(x[t] @ U_1 + h_1[t-1] @ W_1 + b_1)
h_2[t] = tanh(h_1[t] @ U_2 + h_2[t-1] @ W_2 + b_2)
"""
SHAPES = {"U": (INPUTS, HIDDEN), "W": (HIDDEN, HIDDEN), "V": (INPUTS + HIDDEN, HIDDEN)}
SQUARE = {"U_2": (HIDDEN, HIDDEN)}
STARTS = {"gru": ("s",), "lstm": ("h", "c"), "joined": ("h", "c"), "peephole": ("h", "c")}
TEXTS = {
    "gru": GRU,
    "lstm": LSTM,
    "joined": JOINED,
    "peephole": PEEPHOLE,
    "both": BOTH,
    "stack": STACK,
}


@cache
def task(cell: str) -> Problem:
    """The cell with drawn numbers."""
    random, text = np.random.default_rng(5), TEXTS[cell]
    names = dict.fromkeys(re.findall(r"\b[UWVbp](?:_\w+)?\b(?!\[)", text))

    def drawn(*shape: int) -> Any:
        return np.round(random.uniform(-1, 1, shape), 2).tolist()

    shapes = {name: SQUARE.get(name, SHAPES.get(name[0], (HIDDEN,))) for name in names}
    lines = [f"{name} = {drawn(*shape)}" for name, shape in shapes.items()]
    ends = [f"{name} = {drawn(HIDDEN)}" for name in STARTS.get(cell, ())]
    start = "[initial]\n" + "\n".join(ends) if ends else ""
    return loads(
        f'equations = """{text}"""\n[parameters]\n' + "\n".join(lines) + f"\n{start}\n[inputs]\n"
        f"x = {drawn(STEPS, INPUTS)}\n"
    )


def sigmoid(a: Any) -> Any:
    return (1 / (1 + np.exp(-a))).astype(a.dtype)


def hard(a: Any) -> Any:
    return np.clip(a.dtype.type(0.2) * a + a.dtype.type(0.5), 0, 1).astype(a.dtype)


def relu6(a: Any) -> Any:
    return (np.clip(a + 3, 0, 6) / a.dtype.type(6)).astype(a.dtype)


Numbers = SimpleNamespace


def numbers(problem: Problem, dtype: Any) -> tuple[Numbers, Any, dict[str, Any]]:
    given = floats(problem, dtype)
    return Numbers(**given.parameters), given.inputs["x"], dict(given.initial)


def gru(
    change: Callable[[Numbers], None] = lambda p: None,
    candidate: Callable[..., Any] | None = None,
    gate: Callable[[Any], Any] = sigmoid,
    keep: bool = True,
    start: bool = True,
    carried: bool = True,
    order: int = 1,
) -> Callable[[Problem, Any], dict[str, Any]]:
    """A GRU of PyTorch's form with one thing done otherwise."""

    def usual(p: Numbers, x: Any, s: Any, r: Any, first: bool) -> Any:
        return x + r * (s @ p.W_n + p.b_Wn) + p.b_n

    def forward(problem: Problem, dtype: Any) -> dict[str, Any]:
        p, xs, states = numbers(problem, dtype)
        change(p)
        initial = states["s"] if start else np.zeros(HIDDEN, dtype)
        s, rows, one = initial, [], dtype.type(1)
        for k, x in enumerate(xs[::order]):
            s = s if carried else initial
            z = gate(x @ p.U_z + s @ p.W_z + p.b_z)
            r = gate(x @ p.U_r + s @ p.W_r + p.b_r)
            n = np.tanh((candidate or usual)(p, x @ p.U_n, s, r, k == 0))
            s = (one - z) * n + z * s if keep else (one - z) * s + z * n
            rows.append(s)
        return {"s": np.array(rows)}

    return forward


def lstm(
    read: str = "ifgo",
    change: Callable[[Numbers], None] = lambda p: None,
    gate: Callable[[Any], Any] = sigmoid,
    forget: float = 0.0,
    peep: str = "",
    result: str = "h",
    limit: float = 0.0,
    joined: str = "",
) -> Callable[[Problem, Any], dict[str, Any]]:
    """An LSTM with one thing done otherwise; `read` are the blocks taken for i, f, g, o."""

    def forward(problem: Problem, dtype: Any) -> dict[str, Any]:
        p, xs, states = numbers(problem, dtype)
        change(p)
        h, c, rows = states["h"], states["c"], []
        for x in xs:
            a = {own: _sum(p, of, x, h, joined) for own, of in zip("ifgo", read, strict=True)}
            a["f"] = a["f"] + dtype.type(forget)
            new = gate(a["f"]) * c + gate(a["i"]) * np.tanh(a["g"])
            new = np.clip(new, -dtype.type(limit), dtype.type(limit)) if limit else new
            if peep:
                a["o"] = a["o"] + p.p_o * (c if peep == "old" else new)
            c = new
            h = gate(a["o"]) * np.tanh(c)
            rows.append(h if result == "h" else c)
        return {"h": np.array(rows)}

    return forward


def _sum(p: Numbers, gate: str, x: Any, h: Any, joined: str) -> Any:
    if joined:
        parts = [x, h] if joined == "xh" else [h, x]
        return np.concatenate(parts) @ getattr(p, f"V_{gate}") + getattr(p, f"b_{gate}")
    products = x @ getattr(p, f"U_{gate}") + h @ getattr(p, f"W_{gate}")
    return products + getattr(p, f"b_{gate}")


def both(turned: bool = False, exchanged: bool = False, weights: str = "") -> Callable[..., Any]:
    """An RNN in both directions; `weights` are those of the backward one."""

    def forward(problem: Problem, dtype: Any) -> dict[str, Any]:
        p, xs, _ = numbers(problem, dtype)
        own = [(p.U, p.W, p.b), (p.U, p.W, p.b) if weights else (p.U_b, p.W_b, p.b_b)]
        front = _rnn(xs, *own[0], dtype)
        back = _rnn(xs[::-1], *own[1], dtype)
        back = back if turned else back[::-1]
        return {"y": np.hstack([back, front] if exchanged else [front, back])}

    return forward


def _rnn(xs: Any, U: Any, W: Any, b: Any, dtype: Any) -> Any:  # noqa: N803
    h, rows = np.zeros(HIDDEN, dtype), []
    for x in xs:
        h = np.tanh(x @ U + h @ W + b)
        rows.append(h)
    return np.array(rows)


def stack(last: bool = False, recurrent: int = 2, layer: int = 2) -> Callable[..., Any]:
    """Two layers; `recurrent` is whose weights the second one takes."""

    def forward(problem: Problem, dtype: Any) -> dict[str, Any]:
        p, xs, _ = numbers(problem, dtype)
        below = _rnn(xs, p.U_1, p.W_1, p.b_1, dtype)
        turn = p.W_2.T if recurrent == -2 else p.W_2
        above = _rnn(below, p.U_2, turn, p.b_2, dtype)
        shown = above if layer == 2 else below
        return {"h_2": np.repeat(shown[-1:], len(shown), axis=0) if last else shown}

    return forward


def _doubled(p: Numbers) -> None:
    for gate in "zrn":
        setattr(p, f"b_{gate}", 2 * getattr(p, f"b_{gate}"))
    p.b_Wn = 2 * p.b_Wn


def _zero_biases(p: Numbers) -> None:
    for gate in "ifgo":
        setattr(p, f"b_{gate}", 0 * getattr(p, f"b_{gate}"))


def _reshaped(p: Numbers) -> None:
    for gate in "zrn":
        own = getattr(p, f"U_{gate}")
        setattr(p, f"U_{gate}", own.T.reshape(own.shape))


def _transposed(p: Numbers) -> None:
    for gate in "zrn":
        setattr(p, f"W_{gate}", getattr(p, f"W_{gate}").T)


def _swapped(p: Numbers) -> None:
    for array in ("U", "W", "b"):
        one, other = getattr(p, f"{array}_z"), getattr(p, f"{array}_r")
        setattr(p, f"{array}_z", other)
        setattr(p, f"{array}_r", one)


def _interleaved(p: Numbers) -> None:
    """Fused (inputs, gates, hidden) read as (inputs, hidden, gates), in all arrays."""
    for array in ("U", "W", "b"):
        whole = np.concatenate([getattr(p, f"{array}_{gate}") for gate in "ifgo"], axis=-1)
        for k, gate in enumerate("ifgo"):
            setattr(p, f"{array}_{gate}", whole[..., k::4])


def _both_swaps(p: Numbers) -> None:
    _swapped(p)
    _transposed(p)


def _flux(p: Numbers, x: Any, s: Any, r: Any, first: bool) -> Any:
    return x + r * (s @ p.W_n) + p.b_Wn + p.b_n


def _before(p: Numbers, x: Any, s: Any, r: Any, first: bool) -> Any:
    return x + p.b_n + (r * s) @ p.W_n + p.b_Wn


def _without(p: Numbers, x: Any, s: Any, r: Any, first: bool) -> Any:
    return x + r * (s @ p.W_n) + p.b_n


def _later(p: Numbers, x: Any, s: Any, r: Any, first: bool) -> Any:
    return x + r * (s @ p.W_n + (0 if first else p.b_Wn)) + p.b_n


def _once(p: Numbers, x: Any, s: Any, r: Any, first: bool) -> Any:
    return x + r * (s @ p.W_n + (p.b_Wn if first else 0)) + p.b_n


def _exchanged(p: Numbers, x: Any, s: Any, r: Any, first: bool) -> Any:
    return x + r * (s @ p.W_n + p.b_n) + p.b_Wn


def _copied(p: Numbers, x: Any, s: Any, r: Any, first: bool) -> Any:
    return x + r * (s @ p.W_n + p.b_n) + p.b_n


REPORTS: tuple[tuple[str, str, Any, str], ...] = (
    ("torch as it is", "gru", gru(), ""),
    ("CoreML, Flux", "gru", gru(candidate=_flux), "recurrent-bias-outside"),
    ("reset before, recurrent bias outside", "gru", gru(candidate=_before), "reset-before"),
    ("hls4ml dropped the recurrent bias", "gru", gru(candidate=_without), "bias-dropped"),
    ("MLX skipped b_hn at step 1", "gru", gru(candidate=_later), "bias-not-at-first-step"),
    ("b_hn at step 1 alone", "gru", gru(candidate=_once), "bias-at-first-step"),
    ("the two biases exchanged", "gru", gru(candidate=_exchanged), "biases-exchanged"),
    ("the input's bias copied", "gru", gru(candidate=_copied), "bias-copied"),
    ("TFLite doubled the biases", "gru", gru(_doubled), "bias-doubled"),
    ("z multiplies the candidate, as in Chung's paper", "gru", gru(keep=False), "blend-swapped"),
    ("Keras's order z, r", "gru", gru(_swapped), "gates-permuted"),
    ("kernels not transposed", "gru", gru(_transposed), "transposed"),
    ("kernels reshaped", "gru", gru(_reshaped), "reshaped"),
    ("order and transposes", "gru", gru(_both_swaps), "transposed+gates-permuted"),
    ("order and blend", "gru", gru(_swapped, keep=False), "blend-swapped+gates-permuted"),
    ("a state of zeros", "gru", gru(start=False), "initial-ignored"),
    ("stateless", "gru", gru(carried=False), "state-not-carried"),
    ("inputs from the end", "gru", gru(order=-1), "inputs-reversed"),
    ("Keras 3's hard sigmoid", "gru", gru(gate=relu6), "hard-sigmoid-relu6"),
    ("lstm as it is", "lstm", lstm(), ""),
    ("Keras 2's hard sigmoid", "lstm", lstm(gate=hard), "hard-sigmoid"),
    ("ONNX's i, o, f, c", "lstm", lstm("iogf"), "gates-permuted"),
    ("OpenVINO's f, i, c, o", "lstm", lstm("figo"), "gates-permuted"),
    ("DL4J's c, f, o, i", "lstm", lstm("gfoi"), "gates-permuted"),
    ("TF 1's forget bias", "lstm", lstm(forget=1.0), "one-added"),
    ("no biases", "lstm", lstm(change=_zero_biases), "bias-dropped"),
    ("gates interleaved", "lstm", lstm(change=_interleaved), "gates-interleaved"),
    ("TF's clip of the cell state", "lstm", lstm(limit=1.0), "state-clipped"),
    ("the cell state returned", "lstm", lstm(result="c"), "other-quantity"),
    ("order and hard sigmoid", "lstm", lstm("iogf", gate=hard), "hard-sigmoid+gates-permuted"),
    ("order and forget bias", "lstm", lstm("iogf", forget=1.0), "one-added+gates-permuted"),
    ("[h, x] for [x, h]", "joined", lstm(joined="hx"), "parts-exchanged"),
    ("peephole of the new cell", "peephole", lstm(peep="new"), ""),
    ("peephole of the old cell", "peephole", lstm(peep="old"), "other-step"),
    ("both ways as they are", "both", both(), ""),
    ("the way back in its own order", "both", both(turned=True), "steps-reversed"),
    ("directions exchanged", "both", both(exchanged=True), "parts-exchanged"),
    ("the forward weights in both", "both", both(weights="same"), "weights-of-other-layer"),
    ("two layers as they are", "stack", stack(), ""),
    ("the last output at every step", "stack", stack(last=True), "last-for-all"),
    ("the layer below returned", "stack", stack(layer=1), "other-quantity"),
    ("one layer's weights transposed", "stack", stack(recurrent=-2), "transposed"),
)


@pytest.mark.parametrize(
    ("cell", "program", "named"), [row[1:] for row in REPORTS], ids=[row[0] for row in REPORTS]
)
def test_a_report_is_named_in_the_first_sentence(cell: str, program: Any, named: str) -> None:
    solution = Solution(task(cell))
    found = against(solution, run_callable(task(cell), program, "float32"))
    rules = ["+".join(c.rule for c in each.conventions) for each in found.explanations]
    assert rules[:1] == ([named] if named else [])
    assert found.inside is (not named)
    said, words = comparison_line(solution, found), Words()
    for rule in named.split("+") if named else ():
        keys = f"audit.convention.{rule}", f"check.mistake.{rule}.name"
        assert next(words.text(key) for key in keys if words.has(key)) in said
