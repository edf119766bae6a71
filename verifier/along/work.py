"""Errors of a guess, bounded: many steps at once, and the steps one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier.along.chain import Bounds, Nodes, OpenError, Past, bounds
from verifier.along.states import States
from verifier.arithmetic import enclosed as own
from verifier.arithmetic.changes import Moving, seeds
from verifier.arithmetic.enclosed import UNIT, Enclosed
from verifier.arithmetic.kinds import Kinded, Kinds
from verifier.arithmetic.lanes import Lanes
from verifier.arithmetic.linear_lanes import LinearLanes
from verifier.arithmetic.linear_maps import Map
from verifier.arithmetic.protocol import Origin
from verifier.evaluate import evaluate

Floats = Any

START, LEAST, WIDEST = 1e-10, 1e-18, 1e-2
"""The first ρ that is tried, and the smallest and largest of all."""

BLOCK = 2**16
"""Entries of the matrices of the steps that are worked out together: the cache holds some."""

TRIES = 6
"""Bounds ρ that are tried, each made of what came out of the one before."""

WALKS = 8
"""Walks after which kinds no longer change from step to step."""


@dataclass(frozen=True, eq=False)
class Fresh:
    """Which steps begin a sequence; bounds of the errors before these, and what is rational."""

    steps: Floats
    box: Floats
    rational: Floats

    def before(self, after: Floats, begun: Floats) -> Floats:
        """What stands before each step: what stands after the one before it, or is begun with."""
        return np.where(self.steps[:, None], begun, after)


@dataclass(frozen=True, eq=False)
class Stretch:
    """Steps in a row: what they are begun from, floats and bounds of how far they are off, and the
    floats after each; `off` bounds how far the equations give others, where this is known, and
    `fresh` tells where sequences begin, if there are several."""

    states: States
    steps: Floats
    before: Enclosed
    after: Floats
    off: Floats | None = None
    fresh: Fresh | None = None

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def lanes(self) -> Lanes:
        """Lanes with the inputs of each step."""
        found = self.states.inputs(self.steps)
        return Lanes(lambda numbers, origin: found.get(origin))

    def errors(self, found: Floats) -> Floats:
        """Bounds of the errors before each step, from those after the one before it."""
        return found if self.fresh is None else self.fresh.before(found, self.fresh.box)

    def kinds(self, found: Floats) -> Floats:
        """What is rational before each step, likewise."""
        return found if self.fresh is None else self.fresh.before(found, self.fresh.rational)


def errors(stretch: Stretch, start: Floats) -> Floats:
    """Bounds of the errors before the first of these steps and after each of them.

    Errors: OpenError.
    """
    return closed(stretch, Past.of(start))[0]


def closed(stretch: Stretch, past: Bounds) -> tuple[Floats, Bounds]:
    """The same bounds after what is past, and what is past then. Errors: OpenError."""
    shape = (len(stretch), stretch.states.width)
    within = np.full(shape, max(START, 8 * float(past.box.max(initial=0))))
    for _ in range(TRIES):
        nodes = tried(stretch, within)
        if stretch.fresh is not None:
            nodes = nodes.begun(stretch.fresh.steps, stretch.fresh.box)
        found, after = past.over(nodes)
        before = stretch.errors(found[:-1])
        if (before <= within).all() and np.isfinite(found[-1]).all():
            return found, after
        alone = nodes.added.max() >= WIDEST or not found.max() < np.inf
        within = np.clip(8 * before, LEAST, WIDEST) if not alone else within * 1e-3
    raise OpenError


def shrunk(stretch: Stretch, start: Floats, times: int) -> Floats:
    """Bounds that ρ follows downwards so many times: each makes them up to 10⁷ times smaller.

    Errors: OpenError.
    """
    found = errors(stretch, start)
    for _ in range(times):
        within = np.clip(2 * found[:-1], own.TINY, WIDEST)
        again = bounds(tried(stretch, within), start)
        if not (again[:-1] <= within).all():
            return found
        gained = again[-1].max() < found[-1].max() / 4
        found = np.minimum(found, again)
        if not gained:
            return found
    return found


def tried(stretch: Stretch, within: Floats) -> Nodes:
    """Each step as a node, with the rest that it has if errors before it are within bounds."""
    states, count = stretch.states, len(stretch)
    ends = states.ends(stretch.before.middle, stretch.before.radius)
    moving = {
        Origin("end", name, 0): seeds(shape, states.places[name], within)
        for name, shape in states.shapes.items()
    }
    arithmetic = LinearLanes(
        stretch.lanes, within, {origin: Moving(ends[origin], x) for origin, x in moving.items()}
    )
    trace = evaluate(states.step, arithmetic)
    found = {name: trace.values[1, name] for name in states.shapes}
    changes = {name: arithmetic.settled(arithmetic.moved(x)) for name, x in found.items()}
    linear = _matrices(states, {name: x.linear for name, x in changes.items()}, count)
    rest = states.joined({name: x.rest for name, x in changes.items()}, count)
    off = stretch.off
    if off is None:
        off = _defects(stretch, {name: x.value for name, x in found.items()})
    lost = ~np.isfinite(linear).all(axis=(1, 2))
    added = (off + rest) * (1 + 4 * UNIT) + own.TINY
    return Nodes(linear, np.where(lost[:, None], np.inf, added), within)


def _matrices(states: States, maps: dict[str, Map], count: int) -> Floats:
    """How each state after a step moves with each before it, a few steps at a time.

    What is there once for all lanes is made once.
    """
    width = states.width
    found, few = np.empty((count, width, width), np.float32), max(2, BLOCK // width**2)
    made: dict[int, Floats] = {}
    for first in range(0, count, few):
        lanes = slice(first, first + few)
        made = {source: array for source, array in made.items() if len(array) == 1}
        for name, place in states.places.items():
            array = maps[name].at(lanes, made)
            found[lanes, :, place] = array.reshape((len(array), width, -1))
    return found


def _defects(stretch: Stretch, found: dict[str, Enclosed]) -> Floats:
    """How far what the equations give from the floats before is from the floats after."""
    count, joined = len(stretch), stretch.states.joined
    middle = joined({name: x.middle for name, x in found.items()}, count)
    radius = joined({name: x.radius for name, x in found.items()}, count)
    off = own.total(Enclosed(middle, radius), own.exactly(-stretch.after))
    return (np.abs(off.middle) + off.radius) * (1 + UNIT)


def quantities(
    stretch: Stretch, errors: Floats, rational: Floats
) -> tuple[dict[str, Kinded], Floats]:
    """Every quantity of each step, begun within errors of the floats, and with which kinds.

    `rational` says which states are rational before the first step; it is filled with those before
    each, and after the last. Also the lanes in which balls must say which kinds there are.

    Errors: OpenError where a bend is so near that these do not know it either.
    """
    states = stretch.states
    before = states.ends(stretch.before.middle, stretch.errors(errors[:-1]))
    for _ in range(WALKS):
        kinds = states.split(stretch.kinds(rational[:-1]))
        given = {origin: _as_kind(value, kinds[origin]) for origin, value in before.items()}
        unknown, odd = (np.zeros(len(stretch), bool) for _ in range(2))
        arithmetic = Kinds(stretch.lanes, unknown, odd, given)
        found = evaluate(states.step, arithmetic).values
        by_name = {name: found[1, name] for name in states.problem.cell.equation}
        after = states.joined({n: by_name[n].rational for n in states.shapes}, len(stretch))
        same = (after[:-1] == rational[1:-1]).all()
        rational[1:] = after
        if unknown.any():
            break
        if same:
            return by_name, odd
    raise OpenError


def _as_kind(value: Enclosed, rational: Floats) -> Kinded:
    return Kinded(value, rational)
