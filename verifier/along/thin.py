"""What the radius leaves open, settled by thin steps of many bits from far enough back.

Each step is worked out from a point, of which only the step's own ball is off; the error with which
the first one begins is carried on by the same bounds as over all steps, and shrinks as the states
are forgotten. Balls that begin from the box would stay as wide as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from math import log2
from typing import Any

import numpy as np
from flint import arb

from verifier.along.chain import OpenError
from verifier.along.held import Held
from verifier.along.states import States
from verifier.along.steps import balls, given, off_from, terms, upper
from verifier.along.work import Stretch, shrunk
from verifier.arithmetic.context import flint_bits
from verifier.arithmetic.enclosed import Enclosed
from verifier.arithmetic.matrices import plain
from verifier.arithmetic.objects import as_objects
from verifier.arithmetic.protocol import Site, Value
from verifier.certify import PLAIN, CoarseError, fine, rounded
from verifier.rounding import Policy

Floats = Any

BITS, MOST_BITS = 128, 1024
"""Bits of thin steps, and the most that are tried."""

FEW = 16
"""One step in so many may be looked at, before a pass of balls takes less time."""

BACK = 16
"""Steps from which a first try begins; each further one begins twice as far back."""


@dataclass(frozen=True, eq=False)
class Thin:
    """The steps of a problem whose states are held, in boxes; `most` bits are tried."""

    states: States
    held: Held
    most: int = MOST_BITS
    looked: set[int] = field(default_factory=set)

    def settle(self, t: int, name: str, k: int) -> None:
        """Hold the quantities of a step so finely that an entry is decided.

        Errors: OpenError.
        """
        rule = self.states.problem.rule(name)
        self.hold(t, lambda found: rounded(found[name].flat[k], rule) is not None)

    def refine(self, t: int) -> None:
        """Hold the quantities of a step as finely as balls would: see `certify.fine`.

        Errors: OpenError.
        """

        def enough(found: dict[str, Value]) -> bool:
            with suppress(CoarseError):
                for name, value in found.items():
                    fine(self.states.problem, t, name, value)
                return True
            return False

        self.hold(t, enough)

    def refined(self, t: int) -> None:
        """Hold the quantities of a step more finely, if that is possible.

        Who looks at many of all steps is better served by one pass of balls.
        """
        self.looked.add(t)
        if len(self.looked) * FEW > self.states.problem.steps:
            found = PLAIN.certified(self.states.problem, Policy()).trace.values
            self.held.finer |= {site: plain(value) for site, value in found.items()}
            self.held.refine = None
            return
        with suppress(OpenError), np.errstate(all="ignore"):
            self.refine(t)

    def hold(self, t: int, enough: Callable[[dict[str, Value]], bool]) -> None:
        """Hold the quantities of a step as finely as is enough. Errors: OpenError."""
        back, bits = BACK, BITS
        while bits <= self.most:
            found = self.found(t, max(0, t - 1 - back), bits)
            if enough(found):
                self.held.finer |= {(t, each): value for each, value in found.items()}
                return
            back, bits = (2 * back, bits) if back < t - 1 else (back, 2 * bits)
        raise OpenError

    def found(self, t: int, first: int, bits: int) -> dict[str, Value]:
        """The quantities of step t from the states after step `first`."""
        before = {name: self.after(first, name) for name in self.states.shapes}
        if first < t - 1:
            before = self.walked(first, t - 1, before, bits)
        after = balls(self.states, t, before, bits)
        return {name: self.kept(t, name, value) for (_, name), value in after.items()}

    def kept(self, t: int, name: str, value: Value) -> Value:
        """What is rational already stays so, and what is known to be narrower."""
        held = self.held.coarse((t, name))
        pairs = zip(held.flat, value.flat, strict=True)
        return as_objects([b if _narrower(b, a) else a for a, b in pairs]).reshape(held.shape)

    def after(self, t: int, name: str) -> Value:
        """A state after a step, or before the first one."""
        return self.held.coarse((t, name)) if t else given(self.states, name)

    def walked(
        self, first: int, last: int, before: dict[str, Value], bits: int
    ) -> dict[str, Value]:
        """The states after step `last`, from those after step `first`."""
        with flint_bits(bits):
            flat = [x for value in before.values() for x in value.flat]
            now = [arb(x).mid() for x in flat]
            start = np.array([upper(arb(x) - m) for x, m in zip(flat, now, strict=True)])
            points, off = [now], []
            for t in range(first + 1, last + 1):
                after = balls(self.states, t, self._split(now), bits)
                found = [arb(x) for name in self.states.shapes for x in after[t, name].flat]
                now = [x.mid() for x in found]
                points.append(now)
                off.append([upper(x - m) for x, m in zip(found, now, strict=True)])
        times = int(log2(max(2.0, (last - first) / BACK)))
        bound = shrunk(self._stretch(first, points, np.array(off)), start, times)[-1]
        with flint_bits(bits):
            return self._split([m + arb(0, e) for m, e in zip(now, bound.tolist(), strict=True)])

    def _stretch(self, first: int, points: list[list[arb]], off: Floats) -> Stretch:
        middle = np.array([[float(x) for x in point] for point in points])
        radius = np.stack([off_from(x, m) for x, m in zip(points, middle, strict=True)])
        steps = np.arange(first + 1, first + len(points))
        before = Enclosed(middle[:-1], radius[:-1])
        return Stretch(self.states, steps, before, middle[1:], off)

    def _split(self, flat: list[arb]) -> dict[str, Value]:
        array = as_objects(flat)
        return {
            name: array[place].reshape(self.states.shapes[name])
            for name, place in self.states.places.items()
        }


def _narrower(x: Any, held: Any) -> bool:
    """Whether an entry says more than the one that is held."""
    return type(held) is arb and (type(x) is not arb or bool(x.rad() < held.rad()))


@dataclass(eq=False)
class StepTerms(Mapping[Site, Value]):
    """The sub-terms of every step, worked out where someone asks for one of the step."""

    states: States
    held: Held

    def __post_init__(self) -> None:
        self.made: dict[int, Mapping[Site, Value]] = {}

    def __getitem__(self, site: Site) -> Value:
        if site.step not in self.made:
            self.made[site.step] = self._made(site.step)
        return self.made[site.step][site]

    def __iter__(self) -> Iterator[Site]:
        for t in range(1, self.states.problem.steps + 1):
            yield from self.made.get(t) or self._made(t)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _made(self, t: int) -> Mapping[Site, Value]:
        before = {name: self._before(t, name) for name in self.states.shapes}
        found = terms(self.states, t, before, BITS)
        return {Site(t, site.name, site.path): value for site, value in found.items()}

    def _before(self, t: int, name: str) -> Value:
        return self.held[t - 1, name] if t > 1 else given(self.states, name)
