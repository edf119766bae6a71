"""Digits proven after the fact: a float64 guess of all steps, and a bound of how far it is off.

With y_t = F_t(y_{t−1}) and a guess S, the error e_t = y_t − S_t is e_{t−1} L_t + r_t: the defect
F_t(S_{t−1}) − S_t, and how F_t differs from L_t over S_{t−1} ± ρ, are at most w_t, as long as
|e_{t−1}| ≤ ρ_t. If all bounds E_{t−1} that follow from w are at most ρ_t, induction over t proves
them all: see `verifier.along.chain` and docs/trust.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from flint import arb, fmpq

from verifier.along import guess
from verifier.along.chain import Bounds, OpenError, Past
from verifier.along.held import Ended, Held, Part
from verifier.along.lengths import WIDE, Length
from verifier.along.states import States
from verifier.along.steps import balls, given, off_from
from verifier.along.thin import BITS as THIN
from verifier.along.thin import StepTerms, Thin
from verifier.along.work import Fresh, Stretch, closed, quantities
from verifier.arithmetic import enclosed as own
from verifier.arithmetic.ball import Ball
from verifier.arithmetic.context import flint_bits
from verifier.arithmetic.enclosed import Enclosed
from verifier.arithmetic.kinds import Kinded
from verifier.arithmetic.lane_digits import is_zero
from verifier.arithmetic.objects import as_objects
from verifier.arithmetic.protocol import Value
from verifier.certify import PLAIN, Certified, Plain, Terms, rounded
from verifier.errors import VerifierError
from verifier.evaluate import Trace
from verifier.problem import Problem
from verifier.rounding import Policy

ENTRIES, MOST = (2**21, 2**22), 2**13
"""Entries of the matrices of narrow and of wide states that are there at once; steps at most."""

BITS = 128
"""Bits of the steps that balls do."""

RATIONAL = 64
"""Steps at the beginning of which a state may be rational; balls do them."""

FAR = 64
"""Steps that a thin walk takes, about."""

FLOAT = 53

Floats = Any


def applies(problem: Problem) -> bool:
    """Whether states go forwards only, and every step is worked out alike."""
    alike = not any(equation.cases for equation in problem.cell.equations)
    return alike and not problem.cell.roles.final and bool(States(problem).shapes)


def enclosures(
    problem: Problem, before: Mapping[str, Value] | None = None, ended: Ended | None = None
) -> Trace | None:
    """All quantities of all steps, enclosed by float64; None where no bound is found.

    `before` has the states before the first step, where the problem is of later steps, and `ended`
    how the steps before it ended, where floats hold these: it is used up.
    """
    return several(States(problem, before), ended) if applies(problem) else None


def several(states: States, ended: Ended | None = None) -> Trace | None:
    """The same of states that may begin anew after some steps."""
    try:
        with np.errstate(all="ignore"):
            return _Run(states, ended).trace()
    except (OpenError, VerifierError):
        return None


@dataclass(frozen=True)
class Along(Plain):
    """Lanes over all steps, thin steps for what they leave open, balls where these fail too."""

    def certified(self, problem: Problem, policy: Policy) -> Certified:
        """The enclosures of float64 if these decide all, else those of balls."""
        if not (policy.exact and applies(problem)):
            return PLAIN.certified(problem, policy)
        return proven(problem, enclosures(problem))

    def terms(self, certified: Certified) -> Terms:
        """The sub-terms of each step, from the states before it; those of balls are at hand."""
        values = certified.trace.values
        if not isinstance(values, Held):
            return PLAIN.terms(certified)
        return Terms(StepTerms(States(certified.trace.problem), values), {})


def proven(problem: Problem, found: Trace | None) -> Certified:
    """The enclosures of float64 if these decide all, once thin steps have helped, else balls."""
    if found is None:
        return replace(PLAIN.certified(problem, Policy()), instead="unbounded")
    assert isinstance(found.values, Held)
    thin = Thin(States(problem), found.values)
    precisions = settled(found, thin)
    if precisions is None:
        return replace(PLAIN.certified(problem, Policy()), instead="open")
    found.values.refine = thin.refined
    return Certified(found, frozenset(), precisions)


class Settles(Protocol):
    """What settles an entry that floats leave open."""

    def settle(self, t: int, name: str, k: int) -> None:
        """Hold the quantities of a step so finely that an entry is decided. Errors: OpenError."""


def settled(found: Trace, thin: Settles) -> tuple[int, ...] | None:
    """The bits with which all is decided, what floats leave open by thin steps; None if it is not.

    Thin steps are few, or balls are cheaper.
    """
    held, problem = found.values, found.problem
    assert isinstance(held, Held)
    open_there = sorted(held.undecided(problem))
    if len({t for t, _, _ in open_there}) * FAR > max(problem.steps, FAR):
        return None
    try:
        for t, name, k in open_there:
            if rounded(held.coarse((t, name)).flat[k], problem.rule(name)) is None:
                thin.settle(t, name, k)
    except (OpenError, VerifierError):
        return None
    return (FLOAT, THIN) if open_there else (FLOAT,)


class _Run:
    """The steps of a problem, from the first to the last."""

    def __init__(self, states: States, ended: Ended | None = None) -> None:
        self.states, self.problem = states, states.problem
        names = tuple(n for block in self.problem.cell.blocks for n in block.names)
        self.held = Held(names)
        self.ended = ended

    def trace(self) -> Trace:
        """The enclosures. Errors: OpenError."""
        found = guess.path(self.states)
        if found is None:
            raise OpenError
        self.path = found
        first, start, rational = self.begun()
        wide = self.states.width >= WIDE
        past: Bounds = (Length if wide else Past).of(start)
        if self.ended is not None and first == 1:
            off = np.abs(self.ended.floats - self.path[0]) * (1 + own.UNIT) + own.TINY
            past = self.ended.past.moved(off).cut(start)
        length = max(1, min(MOST, ENTRIES[wide] // self.states.width**2))
        self.first = start, rational
        for k in range(first, self.states.steps + 1, length):
            steps = np.arange(k, min(k + length, self.states.steps + 1))
            past, rational = self.part(steps, past, rational)
        self.held.ended = Ended(past, self.path[-1])
        return Trace(self.problem, Ball(BITS), self.held)

    def begun(self) -> tuple[int, Floats, Floats]:
        """The first step of the lanes, with bounds of the errors before it, and what is rational.

        Steps before it, of which states are rational, are balls', unless these begin in a box: they
        would not get narrower than that.
        """
        states, t = self.states, 0
        now = {name: given(states, name) for name in states.shapes}
        alone = states.length == states.steps
        most = min(RATIONAL, states.steps) if alone and _all_exact(now) else 0
        while _any_rational(now) and t < most:
            t += 1
            self.held.finer |= balls(states, t, now, BITS)
            now = {name: self.held.coarse((t, name)) for name in states.shapes}
        flat = np.concatenate([value.ravel() for value in now.values()])
        with flint_bits(BITS):
            self.path[t] = [float(arb(x)) for x in flat]
        return (
            t + 1,
            off_from(flat.tolist(), self.path[t]),
            np.array([type(x) is fmpq for x in flat]),
        )

    def part(self, steps: Floats, past: Bounds, rational: Floats) -> tuple[Bounds, Floats]:
        """Hold the quantities of some steps; the bounds after them, and what is rational there."""
        states, stretch = self.states, self.stretch(steps)
        try:
            found, after = closed(stretch, past)
        except OpenError:
            if isinstance(past, Past):
                raise
            found, after = closed(stretch, Past.of(past.box))
        kinds = np.zeros((len(steps) + 1, states.width), bool)
        kinds[0] = rational
        values, odd = quantities(stretch, found, kinds)
        self.held.parts.append(self._kept(stretch, values, found[1:]))
        self._redo(self.held.parts[-1], odd)
        return after, kinds[-1]

    def stretch(self, steps: Floats) -> Stretch:
        """Some steps, from the floats of the guess."""
        first, last = int(steps[0]), int(steps[-1])
        fresh, middle = None, self.path[first - 1 : last]
        if self.states.length < self.states.steps:
            fresh = Fresh((steps - 1) % self.states.length == 0, *self.first)
            middle = fresh.before(middle, self.path[0])
        before = Enclosed(middle, np.zeros_like(middle))
        return Stretch(self.states, steps, before, self.path[first : last + 1], fresh=fresh)

    def _kept(self, stretch: Stretch, values: dict[str, Kinded], after: Floats) -> Part:
        """The quantities with a lane for each step; what is carried on as its own bound says."""
        count, states = len(stretch), self.states
        found = {name: _spread(x, count) for name, x in values.items()}
        ends = {o.name: x for o, x in states.ends(stretch.after, after).items()}
        for name, end in ends.items():
            value, kind = found[name]
            tighter = end.radius < value.radius
            middle, radius = (
                np.where(kind | ~tighter, a, b)
                for a, b in ((value.middle, end.middle), (value.radius, end.radius))
            )
            found[name] = Enclosed(middle, radius), kind
        if not all(np.isfinite(value.radius).all() for value, _ in found.values()):
            raise OpenError
        kept = {name: _wide(*pair) for name, pair in found.items()}
        return Part(int(stretch.steps[0]), kept, {name: kind for name, (_, kind) in found.items()})

    def _redo(self, part: Part, odd: Floats) -> None:
        """Steps with rational values that are no floats, or may be some, by balls.

        Errors: OpenError where a state is of another kind than the steps behind it were told.
        """
        count = len(odd)
        for name, value in part.values.items():
            there = part.rational[name] & (value.radius > 0) | is_zero(value) & ~part.rational[name]
            odd = odd | there.reshape(count, -1).any(axis=1)
        for k in np.flatnonzero(odd).tolist():
            t = part.first + k
            now = {name: self._before(t, name) for name in self.states.shapes}
            for (_, name), value in balls(self.states, t, now, BITS).items():
                kinds, shape = part.rational[name][k], value.shape
                exact = np.array([type(x) is fmpq for x in value.flat], bool).reshape(shape)
                if name in self.states.shapes and (exact != kinds).any():
                    raise OpenError
                floats = part.values[name]
                wide = _balls(floats.middle[k], floats.radius[k])
                single = np.array([x.is_exact() for x in map(arb, value.flat)]).reshape(shape)
                self.held.finer[t, name] = np.where(exact | single, value, wide)

    def _before(self, t: int, name: str) -> Value:
        begun = (t - 1) % self.states.length == 0
        return given(self.states, name) if begun else self.held.coarse((t - 1, name))


def _spread(x: Kinded, count: int) -> tuple[Enclosed, Floats]:
    kind = np.broadcast_to(x.rational, (count, *x.shape))
    return x.value.spread(count), kind


def _wide(value: Enclosed, rational: Floats) -> Enclosed:
    """The enclosures, none of which is a single number unless it is rational, or may be zero."""
    single = rational | is_zero(value)
    return Enclosed(value.middle, np.where(single, value.radius, value.radius + own.TINY))


def _balls(middle: Floats, radius: Floats) -> Value:
    pairs = zip(middle.ravel().tolist(), radius.ravel().tolist(), strict=True)
    return as_objects([arb(*pair) for pair in pairs]).reshape(middle.shape)


def _all_exact(values: dict[str, Value]) -> bool:
    return all(type(x) is fmpq or x.is_exact() for value in values.values() for x in value.flat)


def _any_rational(values: dict[str, Value]) -> bool:
    return any(type(x) is fmpq for value in values.values() for x in value.flat)
