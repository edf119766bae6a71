"""The largest errors at points of a box, climbed to from many at once: what bounds cannot be below.

Two kinds. `programs` are errors of a GRU step in float32, whose functions are rounded correctly:
a program that exists. `half_ulps` adds up at a point what each operation may err there at most:
what no method that bounds each rounding by itself can be below.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from verifier.audit.branch import Branches
from verifier.problem import Problem

Floats = Any

KEPT, CHILDREN = 2000, 25


def climbed(
    errors: Callable[[Floats], Floats],
    count: int,
    rounds: int,
    around: Floats = None,
    seed: int = 0,
) -> tuple[float, Floats]:
    """The largest error found, and its point: of the worst points some numbers are changed, by much
    or by few ulps. It starts anywhere in the box, or around a point.
    """
    dice = np.random.default_rng(seed)
    points = dice.uniform(-1, 1, (KEPT * CHILDREN, count))
    if around is not None:
        points = np.clip(around + points * 10.0 ** dice.uniform(-4, -1, (len(points), 1)), -1, 1)
    points = points.astype(np.float32)
    found = errors(points)
    for _ in range(rounds):
        best = np.argsort(-found)[:KEPT]
        parents = np.repeat(points[best], CHILDREN, axis=0)
        reach = 10.0 ** dice.uniform(-6, -1, (len(parents), 1))
        ulps = dice.integers(-64, 65, parents.shape) * 2.0**-24
        few = dice.random((len(parents), 1)) < 0.6
        moved = np.where(few, ulps, dice.normal(size=parents.shape) * reach)
        moved *= dice.random(parents.shape) < 0.4
        children = np.clip(parents + moved, -1, 1).astype(np.float32)
        points = np.concatenate([points[best], children])
        found = np.concatenate([found[best], errors(children)])
    at = int(found.argmax())
    return float(found[at]), points[at]


def half_ulps(search: Branches) -> Callable[[Floats], Floats]:
    """What all operations may err at each point, added up: bounds over boxes that are points."""

    def errors(points: Floats) -> Floats:
        exact = points.astype(np.float64)
        both = search.bounds(exact, exact)
        return both[:, both.shape[1] // 2 :].max(axis=1)  # those of operations

    return errors


def programs(unit: Problem, name: str) -> Callable[[Floats], Floats]:
    """The errors of a quantity of a GRU step in float32, beside the same in float64."""
    weights = {key: np.array(part.doubles) for key, part in unit.parameters.items()}
    single = {key: part.astype(np.float32) for key, part in weights.items()}
    double = {key: part.astype(np.float64) for key, part in single.items()}
    inputs = len(weights["U_h"])

    def errors(points: Floats) -> Floats:
        near = step(single, points[:, :inputs], points[:, inputs:])[name]
        wide = points.astype(np.float64)
        exact = step(double, wide[:, :inputs], wide[:, inputs:])[name]
        return np.abs(near - exact).max(axis=1)

    return errors


def step(weights: dict[str, Floats], x: Floats, s: Floats) -> dict[str, Floats]:
    """A step of the GRU whose reset gate acts before the product, in the type of its weights."""
    gates = {
        gate: sigmoid(in_turn(x, weights[f"U_{gate}"]) + in_turn(s, weights[f"W_{gate}"]))
        for gate in "zr"
    }
    z = gates["z"]
    h = tanh(in_turn(x, weights["U_h"]) + in_turn(s * gates["r"], weights["W_h"]))
    return gates | {"h": h, "s": (1 - z) * h + z * s}


def in_turn(rows: Floats, matrix: Floats) -> Floats:
    """The product of many rows with a matrix, each sum term by term."""
    found = rows[:, :1] * matrix[0]
    for k in range(1, len(matrix)):
        found = found + rows[:, k : k + 1] * matrix[k]
    return found


def sigmoid(x: Floats) -> Floats:
    """Rounded from float64."""
    return (1 / (1 + np.exp(-x.astype(np.float64)))).astype(x.dtype)


def tanh(x: Floats) -> Floats:
    """Rounded from float64."""
    return np.tanh(x.astype(np.float64)).astype(x.dtype)
