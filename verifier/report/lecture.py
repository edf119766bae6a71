"""What went wrong in a class, question by question: for the lecture after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from verifier.check.model import Checked, Row
from verifier.formats import Format
from verifier.problem import Problem
from verifier.report.feedback import entry_tree
from verifier.report.head import footer, rules, titled
from verifier.report.reasons import Reasons
from verifier.report.scribe import Scribe
from verifier.report.words import Math, Prose, Words

MOST_NUMBERS = 8
"""Wrong numbers that are listed of a question, those of most people first."""

AMISS = ("mistake", "wrong", "coarse", "follows")


@dataclass(frozen=True)
class Wrong:
    """A number that is not right, of an entry, and by how many it was given."""

    symbol: Math
    given: str
    expected: str
    count: int
    because: Prose


@dataclass(frozen=True)
class Asked:
    """A quantity at a step: how many had all of it right, and what others gave."""

    symbol: Math
    says: Prose
    wrong: tuple[Wrong, ...]


@dataclass(frozen=True)
class Lecture:
    """The questions of a class, in order, without those that all had right."""

    title: str
    questions: tuple[Asked, ...]
    hidden: bool
    rule: tuple[Prose, ...]
    footer: Prose
    words: Words


def lecture(problem: Problem, everyone: Sequence[Checked], style: Format, words: Words) -> Lecture:
    """The view data of what went wrong in a format."""
    scribe = Scribe(problem, style, words)
    sites = dict.fromkeys((row.step, row.name) for one in everyone for row in one.rows)
    return Lecture(
        words.text("check.lecture.title", title=titled(scribe)),
        tuple(q for site in sites for q in _question(site, everyone, scribe)),
        problem.scoring.feedback != "full",
        rules(scribe),
        footer(scribe),
        words,
    )


def _question(
    site: tuple[int, str], everyone: Sequence[Checked], scribe: Scribe
) -> Iterator[Asked]:
    """A quantity at a step, if anyone had it wrong."""
    own = [(one, [row for row in one.rows if (row.step, row.name) == site]) for one in everyone]
    tried = [rows for _, rows in own if any(row.verdict != "missing" for row in rows)]
    right = sum(not any(row.verdict in (*AMISS, "missing") for row in rows) for rows in tried)
    amiss = [(one, row) for one, rows in own for row in rows if row.verdict in AMISS]
    if not amiss:
        return
    says = scribe.words("check.lecture.right", len(tried), right=str(right))
    yield Asked(scribe.symbol(site[1], site[0]), says, tuple(_wrong(amiss, scribe)))


def _wrong(amiss: Sequence[tuple[Checked, Row]], scribe: Scribe) -> Iterator[Wrong]:
    """The numbers that were given, alike ones together, those of most people first."""
    alike = Counter(map(_likeness, amiss))
    first = {_likeness(pair): pair for pair in reversed(amiss)}
    for key, count in alike.most_common(MOST_NUMBERS):
        one, row = first[key]
        symbol = scribe.shown(entry_tree(scribe.problem, row.name, row.index), row.step)
        expected = scribe.plain_number(row.expected or "?")
        yield Wrong(symbol, row.given or "", expected, count, Reasons(one, scribe).because(row))


def _likeness(pair: tuple[Checked, Row]) -> tuple[object, ...]:
    row = pair[1]
    return row.index, row.given, row.verdict, row.explanation
