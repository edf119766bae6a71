"""Symbolic derivatives held against dual numbers over balls, at a point of random decimals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from random import Random
from typing import Any

import numpy as np
import sympy

from verifier.arithmetic.ball import enclosure
from verifier.arithmetic.context import alone
from verifier.arithmetic.dual import Dual, DualNumber
from verifier.arithmetic.protocol import Given, Origin, QuantityAt
from verifier.arithmetic.symbols import spelt_out, symbol_name
from verifier.arithmetic.wrap.replaced import Replaced
from verifier.cells import Cell
from verifier.derive.general import skeleton
from verifier.derive.jacobian import Derivative, Jacobian
from verifier.evaluate import evaluate
from verifier.language.operations import Shape
from verifier.numbers import Numbers
from verifier.problem import Problem

DIGITS, BITS = 50, 256
SLACK = Fraction(1, 10**40)
"""What sympy's 50 digits may be off: balls of rational values have no width at all."""


@dataclass(frozen=True)
class Point:
    """A problem of one step at which is differentiated: directions and values by symbol.

    `quantities` are numbers for what the equations would give; `seeds` are the first directions.
    """

    problem: Problem
    quantities: Mapping[str, Numbers]
    seeds: Mapping[Origin, int]
    directions: Mapping[str, int]
    values: Mapping[str, Fraction]


@alone()
def disagreements(
    cell: Cell, shapes: Mapping[str, Shape], found: Jacobian, seed: int = 0
) -> list[Derivative]:
    """The derivatives whose symbolic value does not lie in the enclosure of the dual numbers."""
    return list(_disagreements(point_of(cell, shapes, seed), found))


def _disagreements(point: Point, found: Jacobian) -> Iterator[Derivative]:
    partial, total = _computed(point, point.quantities), _computed(point, {})
    for one in found.partial:
        own = _values(point, partial, [one.pair[0].name])
        if not _holds(one, partial, own, point.directions):
            yield one
    every = _values(point, total, point.problem.cell.equation)
    yield from (one for one in found.total if not _holds(one, total, every, point.directions))


def point_of(cell: Cell, shapes: Mapping[str, Shape], seed: int) -> Point:
    """A point: two-digit decimals for everything that is given, other quantities included."""
    bare, rng = skeleton(cell, shapes), Random(seed)
    seeds: dict[Origin, int] = {}
    directions: dict[str, int] = {}
    values: dict[str, Fraction] = {}

    def drawn(kind: Given, name: str, offset: int | None) -> Numbers:
        shape = bare.shapes[name]
        signs = "+" if name in cell.examples else "+-"  # such as what is under a root
        texts = [
            f"{rng.choice(signs)}0.{rng.randint(1, 99):02}".lstrip("+") for _ in range(prod(shape))
        ]
        seeds[Origin(kind, name, None if offset is None else 1 + offset)] = len(directions)
        for index, text in zip(product(*map(range, shape)), texts, strict=True):
            key = symbol_name(name, offset, index)
            directions[key], values[key] = len(directions), Fraction(text)
        return Numbers(((1,) if kind == "input" else ()) + shape, tuple(texts))

    roles = cell.roles
    problem = Problem(
        bare.cell,
        {name: drawn("parameter", name, None) for name in roles.parameters},
        {name: drawn("input", name, 0) for name in roles.inputs},
        {name: drawn("end", name, -1) for name in roles.initial},
        {name: drawn("end", name, 1) for name in roles.final},
        0 if roles.inputs else 1,
    )
    quantities = {name: drawn("quantity", name, 0) for name in cell.equation}
    return Point(problem, quantities, seeds, directions, values)


Entries = Mapping[str, DualNumber]


def _computed(point: Point, quantities: Mapping[str, Numbers]) -> Entries:
    """The step's entries by symbol, computed from `quantities` where these are given."""
    dual = Dual(BITS, point.seeds)
    with dual.session():
        put = {
            (1, name): dual.given(numbers, Origin("quantity", name, 1))
            for name, numbers in quantities.items()
        }
    computed: dict[QuantityAt, Any] = {}
    evaluate(point.problem, Replaced(dual, put, computed))
    return {
        symbol_name(name, 0, key): value
        for (_, name), found in computed.items()
        for key, value in np.ndenumerate(found)
    }


def _values(point: Point, entries: Entries, computed: Iterable[str]) -> Mapping[str, Fraction]:
    """The value of every symbol, of some quantities those that are computed."""
    shapes = point.problem.shapes
    keys = (symbol_name(n, 0, key) for n in computed for key in product(*map(range, shapes[n])))
    return {**point.values, **{key: _middle(entries[key].value) for key in keys}}


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
