"""The question sheet as a document: the problem, and blanks for the answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from verifier.documents.blocks import (
    Block,
    Column,
    Heading,
    Page,
    Paragraph,
    Table,
    TableRow,
    Tools,
    together,
)
from verifier.documents.posed import page, posed
from verifier.documents.printing import Begun, begun
from verifier.documents.source import Source
from verifier.formats import Blank, Engine
from verifier.markup import Room
from verifier.problem import Problem
from verifier.report.head import spaced
from verifier.report.means import means
from verifier.report.scribe import Scribe
from verifier.report.sheet import Sheet, sheet

WIDTH = 0.66
"""The share of a page that the boxes have together."""

ROW = 2.0
"""The height of a row of boxes, in lines of text."""


def sheet_documents(
    problem: Problem,
    formats: Iterable[str],
    blank: Blank = "table",
    engine: Engine = "typst",
    person: str = "",
) -> dict[str, str | bytes]:
    """The question sheet in each of the formats, with blanks and perhaps a person's name."""
    return {format: begun_sheet(problem, format, blank, engine, person)() for format in formats}


def begun_sheet(
    problem: Problem, format: str, blank: Blank, engine: Engine, person: str = ""
) -> Begun:
    """The question sheet in a format up to what a compiler does."""
    style, words = means(problem.texts.language, format, engine)
    words = words if problem.backward is None else replace(words, kind="question")
    return begun(sheet_page(sheet(problem, style, words, blank), person), style)


def blocks(source: Source, scribe: Scribe) -> Iterator[Block]:
    """The question as a part of notes."""
    return asked(sheet(source.solution.problem, scribe.style, scribe.words, "table"))


def sheet_page(view: Sheet, person: str = "") -> Page:
    """The blocks of a question sheet, with a person's name or room for one."""
    called = view.words("sheet.name")
    room = person or Room(True, "".join(called))
    name = Paragraph(((*called, ": ", room),), "name")
    return page("sheet", view.head.title, (name, *asked(view)), view.head)


def asked(view: Sheet) -> Iterator[Block]:
    """The problem, what is to be done, and the blanks."""
    words = view.words
    yield from posed(view.head)
    task = spaced([words("sheet.task"), view.policy])
    first = (
        Heading(words("sheet.heading"), name="answers"),
        Paragraph((task,), lead=view.blank != "none"),
    )
    if view.blank == "table":
        yield from together([*first, blanks(view)], ROW)
    else:
        yield from first
    if view.blank == "lines":
        yield from (Paragraph(((a.symbol, " = ", a.line),), "room") for a in view.answers)
    if view.blank != "none":
        buttons = tuple((does, words.text(f"sheet.{does}")) for does in ("save", "clear"))
        yield Tools(buttons, view.problem, words.text("sheet.sure"))


def blanks(view: Sheet) -> Table:
    """The table to write answers into: a box an entry.

    Without a box stands what has fewer entries than the longest.
    """
    words, boxes = view.words, range(view.columns)
    share = f"{WIDTH / view.columns:.3f}"
    columns = (
        Column(words("results.step"), "right"),
        Column(words("results.quantity"), names=True),
        *(Column((), "center", share=share, last=True) for _ in boxes),
    )
    rows = (
        TableRow(
            (
                (str(a.step),),
                (a.symbol,),
                *((a.boxes[k] if k < len(a.boxes) else "–",) for k in boxes),
            )
        )
        for a in view.answers
    )
    return Table(columns, tuple(rows), words.text("sheet.answers"), grid=True)
