"""The general derivation: the same walk over plain symbols, every entry written out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from verifier.arithmetic.context import alone
from verifier.arithmetic.protocol import Origin, QuantityAt
from verifier.arithmetic.symbols import Symbols
from verifier.arithmetic.wrap.replaced import Replaced
from verifier.cells import Cell, lengths
from verifier.derive.forms import tree_of
from verifier.evaluate import evaluate
from verifier.language.operations import Shape
from verifier.language.tree import Expression, names
from verifier.numbers import Numbers
from verifier.problem import Problem


@dataclass(frozen=True)
class Formula:
    """The formula of an entry of a quantity at the general step: `left` = `right`."""

    name: str
    left: Expression
    right: Expression
    form: Any


@alone()
def general(cell: Cell, shapes: Mapping[str, Shape]) -> list[Formula]:
    """Every entry of every equation, in symbols, for parameters and inputs of these shapes.

    Other quantities stand as symbols in a formula, so each says what its own equation says.
    """
    return list(_general(cell, shapes))


def _general(cell: Cell, shapes: Mapping[str, Shape]) -> Iterator[Formula]:
    problem, plain = skeleton(cell, shapes), Symbols()
    known = {site: plain.given(zeros, origin) for site, zeros, origin in quantities(problem)}
    computed: dict[QuantityAt, Any] = {}
    evaluate(problem, Replaced(plain, known, computed))
    for name, equation in cell.equation.items():
        left, value = known[1, name], computed[1, name]
        order = {part.name: k for k, part in reversed(list(enumerate(names(equation.expression))))}
        for index in product(*map(range, problem.shapes[name])):
            yield Formula(name, tree_of(left[index]), tree_of(value[index], order), value[index])


def quantities(problem: Problem) -> Iterator[tuple[QuantityAt, Numbers, Origin]]:
    """Where every quantity of the first step stands, zeros of its shape, and their origin."""
    for name in problem.cell.equation:
        yield (1, name), Numbers.zeros(problem.shapes[name]), Origin("quantity", name, 1)


def skeleton(cell: Cell, shapes: Mapping[str, Shape]) -> Problem:
    """A problem of one step with zeros for all numbers: what counts is their shapes."""
    roles = cell.roles

    def zeros(used: Iterable[str], *steps: int) -> dict[str, Numbers]:
        return {n: Numbers.zeros((*steps, *shapes[n])) for n in used if n in shapes}

    inputs = zeros(roles.inputs, 1)
    ends = zeros(roles.initial), zeros(roles.final)
    return Problem(cell, zeros(roles.parameters), inputs, *ends, 0 if inputs else 1)


def default_shapes(cell: Cell, given: Mapping[str, int]) -> dict[str, Shape]:
    """The shapes of a catalogue cell's parameters and inputs for lengths such as n = 2, m = 3."""
    known = {**lengths(given["n"], given["m"]), **given}
    return {name: tuple(known[letter] for letter in size) for name, size in cell.sizes.items()}
