"""What mistakes print, of many problems of one form at once: a lane each, with radii.

A rewrite moves and repeats numbers: it is made once, of a problem with unknowns in place of the
numbers that differ. Where float64 leaves a digit open, it is that of the middle, an estimate as
everywhere where a mistake is only named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from verifier.arithmetic.lane_digits import digits
from verifier.arithmetic.lanes import Lanes
from verifier.errors import ProblemError
from verifier.evaluate import evaluate
from verifier.exercises.plan import SECTIONS
from verifier.exercises.screen import explained
from verifier.exercises.unknowns import Unknowns, unknown
from verifier.many import form
from verifier.numbers import Numbers
from verifier.outcomes.model import Entry, Explanation
from verifier.problem import Problem
from verifier.rewrites.catalogue import variants
from verifier.rewrites.model import Variant
from verifier.rounding import exact_places

Printed = list[tuple[Explanation, Mapping[Entry, Fraction]]]
"""The numbers of mistakes as they print."""

LARGEST = 2**53
"""Units of a number that float64 tells from each other."""

Slot = tuple[str, str, int]
"""A number that differs: its section, its name, and which of the entries it is."""


def mistaken(problems: Sequence[Problem]) -> list[Printed] | None:
    """What mistakes print of each problem; None where they are not worked side by side.

    That is where they differ in more than decimals, or where other mistakes can be made with
    unknowns than with numbers.
    """
    first = problems[0]
    if any(form(one) != form(first) for one in problems[1:]) or _figures(first):
        return None
    found = _template(problems)
    if found is None:
        return None
    template, unknowns = found
    made = list(variants(template, "mistake"))
    if [explained(one) for one in made] != [explained(one) for one in variants(first, "mistake")]:
        return None
    printed: list[Printed] = [[] for _ in problems]
    for one in made:
        for own, numbers in zip(printed, _printed(one, first, unknowns), strict=False):
            own.append((explained(one), numbers))
    return printed


def _figures(problem: Problem) -> bool:
    return any(problem.rule(name).places is None for name in problem.cell.equation)


def _template(problems: Sequence[Problem]) -> tuple[Problem, Unknowns] | None:
    """A problem with unknowns where numbers differ, and their values; None without any."""
    differ = dict(_differing(problems))
    if any(texts is None for texts in differ.values()) or not differ:
        return None
    columns = [_units(texts or ()) for texts in differ.values()]
    known = [column for column in columns if column is not None]
    if len(known) < len(columns):
        return None
    units = np.array([units for units, _ in known])
    unknowns = Unknowns(units, np.array([places for _, places in known], dtype=int))
    return _with(problems[0], list(differ)), unknowns


def _differing(problems: Sequence[Problem]) -> Iterator[tuple[Slot, Sequence[str] | None]]:
    """The numbers that are not alike in all problems, with their texts; None for floats."""
    for section in SECTIONS:
        for name in getattr(problems[0], section):
            every = [getattr(one, section)[name] for one in problems]
            if any(numbers.floats is not None for numbers in every):
                yield (section, name, 0), None
                continue
            for k, texts in enumerate(zip(*(numbers.texts for numbers in every), strict=True)):
                if len({*texts}) > 1:
                    yield (section, name, k), texts


def _units(texts: Sequence[str]) -> tuple[list[int], int] | None:
    """Decimals as whole numbers of units of the same place; None for others, and long ones."""
    values = [Fraction(text) for text in texts]
    known = [places for places in map(exact_places, values) if places is not None]
    if len(known) < len(values):
        return None
    units = [int(value * 10 ** max(known)) for value in values]
    return (units, max(known)) if max(map(abs, units)) < LARGEST else None


def _with(problem: Problem, slots: Sequence[Slot]) -> Problem:
    """The problem with an unknown in each slot."""
    texts = {slot: unknown(k, len(slots)) for k, slot in enumerate(slots)}
    parts: dict[str, Any] = {
        section: {
            name: _put(numbers, section, name, texts)
            for name, numbers in getattr(problem, section).items()
        }
        for section in SECTIONS
    }
    return problem.renumbered(**parts)


def _put(numbers: Numbers, section: str, name: str, texts: Mapping[Slot, str]) -> Numbers:
    new = tuple(texts.get((section, name, k), old) for k, old in enumerate(numbers.texts))
    return numbers if new == numbers.texts else Numbers(numbers.shape, new)


def _printed(
    mistake: Variant[Problem], problem: Problem, unknowns: Unknowns
) -> list[dict[Entry, Fraction]]:
    """What a mistake prints in each lane; nothing where it divides by zero."""
    lanes = unknowns.units.shape[1]
    try:
        trace = evaluate(mistake.problem, mistake.wrap(Lanes(unknowns.known)))
    except ProblemError:
        return []
    found: list[dict[Entry, Fraction]] = [{} for _ in range(lanes)]
    for (step, name), value in trace.values.items():
        if name not in problem.shapes or value.shape != problem.shapes[name]:
            continue
        rule, flat = problem.rule(name), value.flat().spread(lanes)
        units, sure = digits(flat, rule)
        sure, power = sure & np.isfinite(flat.radius), 10 ** (rule.places or 0)
        for k, index in enumerate(np.ndindex(problem.shapes[name])):
            entry = step, name, index
            for lane, own in enumerate(found):
                if sure[lane, k]:
                    own[entry] = Fraction(int(units[lane, k]), power)
                elif np.isfinite(flat.radius[lane, k]):
                    own[entry] = rule.round(Fraction(float(flat.middle[lane, k])))
    return found
