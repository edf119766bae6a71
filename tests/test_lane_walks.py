"""Lanes: in which order they are worked, and that none reads what is another's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from verifier import cells
from verifier.arithmetic.ieee import Ieee
from verifier.audit.lane_batches import NOTHING, Lane, Shown
from verifier.audit.lane_order import Order
from verifier.audit.lanes import _Walk, distances
from verifier.cells.combine import Stack, combine
from verifier.evaluate import evaluate
from verifier.language.schedule import Block
from verifier.language.tree import names
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.rewrites.model import Change

STEPS = 5
STACKS = [Stack(1, True), Stack(2, False), Stack(2, True), Stack(3, True)]


def drawn(stack: Stack) -> Problem:
    """A GRU in layers and directions, two wide."""
    dice, whole = np.random.default_rng(3), combine(cells.load("gru-pytorch"), stack)
    sizes = {"n": 3, "m": 2, "2m": 4}

    def numbers(name: str) -> Numbers:
        shape = [sizes.get(part) or int(part) for part in whole.sizes[name]]
        return Numbers.of_floats(dice.uniform(-1, 1, shape))

    inputs = {"x": Numbers.of_floats(dice.standard_normal((STEPS, 3)))}
    return Problem(whole, {name: numbers(name) for name in whole.roles.parameters}, inputs)


def order_of(problem: Problem, shown: Any) -> list[tuple[Block, int]]:
    """The order for the problem's own equations."""
    cell = problem.cell
    return Order(cell.blocks, problem.steps, cell.equations).soonest(shown)


@pytest.mark.parametrize("stack", STACKS, ids=str)
@pytest.mark.parametrize("step", [1, 3, STEPS])
def test_whatever_is_needed_stands_in_front(stack: Stack, step: int) -> None:
    problem = drawn(stack)
    usual = [(block, at) for block in problem.cell.blocks for at in block.steps(STEPS)]
    for shown in problem.cell.equation:
        order, there = order_of(problem, [(step, shown)]), set[tuple[int, str]]()
        assert sorted(order, key=usual.index) == usual
        for block, at in order:
            for name in block.names:
                for used in names(problem.cell.equation[name].expression):
                    site = at + (used.offset or 0), used.name
                    given = used.name not in problem.cell.equation or not 1 <= site[0] <= STEPS
                    assert used.offset is None or given or site in there, (shown, name, used)
                there.add((at, name))


def test_one_direction_is_enough_to_reach_the_last_layer() -> None:
    problem = drawn(Stack(2, True))
    shown = [(step, name) for step in range(1, STEPS + 1) for name in ("s_2_fwd", "s_2_back")]
    order = order_of(problem, shown)
    (first,) = [k for k, part in enumerate(order) if "s_2_fwd" in part[0].names and part[1] == 1]
    assert first == 1 + STEPS  # a step of the one direction below, all of the other


def test_states_of_other_widths_stand_before_the_first_step() -> None:
    problem = drawn(Stack(2, True))
    walk = _Walk(problem, [Lane(Change({}), problem.cell.blocks)], NOTHING, np.inf)
    for name in problem.cell.equation:  # what is given by default is made anew each time
        assert walk.ends(0, name).shape == (1, *problem.shapes[name]), name


@pytest.mark.parametrize("stack", STACKS, ids=str)
def test_a_problem_is_no_way_off_its_own_values(stack: Stack) -> None:
    problem = drawn(stack)
    last = problem.cell.equations[-1].name
    values = evaluate(problem, Ieee("float64", order="numpy")).values
    shown = {site: value for site, value in values.items() if site[1] == last}
    scale = {site: np.full(value.size, 1e-12) for site, value in shown.items()}
    lane = Lane(Change({}), problem.cell.blocks)
    other = {"x": Numbers.of_floats(problem.inputs["x"].doubles + 1e-3)}
    changed = Lane(Change({}, inputs=other), problem.cell.blocks)
    far = distances(problem, [lane, changed, lane], Shown(shown, scale), 16.0)
    assert far[0] == far[2] < 1
    assert far[1] == np.inf
