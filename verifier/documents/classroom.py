"""The table of a class as a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
from verifier.formats import Engine
from verifier.markup import Inline, Link
from verifier.problem import Problem
from verifier.report.bars import bars
from verifier.report.classroom import Classroom, Pupil, classroom
from verifier.report.means import means


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


def class_page(view: Classroom) -> Page:
    """The blocks of a class."""
    footer = (Paragraph(view.rule), Paragraph((view.footer,)))
    return Page("class", view.title, tuple(together(view)), footer, view.words.language)


def together(view: Classroom) -> Iterator[Block]:
    """How many points can be had, which mistakes were made by how many, and a row a person."""
    words = view.words
    yield Paragraph((view.score, view.totals.sentence) if view.totals.bins else (view.score,))
    if view.totals.bins:
        yield Heading(words("check.class.spread"))
        yield Picture(bars(view.totals.bins), words.text("check.class.spread"))
        yield _spread(view)
    yield Heading(words("check.class.made"))
    if view.made:
        yield Picture(bars(view.frequencies), words.text("check.class.made"))
    yield _mistakes(view) if view.made else Paragraph((words("check.class.none"),))
    yield Heading(words("check.class.people"))
    yield _people(view)


def _spread(view: Classroom) -> Table:
    """How many have how many points; parts that no one is in are left out."""
    words = view.words
    columns = (
        Column(words("check.class.range"), names=True),
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
        Column(words("check.class.person"), share="0.11", names=True),
        Column(words("check.class.points"), digits=True, share="0.07"),
        *(Column((head,), digits=True, share="0.07") for head in view.headings),
        Column(words("check.class.first"), share="0.11"),
        Column(words("check.class.mistakes"), share="0.12", last=True),
        Column(words("check.class.unread"), share="0.09"),
    )
    rows = tuple(TableRow(_cells(pupil)) for pupil in view.pupils)
    return Table(columns, rows, words.text("check.class.people"), size="tiny", wide=True)


def _cells(pupil: Pupil) -> tuple[Inline, ...]:
    person: Inline = (Link(pupil.person, pupil.link),) if pupil.link else (pupil.person,)
    counts = ((count,) for count in pupil.counts)
    named = tuple(part for mistake in pupil.mistakes for part in ("; ", *mistake))[1:]
    rest = (pupil.first, named, (pupil.unread,))
    return (person, (pupil.points,), *counts, *rest)
