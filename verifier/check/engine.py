"""The verdicts on a person's numbers: right, rounded otherwise, following, mistaken, or wrong.

What is right by itself, or by the habit of the sheet, comes first and is never accused. Then a
mistake is looked for that gives the whole sheet; then each quantity is held against what follows
from the person's own earlier numbers, alone or with a mistake of its own; then two mistakes are
tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np

from verifier.check.habits import chosen, other_way
from verifier.check.judge import Told, directed, expected_text, graded
from verifier.check.local import Local
from verifier.check.model import Answers, Checked, Finding, Judgement
from verifier.check.transcribed import Moved, transcribed
from verifier.check.verdicts import Numbers, Verdicts
from verifier.outcomes.asked import NEAR
from verifier.outcomes.honest import Question
from verifier.outcomes.mistakes import Found, Mistakes, mistakes
from verifier.outcomes.model import Entry, Explanation
from verifier.outcomes.ways import explained
from verifier.problem.backward import asked
from verifier.solution import Solution

MISSING = Told("missing")


def check(solution: Solution, answers: Answers) -> Checked:
    """The verdicts on one person's answers; reasons in words are left to the reports."""
    known = mistakes(solution)
    number = known.question.number
    given = sorted(
        ((e, n) for e, n in answers.given.items() if e in number),
        key=lambda pair: number[pair[0]],
    )
    found = _judged(known, given)
    rows = tuple(_rows(known.question, answers, found))
    return Checked(answers, rows, found.findings, _first(known.question, given, found))


def _judged(known: Mistakes, given: Numbers) -> Verdicts:
    """What is right by itself or by a habit; else a way that earns nothing; else explanations."""
    own = _graded(known.question, given)
    if not own.open(given) and not own.alone:
        return own
    tolerated = _tolerated(known.question, given, own)
    if tolerated is not None or not own.open(given):
        return tolerated or own
    return _explained(known, given, own)


def _graded(question: Question, given: Numbers) -> Verdicts:
    """What each number earns by itself, or by the habit of the sheet."""
    alone = {entry: graded(question, entry, number) for entry, number in given}
    told = {entry: one for entry, one in alone.items() if one is not None}
    part = {entry for entry, one in told.items() if one.verdict != "correct"}
    habit = chosen(question, given, {e: one.share for e, one in told.items()})
    if habit is not None:
        why = Told("rounding", explained(habit.way, question.problem))
        told |= {e: why for e in habit.fits if e in part or e not in told}
    close = [(e, n) for e, n in given if e in told and _is_close(told[e])]
    mode = directed(question, close)
    if mode is not None:
        told |= {e: replace(told[e], why=Explanation("mode", mode)) for e, _ in close}
    return Verdicts(told, alone=frozenset(entry for entry in part if told[entry].share < 1))


def _is_close(told: Told) -> bool:
    return told.verdict == "rounding" and told.why is not None and told.why.kind == "units"


def _tolerated(question: Question, given: Numbers, own: Verdicts) -> Verdicts | None:
    """The verdicts where a way that earns nothing gives all: no mistake, but no points either.

    What is close or short earns its part, and is told to come of the same way.
    """
    way = other_way(question, given)
    if way is None:
        return None
    why = explained(way, question.problem)
    told = dict.fromkeys((e for e, _ in own.open(given)), Told("coarse", why, Fraction(0)))
    return own.also(told | {e: replace(own.told[e], why=why) for e in own.alone})


def _explained(known: Mistakes, given: Numbers, own: Verdicts) -> Verdicts:
    """Numbers at wrong places or one mistake; else quantity by quantity; else two mistakes."""
    moved = transcribed(known.question, given, own.open(given))
    if moved is not None:
        return _moved(moved, given, own)
    asked = known.question.asked(given)
    single = known.single(asked, given)
    if single is not None:
        return _mistaken(known.question, single, given, own)
    local = Local(known, given, own)
    found = known.reading(asked, given) if local.wrong() else None
    if found is None and local.wrong() and not local.slipped():
        found = known.pair(asked, given, own.open(given)[0][0])
    return local.told() if found is None else _mistaken(known.question, found, given, own)


def _moved(moved: Moved, given: Numbers, own: Verdicts) -> Verdicts:
    """The verdicts where right numbers were written down wrongly: one cause, told once."""
    speaks = tuple(entry for entry, _ in own.open(given))
    told = dict.fromkeys(speaks, Told("mistake", moved.explanation))
    return own.also(told, Finding(moved.explanation, speaks))


def _mistaken(question: Question, found: Found, given: Numbers, own: Verdicts) -> Verdicts:
    """The verdicts where a mistake gives all numbers: made here, or following from it.

    What an honest way gives too stays what it is: before the mistake shows, no one erred. What is
    close to the right number by the mistake follows from it; where it was made, it stays close.
    """
    tried, moved = found.tried, _moved_by(found, question, given)
    near = {e for e in own.alone & moved if own.told[e].verdict == "rounding"}
    speaks = tuple(entry for entry, _ in given if entry not in own.told or entry in near)
    made = {e for e in speaks if tried.changes(e[:2])} | {*speaks[:1]}
    told = {e: Told("mistake" if e in made else "follows", tried.explanation) for e in speaks}
    told |= {e: replace(own.told[e], why=tried.explanation) for e in made & near}
    equations = tried.used(question.problem)
    return own.also(told, Finding(tried.explanation, speaks, equations, found.also, found.chance))


def _moved_by(found: Found, question: Question, given: Numbers) -> set[Entry]:
    """The entries that have other numbers with a mistake than without it."""
    with np.errstate(all="ignore"):
        off = np.abs(found.tried.full - question.honest[0])
    return {
        e for e, _ in given if off[question.number[e]] > NEAR * 10.0 ** -question.asked_places(e)
    }


def _rows(question: Question, answers: Answers, found: Verdicts) -> Iterator[Judgement]:
    for entry in question.wanted:
        number = answers.given.get(entry)
        if number is None and not asked(question.problem, *entry[:2]):
            continue
        told = found.told.get(entry, MISSING)
        text = None if number is None else number.text
        expected = expected_text(question, entry)
        yield Judgement(*entry, text, expected, told.verdict, told.why, "", told.share)


def _first(question: Question, given: Numbers, found: Verdicts) -> Entry | None:
    wanted, wrong = {*question.wanted}, ("mistake", "wrong", "follows")
    return next((e for e, _ in given if e in wanted and found.told[e].verdict in wrong), None)
