"""What went wrong in a class, question by question: for the lecture after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from verifier.arithmetic.protocol import QuantityAt
from verifier.check.model import Checked, Judgement, Verdict
from verifier.formats import Format
from verifier.outcomes.model import Explanation
from verifier.problem import Problem
from verifier.report.feedback import entry_tree
from verifier.report.head import footer, rules, titled
from verifier.report.reasons import Reasons
from verifier.report.scribe import Scribe
from verifier.report.words import Math, Prose, Words

MOST_NUMBERS = 8
"""Wrong numbers that are listed of a question, those of most people first."""

Likeness = tuple[tuple[int, ...], str | None, Verdict, Explanation | None]

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

    name: str  # such as z-1, for pieces
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


@dataclass
class Tally:
    """How a quantity at a step went: who tried it, who had all of it right, and wrong numbers.

    Alike numbers are counted together; `first` is the place of the first person with them.
    """

    tried: int = 0
    right: int = 0
    alike: Counter[Likeness] = field(default_factory=Counter)
    first: dict[Likeness, int] = field(default_factory=dict)

    def add(self, person: int, rows: Sequence[Judgement]) -> None:
        """Count a person's numbers of the quantity."""
        tried = any(row.verdict != "missing" for row in rows)
        self.tried += tried
        self.right += tried and not any(row.verdict in (*AMISS, "missing") for row in rows)
        for row in rows:
            if row.verdict in AMISS:
                self.alike[likeness(row)] += 1
                self.first.setdefault(likeness(row), person)


def likeness(row: Judgement) -> Likeness:
    """What is the same of numbers that are told together."""
    return row.index, row.given, row.verdict, row.explanation


def lecture(problem: Problem, everyone: Sequence[Checked], style: Format, words: Words) -> Lecture:
    """The view data of what went wrong in a format."""
    scribe = Scribe(problem, style, words)
    found = tallies(everyone).items()
    return Lecture(
        words.text("check.lecture.title", title=titled(scribe)),
        tuple(_question(site, own, everyone, scribe) for site, own in found if own.alike),
        problem.scoring.feedback != "full",
        rules(scribe),
        footer(scribe),
        words,
    )


def tallies(everyone: Iterable[Checked]) -> dict[QuantityAt, Tally]:
    """How each quantity at each step went, in one pass over a class."""
    found: dict[QuantityAt, Tally] = {}
    for k, one in enumerate(everyone):
        rows: dict[QuantityAt, list[Judgement]] = {}
        for row in one.rows:
            rows.setdefault((row.step, row.name), []).append(row)
        for site, own in rows.items():
            found.setdefault(site, Tally()).add(k, own)
    return found


def _question(site: QuantityAt, own: Tally, everyone: Sequence[Checked], scribe: Scribe) -> Asked:
    """A quantity at a step that someone had wrong."""
    says = scribe.words("check.lecture.right", own.tried, right=str(own.right))
    wrong = tuple(_wrong(site, own, everyone, scribe))
    return Asked(f"{site[1]}-{site[0]}", scribe.symbol(site[1], site[0]), says, wrong)


def _wrong(
    site: QuantityAt, own: Tally, everyone: Sequence[Checked], scribe: Scribe
) -> Iterator[Wrong]:
    """The numbers that were given, alike ones together, those of most people first."""
    for key, count in own.alike.most_common(MOST_NUMBERS):
        one = everyone[own.first[key]]
        row = next(r for r in one.rows if (r.step, r.name) == site and likeness(r) == key)
        symbol = scribe.shown(entry_tree(scribe.problem, row.name, row.index), row.step)
        expected = scribe.plain_number(row.expected or "?")
        yield Wrong(symbol, row.given or "", expected, count, Reasons(one, scribe).because(row))
