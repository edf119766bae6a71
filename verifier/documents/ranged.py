"""The ranges of results as a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from verifier.documents.blocks import Block, Column, Heading, Page, Paragraph, Table, TableRow
from verifier.documents.posed import page, posed
from verifier.documents.printing import in_formats, printed
from verifier.errors import VerifierError
from verifier.formats import Engine
from verifier.ranges import Ranges
from verifier.report.contract import ranges_json
from verifier.report.means import means_for
from verifier.report.ranged import Document, document


def ranges_documents(
    ranges: Ranges,
    formats: Iterable[str],
    engine: Engine = "typst",
    lost: dict[str, VerifierError] | None = None,
) -> dict[str, str | bytes]:
    """The ranges in each of the formats, and as json; see `in_formats` for what cannot be made."""
    return in_formats(formats, lambda format: _document(ranges, format, engine), lost)


def _document(ranges: Ranges, format: str, engine: Engine) -> str | bytes:
    if format == "json":
        return ranges_json(ranges)
    style, words = means_for(ranges.problem, format, engine)
    return printed(ranges_page(document(ranges, style, words)), style)


def ranges_page(view: Document) -> Page:
    """The blocks of a document of ranges."""
    title = view.words.text("ranges.title", title=view.head.title)
    return page("solution", title, _blocks(view), view.head)


def _blocks(view: Document) -> Iterator[Block]:
    yield from posed(view.head)
    yield Heading(view.words("ranges.heading"), name="ranges")
    yield from (Paragraph((sentence,)) for sentence in view.sentences)
    yield _table(view)


def _table(view: Document) -> Table:
    words = view.words
    columns = (
        Column(words("results.step"), "right"),
        Column(words("results.quantity"), names=True),
        Column(words("ranges.low"), "right", digits=True),
        Column(words("ranges.high"), "right", digits=True),
        Column(words("ranges.rounded"), "right", digits=True),
    )
    rows = (
        TableRow(((str(row.step),), (row.name,), (row.low,), (row.high,), row.digits))
        for row in view.rows
    )
    return Table(columns, tuple(rows), words.text("ranges.heading"))
