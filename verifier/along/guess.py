"""A guess of all states in float64: stretches of steps side by side, until they fit together.

Each stretch begins where the one before it ended in the last round; states that are forgotten
within a stretch fit after two or three rounds. Those that are remembered longer are carried over
the stretches by their linear parts, as Newton's method does. Nothing here is proven.
"""

from __future__ import annotations

from math import ceil, isqrt
from typing import Any

import numpy as np

from verifier.along.lengths import WIDE
from verifier.along.states import States
from verifier.along.work import Stretch, tried
from verifier.arithmetic.enclosed import Enclosed
from verifier.arithmetic.many_policies import Lanes, ManyPolicies
from verifier.arithmetic.wrap.begun import Begun
from verifier.evaluate import evaluate

Floats = Any

ENTRIES = 2**22
"""Entries of the matrices that are there at once."""

ROUNDS, NEWTON = 3, 8
"""Rounds in which stretches begin where others ended, and rounds of Newton's method."""

LENGTH = 64
"""Steps of a stretch at most: usual cells forget within fewer what they began with."""

NEAR = 2.0**-50
"""Changes of a state that count as none, of the largest size."""


def path(states: States) -> Floats | None:
    """The states before the first step and after each: steps + 1 vectors.

    None where they overflow.
    """
    steps, length = states.steps, states.length
    rounds = ROUNDS + NEWTON if length == steps else 1
    if length == steps and states.width < WIDE:
        length = min(LENGTH, isqrt(steps))
    begins = np.repeat(states.start[None], ceil(steps / length), axis=0)
    for k in range(rounds):
        found = _run(states, begins, length)
        ends = found[:-1, -1]
        if not np.isfinite(ends).all():
            return None
        off = np.abs(ends - begins[1:]).max(initial=0)
        if off <= NEAR * max(1.0, np.abs(ends).max(initial=0)):
            break
        if k < ROUNDS - 1:
            begins[1:] = ends
        else:
            if k == ROUNDS - 1:
                products = _products(states, found, begins)
            begins = _corrected(begins, ends, products)
    flat = found.reshape(-1, states.width)[:steps]
    return np.concatenate([states.start[None], flat])


def _corrected(begins: Floats, ends: Floats, products: Floats) -> Floats:
    """Where stretches begin, if each moves what it ends with by its linear part."""
    found = begins.copy()
    for k, end in enumerate(ends):
        found[k + 1] = end + (found[k] - begins[k]) @ products[k]
    return found


def _products(states: States, found: Floats, begins: Floats) -> Floats:
    """The linear part of each stretch, but for that of the last one: nothing begins behind it."""
    count, length, width = found.shape
    products = np.empty((count, width, width), np.float32)
    before = np.concatenate([begins[:, None], found[:, :-1]], axis=1)
    few = max(1, ENTRIES // (length * width**2))
    for first in range(0, count, few):
        some = slice(first, min(first + few, count))
        steps = _steps(states, np.arange(count)[some, None], length, np.arange(length)).ravel()
        middle = before[some].reshape(-1, width)
        stretch = Stretch(states, steps, Enclosed(middle, np.zeros_like(middle)), middle)
        nodes = tried(stretch, np.zeros_like(middle)).product
        products[some] = _multiplied(nodes.reshape(-1, length, width, width))
    return products


def _multiplied(matrices: Floats) -> Floats:
    """The products along the second axis, the first factor first."""
    while matrices.shape[1] > 1:
        even = matrices.shape[1] // 2 * 2
        pairs = matrices[:, 0:even:2] @ matrices[:, 1:even:2]
        matrices = np.concatenate([pairs, matrices[:, even:]], axis=1)
    return matrices[:, 0]


def _steps(states: States, stretch: Floats, length: int, k: Floats) -> Floats:
    """The number of the k-th step of a stretch; the last step stands for those beyond it."""
    return np.minimum(stretch * length + k + 1, states.steps)


def _run(states: States, begins: Floats, length: int) -> Floats:
    """The states after each step of all stretches."""
    found = np.empty((len(begins), length, states.width))
    now, stretches = begins, np.arange(len(begins))
    for k in range(length):
        now = found[:, k] = _after(states, now, _steps(states, stretches, length, np.array(k)))
    return found


def _after(states: States, now: Floats, steps: Floats) -> Floats:
    """The states after one step each."""
    given = {origin: x.middle for origin, x in states.inputs(steps).items()} | states.split(now)
    known = {origin: Lanes(value) for origin, value in given.items()}
    found = evaluate(states.step, Begun(ManyPolicies(), known)).values
    lanes = {name: found[1, name].data for name in states.shapes}
    return states.joined(lanes, len(now))
