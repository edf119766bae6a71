"""The verdicts on a person's numbers: right, rounded otherwise, following, mistaken, or wrong.

What is right by itself, or by the habit of the sheet, comes first and is never accused. Then a
mistake is looked for that gives the whole sheet; then each quantity is held against what follows
from the person's own earlier numbers, alone or with a mistake of its own; then two mistakes are
tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

from verifier.check.explain import Found, Mistakes
from verifier.check.habits import chosen, other_way
from verifier.check.honest import Question
from verifier.check.judge import Told, expected_text, graded
from verifier.check.local import Local
from verifier.check.model import Answers, Checked, Entry, Finding, Row
from verifier.check.transcribed import Moved, transcribed
from verifier.check.verdicts import Numbers, Verdicts
from verifier.check.ways import explained
from verifier.problem.backward import asked
from verifier.solution import Solution

MISSING = Told("missing")


@lru_cache(maxsize=4)
def mistakes(solution: Solution) -> Mistakes:
    """The mistakes on a question, kept for the next who answers: a class asks often."""
    return Mistakes(Question(solution))


def check(solution: Solution, answers: Answers) -> Checked:
    """The verdicts on one person's answers; reasons in words are left to the reports."""
    return _Judge(mistakes(solution), answers).checked()


class _Judge(Verdicts):
    """One person's answers while they are judged."""

    def checked(self) -> Checked:
        number = self.question.number
        given = sorted(
            ((e, n) for e, n in self.answers.given.items() if e in number),
            key=lambda pair: number[pair[0]],
        )
        self._graded(given)
        rest = self.open(given)
        if rest and not self._tolerated(given, rest):
            self._explained(given, rest)
        return Checked(self.answers, tuple(self._rows()), tuple(self.findings), self._first(given))

    def _graded(self, given: Numbers) -> None:
        """What each number earns by itself, or by the habit of the sheet."""
        for entry, number in given:
            told = graded(self.question, entry, number)
            if told is not None:
                self.told[entry] = told
        part = {entry for entry, told in self.told.items() if told.verdict != "correct"}
        habit = chosen(self.question, given, {e: told.share for e, told in self.told.items()})
        if habit is not None:
            for entry in habit.fits:
                if entry in part or entry not in self.told:
                    self.told[entry] = Told("rounding", explained(habit.way, self.question.problem))
        self.alone = {entry for entry in part if self.told[entry].share < 1}

    def _tolerated(self, given: Numbers, rest: Numbers) -> bool:
        """Whether all is given by a way that earns nothing: no mistake, but no points either."""
        way = other_way(self.question, given)
        if way is None:
            return False
        for entry, _ in rest:
            self.told[entry] = Told("coarse", explained(way, self.question.problem), Fraction(0))
        return True

    def _explained(self, given: Numbers, rest: Numbers) -> None:
        """Numbers at wrong places or one mistake; else quantity by quantity; else two mistakes."""
        moved = transcribed(self.question, given, self.open(given))
        if moved is not None:
            self._moved(moved, given)
            return
        asked = self.question.asked(given)
        single = self.mistakes.single(asked, given)
        if single is not None:
            self._mistaken(single, given)
            return
        local = Local(self, given)
        found = self.mistakes.reading(asked, given) if local.wrong() else None
        if found is None and local.wrong() and not local.slipped():
            found = self.mistakes.pair(asked, given, rest[0][0])
        if found is not None:
            self._mistaken(found, given)
            return
        local.read()
        local.told()

    def _moved(self, moved: Moved, given: Numbers) -> None:
        """The verdicts where right numbers were written down wrongly: one cause, told once."""
        speaks = tuple(entry for entry, _ in self.open(given))
        self.told |= dict.fromkeys(speaks, Told("mistake", moved.explanation))
        self.findings.append(Finding(moved.explanation, speaks))

    def _mistaken(self, found: Found, given: Numbers) -> None:
        """The verdicts where a mistake gives all numbers: made here, or following from it.

        What an honest way gives too stays what it is: before the mistake shows, no one erred.
        """
        explanation, touches = found.tried.explanation, found.tried.touches
        first = min(part.first for part in found.tried.made)
        speaks = [entry for entry, _ in self.open(given)]
        for k, entry in enumerate(speaks):
            made = k == 0 or (entry[1] in touches and entry[0] >= first)
            self.told[entry] = Told("mistake" if made else "follows", explanation)
        equations = found.tried.used(self.question.problem)
        self.findings.append(
            Finding(explanation, tuple(speaks), equations, found.also, found.chance)
        )

    def _rows(self) -> Iterator[Row]:
        for entry in self.question.wanted:
            number = self.answers.given.get(entry)
            if number is None and not asked(self.question.problem, *entry[:2]):
                continue
            told = self.told.get(entry, MISSING)
            text = None if number is None else number.text
            expected = expected_text(self.question, entry)
            yield Row(*entry, text, expected, told.verdict, told.why, "", told.share)

    def _first(self, given: Numbers) -> Entry | None:
        wanted, wrong = {*self.question.wanted}, ("mistake", "wrong", "follows")
        bad = (e for e, _ in given if e in wanted and self.told[e].verdict in wrong)
        return next(bad, None)
