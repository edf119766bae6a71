"""What a document says of ranges: the ends of each result, and how they were found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from verifier.formats import Format
from verifier.markup import Math
from verifier.ranges import Ranges
from verifier.report.head import Head, head
from verifier.report.left_out import left_out
from verifier.report.scribe import Scribe
from verifier.report.words import Prose, Words
from verifier.rounding import Rounding
from verifier.solution import Row

MOST_SLACK = 0.5
"""A share of a range that may be too much, from which on it is said that ranges may be wide."""


@dataclass(frozen=True)
class Entry:
    """A row of the table: the entry, the ends of its range, and its digits where there are any."""

    step: int
    name: Math
    low: Math
    high: Math
    digits: Prose


@dataclass(frozen=True)
class Document:
    """The ranges of a problem's results."""

    head: Head
    sentences: tuple[Prose, ...]
    rows: tuple[Entry, ...]
    words: Words


def document(ranges: Ranges, style: Format, words: Words) -> Document:
    """The view data of ranges in a format."""
    scribe = Scribe(ranges.problem, style, words)
    rows = tuple(_rows(ranges, scribe))
    return Document(head(scribe), tuple(_sentences(ranges, scribe)), rows, words)


def _sentences(ranges: Ranges, scribe: Scribe) -> Iterator[Prose]:
    words, count = scribe.words, ranges.problem.intervals
    yield from left_out(scribe)
    yield words("ranges.text", count)
    if ranges.slack < MOST_SLACK:
        share = Rounding(1, "ceiling").text(100 * Fraction(ranges.slack))
        yield words("ranges.tight", share=scribe.plain_number(share))
    else:
        yield words("ranges.loose")
    yield words("ranges.digits")


def _rows(ranges: Ranges, scribe: Scribe) -> Iterator[Entry]:
    problem = ranges.problem
    for row in ranges.rows:
        k = problem.entry(row.name, row.index)
        chosen = problem.shown.chosen(row.name)
        if problem.shown.shows(row.step, row.name) and (chosen is None or k in chosen):
            yield _entry(row, k, scribe)


def _entry(row: Row, k: int, scribe: Scribe) -> Entry:
    rule = scribe.problem.rule(row.name)
    low, high = (
        scribe.number(_end(text, rule, mode))
        for text, mode in ((row.lower, "floor"), (row.upper, "ceiling"))
    )
    digits: Prose = ("–",) if row.rounded is None else (scribe.number(row.rounded),)
    return Entry(row.step, scribe.entry(row.name, row.step, k), low, high, digits)


def _end(text: str | None, rule: Rounding, mode: str) -> str | None:
    """An end of a range to as many places as results have, rounded outwards."""
    if text is None:
        return None
    value = Fraction(text)
    places = rule.places_of(value) if rule.places is None else rule.places
    return Rounding(max(0, places), mode).text(value)  # type: ignore[arg-type]
