"""The general derivation: the same walk over plain symbols, every entry written out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import numpy as np
import sympy

from verifier.arithmetic.composite import slope
from verifier.arithmetic.context import alone
from verifier.arithmetic.exact import Exact
from verifier.cells import Cell
from verifier.derive.forms import symbol_name, tree_of
from verifier.evaluate import evaluate
from verifier.language.operations import Shape
from verifier.language.tree import Expression, names
from verifier.numbers import Numbers
from verifier.problem import Problem


@dataclass(frozen=True)
class Entry:
    """One entry of a quantity at the general step: `left` = `right`."""

    name: str
    left: Expression
    right: Expression
    form: Any


@dataclass(frozen=True, eq=False)
class Symbolic(Numbers):
    """A given quantity whose entries are symbols."""

    name: str = ""
    offset: int | None = None
    sequence: bool = False  # the first axis counts steps

    @property
    def symbols(self) -> Any:
        """The array of symbols."""
        if self.sequence:
            return symbols(self.name, self.shape[1:], self.offset)[np.newaxis]
        return symbols(self.name, self.shape, self.offset)


def symbolic(
    name: str, shape: Shape, offset: int | None = None, sequence: bool = False
) -> Symbolic:
    """A quantity of symbols."""
    whole = (1, *shape) if sequence else shape
    return Symbolic(whole, ("0",) * prod(whole), name=name, offset=offset, sequence=sequence)


class _Kept(sympy.Function):  # type: ignore[misc]
    """A function that goes by its own name; its slope is what its row says."""

    def fdiff(self, argindex: int = 1) -> Any:
        """The derivative by an argument."""
        return slope(Symbols(), type(self).__name__, argindex - 1, self.args, self)


class sigmoid(_Kept):  # noqa: N801
    """The logistic function, called as the language calls it."""


class step(_Kept):  # noqa: N801
    """The unit step."""


class positive(_Kept):  # noqa: N801
    """One above zero, else zero."""


KEPT = {
    sigmoid: lambda x: 1 / (1 + sympy.exp(-x)),
    step: sympy.Heaviside,
    positive: lambda x: sympy.Heaviside(x, 0),
}
"""What keeps its name, and what sympy computes it by."""


@dataclass(frozen=True)
class Symbols(Exact):
    """The exact arithmetic over symbols; some functions keep their names, nothing is too long."""

    limit: int = 10**9

    def given(self, numbers: Numbers) -> Any:
        """An array of the entries' symbols."""
        return numbers.symbols if isinstance(numbers, Symbolic) else super().given(numbers)

    def sigmoid(self, x: Any) -> Any:
        return sigmoid(x)

    def step(self, x: Any) -> Any:
        return step(x)

    def positive(self, x: Any) -> Any:
        return positive(x)


def spelt_out(form: Any) -> Any:
    """The form in sympy's own functions."""
    for kept, meaning in KEPT.items():
        form = form.replace(kept, meaning)
    return form


def symbols(name: str, shape: Shape, offset: int | None) -> Any:
    """An array of symbols named after the entries of a quantity."""
    array = np.empty(shape, dtype=object)
    for index in product(*map(range, shape)):
        array[index] = sympy.Symbol(symbol_name(name, offset, index), real=True)
    return array


@alone()
def general(cell: Cell, shapes: Mapping[str, Shape]) -> list[Entry]:
    """Every entry of every equation, in symbols, for parameters and inputs of these shapes.

    Other quantities stand as symbols in a formula, so each says what its own equation says.
    """
    return list(_general(cell, shapes))


def _general(cell: Cell, shapes: Mapping[str, Shape]) -> Iterator[Entry]:
    problem = skeleton(cell, shapes)
    known = {(1, name): symbols(name, problem.shapes[name], 0) for name in cell.equation}
    for name, equation in cell.equation.items():
        others = {site: value for site, value in known.items() if site[1] != name}
        value = evaluate(problem, Symbols(), others).values[1, name]
        order = {part.name: k for k, part in reversed(list(enumerate(names(equation.expression))))}
        for index in product(*map(range, problem.shapes[name])):
            left = tree_of(known[1, name][index])
            yield Entry(name, left, tree_of(value[index], order), value[index])


def skeleton(cell: Cell, shapes: Mapping[str, Shape]) -> Problem:
    """A problem of one step whose numbers are symbols."""
    roles = cell.roles
    parameters = {name: symbolic(name, shapes[name]) for name in roles.parameters}
    inputs = {name: symbolic(name, shapes[name], 0, sequence=True) for name in roles.inputs}
    ends = {
        offset: {n: symbolic(n, shapes[n], offset) for n in used if n in shapes}
        for offset, used in ((-1, roles.initial), (1, roles.final))
    }
    problem = Problem(cell, parameters, inputs, ends[-1], ends[1], 0 if inputs else 1)
    missing = {n for n in (*roles.initial, *roles.final) if n not in shapes}
    if not missing:
        return problem
    return skeleton(cell, {**shapes, **{name: problem.shapes[name] for name in missing}})


def default_shapes(cell: Cell, lengths: Mapping[str, int]) -> dict[str, Shape]:
    """The shapes of a catalogue cell's parameters and inputs for lengths such as n = 2, m = 3."""
    return {name: tuple(lengths[letter] for letter in size) for name, size in cell.sizes.items()}
