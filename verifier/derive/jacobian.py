"""Derivatives of a cell in symbols: of each gate by what its equation holds, and of the states.

σ' = σ(1 − σ) and tanh' = 1 − tanh², with the gate's own name for its own function's value: for
z = σ(a), ∂z/∂a = z(1 − z).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

import sympy

from verifier import effort
from verifier.arithmetic.context import alone
from verifier.arithmetic.symbols import symbols
from verifier.cells import Cell
from verifier.derive.forms import tree_of
from verifier.derive.general import general, skeleton
from verifier.derive.pullback import Slopes, partials
from verifier.errors import VerifierError
from verifier.language.operations import Shape
from verifier.language.tree import Call, Expression, Name, names
from verifier.problem import Problem


@dataclass(frozen=True)
class Derivative:
    """The derivative of an entry by an entry: `left` = `right` as trees, the rest as sympy's."""

    of: Any
    by: Any
    form: Any
    left: Expression
    right: Expression

    @property
    def pair(self) -> tuple[Name, Name]:
        """The quantities of whose entries it is."""
        return quantity(self.of), quantity(self.by)


@dataclass(frozen=True)
class Jacobian:
    """The partial derivatives of every equation, and the total ones of states by states."""

    partial: tuple[Derivative, ...]
    total: tuple[Derivative, ...]


@alone()
def jacobian(cell: Cell, shapes: Mapping[str, Shape]) -> Jacobian:
    """The derivatives of a cell whose parameters and inputs have these shapes.

    `partial` has every quantity by the inputs, states and quantities in its own equation, where
    that is not zero; `total` every state by the states that it follows from, through all gates.
    Errors: VerifierError for cells without states, and for Jacobians of more than effort.JACOBIAN.
    """
    problem = skeleton(cell, shapes)
    before = _before(problem)
    _check_size(problem, before)
    forms = _forms(problem)
    partial = _partials(problem)
    total = _totals(forms, partial, set(before))
    return Jacobian(
        tuple(
            _derivative("partial", of, by, form, problem)
            for of, slopes in partial.items()
            for by, form in slopes.items()
        ),
        tuple(_of_states(total, before, problem)),
    )


def _of_states(total: Slopes, before: list[Any], problem: Problem) -> Iterator[Derivative]:
    """The derivatives of states by the states that they follow from, zeros among them too."""
    states = {quantity(by).name for by in before}
    pairs = {(quantity(of), quantity(by)) for of, slopes in total.items() for by in slopes}
    for of, slopes in total.items():
        for by in before:
            if quantity(of).name in states and (quantity(of), quantity(by)) in pairs:
                yield _derivative("total", of, by, slopes.get(by, sympy.S.Zero), problem)


def _at_step(problem: Problem) -> dict[str, list[Any]]:
    """The symbols of every quantity's entries at the general step."""
    shapes = problem.shapes
    return {name: list(symbols(name, shapes[name], 0).flat) for name in problem.cell.equation}


def _before(problem: Problem) -> list[Any]:
    """The symbols of the states that a step starts from."""
    roles = problem.cell.roles
    return [
        symbol
        for offset, used in ((-1, roles.initial), (1, roles.final))
        for name in used
        if name in problem.cell.equation
        for symbol in symbols(name, problem.shapes[name], offset).flat
    ]


def _check_size(problem: Problem, before: list[Any]) -> None:
    if not before:
        raise VerifierError("the cell has no state", accepted="a cell with a name at [t-1]")
    size = max(prod(problem.shapes[quantity(by).name]) for by in before) ** 2
    if size > effort.JACOBIAN:
        accepted = f"at most {effort.JACOBIAN}, such as -m 8"
        raise VerifierError(f"a Jacobian of {size} entries", accepted=accepted)


def _forms(problem: Problem) -> dict[Any, Any]:
    """Every entry's symbol with its form, in the order of evaluation."""
    at_step = _at_step(problem)
    forms: dict[str, list[Any]] = {name: [] for name in at_step}
    for entry in general(problem.cell, problem.shapes):
        forms[entry.name].append(entry.form)
    return {
        symbol: form
        for block in problem.cell.blocks
        for name in block.names
        for symbol, form in zip(at_step[name], forms[name], strict=True)
    }


def _partials(problem: Problem) -> Slopes:
    """The derivatives of every entry, in the order of evaluation."""
    order, equation = partial(_rank, problem=problem), problem.cell.equation
    return {
        of: {by: slopes[by] for by in sorted(slopes, key=order)}
        for block in problem.cell.blocks
        for name in block.names
        for of, slopes in partials(equation[name], problem.shapes).items()
    }


def _rank(symbol: Any, problem: Problem) -> tuple[bool, int, str]:
    """Inputs first, then states, then the quantities of the step, in the cell's order."""
    order = [*problem.cell.roles.inputs, *problem.cell.equation, *problem.parameters]
    name = quantity(symbol)
    return (
        name.offset == 0 and name.name in problem.cell.equation,
        order.index(name.name),
        symbol.name,
    )


def _totals(forms: Mapping[Any, Any], partial: Slopes, before: set[Any]) -> Slopes:
    """The derivatives by the states before, by the chain rule through the step's quantities."""
    total: Slopes = {}
    for of, slopes in partial.items():
        sums: dict[Any, Any] = {by: slope for by, slope in slopes.items() if by in before}
        for through, slope in slopes.items():
            for by, inner in total.get(through, {}).items():
                sums[by] = sums.get(by, 0) + slope * inner
        # A function's own slope is a factor of all terms.
        shown = sympy.factor_terms if forms[of].is_Function else sympy.sympify
        total[of] = {by: shown(form) for by, form in sums.items() if form != 0}
    return total


def _derivative(kind: str, of: Any, by: Any, form: Any, problem: Problem) -> Derivative:
    cell = problem.cell
    order = {
        name: k
        for k, name in enumerate((*cell.roles.inputs, *cell.equation, *cell.roles.parameters))
    }
    left = Call(kind, (tree_of(of), tree_of(by)))
    return Derivative(of, by, form, left, tree_of(form, order))


def quantity(symbol: Any) -> Name:
    """The quantity of which the symbol is an entry."""
    return next(names(tree_of(symbol)))


def in_pairs(found: Iterable[Derivative]) -> Iterator[tuple[tuple[Name, Name], list[Derivative]]]:
    """The derivatives by the pair of quantities that they belong to, in their order."""
    pairs: dict[tuple[Name, Name], list[Derivative]] = {}
    for one in found:
        pairs.setdefault(one.pair, []).append(one)
    yield from pairs.items()
