"""The general derivation: the same walk over plain symbols, every entry written out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import sympy

from verifier.arithmetic.exact import Exact
from verifier.cells import Cell
from verifier.evaluate import evaluate
from verifier.language.operations import Shape
from verifier.numbers import Numbers
from verifier.problem import Problem


@dataclass(frozen=True)
class Entry:
    """One entry of a quantity at the general step, as a sympy expression of the entries used."""

    name: str
    index: tuple[int, ...]
    form: Any


class Symbolic(Numbers):
    """A given quantity whose entries are symbols."""

    def __init__(self, name: str, shape: Shape) -> None:
        super().__init__(shape, ("0",) * int(np.prod(shape, dtype=int)))
        object.__setattr__(self, "name", name)


@dataclass(frozen=True)
class Symbols(Exact):
    """The exact arithmetic over symbols: a given quantity is an array of its entries."""

    limit: int = 10**9

    def given(self, numbers: Numbers) -> Any:
        if not isinstance(numbers, Symbolic):
            return super().given(numbers)
        return symbols(numbers.name, numbers.shape)  # type: ignore[attr-defined]


def symbols(name: str, shape: Shape) -> Any:
    """An array of symbols named after a quantity: U_z[0,1], or U_z itself for a scalar."""
    array = np.empty(shape, dtype=object)
    for index in product(*map(range, shape)):
        array[index] = sympy.Symbol(entry_name(name, index), real=True)
    return array


def entry_name(name: str, index: Sequence[int]) -> str:
    """The name of an entry's symbol."""
    return name + ("[" + ",".join(map(str, index)) + "]" if index else "")


def general(cell: Cell, sizes: Mapping[str, Shape]) -> Iterator[Entry]:
    """Every entry of every equation, in symbols, for parameters and inputs of these shapes.

    The entries of a quantity are names again where another equation uses it, so each formula
    stands by itself: z, r, h, s in terms of each other, of the inputs and of the parameters.
    """
    problem = skeleton(cell, sizes)
    overrides = {(1, name): symbols(f"{name}@0", problem.shapes[name]) for name in cell.equation}
    for name in cell.equation:
        others = {key: value for key, value in overrides.items() if key[1] != name}
        trace = evaluate(problem, Symbols(), others)
        value = trace.values[1, name]
        for index in product(*map(range, problem.shapes[name])):
            yield Entry(name, index, value[index])


def skeleton(cell: Cell, sizes: Mapping[str, Shape]) -> Problem:
    """A one-step problem whose numbers are symbols."""
    roles = cell.roles
    parameters = {name: Symbolic(name, sizes[name]) for name in roles.parameters}
    inputs = {name: _Sequence(name, (1, *sizes[name])) for name in roles.inputs}
    problem = Problem(cell, parameters, inputs, steps=0 if inputs else 1)
    ends = {n: Symbolic(f"{n}@-1", problem.shapes[n]) for n in roles.initial}
    final = {n: Symbolic(f"{n}@1", problem.shapes[n]) for n in roles.final}
    return Problem(cell, parameters, inputs, ends, final, steps=0 if inputs else 1)


class _Sequence(Symbolic):
    """Inputs of one step."""

    def row(self, index: int) -> Numbers:
        return Symbolic(f"{self.name}@0", self.shape[1:])  # type: ignore[attr-defined]
