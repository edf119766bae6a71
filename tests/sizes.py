"""Problems of many sizes, made from a seed: (cell, hidden, inputs, steps, convention, places)."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from verifier.cells import load
from verifier.derive.general import default_shapes
from verifier.problem import Problem, from_data

SIZES: list[tuple[Any, ...]] = [
    ("gru", 1, 1, 1, "row", 4),
    ("gru", 3, 2, 2, "column", 2),
    ("lstm", 4, 3, 3, "row", 4),
    ("rnn", 8, 3, 2, "row", 6),
    ("gru", 3, 2, 2, "row", 12),
    ("gru", 8, 3, 2, "row", 4),
    ("lstm", 16, 4, 2, "column", 4),
    ("gru", 64, 8, 2, "row", 4),
    ("rnn", 64, 8, 10, "column", 3),
]


def problem_of(
    cell: str, hidden: int, inputs: int, steps: int, convention: str, places: int
) -> Problem:
    """A problem of the catalogue with random two-place numbers, negative ones among them."""
    dice = random.Random(f"{cell} {hidden} {inputs} {steps} {convention} {places}")

    def numbers(*shape: int) -> Any:
        if shape:
            return [numbers(*shape[1:]) for _ in range(shape[0])]
        return str(dice.randint(-99, 99) / 100)

    shapes = default_shapes(load(cell), {"n": inputs, "m": hidden})
    data = {
        "title": f"{cell} {hidden} {inputs} {steps} {convention} {places}",
        "cell": cell,
        "convention": convention,
        "rounding": {"places": places},
        "parameters": {
            name: numbers(*(shape if convention == "row" else shape[::-1]))
            for name, shape in shapes.items()
            if name != "x"
        },
        "inputs": {"x": numbers(steps, inputs)},
    }
    return from_data(data, Path())
