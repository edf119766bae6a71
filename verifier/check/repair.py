"""The smallest change of a question after which it is fair.

Fair is what `fairness` proves: no habit that earns all points gives another digit, and every
mistake shows that is not the same formula. No call is close and no number tiny, either. Changes are
tried from the smallest: the places that are to be carried, one number by a unit of its last place,
by two, …, both together, then two numbers.
Estimates in float64 say what is worth a proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice, product
from pathlib import Path
from typing import Any

import numpy as np

from verifier import effort
from verifier.check.fairness import Fairness, differing, fairness
from verifier.errors import ProblemError
from verifier.numbers import Numbers, is_zero
from verifier.outcomes.asked import Floats
from verifier.outcomes.honest import Question
from verifier.outcomes.ways import MORE_PLACES
from verifier.problem import Problem, loads
from verifier.problem.insert import with_setting
from verifier.problem.locate import Key, spelled
from verifier.rounding import exact_places, units_text
from verifier.solution import Solution

MARGIN = 0.05
"""No value comes nearer than so many units of the last place to where its digits change."""

TINY = 10
"""No number is smaller than so many units of the last place."""

FARTHEST = 9

CARRY: Key = ("rounding", "carry")
BOTH = 2
"""Places to carry beyond the asked ones that are tried with a change of a number."""

SECTIONS = ("parameters", "inputs", "initial", "final")


@dataclass(frozen=True)
class Change:
    """A number of the problem file, at its key, and what it becomes; before is "" where none is."""

    key: Key
    before: str
    after: str


@dataclass(frozen=True)
class Repair:
    """A fair question: what is changed, and how many others were looked at before."""

    problem: Problem
    changes: tuple[Change, ...]
    found: Fairness
    tried: int


def repaired(problem: Problem) -> Repair | None:
    """The first fair question among the smallest changes; None where so many tries give none.

    A question that is fair as it is comes back without a change.
    """
    tries = islice(_changes(problem), effort.REPAIRS)
    for k, changes in enumerate(tries):
        other = _changed(problem, changes)
        if other is not None and _promising(other):
            found = fairness(Solution(other))
            if found.fair and _apart(Solution(other)):
                return Repair(other, changes, found, k)
    return None


def rewritten(problem: Problem, changes: Sequence[Change]) -> str:
    """The text of the problem file with its numbers changed, and all else as it was.

    Errors: ProblemError for a problem that no file holds.
    """
    if problem.written is None:
        raise ProblemError("the problem has no file", accepted="a problem from a file")
    text, file = problem.written.text, problem.written.file
    for change in changes:
        if change.key == CARRY:
            text = with_setting(text, file, "rounding", "carry", int(change.after))
            continue
        span = spelled(text, file, change.key)
        if span is None:
            raise ProblemError(f"{change.key} is not in {file}", accepted="numbers that are")
        quote = text[span[0]] if text[span[0]] in "\"'" else ""
        text = text[: span[0]] + quote + change.after + quote + text[span[1] :]
    _check(loads(text, file, Path(file).parent), _changed(problem, changes))
    return text


def _check(read: Problem, meant: Problem | None) -> None:
    """Refuse a text that is read as another question: a number may stand for several, or be turned.

    Errors: ProblemError that says so.
    """
    for section in SECTIONS:
        mine, theirs = getattr(read, section), getattr(meant, section)
        if any(mine[name].fractions != theirs[name].fractions for name in theirs):
            raise ProblemError("the file's numbers are not those of its problem, entry by entry")
    if meant is None or read.carry != meant.carry:
        raise ProblemError("the file cannot be made to say what is carried")


def _changes(problem: Problem) -> Iterator[tuple[Change, ...]]:
    """None, then the places to carry, then one number by more and more, with and without them.

    Two numbers come last; zeros, which are often meant, late.
    """
    yield ()
    carry = tuple(_carries(problem))
    yield from ((change,) for change in carry)
    places = sorted(_places(problem), key=lambda place: is_zero(place[1]))
    rings = [[c for place in places for c in _moved(*place, far)] for far in range(1, FARTHEST + 1)]
    ones = [c for zero in (False, True) for r in rings for c in r if is_zero(c.before) is zero]
    yield from ((change,) for change in ones)
    yield from ((change, more) for more in carry[BOTH - 1 : BOTH] for change in ones)
    for far in range(FARTHEST):
        for a, b in _pairs(rings, far):
            if a.key != b.key:
                yield a, b


def _carries(problem: Problem) -> Iterator[Change]:
    """More places to carry, where the question may say so."""
    if problem.policy.kind != "final":
        return
    rules = (problem.rounding, *problem.rules.values())
    least = max(problem.carry or 0, *(rule.count for rule in rules))
    before = "" if problem.carry is None else str(problem.carry)
    yield from (Change(CARRY, before, str(least + more)) for more in range(1, MORE_PLACES + 1))


def _pairs(rings: Sequence[Sequence[Change]], far: int) -> Iterator[tuple[Change, Change]]:
    """Two changes, the larger of them of one ring."""
    yield from combinations(rings[far], 2)
    for nearer in range(far):
        yield from product(rings[nearer], rings[far])


def _places(problem: Problem) -> Iterator[tuple[Key, str]]:
    """The numbers that stand in the problem's file as decimals, by their keys."""
    written = problem.written
    for section in SECTIONS:
        for name, numbers in getattr(problem, section).items():
            for index, text in zip(np.ndindex(numbers.shape), numbers.texts, strict=False):
                key: Key = (section, name, *index)
                here = written is not None and spelled(written.text, written.file, key) is not None
                if here and "/" not in text:
                    yield key, text


