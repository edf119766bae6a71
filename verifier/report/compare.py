"""Two cells of the catalogue side by side: their equations, and what each gives for one example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

import numpy as np

from verifier.cells import Cell, lengths
from verifier.derive.general import default_shapes, skeleton
from verifier.language.operations import Shape
from verifier.language.tree import Name
from verifier.notation.paper import on_paper
from verifier.notation.text import TextPrinter
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.rounding import Rounding
from verifier.solution import Solution

PLACES, STEPS, INPUTS, HIDDEN = 6, 3, 2, 3


@dataclass(frozen=True)
class Pair:
    """A quantity's equation in both cells, empty where one has none; `same` where both agree."""

    name: str
    left: str
    right: str
    same: bool


@dataclass(frozen=True)
class Apart:
    """The outputs of both cells for the same numbers, certified digits entry by entry.

    `most` is the largest difference of these digits, and `step` where it is; None where the outputs
    have unlike shapes.
    """

    whole: bool
    left: tuple[str, ...]
    right: tuple[str, ...]
    most: Decimal | None
    step: int


def pairs(left: Cell, right: Cell) -> list[Pair]:
    """The equations of both cells by quantity, in the order of the first."""
    names = dict.fromkeys((*left.equation, *right.equation))
    first, second = _written(left), _written(right)
    return [
        Pair(name, first.get(name, ""), second.get(name, ""), _same(left, right, name))
        for name in names
    ]


def _same(left: Cell, right: Cell, name: str) -> bool:
    one, other = left.equation.get(name), right.equation.get(name)
    return one is not None and other is not None and one.expression == other.expression


def _written(cell: Cell) -> Mapping[str, str]:
    return dict(zip(cell.equation, equations_of(cell), strict=True))


def equations_of(cell: Cell) -> list[str]:
    """The equations of a cell of the catalogue in plain text, as they stand on paper."""
    shapes = skeleton(cell, default_shapes(cell, {"n": 2, "m": 2})).shapes
    printer = TextPrinter(cell.names)
    return [
        f"{printer.show(Name(eq.name, 0))} = {printer.show(on_paper(eq.expression, shapes))}"
        for eq in cell.equations
    ]


def apart(left: Cell, right: Cell) -> list[Apart]:
    """How far the outputs are apart, with all parameters, and without what may be left out."""
    optional = left.optional | right.optional
    found = [_apart(left, right, frozenset())]
    return [*found, _apart(left, right, optional)] if optional else found


def _apart(left: Cell, right: Cell, without: frozenset[str]) -> Apart:
    one, other = (_outputs(cell, without) for cell in (left, right))
    differences: list[tuple[Decimal, int]] = []
    if one.shape == other.shape:
        gaps = np.vectorize(lambda a, b: abs(Decimal(a) - Decimal(b)), otypes=[object])(one, other)
        differences = [(max(row.flat), step) for step, row in enumerate(gaps, 1)]
    most, step = max(differences, key=lambda pair: (pair[0], -pair[1]), default=(None, 0))
    return Apart(not without, tuple(one[-1].flat), tuple(other[-1].flat), most, step)


def _outputs(cell: Cell, without: frozenset[str]) -> Any:
    """The digits of the cell's output, a row a step; nan for what could not be decided."""
    digits = Solution(example(cell, without).rounded_by(Rounding(PLACES))).digits("final")
    rows = [[text or "nan" for text in digits[k, cell.output]] for k in range(1, STEPS + 1)]
    return np.array(rows, dtype=object)


def example(cell: Cell, without: frozenset[str] = frozenset()) -> Problem:
    """A problem of the cell: what has the same name and shape has the same numbers in each cell."""
    shapes = default_shapes(cell, lengths(INPUTS, HIDDEN))
    roles = cell.roles
    parameters = {n: _numbers(cell, n, shapes[n]) for n in roles.parameters if n not in without}
    inputs = {n: _numbers(cell, n, (STEPS, *shapes[n])) for n in roles.inputs}
    return Problem(cell, parameters, inputs)


def _numbers(cell: Cell, name: str, shape: Shape) -> Numbers:
    wanted, rng = cell.examples.get(name, ""), Random(name)
    signs = "+" if wanted else "+-"
    drawn = [f"{rng.choice(signs)}0.{rng.randint(1, 99):02}" for _ in range(int(np.prod(shape)))]
    given = wanted if wanted != "positive" else ""
    texts = tuple(given or text.lstrip("+") for text in drawn)
    return Numbers(shape, texts)
