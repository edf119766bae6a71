"""GRU problems of any size: decimal weights, or float32 weights as from an .npz file."""

from __future__ import annotations

from typing import Any

import numpy as np

from verifier.cells import load
from verifier.numbers import Numbers
from verifier.problem import Problem

GATES = "zrh"


def gru(
    hidden: int, inputs: int, steps: int, *, gain: float = 1.0, floats: bool = False, seed: int = 1
) -> Problem:
    """A GRU with uniform weights in ±gain/√hidden, inputs with two decimals in ±1."""
    dice = np.random.default_rng(seed)
    bound = gain / hidden**0.5

    def weights(*shape: int) -> Numbers:
        values = dice.uniform(-bound, bound, shape)
        if floats:
            return Numbers.of_floats(values.astype(np.float32))
        return Numbers.typed(_texts(values, 4))

    parameters = {f"U_{gate}": weights(inputs, hidden) for gate in GATES}
    parameters |= {f"W_{gate}": weights(hidden, hidden) for gate in GATES}
    sequence = Numbers.typed(_texts(dice.uniform(-1, 1, (steps, inputs)), 2))
    return Problem(load("gru"), parameters, {"x": sequence})


def _texts(values: Any, places: int) -> Any:
    return np.char.mod(f"%.{places}f", values).tolist()
