"""Numbers that need no calculator: sums and products of short ones, as halves that give quarters.

Someone who writes 0.5000 and 0.2500 everywhere has numbers that follow from each other by luck.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from verifier.arithmetic.protocol import QuantityAt
from verifier.language.tree import Call, Expression, Name, Number
from verifier.outcomes.honest import Question
from verifier.outcomes.model import Entry, Given
from verifier.rounding import exact_places, power

Array = Any
"""Fractions in an array of objects; nan stands for what was worked out, or was not written."""

PLAIN: Mapping[str, Callable[..., Array]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "negate": operator.neg,
}
UNKNOWN = float("nan")


def in_the_head(question: Question, known: Mapping[Entry, Given]) -> dict[Entry, Fraction]:
    """What sums and products of offhand numbers give, of the entries that need these alone.

    Offhand are the person's own numbers that end before the last asked place or stand more than
    once on the sheet, where chance seldom repeats one, and what follows from such. Who needs a
    number of the question computes.
    """
    own, found = _offhand(question, known), {}
    equations, shapes = question.problem.cell.equation, question.problem.shapes
    for step, name in dict.fromkeys(entry[:2] for entry in known):
        tree = equations[name].at(step)
        values = None if tree is None else _value(question, tree, step, own)
        if values is None:
            continue
        for index, value in np.ndenumerate(np.broadcast_to(values, shapes[name])):
            entry = step, name, index
            if isinstance(value, Fraction) and entry in known:
                found[entry] = value
                if agrees(question, entry, known[entry], value):
                    own[step, name][index] = known[entry].value
    return found


def agrees(question: Question, entry: Entry, number: Given, value: Fraction | None) -> bool:
    """Whether a number lies within a unit of its last asked place of what was worked out."""
    return value is not None and abs(number.value - value) <= power(-question.asked_places(entry))


def _offhand(question: Question, known: Mapping[Entry, Given]) -> dict[QuantityAt, Array]:
    """The numbers that are short or repeated, by quantity; the others are unknown."""
    found: dict[QuantityAt, Array] = {}
    times = Counter(number.value for number in known.values())
    for (step, name, index), number in known.items():
        if (step, name) not in found:
            found[step, name] = np.full(question.problem.shapes[name], UNKNOWN, dtype=object)
        places = exact_places(number.value)
        asked = question.asked_places((step, name, index))
        repeated = times[number.value] > 1 and len(known) ** 2 < power(asked)
        if repeated or (places is not None and places < asked):
            found[step, name][index] = number.value
    return found


def _value(
    question: Question, tree: Expression, step: int, own: Mapping[QuantityAt, Array]
) -> Array | None:
    """The value of a tree of sums and products of quantities; None of another one."""
    match tree:
        case Number(text):
            return np.array(Fraction(text), dtype=object)
        case Name(name, offset) if offset is not None and name in question.problem.cell.equation:
            return _named(question, (step + offset, name), own)
        case Call(operation, arguments) if operation in PLAIN:
            parts = [_value(question, part, step, own) for part in arguments]
            if all(part is not None for part in parts):
                return PLAIN[operation](*parts)
    return None


def _named(question: Question, site: QuantityAt, own: Mapping[QuantityAt, Array]) -> Array | None:
    """What was written of a quantity, or what the question says of a state at its end."""
    problem, (step, name) = question.problem, site
    if 1 <= step <= problem.steps:
        return own.get(site)
    return problem.end(name, step).objects


def only_source(question: Question, site: QuantityAt) -> QuantityAt | None:
    """The one quantity of which another is made with a number at most, as f = 1 − i is of i."""
    step, name = site
    tree = question.problem.cell.equation[name].at(step)
    parts = tree.arguments if isinstance(tree, Call) and tree.operation in PLAIN else (tree,)
    used = [part for part in parts if isinstance(part, Name)]
    others = [part for part in parts if not isinstance(part, Name | Number)]
    if len(used) != 1 or others or used[0].name not in question.problem.cell.equation:
        return None
    source = step + (used[0].offset or 0), used[0].name
    return source if 1 <= source[0] <= question.problem.steps else None
