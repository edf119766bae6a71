"""The verdicts on a person's numbers: right, rounded otherwise, following, mistaken, or wrong.

What an honest way of rounding gives comes first and is never accused. Then a mistake is looked for
that gives the whole sheet; then each quantity is held against what follows from the person's own
earlier numbers, alone or with a mistake of its own; then two mistakes are tried together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from verifier.check.explain import Found, Mistakes
from verifier.check.honest import Question, Way, explained, matches
from verifier.check.judge import correct, expected_text, places_told
from verifier.check.local import Local
from verifier.check.model import Answers, Checked, Entry, Finding, Row
from verifier.check.verdicts import Numbers, Verdicts
from verifier.solution import Solution


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
        self._right(given)
        rest = self.open(given)
        if rest:
            self._rounded(given, rest)
        rest = self.open(given)
        if rest:
            self._explained(given, rest)
        return Checked(self.answers, tuple(self._rows()), tuple(self.findings), self._first(given))

    def _right(self, given: Numbers) -> None:
        for entry, number in given:
            if correct(self.question, entry, number):
                self.told[entry] = "correct", places_told(self.question, entry, number)

    def _rounded(self, given: Numbers, rest: Numbers) -> None:
        """Numbers that an honest way gives: one way for the whole sheet, else one for each."""
        way = self._way(given, range(len(self.question.ways)))
        if way is not None:
            for entry, _ in rest:
                self.told[entry] = "rounding", explained(way, self.question.problem)
            return
        near = [k for k, way in enumerate(self.question.ways) if not way.fewer]
        for entry, number in rest:
            own = self._way([(entry, number)], near)
            if own is not None:
                self.told[entry] = "rounding", explained(own, self.question.problem)
                self.alone.add(entry)

    def _way(self, given: Numbers, tried: Sequence[int]) -> Way | None:
        """The simplest of some ways (by their places) that gives all these numbers, proven."""
        ways = [self.question.ways[k] for k in tried]
        fits = matches(self.question.honest[tried], self.question.asked(given), ways).all(axis=1)
        found = sorted((ways[k] for k in np.nonzero(fits)[0].tolist()), key=lambda way: way.rank)
        return next((way for way in found[:8] if self.question.proven(None, way, given)), None)

    def _explained(self, given: Numbers, rest: Numbers) -> None:
        """One mistake for the sheet; else quantity after quantity; else two mistakes."""
        asked = self.question.asked(given)
        single = self.mistakes.single(asked, given)
        if single is not None:
            self._mistaken(single, given)
            return
        local = Local(self, given)
        if local.wrong() and not local.slipped():
            pair = self.mistakes.pair(asked, given, rest[0][0])
            if pair is not None:
                self._mistaken(pair, given)
                return
        local.told()

    def _mistaken(self, found: Found, given: Numbers) -> None:
        """The verdicts where a mistake gives all numbers: made here, or following from it.

        What an honest way gives too stays what it is: before the mistake shows, no one erred.
        """
        explanation, touches = found.tried.explanation, found.tried.touches
        first = min(part.first for part in found.tried.made)
        speaks = [entry for entry, _ in self.open(given)]
        for k, entry in enumerate(speaks):
            made = k == 0 or (entry[1] in touches and entry[0] >= first)
            self.told[entry] = ("mistake" if made else "follows"), explanation
        equations = found.tried.used(self.question.problem)
        self.findings.append(
            Finding(explanation, tuple(speaks), equations, found.also, found.chance)
        )

    def _rows(self) -> Iterator[Row]:
        for entry in self.question.entries:
            number = self.answers.given.get(entry)
            verdict, explanation = self.told.get(entry, ("missing", None))
            text = None if number is None else number.text
            expected = expected_text(self.question, entry)
            yield Row(*entry, text, expected, verdict, explanation, "")

    def _first(self, given: Numbers) -> Entry | None:
        bad = (e for e, _ in given if self.told[e][0] in ("mistake", "wrong", "follows"))
        return next(bad, None)
