"""The table of a class: a row a person, and which mistakes were made by how many."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from verifier.check.answers.ledger import entry_text
from verifier.check.model import Answers, Checked
from verifier.check.scores import points_text, score
from verifier.check.verdicts import VERDICTS, counts
from verifier.formats import Format, load
from verifier.outcomes.model import Explanation
from verifier.problem import Problem
from verifier.report.cells import cell
from verifier.report.head import footer, rules, titled
from verifier.report.reasons import Reasons
from verifier.report.scribe import Scribe
from verifier.report.totals import Totals, totals
from verifier.report.words import Prose, Words


@dataclass(frozen=True)
class Pupil:
    """A row of the table; `link` leads to the person's own page."""

    person: str
    points: str
    counts: tuple[str, ...]
    first: Prose
    mistakes: tuple[Prose, ...]
    unread: str
    link: str = ""


@dataclass(frozen=True)
class Made:
    """A mistake, and by how many it was made."""

    name: Prose
    count: int
    people: str


@dataclass(frozen=True)
class Classroom:
    """The table of a class."""

    title: str
    headings: tuple[str, ...]
    score: Prose
    totals: Totals
    pupils: tuple[Pupil, ...]
    made: tuple[Made, ...]
    frequencies: tuple[tuple[str, int], ...]
    rule: tuple[Prose, ...]
    footer: Prose
    words: Words


def classroom(
    problem: Problem,
    everyone: Sequence[Checked],
    style: Format,
    words: Words,
    links: Sequence[str] = (),
) -> Classroom:
    """The view data of a class in a format; `links` are the people's pages."""
    scribe = Scribe(problem, style, words)
    paired = zip(everyone, links or [""] * len(everyone), strict=True)
    said, found = Said(Reasons(everyone[0], scribe)), totals(problem, everyone, scribe)
    return Classroom(
        title=words.text("check.class.title", title=titled(scribe)),
        headings=tuple(words.text(f"check.verdict.{verdict}") for verdict in VERDICTS),
        score=_can_be_had(problem, everyone, found, scribe),
        totals=found,
        pupils=tuple(_pupil(checked, said, link, found.differ) for checked, link in paired),
        made=tuple(_made(everyone, scribe)),
        frequencies=frequencies(everyone, Scribe(problem, load("txt"), words)),
        rule=rules(scribe),
        footer=footer(scribe),
        words=words,
    )


def _can_be_had(
    problem: Problem, everyone: Sequence[Checked], found: Totals, scribe: Scribe
) -> Prose:
    """How many people there are, and how many points they can have."""
    mosts = found.mosts or (score(problem, everyone[0]).most,)
    least, most = (scribe.plain_number(points_text(n)) for n in (mosts[0], mosts[-1]))
    if found.differ:
        return scribe.words("check.class.score.own", len(everyone), least=least, most=most)
    return scribe.words("check.class.score", len(everyone), most=most)


class Said:
    """Words that a class needs often: names of mistakes and of entries, each made once."""

    def __init__(self, reasons: Reasons) -> None:
        self.scribe = reasons.scribe
        self.named, self.entry = lru_cache(None)(reasons.named), lru_cache(None)(reasons.entry)


def _pupil(checked: Checked, reasons: Said, link: str, differ: bool) -> Pupil:
    """A row; where people can have different most, everyone's own stands behind the points."""
    complaints = checked.answers.complaints
    own = score(reasons.scribe.problem, checked)
    numbers = (own.points, own.most) if differ else (own.points,)
    points = " / ".join(reasons.scribe.plain_number(points_text(n)) for n in numbers)
    return Pupil(
        person=checked.answers.person,
        points=points if checked.marked else "",
        counts=tuple(str(count) for count in counts(checked).values()),
        first=reasons.entry(checked.first) if checked.first is not None else (),
        mistakes=tuple(reasons.named(found) for found in mistakes(checked)),
        unread=unread(checked) if complaints else "",
        link=link,
    )


