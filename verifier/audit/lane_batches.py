"""Lanes that can be worked together: what was shown says the same of them, in one order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from verifier.arithmetic.protocol import QuantityAt
from verifier.audit.lane_trees import Array
from verifier.language.schedule import Block
from verifier.language.tree import Call, Expression, Name
from verifier.problem import Problem
from verifier.rewrites.model import Change


@dataclass(frozen=True, eq=False)
class Shown:
    """What a program showed: float64 values by site, and how far a value there may be off."""

    values: Mapping[QuantityAt, Array]
    scale: Mapping[QuantityAt, Array]


NOTHING = Shown({}, {})


@dataclass(eq=False)
class Lane:
    """A change of a problem; `blocks` are its order of evaluation."""

    change: Change
    blocks: tuple[Block, ...]


def scheduled_alike(some: Sequence[int], lanes: Sequence[Lane]) -> Iterator[list[int]]:
    """Lanes with one order of evaluation, a batch at a time."""
    groups: dict[Any, list[int]] = {}
    for k in some:
        groups.setdefault(lanes[k].blocks, []).append(k)
    for group in groups.values():
        yield from (group[k : k + BATCH] for k in range(0, len(group), BATCH))


BATCH = 1024
"""Lanes that are worked at once."""


def reading_alike(
    problem: Problem, lanes: Sequence[Lane], shown: Shown
) -> Iterator[tuple[list[int], Shown]]:
    """Lanes in which what was shown says the same of its parts, with what it says."""
    seen = {name for _, name in shown.values}
    groups: dict[Any, list[int]] = {}
    for k, lane in enumerate(lanes):
        trees = [lane.change.equations.get(n, problem.cell.equation[n]) for n in sorted(seen)]
        groups.setdefault(tuple(tree.expression for tree in trees), []).append(k)
    for group in groups.values():
        known = with_parts(problem, lanes[group[0]], shown)
        for batch in scheduled_alike(group, lanes):
            yield batch, known


def with_parts(problem: Problem, lane: Lane, shown: Shown) -> Shown:
    """What was shown, and the quantities that it is made of side by side."""
    values, scale = dict(shown.values), dict(shown.scale)
    for step, name in shown.values:
        equation = lane.change.equations.get(name, problem.cell.equation[name])
        start = 0
        for part in _parts(equation.at(step)):
            if part.offset != 0 or part.name not in problem.cell.equation:
                break
            width = (problem.shapes[part.name] or (1,))[-1]
            piece = (..., slice(start, start + width))
            shape = problem.shapes[part.name]
            if (step, part.name) not in values:
                values[step, part.name] = shown.values[step, name][piece].reshape(shape)
                own = shown.scale[step, name].reshape(shown.values[step, name].shape)
                scale[step, part.name] = own[piece].reshape(shape)
            start += width
    return Shown(values, scale)


def _parts(tree: Expression | None) -> list[Name]:
    """The names that a tree stands side by side, where it is that and no more."""
    if isinstance(tree, Name):
        return [tree]
    if isinstance(tree, Call) and tree.operation in ("concat", "identity"):
        found = [part for part in tree.arguments if isinstance(part, Name)]
        return found if len(found) == len(tree.arguments) else []
    return []
