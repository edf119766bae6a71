"""Random problems with a state: cells of the catalogue and equations of every operation."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random
from typing import Any

from tests import random_cells, random_problems
from verifier.problem import Problem, from_data


def recurrent(
    rng: Random, *, steps: int, zeros: bool = False, most: tuple[int, int] = (3, 2)
) -> Problem:
    """Random equations in which h is carried on, over so many steps; `zeros` draws many of them."""
    while True:
        shapes = random_cells.draw(rng, (*most, 1))
        (n,) = shapes["initial"]["h"]
        text = random_cells.equations(rng, n)
        if re.search(r"\bx[sov]?\[t\]", text) and "h[t-1]" in text:
            break
    shapes["inputs"] = {name: (steps, *shape[1:]) for name, shape in shapes["inputs"].items()}
    sections = {
        section: {
            name: thinned(rng, random_problems.array(rng, *shape))
            if zeros
            else random_problems.array(rng, *shape)
            for name, shape in given.items()
            if re.search(rf"\b{name}\b", text.replace("h[t]", ""))
        }
        for section, given in shapes.items()
    }
    return from_data({"equations": text, **sections}, Path())


def thinned(rng: Random, value: Any) -> Any:
    """The numbers, of which half are zero, and some a half."""
    if isinstance(value, list):
        return (
            ["0" for _ in value]
            if rng.random() < 0.1 and isinstance(value[0], str)
            else [thinned(rng, part) for part in value]
        )
    return rng.choice(["0", "0", "0.5", value, value])


def remembering(seed: int, cell: str, bias: str | None = None, steps: int = 40) -> Problem:
    """A random problem of so many steps; `bias` is that of the gate which remembers."""
    rng = Random(seed)
    numbers = random_problems.data(
        rng, cell, hidden=rng.randint(1, 4), inputs=rng.randint(1, 3), steps=steps
    )
    if bias is not None:
        gate = {"gru": "z", "lstm": "f"}[cell]
        width = len(numbers["parameters"]["W_" + gate][0])
        numbers["parameters"]["b_" + gate] = [bias] * width
    return random_problems.problem(cell, numbers)
