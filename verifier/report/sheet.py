"""View data of the question sheet: the problem as it is posed, and blanks for the answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from verifier.evaluate import shown_steps
from verifier.formats import Blank, Format
from verifier.problem import Problem
from verifier.report.gradients import asked
from verifier.report.head import Head, posed, spaced
from verifier.report.left_out import left_out
from verifier.report.scribe import Scribe
from verifier.report.words import Math, Prose, Words

MOST_BOXES = 8
"""Longer vectors get one wide box instead of a box an entry."""


@dataclass(frozen=True)
class Answer:
    """One quantity to fill in: so many boxes, one an entry."""

    step: int
    symbol: Math
    boxes: int


@dataclass(frozen=True)
class Sheet:
    """A question sheet."""

    head: Head
    policy: Prose
    blank: Blank
    answers: tuple[Answer, ...]
    columns: int
    words: Words


def sheet(problem: Problem, style: Format, words: Words, blank: Blank) -> Sheet:
    """The view data of a sheet in a format."""
    scribe = Scribe(problem, style, words)
    answers = tuple(_answers(problem, scribe))
    return Sheet(
        posed(scribe),
        spaced([words(f"sheet.policy.{problem.policy.kind}"), *left_out(scribe, "only.sheet")]),
        blank,
        answers,
        max(answer.boxes for answer in answers),
        words,
    )


def _answers(problem: Problem, scribe: Scribe) -> Iterator[Answer]:
    only = problem.shown
    for step, quantities in shown_steps(problem, only):
        for name in asked(problem, step, quantities):
            size, chosen = problem.size(name), only.chosen(name)
            if chosen is None:
                yield Answer(step, scribe.symbol(name, step), size if size <= MOST_BOXES else 1)
            yield from (Answer(step, scribe.entry(name, step, k), 1) for k in chosen or ())
