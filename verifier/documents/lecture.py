"""What went wrong in a class as a document: a part for each question, whole on a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from verifier.check.model import Checked
from verifier.documents.blocks import (
    Block,
    Column,
    Heading,
    Page,
    Paragraph,
    Table,
    TableRow,
    Together,
)
from verifier.documents.printing import printed
from verifier.documents.source import Source
from verifier.formats import Engine
from verifier.markup import Inline
from verifier.problem import Problem
from verifier.report.lecture import Asked, Lecture, Wrong, lecture
from verifier.report.means import means
from verifier.report.scribe import Scribe


def lecture_document(
    problem: Problem, everyone: Sequence[Checked], format: str, engine: Engine = "typst"
) -> str | bytes:
    """What went wrong, question by question, in a format."""
    style, words = means(problem.texts.language, format, engine)
    return printed(lecture_page(lecture(problem, everyone, style, words)), style)


def blocks(source: Source, scribe: Scribe) -> Iterator[Block]:
    """What went wrong as a part of notes, question by question."""
    task, words = source.solution.problem, replace(scribe.words, kind="")
    return iter(_gone_wrong(lecture(task, source.everyone, scribe.style, words)))


def lecture_page(view: Lecture) -> Page:
    """The blocks of what went wrong."""
    footer = (Paragraph(view.rule), Paragraph((view.footer,)))
    return Page("lecture", view.title, _gone_wrong(view), footer, view.words.language)


def _gone_wrong(view: Lecture) -> tuple[Block, ...]:
    """The questions, or that there is nothing to say."""
    nothing = (Paragraph((view.words("check.lecture.nothing"),)),)
    return tuple(_question(asked, view) for asked in view.questions) or nothing


def _question(asked: Asked, view: Lecture) -> Block:
    """A question, which a page is not to part."""
    return Together(tuple(_parts(asked, view)), ROOM)


ROOM = 20
"""Lines that a question takes with as many numbers as are listed."""


def _parts(asked: Asked, view: Lecture) -> Iterator[Block]:
    yield Heading((asked.symbol,), name=asked.name)
    yield Paragraph((asked.says,))
    yield _table(asked, view)


def _table(asked: Asked, view: Lecture) -> Table:
    words = view.words
    digits = (
        Column(words("check.lecture.given"), digits=True, share="0.15"),
        Column(words("check.table.expected"), digits=True),
    )
    columns = (
        Column(words("results.quantity"), names=True),
        *(() if view.hidden else digits),
        Column(words("check.class.how.many"), digits=True, share="0.12"),
        Column(words("check.table.because"), share="0.45", last=True),
    )
    rows = tuple(TableRow(_cells(wrong, view.hidden)) for wrong in asked.wrong)
    return Table(columns, rows, words.text("check.class.made"), size="small")


def _cells(wrong: Wrong, hidden: bool) -> tuple[Inline, ...]:
    digits: tuple[Inline, ...] = () if hidden else ((wrong.given,), (wrong.expected,))
    return ((wrong.symbol,), *digits, (str(wrong.count),), wrong.because)
