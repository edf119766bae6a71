"""View data of the question sheet: the problem as it is posed, and blanks for the answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from verifier.evaluate import shown_steps
from verifier.formats import Blank, Format
from verifier.language.tree import Name
from verifier.markup import Room
from verifier.problem import Problem
from verifier.problem.backward import asked
from verifier.report.head import Head, posed, spaced
from verifier.report.left_out import left_out
from verifier.report.scribe import Scribe
from verifier.report.words import Math, Prose, Words

MOST_BOXES = 8
"""Longer vectors get one wide box instead of a box an entry."""


@dataclass(frozen=True)
class Answer:
    """One quantity to fill in: a box an entry, or a line for all of it."""

    step: int
    symbol: Math
    boxes: tuple[Room, ...]
    line: Room


@dataclass(frozen=True)
class Sheet:
    """A question sheet."""

    head: Head
    policy: Prose
    blank: Blank
    answers: tuple[Answer, ...]
    columns: int
    words: Words
    problem: str  # its hash


def sheet(problem: Problem, style: Format, words: Words, blank: Blank) -> Sheet:
    """The view data of a sheet in a format."""
    scribe = Scribe(problem, style, words)
    answers = tuple(_answers(problem, scribe))
    return Sheet(
        posed(scribe),
        spaced([carried(problem, words), *left_out(scribe, "only.sheet")]),
        blank,
        answers,
        max(len(answer.boxes) for answer in answers),
        words,
        problem.sha256,
    )


def carried(problem: Problem, words: Words) -> Prose:
    """What the task says of rounding on the way; the places to carry stand above."""
    return words(f"sheet.policy.{problem.policy.kind if problem.carry is None else 'carry'}")


def _answers(problem: Problem, scribe: Scribe) -> Iterator[Answer]:
    only = problem.shown
    for step, quantities in shown_steps(problem, only):
        for name in (name for name in quantities if asked(problem, step, name)):
            size, chosen = problem.size(name), only.chosen(name)
            if chosen is None:
                entries = range(size) if 1 < size <= MOST_BOXES else (None,)
                boxes = tuple(_room(scribe, name, step, k) for k in entries)
                line = replace(_room(scribe, name, step, None), line=True)
                yield Answer(step, scribe.symbol(name, step), boxes, line)
            for k in chosen or ():
                box = _room(scribe, name, step, k)
                yield Answer(step, scribe.entry(name, step, k), (box,), replace(box, line=True))


def _room(scribe: Scribe, name: str, step: int, k: int | None) -> Room:
    """The room for an entry, or for a whole quantity, with its spoken name."""
    label = scribe.head(Name(name, 0), step).spoken
    if k is None:
        return Room(label=label, step=step, name=name)
    index = [int(i) for i in np.unravel_index(k, scribe.problem.shapes[name])]
    if scribe.speaker:
        label = scribe.speaker.say("field", label, ",".join(str(i + 1) for i in index))
    return Room(label=label, step=step, name=name, index=",".join(map(str, index)))