def _moved(key: Key, text: str, far: int) -> Iterator[Change]:
    """A number moved by some units of its last place, up and down; it keeps its sign."""
    value = Numbers.typed(text).fractions[0]
    places = max(1, exact_places(value) or 0, len(text.partition(".")[2]) if "e" not in text else 0)
    units = int(value * 10**places)
    for moved in (units + far, units - far):
        if moved and (not units or (moved > 0) == (units > 0)):
            yield Change(key, text, units_text(moved, places))


def _changed(problem: Problem, changes: Sequence[Change]) -> Problem | None:
    """The problem with other numbers; None where it has no values for them."""
    parts: dict[str, dict[str, Numbers]] = {}
    carry = next((int(change.after) for change in changes if change.key == CARRY), problem.carry)
    for change in changes:
        if change.key == CARRY:
            continue
        section, name, *index = change.key
        given: Mapping[str, Numbers] = getattr(problem, str(section))
        own = parts.setdefault(str(section), dict(given))
        own[str(name)] = _put(own[str(name)], index, change.after)
    try:
        return replace(problem, carry=carry, **parts)  # type: ignore[arg-type]
    except ProblemError:
        return None


def _put(numbers: Numbers, index: Sequence[Any], text: str) -> Numbers:
    k = int(np.ravel_multi_index(tuple(index), numbers.shape)) if index else 0
    return replace(numbers, texts=(*numbers.texts[:k], text, *numbers.texts[k + 1 :]))


def _promising(problem: Problem) -> bool:
    """Whether estimates say that no call is close, no number tiny, and no habit differs."""
    question = Question(Solution(problem))
    full = question.estimate(problem)
    if full is None or not np.isfinite(full).all():
        return False
    unit = _units(question, full)
    if (np.abs(full) < TINY * unit).any() or (_room(problem, full / unit) < MARGIN).any():
        return False
    habits = np.array([way.habit for way in question.ways])
    return not (differing(question, 0.0) & habits).any()


def _units(question: Question, full: Floats) -> Floats:
    """The last place of each entry."""
    rules = [question.problem.rule(entry[1]) for entry in question.entries]
    with np.errstate(divide="ignore"):
        digits = np.floor(np.log10(np.abs(full)))
    places = [
        rule.places if rule.places is not None else (rule.figures or 1) - 1 - int(digit)
        for rule, digit in zip(rules, digits, strict=True)
    ]
    return np.array([10.0**-count for count in places])


def _room(problem: Problem, scaled: Floats) -> Floats:
    """How far values, in units, lie from where their digits change."""
    shift = 0.5 if problem.rounding.mode.startswith("half") else 0.0
    return np.abs(scaled + shift - np.round(scaled + shift))


def _apart(solution: Solution) -> bool:
    """Whether the proven margins are as wide as they should be; exact numbers have none."""
    return all(row.margin is None or float(row.margin) >= MARGIN for row in solution.rows)
