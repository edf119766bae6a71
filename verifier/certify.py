"""Digits proven by balls: precision raised until every entry rounds to one decimal (Ziv).

A. Ziv, "Fast evaluation of elementary mathematical functions with correctly rounded last bit", ACM
Trans. Math. Softw. 17 (1991). The precision is predicted, so that one pass is the rule; where the
prediction may be far too high and a pass is cheap, lower ones are tried before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache, partial
from math import ceil, log2, prod
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from flint import arb

from verifier import effort
from verifier.arithmetic.ball import Ball
from verifier.arithmetic.ends import Ends as IntegerEnds
from verifier.arithmetic.ends import digits_in, ends_of, margin_in, two_figures_of
from verifier.arithmetic.objects import as_objects
from verifier.arithmetic.outers import Outers
from verifier.arithmetic.protocol import Arithmetic, Site, Value, entries
from verifier.arithmetic.wrap.rounded import Rounded
from verifier.evaluate import Trace, evaluate
from verifier.language.tree import Call, Name, names, nodes
from verifier.problem import Problem
from verifier.rounding import Policy, Rounding, decided_text, exponent, power, scaled

MORE_PLACES = 8
"""How many places more than asked an enclosure is meant to be good for."""


ALLOWED, PRODUCTS = 24, 1000
"""Bits that a first try may lose; scalar products a step up to which there are tries at all."""


Ends = tuple[Fraction, Fraction]

Lack = Literal["unbounded", "open"]


class CoarseError(Exception):
    """An enclosure is not as tight as it is wanted: more bits are needed."""


@dataclass(frozen=True, eq=False)
class Certified:
    """A trace in which the entries named in `undecided` do not round to one decimal.

    Where balls took the place of bounds along the steps, `instead` says what those lacked: there
    are none, or they leave entries open.
    """

    trace: Trace
    undecided: frozenset[tuple[int, str, int]]
    precisions: tuple[int, ...]
    instead: Lack | None = None


def certify(
    problem: Problem,
    policy: Policy | None = None,
    wrap: Callable[[Arithmetic], Arithmetic] = lambda inner: inner,
) -> Certified:
    """The enclosures of all quantities, at a precision at which they can be rounded.

    `wrap` changes what operations mean, as a rewrite of the calculator does. What is still
    undecided at the top precision is named, never guessed.
    """
    policy = policy or Policy()
    steps = grown_steps(problem, policy)
    precision, tried = first_precision(problem, steps), list[int]()
    for bits in cheaper(problem, needed_bits(problem), steps):
        tried.append(bits)
        with suppress(CoarseError):
            meant = wrap(arithmetic(problem, policy, bits))
            trace = evaluate(problem, meant, look=partial(fine, problem))
            return Certified(trace, frozenset(), tuple(tried))
    top = top_precision(precision, total_products(problem))
    while True:
        tried.append(precision)
        trace = evaluate(problem, wrap(arithmetic(problem, policy, precision)))
        left = undecided(trace, problem)
        if not left or precision >= top:
            return Certified(trace, left, tuple(tried))
        precision = min(2 * precision, top)


@dataclass(frozen=True, eq=False)
class Terms:
    """The values of all sub-terms by site; `before` has what stood before a policy rounded it."""

    values: Mapping[Site, Value]
    before: Mapping[Site, Value]

    def unrounded(self, site: Site) -> Value:
        """What the operation gave on what was carried to it."""
        return self.before.get(site, self.values[site])


@runtime_checkable
class Told(Protocol):
    """Values that tell by themselves what is undecided of them, without making a ball of each."""

    def undecided(self, problem: Problem) -> frozenset[tuple[int, str, int]]:
        """(step, name, entry) of what the rules of a problem cannot round."""


class Certifier(Protocol):
    """What proves the digits of a problem, and gives the values inside its equations."""

    def certified(self, problem: Problem, policy: Policy) -> Certified:
        """The enclosures of all quantities under a policy, at which they can be rounded."""

    def terms(self, certified: Certified) -> Terms:
        """The sub-terms of what was certified."""


@dataclass(frozen=True)
class Plain:
    """Balls over the whole problem, all at one precision."""

    def certified(self, problem: Problem, policy: Policy) -> Certified:
        """See `certify`."""
        return certify(problem, policy)

    def terms(self, certified: Certified) -> Terms:
        """The sub-terms at the precision that was found."""
        before: dict[Site, Value] = {}
        own = certified.trace.arithmetic
        keeping = replace(own, before=before) if isinstance(own, Rounded) else own
        return Terms(evaluate(certified.trace.problem, keeping, terms=True).terms, before)


PLAIN = Plain()


def arithmetic(problem: Problem, policy: Policy, precision: int) -> Arithmetic:
    """Balls, in which the policy rounds what it carries."""
    if policy.exact:
        return Ball(precision)
    return Rounded(Ball(precision), policy, problem.rule)


def grown_steps(problem: Problem, policy: Policy) -> int:
    """The steps over which balls grow: one where all that is carried on is rounded by hand.

    Rounded numbers are exact, so that each step begins with points.
    """
    roles, defined = problem.cell.roles, problem.cell.equation
    carried = [name for name in (*roles.initial, *roles.final) if name in defined]
    by_hand = policy.kind != "final" and all(map(policy.covers, carried))
    return 1 if by_hand else problem.steps


def first_precision(problem: Problem, steps: int | None = None) -> int:
    """Bits that are expected to give every entry to `MORE_PLACES` places more than asked."""
    return needed_bits(problem) + lost_bits(problem, steps)


def top_precision(first: int, products: int) -> int:
    """Bits at which digits are given up, of a first precision and so many scalar products."""
    few = products < effort.BITS_PRODUCTS
    return max(4 * first, effort.BITS if few else effort.BITS // 8)


def needed_bits(problem: Problem) -> int:
    """Bits of an entry to `MORE_PLACES` places more than asked."""
    rules = [problem.rounding, *problem.rules.values()]
    places = max(rule.count + (4 if rule.places is None else 0) for rule in rules) + MORE_PLACES
    places += problem.notation.guard
    return ceil(places * log2(10))


def lost_bits(problem: Problem, steps: int | None = None) -> int:
    """Bits that balls are expected to lose over all steps or so many, and a dozen more."""
    widest = max((max(shape, default=1) for shape in problem.shapes.values()), default=1)
    growth = (steps or problem.steps) * growth_a_step(problem)
    return ceil(min(growth, effort.GUESSED_BITS) + log2(widest + 1) + 12)


def growth_a_step(problem: Problem) -> float:
    """Bits by which a ball grows a step: about log2(1 + 0.42 ‖W‖), W what multiplies a state.

    Measured on random GRUs of 16 to 512 units with gains from 0.5 to 3. Balls of fewer units grow
    less, down to nothing, so that over many steps the guess is several times too high.
    """
    return log2(1 + 0.42 * _recurrent_norm(problem))


def cheaper(problem: Problem, needed: int, steps: int | None = None) -> Iterator[int]:
    """Precisions worth a try before the predicted one, for values that need so many bits.

    What may be lost is doubled each time, up to a quarter of what is expected. A try ends at the
    first value that is too coarse: steps that it reaches grow with its bits, so all tries together
    take less than one pass. Wide states lose what is expected, and are not tried.
    """
    if total_products(problem) > PRODUCTS * problem.steps:
        return
    lost, allowed = lost_bits(problem, steps), ALLOWED + ceil(growth_a_step(problem))
    while 4 * allowed <= lost:
        yield needed + allowed
        allowed *= 2


def _recurrent_norm(problem: Problem) -> float:
    """The largest sum of sizes in a row or column of a matrix that multiplies a state."""
    states = {*problem.cell.roles.initial, *problem.cell.roles.final}
    used = {
        name.name
        for equation in problem.cell.equations
        for _, node in nodes(equation.expression)
        if isinstance(node, Call) and node.operation == "matmul"
        if any(part.name in states for part in names(node))
        for name in names(node)
        if isinstance(name, Name) and name.offset is None
    }
    return max((_norm(problem, name) for name in used), default=1.0)


def _norm(problem: Problem, name: str) -> float:
    sizes = np.abs(problem.parameters[name].doubles)
    sums = [sizes.sum(axis=axis).max() for axis in range(sizes.ndim)]
    return float(min(max(sums, default=1.0), 1e30))


def undecided(trace: Trace, problem: Problem) -> frozenset[tuple[int, str, int]]:
    """(step, name, entry) of what the rules of `problem` cannot round from these enclosures."""
    if isinstance(trace.values, Told):
        return trace.values.undecided(problem)
    with trace.arithmetic.session():
        return frozenset(
            (step, name, index)
            for (step, name), value in trace.values.items()
            if not _decided(value, problem.rule(name))
            for index in _open(entries(value), problem.rule(name))
        )


def _decided(value: Value, rule: Rounding) -> bool:
    """Whether all entries can be rounded, as float64 alone tells of a sum that waits."""
    return isinstance(value, Outers) and value.decides(rule)


def fine(problem: Problem, step: int, name: str, value: Value) -> None:
    """Nothing, when more bits would change none of an entry's digits, nor those of its enclosure.

    Errors: CoarseError.
    """
    rule, found = problem.rule(name), entries(value)
    finer = _finer(rule, problem.notation.guard)
    for k in _unclear(found, finer):
        if rounded(found[k], rule) is None or rounded(found[k], finer) is None:
            raise CoarseError


@lru_cache
def _finer(rule: Rounding, guard: int) -> Rounding:
    """The rule by which the lower end of an enclosure is written; chains show guard digits."""
    return replace(rule.finer(MORE_PLACES + guard), mode="floor")


def _open(found: Sequence[Any], rule: Rounding) -> Iterator[int]:
    """The entries that a rule cannot round."""
    return (k for k in _unclear(found, rule) if rounded(found[k], rule) is None)


def rounded(entry: Any, rule: Rounding) -> str | None:
    """The digits of an entry, None when its ball does not decide them."""
    return rounded_in(ends_of(entry), entry, rule)


def rounded_in(ends: IntegerEnds | None, entry: Any, rule: Rounding) -> str | None:
    """The digits of an entry whose enclosure is known."""
    if ends is None:
        return None
    if rule.places is not None and ends.lower and ends.upper:
        return digits_in(ends, rule)
    return rounded_between(ends.fractions, entry, rule)


def rounded_between(ends: Ends | None, entry: Any, rule: Rounding) -> str | None:
    """The digits of an entry whose enclosure is known."""
    if ends is None:
        return None
    lower, upper = _one_sided(*ends, entry, rule) if 0 in ends else ends
    return decided_text(lower, upper, rule)


def cut_off(entry: Any, rule: Rounding) -> str | None:
    """The digits of an entry cut off by a rule of mode "down"; None when they are not decided.

    Figures that end left of the units get a power of ten (7.386e4): no zero stands for a digit.
    """
    text = rounded(entry, rule)
    digits = "" if text is None else text.lstrip("-").partition(".")[0]
    if text is None or rule.places is not None or len(digits) <= rule.count:
        return text
    sign, more = "-" * text.startswith("-"), digits[1 : rule.count]
    return f"{sign}{digits[0]}{'.' * bool(more)}{more}e{len(digits) - 1}"


def _one_sided(lower: Fraction, upper: Fraction, entry: Any, rule: Rounding) -> Ends:
    """The ends; of a range that begins at zero, but is proven not to hold it, the other end.

    All numbers of one sign that are small beside the last place are rounded alike.
    """
    small = rule.places is not None and max(-lower, upper) < power(-rule.places - 1)
    if small and lower == 0 < upper and entry > 0:
        return upper, upper
    return (lower, lower) if small and lower < 0 == upper and entry < 0 else (lower, upper)


def _unclear(found: Sequence[Any], rule: Rounding) -> Sequence[int]:
    """The entries whose ball may hold a boundary: a quick filter before the exact comparison.

    Boundaries lie half-way between the printed numbers, or at them when the mode is directed.
    """
    if rule.places is None:
        return range(len(found))
    unit, shift = arb(10**rule.places), arb(0.5 if rule.mode.startswith("half") else 0)
    moved = (as_objects(found) * unit + shift).tolist()
    return [i for i, ball in enumerate(moved) if ball.contains_integer() or not ball.is_finite()]


def margin(entry: Any, rule: Rounding) -> Fraction | None:
    """A lower bound of the distance to where the digits change, in units of the last place.

    The last place is that of the printed number: of 10.0 for 9.996 to three figures. None for an
    exact entry, and for one that is undecided.
    """
    known = ends_of(entry)
    if known is None or known.exact or rounded_in(known, entry, rule) is None:
        return None
    if rule.places is not None:
        return Fraction(*margin_in(known, rule))
    ends = known.fractions
    unit = power(-rule.places_of(rule.round(ends[0])))
    below = ends[0] - _boundary(ends[0], rule, -1)
    above = _boundary(ends[1], rule, 1) - ends[1]
    return max(Fraction(0), min(below, above)) / unit


def _boundary(value: Fraction, rule: Rounding, side: int) -> Fraction:
    """The nearest point below (-1) or above (1) at which the digits change."""
    places, half = rule.places_of(value), rule.mode.startswith("half")
    shift = Fraction(1, 2) if half else Fraction(0)
    units = scaled(value, places) - shift
    whole = units.numerator // units.denominator if side < 0 else ceil(units)
    if not half and rule.mode == "down" and whole == 0:
        whole = side
    found = scaled(whole + shift, -places)
    edge = power(exponent(value))
    if rule.places is None and abs(found) < edge and half:
        return (edge - power(-places) / 20) * (1 if value > 0 else -1)
    return found


def two_figures(value: Fraction) -> str:
    """A positive number below 10 to two figures, rounded down: a margin is a lower bound."""
    return two_figures_of(value.numerator, value.denominator)


def total_products(problem: Problem) -> int:
    """How many scalar products all matrix products of the problem take: its size."""
    sizes = [prod(numbers.shape) for numbers in problem.parameters.values()]
    return problem.steps * sum(sizes)
