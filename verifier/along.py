"""Digits proven after the fact: a float64 guess of all steps, and a bound of how far it is off.

With y_t = F_t(y_{t−1}) and a guess S, the error e_t = y_t − S_t is A_t e_{t−1} + d_t: the defect is
d_t = F_t(S_{t−1}) − S_t, and A_t lies in the enclosure M_t ± R_t of the secant slopes of F_t over
S_{t−1} ± ρ, as long as |e_{t−1}| ≤ ρ. So |e_t − M_t e_{t−1}| ≤ w_t = |d_t| + R_t ρ, and over a tree
of halves, |e| at the end of a node is at most |Φ| |e at its start| + b, with Φ = Φ_right Φ_left and
b = |Φ_right| b_left + b_right. If all these bounds are at most ρ, induction over t proves them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from flint import arb, fmpq

from verifier.arithmetic import enclosed as own
from verifier.arithmetic.ball import Ball
from verifier.arithmetic.context import flint_bits
from verifier.arithmetic.dual_lanes import DualLanes, Moving
from verifier.arithmetic.enclosed import Enclosed
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.lanes import Lanes
from verifier.arithmetic.objects import as_objects
from verifier.arithmetic.protocol import Origin, entries
from verifier.certify import PLAIN, Certified, Plain, Terms, undecided
from verifier.errors import VerifierError
from verifier.evaluate import Trace, evaluate
from verifier.language.definitions import has_kinks
from verifier.language.operations import Shape
from verifier.problem import Problem
from verifier.rounding import Policy

ENTRIES = 2**21
"""Entries of the slopes that are there at once."""

START, WIDEST = 1e-13, 1e-3
"""The first ρ that is tried, and the last."""

BITS = 64
"""Bits that hold what float64 says."""

BEGINNING = 2
"""Steps that balls do: values that are rational at the beginning only are there exact."""

Floats = Any


class OpenError(Exception):
    """The bounds do not close."""


@dataclass(frozen=True)
class Along(Plain):
    """Lanes over all steps where they decide every entry, balls where they do not."""

    def certified(self, problem: Problem, policy: Policy) -> Certified:
        """The enclosures of float64 if these decide all, else those of balls."""
        found = enclosures(problem) if policy.exact and applies(problem) else None
        if found is None or undecided(found, problem):
            return PLAIN.certified(problem, policy)
        return Certified(found, frozenset(), (53,))

    def terms(self, certified: Certified) -> Terms:
        """The sub-terms of balls: lanes keep none."""
        problem = certified.trace.problem
        return PLAIN.terms(PLAIN.certified(problem, problem.policy))


def applies(problem: Problem) -> bool:
    """Whether states go forwards only, every step is worked out alike, and nothing bends.

    At a bend a value may become rational, which balls know and float64 does not.
    """
    roles, equations = problem.cell.roles, problem.cell.equations
    alike = not any(equation.cases for equation in equations) and not has_kinks(equations)
    return alike and not roles.final and bool(_states(problem)) and problem.steps > BEGINNING


def _states(problem: Problem) -> dict[str, Shape]:
    """The quantities that are carried on, with their shapes."""
    defined, shapes = problem.cell.equation, problem.shapes
    return {name: shapes[name] for name in problem.cell.roles.initial if name in defined}


def enclosures(problem: Problem) -> Trace | None:
    """All quantities of all steps, enclosed by float64; None where no bound is found."""
    try:
        guess = evaluate(problem, Ieee("float64"))
    except VerifierError:
        return None
    work = _Work(problem, guess, _states(problem))
    trace = Trace(problem, Ball(BITS))
    try:
        with np.errstate(all="ignore"):
            for first, last, found in work.parts():
                _kept(trace, range(first, last), found)
            _begun(trace)
    except OpenError:
        return None
    return trace


def _begun(trace: Trace) -> None:
    """The first steps in balls.

    Errors: OpenError where values are still rational after them.
    """
    problem = trace.problem
    rows = {name: numbers.until(BEGINNING) for name, numbers in problem.inputs.items()}
    found = PLAIN.certified(replace(problem, inputs=rows, steps=BEGINNING), Policy()).trace
    for (t, name), value in found.values.items():
        if t == BEGINNING and any(type(entry) is fmpq for entry in entries(value)):
            raise OpenError
        trace.values[t, name] = value


def _kept(trace: Trace, steps: range, found: dict[str, Enclosed]) -> None:
    """Balls of the lanes, which stand at these steps."""
    with flint_bits(BITS):
        for name, value in found.items():
            if not (value.radius < np.inf).all():
                raise OpenError
            for t, middle, radius in zip(steps, value.middle, value.radius, strict=True):
                pairs = zip(middle.ravel().tolist(), radius.ravel().tolist(), strict=True)
                balls = as_objects([arb(m, r) for m, r in pairs])
                trace.values[t, name] = balls.reshape(value.shape)


@dataclass
class _Work:
    """A problem, the floats that are its guess, and the states that are carried on."""

    problem: Problem
    guess: Trace
    states: dict[str, Shape]

    def __post_init__(self) -> None:
        rows = {name: numbers.until(1) for name, numbers in self.problem.inputs.items()}
        self.step = replace(self.problem, inputs=rows, steps=1)
        sizes = [int(np.prod(shape, dtype=int)) for shape in self.states.values()]
        self.width, self.cuts = sum(sizes), np.cumsum(sizes)[:-1]
        self.path = np.stack([self._at(t) for t in range(self.problem.steps + 1)])

    def _at(self, t: int) -> Floats:
        """The guess of all states at a step, as one vector."""
        values = [
            np.asarray(self.guess.values[t, name] if t else self.problem.end(name, 0).doubles)
            for name in self.states
        ]
        return np.concatenate([value.ravel() for value in values])

    def parts(self) -> Iterator[tuple[int, int, dict[str, Enclosed]]]:
        """The first step of each part, the one after its last, and what is enclosed there."""
        length = max(1, ENTRIES // self.width**2)
        error = own.nearly(self.path[:1]).radius[0]
        for first in range(1, self.problem.steps + 1, length):
            last = min(first + length, self.problem.steps + 1)
            errors = self.errors(first, last, error)
            yield first, last, self.enclosed(first, last, errors)
            error = errors[-1]

    def errors(self, first: int, last: int, start: Floats) -> Floats:
        """Bounds of the errors before the first of these steps and after each of them.

        Errors: OpenError.
        """
        radius = max(START, 4 * float(start.max(initial=0)))
        while radius <= WIDEST:
            found = self.tried(first, last, start, radius)
            if (found <= radius).all():
                return found
            most = float(found.max())
            radius = max(8 * radius, 4 * most) if most < np.inf else 64 * radius
        raise OpenError

    def tried(self, first: int, last: int, start: Floats, radius: float) -> Floats:
        """The bounds that hold if none is larger than a radius."""
        count, width = last - first, self.width
        defects = self.flat(self.evaluated(first, last, np.zeros((count, width))), count)
        off = own.total(defects, own.negative(own.exactly(self.path[first:last])))
        slopes = self.slopes(first, last, radius)
        remainder = slopes.radius.sum(axis=2) * radius
        added = (np.abs(off.middle) + off.radius + remainder) * (1 + 2 * (width + 8) * own.UNIT)
        found = _along(own.exactly(slopes.middle), added + own.TINY, start)
        lost = ~np.isfinite(slopes.radius).all()
        return np.where(np.isnan(found) | lost, np.inf, found)

    def evaluated(self, first: int, last: int, errors: Floats) -> dict[str, Enclosed]:
        """Every quantity at these steps, begun within errors of the guess."""
        begins = Enclosed(self.path[first - 1 : last - 1], errors)
        found = evaluate(self.step, _lanes(self._inputs(first, last) | self._ends(begins)))
        return {name: found.values[1, name] for name in self.problem.cell.equation}

    def enclosed(self, first: int, last: int, errors: Floats) -> dict[str, Enclosed]:
        """Every quantity; what is carried on as its own bound says."""
        count = last - first
        found = {
            name: Enclosed(*(np.broadcast_to(p, (count, *value.shape)) for p in _parts(value)))
            for name, value in self.evaluated(first, last, errors[:-1]).items()
        }
        states = self._split(Enclosed(self.path[first:last], errors[1:]))
        return found | states

    def slopes(self, first: int, last: int, radius: float) -> Enclosed:
        """How each state after a step moves with each one before it: a matrix a step."""
        count, width = last - first, self.width
        begins = Enclosed(self.path[first - 1 : last - 1], np.full((count, width), radius))
        seeds = self._split(own.exactly(np.tile(np.eye(width), (count, 1))))
        moving = {
            Origin("end", name, 0): Moving(value, seeds[name])
            for name, value in self._split(begins).items()
        }
        arithmetic = DualLanes(_lanes(self._inputs(first, last)), width, moving)
        trace = evaluate(self.step, arithmetic)
        found = {}
        for name, shape in self.states.items():
            there = trace.values[1, name].slopes or own.exactly(np.zeros((1, *shape)))
            full = (count * width, *shape)
            found[name] = Enclosed(*(np.broadcast_to(p, full) for p in _parts(there)))
        flat = self.flat(found, count * width)
        return Enclosed(*(_turned(part, count, width) for part in _parts(flat)))

    def flat(self, found: dict[str, Enclosed], count: int) -> Enclosed:
        """The states of each lane as one vector."""
        parts = [
            [np.broadcast_to(p, (count, *shape)).reshape(count, -1) for p in _parts(found[name])]
            for name, shape in self.states.items()
        ]
        return Enclosed(*(np.concatenate(side, axis=1) for side in zip(*parts, strict=True)))

    def _split(self, flat: Enclosed) -> dict[str, Enclosed]:
        """The states of vectors."""
        middles, radii = (np.split(part, self.cuts, axis=1) for part in _parts(flat))
        return {
            name: Enclosed(middle, radius).reshape(shape)
            for (name, shape), middle, radius in zip(
                self.states.items(), middles, radii, strict=True
            )
        }

    def _ends(self, begins: Enclosed) -> dict[Origin, Enclosed]:
        return {Origin("end", name, 0): value for name, value in self._split(begins).items()}

    def _inputs(self, first: int, last: int) -> dict[Origin, Enclosed]:
        """The rows of each input at these steps, and at the steps before."""
        found = {}
        for name, numbers in self.problem.inputs.items():
            exact = own.nearly if numbers.floats is None else own.exactly
            rows = exact(numbers.doubles[first - 1 : last - 1])
            found[Origin("input", name, 1)] = rows.reshape((1, *rows.shape))
            if name in self.problem.cell.roles.initial:
                before = self.problem.end(name, 0).doubles[None]
                all_rows = np.concatenate([before, numbers.doubles])[first - 1 : last - 1]
                found[Origin("end", name, 0)] = own.nearly(all_rows)
        return found


def _lanes(values: dict[Origin, Enclosed]) -> Lanes:
    return Lanes(lambda numbers, origin: values.get(origin))


def _parts(x: Enclosed) -> tuple[Floats, Floats]:
    return x.middle, x.radius


def _turned(part: Floats, count: int, width: int) -> Floats:
    """Slopes by direction as matrices that are multiplied from the left."""
    return part.reshape(count, width, width).transpose(0, 2, 1)


def _along(slopes: Enclosed, added: Floats, start: Floats) -> Floats:
    """Bounds of |e| before the first and after every step, over a binary tree of products."""
    count = len(added)
    if count == 1:
        return np.stack([start, _through(slopes, start[None], added)[0]])
    levels = [(slopes, added)]
    while len(levels[-1][1]) > 1:
        levels.append(_joined(*levels[-1]))
    begins = start[None]
    for slopes, added in reversed(levels[:-1]):
        begins = _halves(slopes, added, begins)
    ends = _through(levels[0][0], begins, levels[0][1])
    return np.concatenate([start[None], ends])


def _joined(slopes: Enclosed, added: Floats) -> tuple[Enclosed, Floats]:
    """Two neighbours as one; the last one alone where there is no second."""
    even = len(added) // 2 * 2
    left, right = _picked(slopes, slice(0, even, 2)), _picked(slopes, slice(1, even, 2))
    product, sums = (
        own.matrix_product(right, left),
        _through(right, added[:even:2], added[1:even:2]),
    )
    rest = _picked(slopes, slice(even, None))
    both = zip(_parts(product), _parts(rest), strict=True)
    whole = Enclosed(*(np.concatenate(pair) for pair in both))
    return whole, np.concatenate([sums, added[even:]])


def _halves(slopes: Enclosed, added: Floats, begins: Floats) -> Floats:
    """The bounds with which each child begins, from those of its parent."""
    even = len(added) // 2 * 2
    found = np.repeat(begins, 2, axis=0)[: len(added)]
    left = _picked(slopes, slice(0, even, 2))
    found[1:even:2] = _through(left, found[:even:2], added[:even:2])
    return found


def _picked(x: Enclosed, which: slice) -> Enclosed:
    return Enclosed(x.middle[which], x.radius[which])


def _through(slopes: Enclosed, begins: Floats, added: Floats) -> Floats:
    """|Φ| |e| + b, rounded upwards."""
    largest = np.abs(slopes.middle) + slopes.radius
    moved = np.matmul(largest, begins[:, :, None])[:, :, 0]
    bound = (moved + added) * (1 + 2 * (begins.shape[1] + 8) * own.UNIT) + own.TINY
    return np.where(np.isnan(bound), np.inf, bound)
