"""What is carried on from step to step, as one vector, and one step of a problem in lanes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from flint import arb

from verifier.arithmetic import enclosed as own
from verifier.arithmetic.context import flint_bits
from verifier.arithmetic.enclosed import Enclosed
from verifier.arithmetic.protocol import Origin, Value
from verifier.language.operations import Shape
from verifier.numbers import Numbers
from verifier.problem import Problem

Floats = Any
FLOAT = 53


@dataclass(frozen=True, eq=False)
class States:
    """The quantities that are carried on, in a vector of `width` entries.

    `before` has what stands before the first step, where that is not what the problem gives: the
    problem is then of later steps of a sequence.
    """

    problem: Problem
    before: Mapping[str, Value] | None = None

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return self.problem.steps

    @property
    def length(self) -> int:
        """Steps after which others begin anew."""
        return self.problem.steps

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """Their shapes by name."""
        defined, shapes = self.problem.cell.equation, self.problem.shapes
        return {name: shapes[name] for name in self.problem.cell.roles.initial if name in defined}

    @cached_property
    def width(self) -> int:
        """How many entries they have."""
        return sum(map(prod, self.shapes.values()))

    @cached_property
    def places(self) -> dict[str, slice]:
        """Where each stands in the vector."""
        found, at = {}, 0
        for name, shape in self.shapes.items():
            found[name] = slice(at, at + prod(shape))
            at += prod(shape)
        return found

    @cached_property
    def step(self) -> Problem:
        """The first step as a problem of its own."""
        rows = {name: numbers.until(1) for name, numbers in self.problem.inputs.items()}
        return replace(self.problem, inputs=rows, steps=1)

    def at(self, t: int) -> Problem:
        """One step as a problem of its own, with the inputs of step t."""
        inputs = self.problem.inputs
        rows = {name: _one(numbers.row(t - 1)) for name, numbers in inputs.items()}
        before = {
            name: inputs[name].row(t - 2)
            for name in self.problem.cell.roles.initial
            if name in inputs and t > 1
        }
        return replace(self.step, inputs=rows, initial={**self.step.initial, **before})

    @property
    def start(self) -> Floats:
        """The nearest floats of what stands before the first step."""
        if self.before is not None:
            flat = [x for name in self.shapes for x in self.before[name].flat]
            with flint_bits(FLOAT):
                return np.array([float(arb(x)) for x in flat])
        ends = [self.problem.end(name, 0).doubles.ravel() for name in self.shapes]
        return np.concatenate(ends)

    def split(self, flat: Floats) -> dict[Origin, Floats]:
        """What stands before a step, of vectors along the last axis."""
        return {
            Origin("end", name, 0): flat[..., place].reshape((*flat.shape[:-1], *shape))
            for (name, shape), place in zip(self.shapes.items(), self.places.values(), strict=True)
        }

    def ends(self, middle: Floats, radius: Floats) -> dict[Origin, Enclosed]:
        """Enclosures of what stands before a step."""
        middles, radii = self.split(middle), self.split(radius)
        return {origin: Enclosed(middles[origin], radii[origin]) for origin in middles}

    def joined(self, values: Mapping[str, Floats], lanes: int) -> Floats:
        """Quantities in lanes as vectors; axes before that of lanes' own shape stay."""
        parts = []
        for name, shape in self.shapes.items():
            value = values[name]
            before = value.shape[: value.ndim - len(shape)]
            flat = value.reshape((*before, prod(shape)))
            parts.append(np.broadcast_to(flat, (lanes, *flat.shape[1:])))
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)

    @cached_property
    def rows(self) -> dict[str, tuple[Floats, Floats]]:
        """Each input's rows as floats, and bounds of how far these are off: that before the
        first step, where it is used, and those of all steps."""
        found = {}
        for name, numbers in self.problem.inputs.items():
            parts = [numbers]
            if name in self.problem.cell.roles.initial:
                parts = [self.problem.end(name, 0), numbers]
            middles = [part.doubles.reshape((-1, *numbers.shape[1:])) for part in parts]
            radii = [_off(part).reshape((-1, *numbers.shape[1:])) for part in parts]
            found[name] = np.concatenate(middles), np.concatenate(radii)
        return found

    def inputs(self, steps: Floats) -> dict[Origin, Enclosed]:
        """The rows of each input at some steps, and those at the steps before."""
        found = {}
        for name, (middle, radius) in self.rows.items():
            delayed = name in self.problem.cell.roles.initial
            at = steps if delayed else steps - 1
            found[Origin("input", name, 1)] = Enclosed(middle[at][:, None], radius[at][:, None])
            if delayed:
                found[Origin("end", name, 0)] = Enclosed(middle[at - 1], radius[at - 1])
        return found


def _off(numbers: Numbers) -> Floats:
    """How far the nearest floats may be off; zeros and floats are what they are."""
    middle = numbers.doubles
    if numbers.floats is not None:
        return np.zeros_like(middle)
    zero = np.array([value == 0 for value in numbers.integers()[0]]).reshape(middle.shape)
    return np.where(zero, 0.0, own.nearly(middle).radius)


def _one(row: Numbers) -> Numbers:
    """A row as a sequence of one step."""
    floats = None if row.floats is None else row.floats[None]
    return Numbers((1, *row.shape), row.texts, floats)
