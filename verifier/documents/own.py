"""Verdicts on people who each have a variant of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from verifier.check.answers import Work, works
from verifier.check.model import Answers, Checked
from verifier.check.unforeseen import Failure, attempted, unjudged
from verifier.documents.everyone import handed_in, verdicts
from verifier.exercises.book import Book
from verifier.problem import Problem
from verifier.solution import solve


@dataclass(frozen=True, eq=False)
class Sitting:
    """A person's problem, and what was handed in for it."""

    problem: Problem
    answers: Answers | Checked


def sittings(book: Book, paths: Sequence[Path]) -> Iterator[Sitting]:
    """What everyone handed in, each with the problem of their own.

    Whoever has none is told so, and costs no other.
    """
    question = book.question
    for work in works(paths):
        for answers in handed_in(question, work):
            yield _sitting(book, question, work, answers)


def _sitting(book: Book, question: Problem, work: Work, answers: Answers | Checked) -> Sitting:
    given = answers.answers if isinstance(answers, Checked) else answers
    entry = book.entry(given.person)
    if entry is None:
        why = Failure(f"{given.person} has no variant in {book.table.name}")
        return Sitting(question, unjudged(given, why))
    own = attempted(lambda: book.problem(entry))
    if isinstance(own, Failure):
        return Sitting(question, unjudged(given, own))
    if _alike(own, question):
        return Sitting(own, answers)
    again = (one for one in handed_in(own, work) if _person(one) == given.person)
    return Sitting(own, next(again, answers))


def _alike(one: Problem, other: Problem) -> bool:
    """Whether problems have results of the same names, at the same places."""
    return (one.steps, one.shapes, one.only) == (other.steps, other.shapes, other.only)


def _person(one: Answers | Checked) -> str:
    return one.answers.person if isinstance(one, Checked) else one.person


def with_own(sitting: Sitting, checked: Checked) -> Checked:
    """The verdicts on a person, with the problem that was theirs; who has none keeps none."""
    if isinstance(sitting.answers, Checked):
        return checked
    return replace(checked, problem=sitting.problem)


def judged_own(sitting: Sitting) -> Checked:
    """The verdicts on a person by their own problem."""
    if isinstance(sitting.answers, Checked):
        return sitting.answers
    solution = attempted(lambda: solve(sitting.problem))
    if isinstance(solution, Failure):
        return unjudged(sitting.answers, solution)
    return verdicts(solution, sitting.answers)
