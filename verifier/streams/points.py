"""Where a stream stands after a step, and the steps behind it as a problem of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flint import arb, fmpq

from verifier.along.states import States
from verifier.along.steps import given
from verifier.arithmetic.matrices import plain
from verifier.arithmetic.protocol import Arithmetic, Origin, QuantityAt, Value
from verifier.arithmetic.wrap.begun import Begun
from verifier.numbers import Numbers
from verifier.problem import Problem

WIDE = arb(2) ** -10
"""The radius of an enclosure that tells next to nothing, beside the number that it encloses."""

Rows = Mapping[str, Numbers]
"""Some steps of each input."""


@dataclass(frozen=True, eq=False)
class Point:
    """A step, what is carried on from it, and the rows of inputs that are used once more."""

    step: int
    values: Mapping[str, Value]
    rows: Rows

    @property
    def exact(self) -> bool:
        """Whether all that is carried on is known exactly."""
        return all(type(x) is fmpq or x.is_exact() for x in self._entries())

    @property
    def wide(self) -> bool:
        """Whether an enclosure of what is carried on tells next to nothing."""
        return not all(
            type(x) is fmpq or x.rad() <= WIDE * (1 + abs(x.mid())) for x in self._entries()
        )

    def _entries(self) -> Iterator[Any]:
        return (x for value in self.values.values() for x in value.flat)

    def block(self, problem: Problem, inputs: Rows) -> Problem:
        """The next steps of a problem as one of their own."""
        initial = {**problem.initial, **self.rows}
        return replace(problem, inputs=inputs, initial=initial, steps=0, past=self.step)

    def after(self, block: Problem, values: Mapping[str, Value]) -> Point:
        """The point after a block, with what is carried on from there."""
        rows = {name: block.inputs[name].row(block.steps - 1) for name in self.rows}
        return Point(self.step + block.steps, values, rows)

    def begins(self, arithmetic: Arithmetic) -> Arithmetic:
        """An arithmetic in which a walk begins here."""
        ends = {Origin("end", name, 0): value for name, value in self.values.items()}
        return Begun(arithmetic, ends)


def beginning(problem: Problem) -> Point:
    """The point before the first step."""
    states, inputs = States(problem), problem.inputs
    rows = {name: problem.end(name, 0) for name in problem.cell.roles.initial if name in inputs}
    return Point(0, {name: given(states, name) for name in states.shapes}, rows)


def carried(block: Problem, values: Mapping[QuantityAt, Value]) -> dict[str, Value]:
    """What is carried on from the last step of a block."""
    return {name: plain(values[block.steps, name]) for name in States(block).shapes}
