"""Symbolic derivatives held against dual numbers over balls, at a point of random decimals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, product
from math import prod
from random import Random
from typing import Any

import sympy

from verifier.arithmetic.ball import enclosure
from verifier.arithmetic.context import alone
from verifier.arithmetic.dual import Dual, DualNumber, Seeded
from verifier.cells import Cell
from verifier.derive.forms import symbol_name
from verifier.derive.general import skeleton, spelt_out
from verifier.derive.jacobian import Derivative, Jacobian
from verifier.evaluate import evaluate
from verifier.language.operations import Shape
from verifier.problem import Problem

DIGITS, BITS = 50, 256
SLACK = Fraction(1, 10**40)
"""What sympy's 50 digits may be off: balls of rational values have no width at all."""


@dataclass(frozen=True)
class Point:
    """A problem of one step at which is differentiated: directions and values by symbol."""

    problem: Problem
    quantities: Mapping[str, Seeded]
    directions: Mapping[str, int]
    values: Mapping[str, Fraction]


@alone()
def disagreements(
    cell: Cell, shapes: Mapping[str, Shape], found: Jacobian, seed: int = 0
) -> list[Derivative]:
    """The derivatives whose symbolic value does not lie in the enclosure of the dual numbers."""
    return list(_disagreements(cell, shapes, found, seed))


def _disagreements(
    cell: Cell, shapes: Mapping[str, Shape], found: Jacobian, seed: int
) -> Iterator[Derivative]:
    point = point_of(cell, shapes, seed)
    for name in dict.fromkeys(one.pair[0].name for one in found.partial):
        own = [one for one in found.partial if one.pair[0].name == name]
        others = {key: seeded for key, seeded in point.quantities.items() if key != name}
        yield from (one for one in own if not _holds(one, *_computed(point, others)))
    computed = _computed(point, {})
    yield from (one for one in found.total if not _holds(one, *computed))


def point_of(cell: Cell, shapes: Mapping[str, Shape], seed: int) -> Point:
    """A point: two-digit decimals for everything that is given, other quantities included."""
    bare, rng, directions = skeleton(cell, shapes), Random(seed), count()
    where: dict[str, int] = {}
    values: dict[str, Fraction] = {}

    def drawn(name: str, offset: int | None, sequence: bool = False) -> Seeded:
        shape = bare.shapes[name]
        texts = [
            f"{rng.choice('+-')}0.{rng.randint(1, 99):02}".lstrip("+") for _ in range(prod(shape))
        ]
        keys = [symbol_name(name, offset, index) for index in product(*map(range, shape))]
        first = len(where)
        where.update({key: next(directions) for key in keys})
        values.update({key: Fraction(text) for key, text in zip(keys, texts, strict=True)})
        return Seeded(((1,) if sequence else ()) + shape, tuple(texts), first=first)

    roles = cell.roles
    problem = Problem(
        bare.cell,
        {name: drawn(name, None) for name in roles.parameters},
        {name: drawn(name, 0, sequence=True) for name in roles.inputs},
        {name: drawn(name, -1) for name in roles.initial},
        {name: drawn(name, 1) for name in roles.final},
        0 if roles.inputs else 1,
    )
    return Point(problem, {name: drawn(name, 0) for name in cell.equation}, where, values)


Entries = Mapping[str, DualNumber]


def _computed(
    point: Point, others: Mapping[str, Seeded]
) -> tuple[Entries, dict[str, Fraction], Any]:
    """The step's entries by symbol, the value of every symbol, and the directions.

    `others` are quantities that are given instead of computed.
    """
    arithmetic = Dual(BITS)
    with arithmetic.session():
        given = {(1, name): arithmetic.given(seeded) for name, seeded in others.items()}
    trace = evaluate(point.problem, arithmetic, given)
    entries: dict[str, DualNumber] = {}
    for name in point.problem.cell.equation:
        keys = product(*map(range, point.problem.shapes[name]))
        found = trace.entries(1, name)
        entries |= {symbol_name(name, 0, key): x for key, x in zip(keys, found, strict=True)}
    middles = {key: _middle(entry.value) for key, entry in entries.items()}
    return entries, {**point.values, **middles}, point.directions


def _middle(value: Any) -> Fraction:
    ends = enclosure(value)
    assert ends is not None, "two-digit decimals keep a step of a cell finite"
    return (ends[0] + ends[1]) / 2


def _holds(
    one: Derivative, entries: Entries, values: Mapping[str, Fraction], directions: Mapping[str, int]
) -> bool:
    ends = enclosure(entries[one.of.name].derivative(directions[one.by.name]))
    if ends is None:
        return False
    value = value_of(one.form, values)
    return ends[0] - SLACK <= value <= ends[1] + SLACK


@alone()
def value_of(form: Any, values: Mapping[str, Fraction]) -> Fraction:
    """The form's value to 50 digits, its symbols having these values."""
    numbers = {
        symbol: sympy.Rational(values[symbol.name].numerator, values[symbol.name].denominator)
        for symbol in form.free_symbols
    }
    spelt = spelt_out(form).xreplace(numbers)
    return Fraction(str(spelt.evalf(DIGITS)))
