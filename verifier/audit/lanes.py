"""Thousands of changes of one problem worked at once, each a lane, and left once they are far off.

Lanes share what they share: an equation is worked once for all lanes that have it but for its
parameters. Where a program's value of a quantity is known, what follows is worked from it, so that
errors do not add up over steps; a lane whose value lies far from it is done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from verifier.arithmetic.protocol import QuantityAt
from verifier.audit.lane_batches import (
    NOTHING,
    Lane,
    Shown,
    reading_alike,
    scheduled_alike,
    with_parts,
)
from verifier.audit.lane_order import Order, Part
from verifier.audit.lane_trees import (
    PLAIN,
    Array,
    Function,
    Given,
    Lanes,
    Skeleton,
    alike,
    function,
    skeleton,
)
from verifier.language.schedule import Block
from verifier.language.tree import Equation, Expression, names
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.rewrites.model import Change


def distances(problem: Problem, lanes: Sequence[Lane], shown: Shown, close: float) -> Array:
    """How far each lane is from what was shown, at most, in its scale; infinite beyond `close`.

    Every value follows from those that were shown.
    """
    found = np.full(len(lanes), np.inf)
    for batch, known in reading_alike(problem, lanes, shown):
        walk = _Walk(problem, [lanes[k] for k in batch], known, close)
        walk.run()
        found[batch] = walk.far
    return found


def site_distances(problem: Problem, lane: Lane, shown: Shown) -> Mapping[QuantityAt, float]:
    """How far one lane is from what was shown, at each site, every value worked from those."""
    walk = _Walk(problem, [lane], with_parts(problem, lane, shown), np.inf)
    walk.run()
    return {site: far for site, far in walk.apart.items() if site in shown.values}


def traces(
    problem: Problem, lanes: Sequence[Lane], wanted: Sequence[QuantityAt]
) -> Mapping[QuantityAt, Array]:
    """The values of all lanes at some sites, each (lanes, …)."""
    found = {site: np.full((len(lanes), *problem.shapes[site[1]]), np.nan) for site in wanted}
    for batch in scheduled_alike(range(len(lanes)), lanes):
        walk = _Walk(problem, [lanes[k] for k in batch], NOTHING, np.inf, frozenset(wanted))
        walk.run()
        for site in wanted:
            found[site][batch] = walk.kept[site]
    return found


@dataclass(eq=False)
class _Walk:
    """One walk over the steps with lanes that have one order of evaluation."""

    problem: Problem
    lanes: Sequence[Lane]
    shown: Shown
    close: float
    wanted: frozenset[QuantityAt] = frozenset()
    values: dict[QuantityAt, Array] = field(default_factory=dict)
    kept: dict[QuantityAt, Array] = field(default_factory=dict)
    apart: dict[QuantityAt, float] = field(default_factory=dict)
    constants: dict[Any, Array] = field(default_factory=dict)
    plain: dict[Numbers, Array] = field(default_factory=dict)
    groups: dict[Any, list[tuple[Function, Lanes, Given]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.alive = np.ones(len(self.lanes), bool)
        self.far = np.zeros(len(self.lanes))
        self.functions: dict[Expression, Function] = {}
        self.skeletons: dict[int, Skeleton] = {}
        self.equations: dict[str, list[Equation]] = {}
        self.cases: dict[str, frozenset[int]] = {}

    def run(self) -> None:
        """Work all steps, while there are lanes."""
        with PLAIN.session():
            for block, step in self.order():
                if not self.alive.any():
                    break
                for name in block.names:
                    self.quantity(step, name)
                self.forget(block, step)
        self.far = np.where(self.alive, self.far, np.inf)

    def order(self) -> Sequence[Part]:
        """The blocks at their steps, what is shown as soon as can be."""
        blocks, equations = self.lanes[0].blocks, self.every_equation
        return Order(blocks, self.problem.steps, equations).soonest(self.shown.values)

    def quantity(self, step: int, name: str) -> None:
        """Work a quantity in all lanes."""
        shape, site = self.problem.shapes[name], (step, name)
        found = None
        for work, own, given in self.grouped(step, name):
            value = work(self, step, own, given)
            if found is None:
                if len(value) == 1 and self.all_of(own):
                    found = value.reshape(1, *shape)
                    break
                found = np.empty((len(self.lanes), *shape))
            found[own] = value.reshape(len(value), *shape)
        if found is None:
            return
        if site in self.wanted:
            self.kept[site] = np.broadcast_to(found, (len(self.lanes), *shape))
        if site in self.shown.values:
            self.compare(site, found)
        else:
            self.values[site] = found

    def all_of(self, own: Lanes) -> bool:
        return len(own) == int(self.alive.sum())

    def grouped(self, step: int, name: str) -> list[tuple[Function, Lanes, Given]]:
        """The trees of a quantity at a step, each with the living lanes that have it."""
        key = name, step if step in self.special(name) else None
        if key not in self.groups:
            self.groups[key] = self.by_tree(step, name)
        return self.groups[key]

    def own(self, name: str) -> list[Equation]:
        """The equation of a quantity in each lane."""
        if name not in self.equations:
            base = self.problem.cell.equation[name]
            self.equations[name] = [lane.change.equations.get(name, base) for lane in self.lanes]
        return self.equations[name]

    def special(self, name: str) -> frozenset[int]:
        """The steps at which an equation of some lane is another one."""
        if name not in self.cases:
            self.cases[name] = frozenset(step for eq in self.own(name) for step in eq.cases)
        return self.cases[name]

    def by_tree(self, step: int, name: str) -> list[tuple[Function, Lanes, Given]]:
        """Each tree of a quantity at a step, with the lanes that have it and their parameters."""
        groups: dict[Any, list[tuple[int, list[Array]]]] = {}
        for k in np.flatnonzero(self.alive).tolist():
            tree = self.own(name)[k].at(step)
            if tree is not None:
                change = self.lanes[k].change
                found = self.skeleton(tree)
                given = [self.parameter(name, turned, change) for name, turned in found.parameters]
                shapes = tuple(array.shape for array in given)
                groups.setdefault((found.tree, shapes), []).append((k, given))
        return [self.together(tree, some) for (tree, _), some in groups.items()]

    def together(self, tree: Expression, some: list[tuple[int, list[Array]]]) -> Any:
        """A skeleton's tree as a function, made once, its lanes, and their parameters."""
        if tree not in self.functions:
            self.functions[tree] = function(tree)
        own = np.array([k for k, _ in some])
        given = [alike(rows) for rows in zip(*(given for _, given in some), strict=True)]
        return self.functions[tree], own, given

    def skeleton(self, tree: Expression) -> Skeleton:
        """The tree without its parameters, found once."""
        if id(tree) not in self.skeletons:
            self.skeletons[id(tree)] = skeleton(tree)
        return self.skeletons[id(tree)]

    def numbers(self, name: str, change: Change) -> Numbers:
        """A parameter's numbers under a change."""
        return change.parameters.get(name) or self.problem.parameters[name]

    def parameter(self, name: str, turned: bool, change: Change) -> Array:
        """A parameter under a change, made once, so that lanes that share it are known."""
        numbers = self.numbers(name, change)
        if not turned:
            return self.constant(numbers)
        key = "turned", id(numbers)
        if key not in self.constants:
            self.constants[key] = self.constant(numbers).swapaxes(-1, -2)
        return self.constants[key]

    def constant(self, numbers: Numbers) -> Array:
        """Numbers as they are, made once; they are kept, so that no others have their place."""
        if numbers not in self.plain:
            self.plain[numbers] = PLAIN.given(numbers)
        return self.plain[numbers]

    def read(self, at: int, name: str, own: Lanes) -> Array:
        """The value of a name in some lanes: what was shown, what was worked, or given."""
        site = at, name
        if site in self.shown.values:
            return self.shown.values[site][None]
        value = self.values.get(site)
        if value is None:
            value = self.outer(at, name)
        return value if len(value) == 1 else value[own]

    def outer(self, at: int, name: str) -> Array:
        """What is given: an input's row, or what stands at an end."""
        if 1 <= at <= self.problem.steps:
            return self.inputs(name)[:, at - 1]
        return self.ends(at, name)

    def inputs(self, name: str) -> Array:
        key = "input", name
        if key not in self.constants:
            self.constants[key] = self.differing(
                self.problem.inputs[name], [lane.change.inputs.get(name) for lane in self.lanes]
            )
        return self.constants[key]

    def ends(self, at: int, name: str) -> Array:
        key = at < 1, name
        if key not in self.constants:
            part = "initial" if at < 1 else "final"
            other = [getattr(lane.change, part).get(name) for lane in self.lanes]
            self.constants[key] = self.differing(self.problem.end(name, at), other)
        return self.constants[key]

    def differing(self, usual: Numbers, other: Sequence[Numbers | None]) -> Array:
        """Numbers of all lanes, once where they are the same."""
        if not any(other):
            return self.constant(usual)
        rows = [self.constant(numbers or usual) for numbers in other]
        return np.concatenate(rows)

    def compare(self, site: QuantityAt, found: Array) -> None:
        """Measure how far the lanes are off, and leave those that are too far."""
        off = np.abs(found - self.shown.values[site]).reshape(len(found), -1)
        far = np.max(off / self.shown.scale[site].ravel(), axis=1, initial=0.0)
        self.apart[site] = float(far[0])
        far = np.broadcast_to(np.where(np.isnan(far), np.inf, far), len(self.lanes))
        self.far = np.where(self.alive, np.maximum(self.far, far), self.far)
        left = self.alive & (self.far <= self.close)
        if left.sum() < self.alive.sum():
            self.alive = left
            self.groups.clear()

    def forget(self, block: Block, step: int) -> None:
        """Drop what no equation needs any more."""
        for name in block.names:
            if name not in self.read_elsewhere[block]:
                self.values.pop((step - block.direction, name), None)

    @cached_property
    def every_equation(self) -> Sequence[Equation]:
        """The equations of all lanes, each once."""
        own = (self.own(base.name) for base in self.problem.cell.equations)
        return list({id(equation): equation for some in own for equation in some}.values())

    @cached_property
    def read_elsewhere(self) -> Mapping[Block, frozenset[str]]:
        """What equations of other blocks need of each block."""
        used: dict[str, set[str]] = {}
        for equation in self.every_equation:
            found = used.setdefault(equation.name, set())
            found |= {name.name for name in names(equation.expression)}
        return {
            block: frozenset(
                name for other in used if other not in block.names for name in used[other]
            )
            for block in self.lanes[0].blocks
        }
