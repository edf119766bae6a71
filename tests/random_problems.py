"""Random problems of the three catalogue cells, in both conventions; numbers are typed decimals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import strategies as st

from verifier import cells
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.rewrites import column
from verifier.rounding import Policy, Rounding

GATES = {"gru": ("z", "r", "h"), "lstm": ("i", "f", "o", "g"), "rnn": ("",)}
STATES = {"gru": ("s",), "lstm": ("h", "c"), "rnn": ("h",)}
CELLS = {(name, turned): cells.load(name) for name in GATES for turned in (False, True)}
for _name, _turned in CELLS:
    if _turned:
        _cell = CELLS[_name, False]
        CELLS[_name, True] = replace(_cell, equations=column.turn(_cell.equations))


def decimal(rng: Random) -> str:
    """A decimal of 1 to 3 places in [-1, 1], now and then a larger or an exact zero."""
    places = rng.randint(1, 3)
    if rng.random() < 0.05:
        return rng.choice(["0", "-0", "2.5", "-3", "0.10"])
    return f"{rng.uniform(-1, 1):.{places}f}"


def array(rng: Random, *shape: int) -> Any:
    """Nested lists of decimals."""
    return [array(rng, *shape[1:]) for _ in range(shape[0])] if shape else decimal(rng)


def data(
    rng: Random, cell: str, *, hidden: int, inputs: int, steps: int, scalar_gates: bool = False
) -> dict[str, dict[str, Any]]:
    """The numbers of a problem in row convention."""
    parameters: dict[str, Any] = {}
    biased = rng.random() < 0.5
    for gate in GATES[cell]:
        mark = f"_{gate}" if gate else ""
        width = 1 if scalar_gates and gate in ("z", "r") else hidden
        parameters["U" + mark] = array(rng, inputs, width)
        parameters["W" + mark] = array(rng, hidden, width)
        if biased and rng.random() < 0.8:
            parameters["b" + mark] = array(rng, width)
    start = rng.random() < 0.5
    return {
        "parameters": parameters,
        "inputs": {"x": array(rng, steps, inputs)},
        "initial": {name: array(rng, hidden) for name in STATES[cell]} if start else {},
    }


def problem(cell: str, numbers: dict[str, dict[str, Any]], *, turned: bool = False) -> Problem:
    """The problem of such numbers; in column convention the matrices are transposed."""

    def read(name: str, value: Any) -> Numbers:
        found = Numbers.typed(value)
        matrix = turned and name != "x" and len(found.shape) == 2
        return found.transposed if matrix else found

    sections = {
        section: {name: read(name, value) for name, value in given.items()}
        for section, given in numbers.items()
    }
    return Problem(CELLS[cell, turned], **sections)  # type: ignore[arg-type]


def draw(
    rng: Random, cell: str | None = None, most: tuple[int, int, int] = (4, 3, 4)
) -> tuple[str, dict[str, dict[str, Any]]]:
    """A random cell's name and numbers; `most` bounds hidden size, inputs and steps."""
    cell = cell or rng.choice(list(GATES))
    numbers = data(
        rng,
        cell,
        hidden=rng.randint(1, most[0]),
        inputs=rng.randint(1, most[1]),
        steps=rng.randint(1, most[2]),
        scalar_gates=cell == "gru" and rng.random() < 0.5,
    )
    return cell, numbers


def problems(
    count: int, seed: int = 0, most: tuple[int, int, int] = (4, 3, 4)
) -> Iterator[Problem]:
    """So many problems, the three cells in turn, the conventions alternating."""
    rng = Random(seed)
    for k in range(count):
        cell, numbers = draw(rng, list(GATES)[k % 3], most)
        yield problem(cell, numbers, turned=k % 2 == 1)


@st.composite
def any_problem(draw_from: Any, rounded: bool = False) -> Problem:
    """A strategy of problems; with `rounded`, rounding rule and policy vary too."""
    rng = Random(draw_from(st.integers(0, 2**32)))
    cell, numbers = draw(rng)
    found = problem(cell, numbers, turned=draw_from(st.booleans()))
    if not rounded:
        return found
    modes = ["half-even", "half-up", "half-down", "up", "down", "ceiling", "floor"]
    rule = Rounding(draw_from(st.integers(0, 8)), draw_from(st.sampled_from(modes)))
    kind = draw_from(st.sampled_from(["final", "equation", "operation"]))
    return found.rounded_by(rule, Policy(kind))
