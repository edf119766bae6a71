"""Other numbers for a problem's equations, drawn so that what is done otherwise shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod, sqrt
from random import Random

from verifier.numbers import Numbers
from verifier.problem import Problem

STEPS = range(3, 6)
"""How many steps there are: enough for what is carried, and few, since bounds grow."""


def drawn(problem: Problem, random: Random, weights: bool) -> Problem:
    """The problem with other inputs and states at the ends, and with other `weights` if so."""
    steps = min(max(problem.steps, STEPS.start), STEPS.stop - 1)
    inputs = {
        name: _numbers(random, (steps, *numbers.shape[1:]), 1.5)
        for name, numbers in problem.inputs.items()
    }
    roles, own = problem.cell.roles, problem.cell.equation
    ends = [
        {name: _numbers(random, problem.shapes[name], 0.9) for name in names if name in own}
        for names in (roles.initial, roles.final)
    ]
    parameters = problem.parameters
    if weights:
        parameters = {name: _weights(random, x.shape) for name, x in parameters.items()}
    return replace(
        problem,
        parameters=parameters,
        inputs=inputs,
        initial={**problem.initial, **ends[0]},
        final={**problem.final, **ends[1]},
        steps=0 if inputs else steps,
    )


def _weights(random: Random, shape: Sequence[int]) -> Numbers:
    """Numbers of such a size that sums of products are about one."""
    return _numbers(random, shape, 1.4 / sqrt(shape[0]) if len(shape) > 1 else 0.8)


def _numbers(random: Random, shape: Sequence[int], most: float) -> Numbers:
    """Decimals between −most and most, none of them zero."""
    places = 2 if most >= 0.3 else 4
    units = int(most * 10**places)
    drawn = (random.choice((-1, 1)) * random.randint(1, units) for _ in range(prod(shape)))
    texts = (f"{unit / 10**places:.{places}f}" for unit in drawn)
    return Numbers(tuple(shape), tuple(texts))
