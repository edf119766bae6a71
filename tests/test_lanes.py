"""Enclosures in float64: the truth lies in them, whatever the operation and whatever the lane."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
from flint import arb

from tests import random_problems
from verifier.arithmetic.ball import Ball
from verifier.arithmetic.context import flint_bits
from verifier.arithmetic.enclosed import Enclosed, exactly, power_of_e
from verifier.arithmetic.lanes import Lanes
from verifier.arithmetic.protocol import Origin, Site, entries
from verifier.evaluate import evaluate
from verifier.language.operations import OPERATIONS
from verifier.language.operations.shaping import added, elementwise, with_scalars
from verifier.numbers import Numbers

SITE = Site(1, "a", ())

TWO = {"add", "subtract", "multiply", "divide", "max", "min"}
SCALAR = sorted(
    name
    for name, row in OPERATIONS.items()
    if row.shape in (elementwise, added, with_scalars) and row.least == (2 if name in TWO else 1)
)
CENTRES = [0.0, 1e-300, -0.3, 0.5, 1.0, -1.0, 2.5, -2.5, 3.0, 17.0, -40.0, 400.0, -720.0, 1e200]
WIDTHS = [0.0, 1e-16, 1e-6, 0.3, 1.5, 300.0]


def points(x: Enclosed) -> list[Any]:
    """Rationals within an enclosure of a scalar in each lane, its ends among them."""
    shares = [Fraction(k, 4) for k in range(-4, 5)]
    return [
        [Fraction(m) + Fraction(r) * share for share in shares]
        for m, r in zip(x.middle.tolist(), x.radius.tolist(), strict=True)
    ]


def holds(found: Enclosed, lane: int, index: tuple[int, ...], truth: Any) -> bool:
    """Whether an enclosure holds all of a ball."""
    middle, radius = found.middle[lane][index], found.radius[lane][index]
    if radius == np.inf or not arb(truth).is_finite():
        return bool(radius == np.inf)
    with flint_bits(3000):
        return bool(abs(arb(truth) - arb(float(middle))) <= arb(float(radius)))


@pytest.mark.parametrize("operation", SCALAR)
def test_functions_of_all_points_lie_in_the_enclosure(operation: str) -> None:
    pairs = [(m, r) for m in CENTRES for r in WIDTHS]
    x = Enclosed(*(np.array(part) for part in zip(*pairs, strict=True)))
    y = Enclosed(x.middle[::-1].copy(), x.radius[::-1].copy())
    parts = [x, y] if operation in TWO else [x]
    with np.errstate(all="ignore"):
        found = Lanes().function(operation)(*parts)
    ball, bounded = Ball(1200), 0
    with flint_bits(1200):
        for lane, several in enumerate(zip(*map(points, parts), strict=True)):
            for at in zip(*several, strict=True):
                if found.radius[lane] < np.inf and (operation != "step" or at[0] != 0):
                    truth = ball.function(operation)(*map(ball.number, at))
                    assert holds(found, lane, (), truth), (operation, lane, at)
                    bounded += 1
    assert bounded > 100


def test_exp_is_as_near_as_its_bound_says() -> None:
    dice = np.random.default_rng(5)
    x = np.concatenate([dice.uniform(-699, 700, 4000), dice.uniform(-1, 1, 4000)])
    found = power_of_e(exactly(x))
    for lane, at in enumerate(x.tolist()):
        with flint_bits(120):
            truth = arb(at).exp()
            assert abs(truth - arb(found.middle[lane])) < 9 * arb(2) ** -53 * truth, at
        assert holds(found, lane, (), truth)


def test_what_has_no_value_has_no_bound_anywhere() -> None:
    none = Enclosed(np.zeros(1), np.full(1, np.inf))
    lanes = Lanes()
    with lanes.session():
        for operation in SCALAR:
            arguments = [none, exactly(np.ones(1))] if operation in TWO else [none]
            assert lanes.apply(operation, arguments, SITE).radius[0] == np.inf, operation
        for y in (Enclosed(np.zeros(1), np.ones(1)), exactly(np.zeros(1))):
            assert lanes.apply("divide", [exactly(np.ones(1)), y], SITE).radius[0] == np.inf
        assert lanes.apply("sqrt", [exactly(-np.ones(1))], SITE).radius[0] == np.inf


def boxes(trace: Any, problem: Any) -> dict[Origin, Enclosed]:
    """What each step of a problem begins with, as lanes; ends are those of balls."""
    found = {}
    for name, numbers in problem.inputs.items():
        rows = numbers.doubles[:, None]
        found[Origin("input", name, 1)] = Enclosed(rows, 1e-12 * np.abs(rows) + 1e-12)
    for name in problem.cell.roles.initial:
        before = [problem.end(name, 0).doubles.ravel().tolist()]
        before += [list(map(float, trace.entries(t, name))) for t in range(1, problem.steps)]
        rows = np.array(before).reshape((problem.steps, *problem.shapes[name]))
        found[Origin("end", name, 0)] = Enclosed(rows, np.full_like(rows, 1e-12))
    return found


@pytest.mark.parametrize("seed", range(40))
def test_all_steps_at_once_hold_what_balls_say(seed: int) -> None:
    rng = Random(seed)
    problem = random_problems.problem(*random_problems.draw(rng), turned=rng.random() < 0.5)
    trace = evaluate(problem, Ball(200))
    rows = {name: numbers.until(1) for name, numbers in problem.inputs.items()}
    step = replace(problem, inputs=rows, steps=1)
    values = boxes(trace, problem)
    found = evaluate(step, Lanes(lambda numbers, origin: values.get(origin)))
    for (t, name), value in trace.values.items():
        lanes: Any = found.values[1, name]
        for index, truth in zip(np.ndindex(lanes.shape), entries(value), strict=True):
            assert holds(lanes, t - 1, index, truth), (t, name, index)
            assert lanes.radius[t - 1][index] < 1e-9


SHAPES: list[tuple[str, list[tuple[int, ...]], tuple[int, ...]]] = [
    ("matmul", [(3,), (3, 2)], ()),
    ("matmul", [(2, 3), (3,)], ()),
    ("matmul", [(3,), (3,)], ()),
    ("matmul", [(2, 3), (3, 4)], ()),
    ("outer", [(3,), (2,)], ()),
    ("add", [(2,), (3, 2)], ()),
    ("multiply", [(), (3,)], ()),
    ("multiply", [(1,), (3,)], ()),
    ("concat", [(), (3,), (2,)], ()),
    ("concat", [(2, 3), (2, 1)], ()),
    ("transpose", [(2, 3)], ()),
    ("sum", [(2, 3)], ()),
    ("sum", [(2, 3)], (0,)),
    ("mean", [(2, 3)], (1,)),
    ("mean", [(3,)], ()),
    ("softmax", [(3,)], ()),
    ("softmax", [(2, 3)], ()),
    ("slice", [(5,)], (1, 3)),
    ("slice", [(4, 5)], (1, 3, 0, 2)),
    ("fill", [()], (2, 3)),
    ("fill", [(3,)], (2,)),
    ("pad", [(3,)], (1, 2)),
    ("power", [(3,)], (3,)),
    ("power", [(3,)], (-2,)),
]


@pytest.mark.parametrize(("operation", "shapes", "wholes"), SHAPES)
@pytest.mark.parametrize("lanes", [(1, 4), (4, 1), (4, 4)])
def test_shapes_are_those_of_balls(
    operation: str, shapes: list[Any], wholes: Any, lanes: tuple[int, int]
) -> None:
    dice = np.random.default_rng(7)
    counts = [lanes[k % 2] for k in range(len(shapes))]
    numbers = [dice.uniform(0.5, 2, (n, *shape)) for n, shape in zip(counts, shapes, strict=True)]
    own = Lanes()
    with own.session():
        found = own.apply(operation, [*map(exactly, numbers), *wholes], SITE)
    ball = Ball(200)
    for lane in range(max(counts)):
        rows = [Numbers.of_floats(np.asarray(n[lane % len(n)])) for n in numbers]
        with ball.session():
            truth = ball.apply(operation, [*map(ball.given, rows), *wholes], SITE)
            truth = np.asarray(getattr(truth, "objects", truth))
            assert truth.shape == found.shape
            for index in np.ndindex(truth.shape):
                assert holds(found, lane % len(found.middle), index, truth[index])
