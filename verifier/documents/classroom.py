"""The table of a class as a document."""

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
    Picture,
    Table,
    TableRow,
)
from verifier.documents.printing import printed
from verifier.documents.source import Source
from verifier.formats import Engine
from verifier.markup import Inline, Link, shares
from verifier.problem import Problem
from verifier.report.bars import bars
from verifier.report.classroom import Classroom, Pupil, classroom
from verifier.report.means import means
from verifier.report.scribe import Scribe


def class_document(
    problem: Problem,
    everyone: Sequence[Checked],
    format: str,
    links: Sequence[str] = (),
    engine: Engine = "typst",
) -> str | bytes:
    """The table of a class in a format; `links` are the people's own pages."""
    style, words = means(problem.texts.language, format, engine)
    return printed(class_page(classroom(problem, everyone, style, words, links)), style)


def blocks(source: Source, scribe: Scribe) -> Iterator[Block]:
    """The table of a class as a part of notes; no person's page is beside it."""
    task, words = source.solution.problem, replace(scribe.words, kind="")
    return together(classroom(task, source.everyone, scribe.style, words))


def class_page(view: Classroom) -> Page:
    """The blocks of a class."""
    footer = (Paragraph(view.rule), Paragraph((view.footer,)))
    return Page("class", view.title, tuple(together(view)), footer, view.words.language)


def together(view: Classroom) -> Iterator[Block]:
    """How many points can be had, which mistakes were made by how many, and a row a person."""
    words = view.words
    yield Paragraph((view.score, view.totals.sentence) if view.totals.bins else (view.score,))
    if view.totals.bins:
        yield Heading(words("check.class.spread"), name="points")
        yield Picture(bars(view.totals.bins), words.text("check.class.spread"))
        yield _spread(view)
    yield Heading(words("check.class.made"), name="mistakes")
    if view.made:
        yield Picture(bars(view.frequencies), words.text("check.class.made"))
    yield _mistakes(view) if view.made else Paragraph((words("check.class.none"),))
    yield Heading(words("check.class.people"), name="people")
    yield _people(view)


def _spread(view: Classroom) -> Table:
    """How many have how many points; parts that no one is in are left out."""
    words = view.words
    columns = (
        Column(view.totals.heading, names=True),
        Column(words("check.class.count"), digits=True),
    )
    rows = tuple(TableRow(((label,), (str(count),))) for label, count in view.totals.bins if count)
    return Table(columns, rows, words.text("check.class.spread"), size="small")


def _mistakes(view: Classroom) -> Table:
    words = view.words
    columns = (
        Column(words("check.class.mistakes"), share="0.45", names=True),
        Column(words("check.class.how.many"), digits=True, share="0.12"),
        Column(words("check.class.who"), share="0.36", last=True),
    )
    rows = (TableRow((m.name, (str(m.count),), (m.people,))) for m in view.made)
    return Table(columns, tuple(rows), words.text("check.class.made"), size="small")


def _people(view: Classroom) -> Table:
    words = view.words
    columns = (
        Column(words("check.class.person"), names=True),
        Column(words("check.class.points"), digits=True),
        *(Column((head,), digits=True) for head in view.headings),
        Column(words("check.class.first")),
        Column(words("check.class.mistakes"), last=True),
        Column(words("check.class.unread")),
    )
    rows = tuple(TableRow(_cells(pupil)) for pupil in view.pupils)
    least = (8, 5, *(4 for _ in view.headings), 7, 10, 6)
    parts = shares([tuple(column.head for column in columns), *(row.cells for row in rows)], least)
    columns = tuple(replace(c, share=share) for c, share in zip(columns, parts, strict=True))
    return Table(columns, rows, words.text("check.class.people"), size="tiny", wide=True)


def _cells(pupil: Pupil) -> tuple[Inline, ...]:
    person: Inline = (Link(pupil.person, pupil.link),) if pupil.link else (pupil.person,)
    counts = ((count,) for count in pupil.counts)
    named = tuple(part for mistake in pupil.mistakes for part in ("; ", *mistake))[1:]
    rest = (pupil.first, named, (pupil.unread,))
    return (person, (pupil.points,), *counts, *rest)
