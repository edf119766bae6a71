"""Verdicts on people who each have a variant of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from verifier.check.answers import Work, works
from verifier.check.answers.bank import by_person, of_question, tried
from verifier.check.answers.people import People
from verifier.check.model import Answers, Checked
from verifier.check.unforeseen import Failure, attempted, unjudged
from verifier.documents.everyone import apart, question_name, readings, verdicts
from verifier.exercises.book import Book, Entry
from verifier.problem import Problem
from verifier.solution import solve


@dataclass(frozen=True, eq=False)
class Sitting:
    """A person's problem, and what was handed in for it."""

    problem: Problem
    answers: Answers | Checked


def sittings(book: Book, paths: Sequence[Path]) -> Iterator[Sitting]:
    """What everyone handed in, each with the problem of their own.

    It is found by the person, else by the question that a system says was answered. Whoever has
    none is told so, and costs no other.
    """
    question, names = book.question, People()
    for work in works(paths):
        file = _File(work)
        found = file.people(question)
        if isinstance(found, Checked):
            yield Sitting(question, apart(names, found))
            continue
        for own in found:
            sitting = _sitting(book, question, file, own)
            yield replace(sitting, answers=apart(names, sitting.answers))


class _File:
    """A file of answers, read once for all variants whose results have the same names."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.read: list[tuple[Problem, Mapping[str, list[Answers]]]] = []

    def people(self, problem: Problem) -> list[list[Answers]] | Checked:
        """Everyone's answers, one to a question each, read as those to a problem."""
        made = readings(problem, self.work)
        if isinstance(made, Checked):
            return made
        found = list(by_person(made))
        self.read.append((problem, {own[0].person: own for own in reversed(found)}))
        return found

    def again(self, problem: Problem, found: list[Answers]) -> list[Answers]:
        """A person's answers, read as those to another problem."""
        if _alike(self.read[0][0], problem):
            return found
        known = next((own for like, own in self.read if _alike(like, problem)), None)
        if known is None:
            self.people(problem)
            known = self.read[-1][1] if _alike(self.read[-1][0], problem) else {}
        return known.get(found[0].person, found)


def _sitting(book: Book, question: Problem, file: _File, found: list[Answers]) -> Sitting:
    given = replace(found[0], question="")
    entry = book.entry(given.person, *given.also) or _asked(book, found)
    if isinstance(entry, Failure):
        return Sitting(question, unjudged(given, entry))
    own = attempted(lambda: book.problem(entry))
    if isinstance(own, Failure):
        return Sitting(question, unjudged(given, own))
    return Sitting(own, of_question(file.again(own, found), question_name(own)))


def _asked(book: Book, found: Sequence[Answers]) -> Entry | Failure:
    """The variant whose question a person answered, of whom the table says nothing."""
    named = {one.question: book.asked(one.question) for one in found if one.question}
    answered = [named[one.question] for one in found if one.question and tried(one)]
    known = [entry for entry in answered or named.values() if entry is not None]
    if len(known) == 1:
        return known[0]
    several = f"{found[0].person} answered {len(known)} variants, and"
    said = several if len(known) > 1 else found[0].person
    return Failure(f"{said} has no variant in {book.table.name}")


def _alike(one: Problem, other: Problem) -> bool:
    """Whether problems have results of the same names, at the same places."""
    return (one.steps, one.shapes, one.only) == (other.steps, other.shapes, other.only)


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
