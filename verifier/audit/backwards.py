"""Adjoints of an entry: how it moves with every value that it was computed from.

The adjoint equations of a problem whose every operation is a quantity, evaluated in float64 at the
values of a float trace.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.protocol import LITERAL, Origin, QuantityAt, Site
from verifier.arithmetic.wrap.replaced import Replaced
from verifier.cells import Cell
from verifier.evaluate import Trace, evaluate, texts
from verifier.language import adjoint as reverse
from verifier.language.adjoint import adjoint, shapes_of
from verifier.language.flat import Flat, flat, term
from verifier.language.operations import Shape
from verifier.language.shapes import infer
from verifier.numbers import Numbers
from verifier.problem import Problem

Floats = Any
"""A float64 array."""

MARK = "~"
"""Stands before the names of adjoints: those of a backward pass have adjoints, too."""

ADJOINT, SEED = MARK + reverse.ADJOINT, MARK + reverse.SEED
BACK, AHEAD = MARK + reverse.BACK, MARK + reverse.AHEAD


@dataclass(frozen=True)
class Widened(Ieee):
    """Float64 arithmetic on given numbers that are first rounded to another model's format."""

    model: Ieee = field(default_factory=Ieee)

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Floats:
        """The model's floats as float64 numbers."""
        return np.asarray(self.model.given(numbers)).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Backwards:
    """A trace of a model with all its terms, ready to be gone through backwards."""

    trace: Trace
    model: Ieee

    @property
    def problem(self) -> Problem:
        """The problem that was computed."""
        return self.trace.problem

    @cached_property
    def flat(self) -> Flat:
        """The equations with a quantity for every operation."""
        return flat(self.problem.cell.equations)

    @cached_property
    def forward(self) -> dict[QuantityAt, Floats]:
        """The computed values of all quantities and terms, as float64 numbers."""
        found = {(s, term(n, p)): value for (s, n, p), value in self.trace.terms.items()}
        found |= self.trace.values
        return {site: np.asarray(value).astype(np.float64) for site, value in found.items()}

    def adjoints(self, step: int, name: str, k: int) -> Adjoints:
        """The adjoints of all that entry `k` of a quantity at a step follows from."""
        steps = self._last(step)
        seed = np.zeros((steps, *self.problem.shapes[name]))
        seed.reshape(steps, -1)[step - 1, k] = 1.0
        asked = self._problem(name, steps, Numbers((steps, *seed.shape[1:]), (), seed))
        with np.errstate(all="ignore"):
            trace = evaluate(asked, Replaced(Widened("float64", model=self.model), self.forward))
        return Adjoints(trace, self.flat.constants)

    def _last(self, step: int) -> int:
        """What comes later does not matter, unless something runs backwards in time."""
        return self.problem.steps if self.problem.cell.roles.final else step

    def _problem(self, name: str, steps: int, seed: Numbers) -> Problem:
        """The adjoint problem of a quantity over the first steps."""
        cell, problem = self._cell(name), self.problem
        inputs = {key: numbers.until(steps) for key, numbers in problem.inputs.items()}
        constants = {key: Numbers.typed(texts(node)) for key, node in self.flat.constants.items()}
        known = {key: shape for key, shape in self._known.items() if key in cell.equation}
        return replace(
            problem,
            cell=cell,
            known=known,
            parameters={**problem.parameters, **constants},
            inputs={**inputs, SEED + name: seed},
            steps=steps,
        )

    @cached_property
    def _cells(self) -> dict[str, Cell]:
        return {}

    @cached_property
    def _known(self) -> dict[str, Shape]:
        return {}

    def _cell(self, name: str) -> Cell:
        if name not in self._cells:
            roles, system = self.problem.cell.roles, self.flat.equations
            shapes = self.problem.shapes | {
                key: Numbers.typed(texts(node)).shape for key, node in self.flat.constants.items()
            }
            wanted = [eq.name for eq in system]
            wanted += [*roles.parameters, *roles.inputs, *self.flat.constants]
            made = adjoint(system, infer(system, shapes), [name], wanted, MARK)
            self._cells[name] = replace(self.problem.cell, equations=(*system, *made))
            self._known.update(shapes_of(made, infer(system, shapes), MARK))
        return self._cells[name]


@dataclass(frozen=True, eq=False)
class Adjoints:
    """The adjoints of one entry, at the values of a trace."""

    trace: Trace
    constants: Collection[str]

    def of(self, site: Site) -> Floats | None:
        """The adjoint of a term's value; None where the entry does not follow from it."""
        return self._value(site.step, ADJOINT + term(site.name, site.path))

    def given(self, problem: Problem) -> Iterator[tuple[str, Numbers, Floats | None]]:
        """Every given quantity by name, step by step, with the adjoint of its numbers."""
        for name, numbers in problem.parameters.items():
            yield name, numbers, self._value(1, ADJOINT + name)
        for name in self.constants:
            yield "constants", self.trace.problem.parameters[name], self._value(1, ADJOINT + name)
        for step in range(1, self.trace.problem.steps + 1):
            for name, numbers in problem.inputs.items():
                yield name, numbers.row(step - 1), self._value(step, ADJOINT + name)
        for name in problem.cell.roles.initial:
            yield name, problem.end(name, 0), self._value(1, BACK + name)
        for name in problem.cell.roles.final:
            after = problem.steps
            yield name, problem.end(name, after + 1), self._value(after, AHEAD + name)

    def _value(self, step: int, name: str) -> Floats | None:
        return self.trace.values.get((step, name))