def unread(checked: Checked) -> str:
    """The first thing that could not be read, and how many more there are."""
    complaints = checked.answers.complaints
    first = complaints[0]
    line = f"{Path(first.place.file).name}:{first.place.line}: " if first.place else ""
    more = f" (and {len(complaints) - 1} more)" if len(complaints) > 1 else ""
    return f"{line}{first.what}{more}"


def mistakes(checked: Checked) -> list[Explanation]:
    """The mistakes and slips that explain this person's numbers, each once."""
    found = (f.explanation for f in checked.findings if f.explanation.kind in ("mistake", "slip"))
    return list(dict.fromkeys(found))


def _made(everyone: Sequence[Checked], scribe: Scribe) -> Iterator[Made]:
    """The mistakes by how many made them, the commonest first, with the first of these."""
    made, who = Counter[Explanation](), dict[Explanation, list[str]]()
    for checked in everyone:
        for found in mistakes(checked):
            made[found] += 1
            if made[found] <= MOST_PEOPLE:
                who.setdefault(found, []).append(checked.answers.person)
    reasons = Reasons(everyone[0], scribe)
    for found, count in made.most_common():
        people = ", ".join(who[found]) + (" …" if count > MOST_PEOPLE else "")
        yield Made(reasons.named(found), count, people)


def frequencies(everyone: Sequence[Checked], scribe: Scribe) -> tuple[tuple[str, int], ...]:
    """The mistakes by how many made them, in plain words, the commonest first."""
    made = Counter(found for checked in everyone for found in mistakes(checked))
    reasons = Reasons(everyone[0], scribe)
    return tuple(("".join(reasons.named(found)), count) for found, count in made.most_common())


MOST_PEOPLE = 8


COLUMNS = (
    *("person", "file", "points", "most", *VERDICTS),
    *("first", "mistakes", "could_not_be_read", "by_hand"),
)
"""The columns of the table, with names that programs can rely on."""


def classroom_csv(problem: Problem, everyone: Sequence[Checked], words: Words) -> str:
    """The table as CSV; points have a decimal point.

    Every text is quoted, and no spreadsheet takes one for a formula; numbers stand bare. Who could
    not be judged has no points, which is not the same as none.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    table.writerow(COLUMNS)
    for row in classroom_rows(problem, everyone, words):
        table.writerow([cell(value) if isinstance(value, str) else value for value in row])
    return text.getvalue()


def classroom_rows(
    problem: Problem, everyone: Sequence[Checked], words: Words
) -> Iterator[list[str | int | Decimal]]:
    """A row a person, of texts and numbers in the order of the columns."""
    reasons = Said(Reasons(Checked(Answers("", "", {}), ()), Scribe(problem, load("txt"), words)))
    for checked in everyone:
        found = score(problem, checked)
        named = "; ".join("".join(reasons.named(found)) for found in mistakes(checked))
        first = entry_text(checked.first) if checked.first is not None else ""
        told = unread(checked) if checked.answers.complaints else ""
        points = Decimal(points_text(found.points)) if checked.marked else ""
        numbers = (points, Decimal(points_text(found.most)), *counts(checked).values())
        by_hand = checked.by_hand is not None or any(r.by_hand is not None for r in checked.rows)
        who = (checked.answers.person, Path(checked.answers.file).name)
        yield [*who, *numbers, first, named, told, int(by_hand)]


def marks(problem: Problem, everyone: Sequence[Checked]) -> dict[tuple[str, str], str]:
    """Everyone's points as the table has them, by person and file; empty for who has none."""
    return {
        _who(checked): points_text(score(problem, checked).points) if checked.marked else ""
        for checked in everyone
    }


def _who(checked: Checked) -> tuple[str, str]:
    return cell(checked.answers.person), cell(Path(checked.answers.file).name)


def changes_csv(changed: Mapping[tuple[str, str], tuple[str, str]]) -> str:
    """Points that are others than before, as CSV: bare numbers, and nothing where there is none."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    table.writerow(("person", "file", "before", "after"))
    for who, both in changed.items():
        table.writerow((*who, *(Decimal(mark) if mark else "" for mark in both)))
    return text.getvalue()
