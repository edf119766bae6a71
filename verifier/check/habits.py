"""The habit of rounding that a sheet shows: the one that fits most of its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from verifier.outcomes.asked import Asked, Floats
from verifier.outcomes.honest import Question
from verifier.outcomes.model import Entry, Given
from verifier.outcomes.ways import Way
from verifier.rounding import Rounding, power

Numbers = Sequence[tuple[Entry, Given]]
MOST_PROVEN = 8
"""Of ways that fit equally well, so many are tried with balls."""


@dataclass(frozen=True)
class Habit:
    """A way of rounding, and the numbers that it gives."""

    way: Way
    fits: frozenset[Entry]


def chosen(question: Question, given: Numbers, earned: Mapping[Entry, Fraction]) -> Habit | None:
    """The habit that fits most numbers, if it fits enough of them; None without one.

    Ties go to what earns most beside what numbers earn by themselves, then to the simplest.
    """
    ways = [k for k, way in enumerate(question.ways) if way.earns]
    if not given:
        return None
    fits = fitting(question, given, ways)
    most = fits.sum(axis=1)
    if most.max() < question.problem.scoring.habits * len(given):
        return None
    gains = fits @ np.array([1 - float(earned.get(entry, Fraction(0))) for entry, _ in given])
    order = sorted(
        range(len(ways)), key=lambda k: (-most[k], -gains[k], question.ways[ways[k]].rank)
    )
    for k in order[:MOST_PROVEN]:
        way = question.ways[ways[k]]
        found = [pair for pair, fit in zip(given, fits[k].tolist(), strict=True) if fit]
        if question.proven(None, way, [(e, _printed(question, e, n)) for e, n in found]):
            return Habit(way, frozenset(entry for entry, _ in found))
    return None


def other_way(question: Question, given: Numbers) -> Way | None:
    """The simplest way of all that gives every number: cut off, or with fewer places carried."""
    ways = [k for k, way in enumerate(question.ways) if way.policy.only is None]
    every = fitting(question, given, ways).all(axis=1)
    found = sorted((question.ways[ways[k]] for k in np.nonzero(every)[0]), key=lambda w: w.rank)
    told = [(e, _printed(question, e, n)) for e, n in given]
    return next((w for w in found[:MOST_PROVEN] if question.proven(None, w, told)), None)


def fitting(question: Question, given: Numbers, ways: Sequence[int]) -> Floats:
    """Which of some ways print a number's digits as asked: ways by given numbers.

    Places beyond the asked ones count for nothing; a number with fewer is meant as it stands.
    """
    printed = [_printed(question, entry, number) for entry, number in given]
    asked = Asked(
        tuple(entry for entry, _ in given),
        np.array([question.number[entry] for entry, _ in given], dtype=int),
        np.array([float(number.value) for number in printed]),
        np.array([10.0 ** -question.asked_places(entry) for entry, _ in given]),
    )
    found: Floats = question.matches(question.honest[list(ways)], asked, ways)
    if question.exact(given):
        return found
    return found & np.array([question.long(entry, number) for entry, number in given])


def _printed(question: Question, entry: Entry, number: Given) -> Given:
    """The number at the places that are asked."""
    places, mode = question.asked_places(entry), question.problem.rule(entry[1]).mode
    value = number.value
    if number.places is None or number.places > places:
        value = Rounding(0, mode).round(value * power(places)) / power(places)
    return Given(number.text, value, places)
