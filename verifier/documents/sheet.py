"""The question sheet as a document: the problem, and blanks for the answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from verifier.documents.blocks import Answer, Blanks, Block, Field, Heading, Page, Paragraph
from verifier.documents.posed import page, posed
from verifier.documents.printing import printed
from verifier.formats import Blank, Engine
from verifier.markup import Math
from verifier.problem import Problem
from verifier.report.head import spaced
from verifier.report.means import means
from verifier.report.sheet import Sheet, sheet

WIDTH = 0.66
"""The share of a page that the boxes have together."""


def sheet_documents(
    problem: Problem,
    formats: Iterable[str],
    blank: Blank = "table",
    engine: Engine = "typst",
) -> dict[str, str | bytes]:
    """The question sheet in each of the formats, with blanks to fill in."""
    documents: dict[str, str | bytes] = {}
    for format in formats:
        style, words = means(problem.texts.language, format, engine)
        documents[format] = printed(sheet_page(sheet(problem, style, words, blank)), style)
    return documents


def sheet_page(view: Sheet) -> Page:
    """The blocks of a question sheet."""
    name = Field(view.words("sheet.name"))
    return page("sheet", view.head.title, (name, *asked(view)), view.head)


def asked(view: Sheet) -> Iterator[Block]:
    """The problem, what is to be done, and the blanks."""
    words = view.words
    yield from posed(view.head)
    yield Heading(words("sheet.heading"))
    yield Paragraph((spaced([words("sheet.task"), view.policy]),))
    if view.blank != "none":
        heads = ("results.step", "results.quantity", "results.value")
        yield Blanks(
            view.blank,
            tuple(map(words, heads)),
            tuple(_answer(a.step, a.symbol, a.boxes, view.columns) for a in view.answers),
            f"{WIDTH / view.columns:.3f}",
            words.text("sheet.answers"),
        )


def _answer(step: int, symbol: Math, boxes: int, columns: int) -> Answer:
    return Answer(step, symbol, tuple(k < boxes for k in range(columns)))
