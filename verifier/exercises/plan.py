"""What varies: the numbers that are drawn, between which ends, and the problem with unknowns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import ceil, floor
from typing import Any

import numpy as np

from verifier import effort
from verifier.arithmetic.enclosed import Floats
from verifier.errors import VerifierError
from verifier.exercises.sizes import in_sizes
from verifier.exercises.unknowns import unknown
from verifier.numbers import Numbers, is_zero
from verifier.problem import Problem
from verifier.problem.varied import Drawing, Vary
from verifier.rounding import exact_places, units_text

SECTIONS = ("parameters", "inputs", "initial", "final")
USUAL = ("parameters", "inputs")
"""The sections of which decimals vary unless the problem says otherwise."""

MORE_CARRIED = 2
"""How many places more than asked are to be carried unless the problem says otherwise."""

BITS = 53


@dataclass(frozen=True)
class Slot:
    """A number that is drawn: where it stands, and the whole numbers of units that it may be.

    `sign` multiplies what is drawn; None draws the sign as well. Zero is never drawn.
    """

    section: str
    name: str
    entry: int
    low: int
    high: int
    places: int
    sign: int | None

    @property
    def count(self) -> int:
        """How many numbers there are to draw from, signs apart."""
        return self.high - self.low + 1 - (self.low <= 0 <= self.high)


@dataclass(frozen=True, eq=False)
class Plan:
    """A problem whose slots are drawn, at the level at which it is to be fair."""

    problem: Problem
    slots: tuple[Slot, ...]

    @cached_property
    def places(self) -> Floats:
        """The places of what is drawn."""
        return np.array([slot.places for slot in self.slots], dtype=int)

    @cached_property
    def template(self) -> Problem:
        """The problem with unknowns in place of what is drawn."""
        texts = {k: unknown(k, len(self.slots)) for k in range(len(self.slots))}
        return self._with(texts)

    def candidate(self, units: Sequence[int]) -> Problem:
        """The problem with drawn numbers, which are whole numbers of units."""
        pairs = zip(self.slots, units, strict=True)
        return self._with({k: units_text(u, slot.places) for k, (slot, u) in enumerate(pairs)})

    def _with(self, texts: Mapping[int, str]) -> Problem:
        parts: dict[str, dict[str, Numbers]] = {}
        put: dict[tuple[str, str], dict[int, str]] = {}
        for k, slot in enumerate(self.slots):
            put.setdefault((slot.section, slot.name), {})[slot.entry] = texts[k]
        for (section, name), new in put.items():
            own = parts.setdefault(section, dict(getattr(self.problem, section)))
            old = own[name].texts
            whole = tuple(new.get(k, text) for k, text in enumerate(old))
            own[name] = Numbers(own[name].shape, whole)
        return self.problem.renumbered(**parts)

    def drawn(self, raw: Floats) -> Floats:
        """Whole numbers of units, slots by lanes, from random 64-bit numbers of that shape."""
        low, high, count = (
            np.array([[getattr(slot, what)] for slot in self.slots], dtype=np.int64)
            for what in ("low", "high", "count")
        )
        part = (raw >> np.uint64(64 - BITS)).astype(np.float64) * 2.0**-BITS
        found = low + np.floor(part * count).astype(np.int64)
        found += (low <= 0) & (high >= 0) & (found >= 0)
        bit = 1 - 2 * (raw & np.uint64(1)).astype(np.int64)
        sign = np.array([[slot.sign or 0] for slot in self.slots])
        return np.where(sign == 0, bit, sign) * found


def plans(problem: Problem) -> tuple[Plan, ...]:
    """The plans of a problem, one for each size and number of steps that its variants have.

    Errors: VerifierError where nothing varies, or where steps vary of what no row is drawn for, or
    sizes of what has none.
    """
    vary = problem.vary or Vary()
    told = replace(problem, carry=level(problem))
    sized = in_sizes(told, vary)
    return tuple(_plan(of_steps, vary) for one in sized for of_steps in _in_steps(one, vary))


def level(problem: Problem) -> int | None:
    """The places (or figures) to which variants say to carry; None where no more than asked."""
    vary, asked = problem.vary or Vary(), _asked(problem)
    if vary.carry == "asked" or problem.policy.kind != "final":
        if isinstance(vary.carry, int):
            what = f"[vary] carry = {vary.carry} beside policy = {problem.policy.kind!r}"
            raise VerifierError(what, accepted='policy = "final", or carry = "asked"')
        return None
    if vary.carry is not None and vary.carry < asked:
        what = f"[vary] carry = {vary.carry}, and {asked} are asked for"
        raise VerifierError(what, accepted=f"{asked} or more")
    return vary.carry or problem.carry or asked + MORE_CARRIED


def _asked(problem: Problem) -> int:
    return max(rule.count for rule in (problem.rounding, *problem.rules.values()))


def _in_steps(problem: Problem, vary: Vary) -> Iterator[Problem]:
    if not vary.steps or vary.steps == (problem.steps,):
        yield problem
        return
    if problem.loss is not None:
        raise VerifierError("[vary] steps of a problem with a loss", accepted="its own steps")
    for steps in vary.steps:
        order = [k % problem.steps for k in range(steps)]
        inputs = {name: x.picked(order) for name, x in problem.inputs.items()}
        yield replace(problem, inputs=inputs, steps=steps)


def _plan(problem: Problem, vary: Vary) -> Plan:
    slots = tuple(_slots(problem, vary))
    if not slots:
        what = "no number of the problem varies"
        raise VerifierError(what, accepted='decimals, or [vary] numbers = ["W_z", "x", …]')
    if len(slots) > effort.DRAWN_NUMBERS:
        what = f"{len(slots)} numbers vary"
        raise VerifierError(what, accepted=f"at most {effort.DRAWN_NUMBERS}: [vary] numbers = […]")
    return Plan(problem, slots)


def _slots(problem: Problem, vary: Vary) -> Iterator[Slot]:
    for section in SECTIONS:
        for name, numbers in getattr(problem, section).items():
            named = vary.numbers is not None and {name, section} & {*vary.numbers}
            if named or (vary.numbers is None and (section in USUAL or name in vary.own)):
                own = vary.own.get(name, Drawing()).over(vary.drawing)
                yield from _of(section, name, numbers, own, problem, bool(named))


def _of(
    section: str, name: str, numbers: Numbers, own: Drawing, problem: Problem, named: bool
) -> Iterator[Slot]:
    """The slots of an array: of its decimals, and where it is named, of its whole numbers too.

    What is zero is meant, and so is a fraction; where an array of zeros is named, its zeros vary.
    """
    values = [(k, text) for k, text in enumerate(numbers.texts) if "/" not in text]
    given = [(k, text) for k, text in values if not is_zero(text)]
    if not given and named:
        given = values
    places = max((_places(text) for _, text in given), default=0)
    if not places and not named:
        return
    places = own.places if own.places is not None else max(places, 0 if own.range is None else 1)
    for k, text in given:
        ends = own.range or _similar(problem, section)
        yield _slot(section, name, k, text, ends, places, own)


def _slot(
    section: str,
    name: str,
    entry: int,
    text: str,
    ends: tuple[Fraction, Fraction],
    places: int,
    own: Drawing,
) -> Slot:
    low, high = ceil(ends[0] * 10**places), floor(ends[1] * 10**places)
    signed = low < 0
    if low == 0:
        low = 1
    if low > high or (low == high == 0):
        what = f"no number of {places} places but 0 from {float(ends[0])} to {float(ends[1])}"
        raise VerifierError(f"{what} for {name}", accepted="a wider range, or more places")
    sign: int | None = -1 if text.startswith("-") else 1
    if signed or own.signs == "positive":
        sign = 1
    elif own.signs is not None and own.signs != "keep":
        sign = -1 if own.signs == "negative" else None
    return Slot(section, name, entry, low, high, places, sign)


def _places(text: str) -> int:
    """The places with which a decimal is written."""
    plain = "e" not in text.lower()
    return len(text.partition(".")[2]) if plain else exact_places(Fraction(text)) or 0


def _similar(problem: Problem, section: str) -> tuple[Fraction, Fraction]:
    """From the smallest to the largest size of a section's numbers that are not zero."""
    sizes = sorted(
        abs(value)
        for numbers in getattr(problem, section).values()
        for value in _decimals(numbers)
        if value
    )
    if not sizes:
        return Fraction(1, 10), Fraction(9, 10)
    least, most = sizes[0], sizes[-1]
    return (least, most) if 2 * least <= most else (least / 2, most * 3 / 2)


def _decimals(numbers: Numbers) -> Any:
    return (Fraction(text) for text in numbers.texts if "/" not in text)
