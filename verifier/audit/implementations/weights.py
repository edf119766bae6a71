"""The weights of the catalogue's cells, stacked gate by gate as libraries take them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier import cells
from verifier.arithmetic.floats.binary import Format
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.protocol import QuantityAt
from verifier.errors import VerifierError
from verifier.language.tree import Equation
from verifier.problem import Problem
from verifier.rewrites import column

Array = Any

STATES = {"gru": ("s",), "lstm": ("h", "c"), "rnn": ("h",)}
"""The states of the cells that libraries have; the first is the hidden state."""


class CellError(VerifierError):
    """A cell that a library does not have under the names of the catalogue."""


@dataclass(frozen=True, eq=False)
class Weights:
    """A cell's numbers in a format: `inputs` has a row a step, `states` what stands before step 1.

    Matrices are as in x @ U: `kernel(gates)` is (inputs, gates · hidden).
    """

    problem: Problem
    model: Ieee
    hidden: int
    turned: bool

    @property
    def dtype(self) -> np.dtype[Any]:
        """The format's type."""
        return self.model.format.dtype

    @property
    def inputs(self) -> Array:
        """(steps, inputs)."""
        return self.model.given(self.problem.inputs["x"])

    @property
    def states(self) -> tuple[Array, ...]:
        """The states before the first step, each (hidden,)."""
        names = STATES[self.problem.cell.name]
        return tuple(self.model.given(self.problem.end(name, 0)) for name in names)

    def kernel(self, gates: tuple[str, ...]) -> Array:
        """What multiplies the input."""
        return self._stacked("U", gates)

    def recurrent(self, gates: tuple[str, ...]) -> Array:
        """What multiplies the state: (hidden, gates · hidden)."""
        return self._stacked("W", gates)

    def bias(self, gates: tuple[str, ...]) -> Array:
        """What is added: (gates · hidden,); zero where the problem has none."""
        parts = [self._wide(f"b{gate}") for gate in gates]
        zero = np.zeros(self.hidden, self.dtype)
        return np.concatenate([zero if part is None else part for part in parts])

    def _stacked(self, letter: str, gates: tuple[str, ...]) -> Array:
        return np.concatenate([self._wide(f"{letter}{gate}") for gate in gates], axis=1)

    def _wide(self, name: str) -> Array:
        """A parameter; that of a scalar gate is repeated for each hidden unit."""
        numbers = self.problem.parameters.get(name)
        if numbers is None:
            return None
        found = self.model.given(numbers)
        if self.turned and found.ndim == 2:
            found = found.T
        if found.ndim == 1 and name[0] in "UW":  # a scalar gate's weights as a vector
            found = found[:, None]
        return np.repeat(np.atleast_1d(found), self.hidden // max(1, found.shape[-1]), axis=-1)


def weights(problem: Problem, format: Format, library: str) -> Weights:
    """The numbers of a problem for a library.

    Errors: CellError unless the cell is one of the catalogue that the library has, unchanged.
    """
    state = STATES.get(problem.cell.name, ("",))[0]
    shape = problem.shapes.get(state, ())
    orientation = _orientation(problem) if len(shape) == 1 and "x" in problem.inputs else None
    vectors = orientation is not None and len(problem.inputs["x"].shape) == 2
    if orientation is None or not vectors:
        known = f"the cells {', '.join(STATES)} of the catalogue, with vectors as inputs"
        accepted = f"module:function, such as your own module; or {known}"
        raise CellError(f"{library} does not have this cell", accepted=accepted)
    return Weights(problem, Ieee(format.name), shape[0], orientation == "columns")


def _orientation(problem: Problem) -> str | None:
    """Whether the cell is the catalogue's as it stands, or turned to columns."""
    own = cells.load(problem.cell.name)
    own = own.without(own.optional - frozenset(problem.parameters))
    if _same(own.equations, problem.cell.equations):
        return "rows"
    return "columns" if _same(column.turn(own.equations), problem.cell.equations) else None


def _same(left: tuple[Equation, ...], right: tuple[Equation, ...]) -> bool:
    return [(e.name, e.expression) for e in left] == [(e.name, e.expression) for e in right]


def by_step(name: str, rows: list[Array], dtype: np.dtype[Any]) -> Mapping[QuantityAt, Array]:
    """A state's rows by (step, name)."""
    return {(step, name): np.asarray(row).astype(dtype) for step, row in enumerate(rows, 1)}
