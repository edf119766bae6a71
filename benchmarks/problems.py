"""GRU problems of any size: decimal weights, or float32 weights as from an .npz file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from verifier.cells import from_text, load
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.rounding import Rounding

GATES = "zrh"


def gru(
    hidden: int,
    inputs: int,
    steps: int,
    *,
    gain: float = 1.0,
    floats: bool = False,
    seed: int = 1,
    bias: str | None = None,
) -> Problem:
    """A GRU with uniform weights in ±gain/√hidden, inputs with two decimals in ±1.

    `bias` is that of the update gate, which then keeps the state for long.
    """
    dice = np.random.default_rng(seed)
    bound = gain / hidden**0.5

    def weights(*shape: int) -> Numbers:
        values = dice.uniform(-bound, bound, shape)
        if floats:
            return Numbers.of_floats(values.astype(np.float32))
        return Numbers.typed(_texts(values, 4))

    parameters = {f"U_{gate}": weights(inputs, hidden) for gate in GATES}
    parameters |= {f"W_{gate}": weights(hidden, hidden) for gate in GATES}
    if bias is not None:
        parameters["b_z"] = Numbers.typed([bias] * hidden)
    sequence = Numbers.typed(_texts(dice.uniform(-1, 1, (steps, inputs)), 2))
    return Problem(load("gru"), parameters, {"x": sequence})


def forward(p: Mapping[str, Any], inputs: Any) -> Iterator[Any]:
    """A GRU's state after each step, by NumPy in the format of its numbers."""
    s = np.zeros(len(p["W_z"]), inputs.dtype)
    for x in inputs:
        z = 1 / (1 + np.exp(-(x @ p["U_z"] + s @ p["W_z"] + p.get("b_z", 0))))
        r = 1 / (1 + np.exp(-(x @ p["U_r"] + s @ p["W_r"])))
        h = np.tanh(x @ p["U_h"] + (s * r) @ p["W_h"])
        s = (1 - z) * h + z * s
        yield s


def _texts(values: Any, places: int) -> Any:
    return np.char.mod(f"%.{places}f", values).tolist()


def lstm(hidden: int, inputs: int, steps: int, *, layers: int = 2, seed: int = 1) -> Problem:
    """Layers of LSTMs, each of which feeds the next, with float32 weights, to six places."""
    dice = np.random.default_rng(seed)
    bound = hidden**-0.5
    lines, parameters = [], {}
    for layer in range(layers):
        below, wide = (f"h{layer - 1}[t]", hidden) if layer else ("x[t]", inputs)
        for gate, function in LSTM.items():
            name = f"{gate}{layer}"
            lines.append(
                f"{name}[t] = {function}({below} @ U_{name} + h{layer}[t-1] @ W_{name} + b_{name})"
            )
            for kind, shape in (("U", (wide, hidden)), ("W", (hidden, hidden)), ("b", (hidden,))):
                values = dice.uniform(-bound, bound, shape).astype(np.float32)
                parameters[f"{kind}_{name}"] = Numbers.of_floats(values)
        lines.append(f"c{layer}[t] = f{layer}[t] * c{layer}[t-1] + i{layer}[t] * g{layer}[t]")
        lines.append(f"h{layer}[t] = o{layer}[t] * tanh(c{layer}[t])")
    sequence = dice.uniform(-1, 1, (steps, inputs)).astype(np.float32)
    rule = Rounding(6)
    cell = from_text("\n".join(lines))
    texts = Numbers.typed(_texts(sequence, 2))
    return Problem(cell, parameters, {"x": texts}, rounding=rule)


LSTM = {"i": "sigmoid", "f": "sigmoid", "o": "sigmoid", "g": "tanh"}
