"""How values change: what L lacks stays within its bound, and kinds are those of balls."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
from flint import arb, arb_mat, fmpq

from tests.random_sequences import recurrent
from verifier.along.states import States
from verifier.along.work import Stretch
from verifier.arithmetic.ball import Ball
from verifier.arithmetic.changes import Moving, seeds
from verifier.arithmetic.context import flint_bits
from verifier.arithmetic.enclosed import Enclosed
from verifier.arithmetic.kinds import Kinded, Kinds
from verifier.arithmetic.linear_lanes import LinearLanes
from verifier.arithmetic.protocol import Origin, entries
from verifier.arithmetic.wrap.begun import Begun
from verifier.errors import VerifierError
from verifier.evaluate import evaluate

BITS = 300
LANES = 3


def there(states: States, step: int, before: Any) -> dict[Any, list[Any]]:
    """Every quantity after a step begun from some states, in balls."""
    one = states.at(step)
    given = {
        Origin("end", name, 0): np.array([arb(x) for x in before[place]], object).reshape(shape)
        for (name, shape), place in zip(states.shapes.items(), states.places.values(), strict=True)
    }
    trace = evaluate(one, Begun(Ball(BITS), given))
    return {name: trace.entries(1, name) for name in states.problem.cell.equation}


@pytest.mark.parametrize("seed", range(40))
def test_what_is_left_beside_the_linear_part_is_bounded(seed: int) -> None:
    rng, dice = Random(seed), np.random.default_rng(seed)
    problem = recurrent(rng, steps=LANES)
    states, size = States(problem), 10.0 ** rng.choice([-9, -5, -2, 0])
    steps = np.arange(1, LANES + 1)
    middle = dice.uniform(-1, 1, (LANES, states.width))
    if rng.random() < 0.3:
        middle = np.round(middle)  # where bends are
    within = dice.uniform(0, size, middle.shape)
    stretch = Stretch(states, steps, Enclosed(middle, np.zeros_like(middle)), middle)
    ends = states.ends(middle, np.zeros_like(middle))
    moving = {
        origin: Moving(value, seeds(value.shape, states.places[origin.name], within))
        for origin, value in ends.items()
    }
    arithmetic = LinearLanes(stretch.lanes, within, moving)
    found = evaluate(states.step, arithmetic).values
    for lane, step in enumerate(steps.tolist()):
        for share in (1.0, -1.0, dice.uniform(-1, 1, states.width)):
            moved = within[lane] * share
            with flint_bits(BITS):
                begun = [arb(m) + arb(e) for m, e in zip(middle[lane], moved, strict=True)]
            try:
                first = there(states, step, middle[lane].tolist())
                second = there(states, step, begun)
            except VerifierError:
                continue
            for name in problem.cell.equation:
                change = arithmetic.settled(arithmetic.moved(found[1, name]))
                pairs = zip(first[name], second[name], strict=True)
                held(change, lane, moved, [b - a for a, b in pairs], (name, step))


def held(change: Any, lane: int, moved: Any, differences: list[Any], where: Any) -> None:
    """That differences are L e within the bound of the rest, and within the reach."""
    linear = np.broadcast_to(change.linear.at(slice(None), {}), (LANES, len(moved), *change.shape))[
        lane
    ].reshape(len(moved), -1)
    rest, reach = (
        np.broadcast_to(p, (LANES, *change.shape))[lane].ravel()
        for p in (change.rest, change.reach)
    )
    with flint_bits(BITS):
        rows = arb_mat(1, len(moved), moved.tolist())
        whole = (rows * arb_mat(*linear.shape, linear.astype(float).ravel().tolist())).entries()
        for k, difference in enumerate(differences):
            if not arb(difference).is_finite() or not np.isfinite(rest[k]):
                continue
            off = arb(difference) - whole[k]
            assert not abs(off) > arb(float(rest[k])), (where, k)
            assert not abs(arb(difference)) > arb(float(reach[k])), (where, k)


@pytest.mark.parametrize("seed", range(40))
def test_kinds_are_those_of_balls(seed: int) -> None:
    rng, dice = Random(seed), np.random.default_rng(seed)
    problem = recurrent(rng, steps=LANES, zeros=True)
    states = States(problem)
    middle = np.round(dice.uniform(-2, 2, (LANES, states.width))) / 2
    steps = np.arange(1, LANES + 1)
    stretch = Stretch(states, steps, Enclosed(middle, np.zeros_like(middle)), middle)
    unknown, odd = np.zeros(LANES, bool), np.zeros(LANES, bool)
    given_there = {
        origin: Kinded(value, np.ones(value.middle.shape, bool))
        for origin, value in states.ends(middle, 0 * middle).items()
    }
    arithmetic = Kinds(stretch.lanes, unknown, odd, given_there)
    found = evaluate(states.step, arithmetic).values
    for lane, step in enumerate(steps.tolist()):
        if unknown[lane] or odd[lane]:
            continue
        given = {
            origin: np.array(
                [fmpq(*map(int, x.as_integer_ratio())) for x in value[lane].ravel()], object
            ).reshape(value.shape[1:])
            for origin, value in states.split(middle).items()
        }
        try:
            trace = evaluate(states.at(step), Begun(Ball(BITS), given))
        except VerifierError:
            continue
        for name in problem.cell.equation:
            kinds = np.broadcast_to(found[1, name].rational, (LANES, *problem.shapes[name]))
            told = [type(x) is fmpq for x in entries(trace.values[1, name])]
            assert told == kinds[lane].ravel().tolist(), (name, step)
