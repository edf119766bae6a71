"""The worked solution as a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from verifier.derive.chain import chains
from verifier.derive.marks import recomputed
from verifier.documents.blocks import Block, Heading, Page, Paragraph, Tools, Verbatim, together
from verifier.documents.posed import bullets, page, posed
from verifier.documents.printing import Begun, begun, in_formats
from verifier.documents.source import Source
from verifier.documents.worked import results, worked
from verifier.errors import DocumentError, VerifierError
from verifier.formats import Engine, Format
from verifier.report.contract import solution_json
from verifier.report.means import means_for
from verifier.report.scribe import Scribe
from verifier.report.view import Document, Worked, document
from verifier.report.words import Words
from verifier.solution import Solution


def solution_documents(
    solution: Solution,
    formats: Iterable[str],
    digits: int = 0,
    engine: Engine = "typst",
    lost: dict[str, VerifierError] | None = None,
) -> dict[str, str | bytes]:
    """The worked solution in each of the formats, and as json; a PDF is bytes.

    With `digits`, all but json show every entry to so many significant digits as well; see
    `in_formats` for what cannot be made.
    """
    worked = _Worked(solution)
    return in_formats(formats, lambda format: _begun(worked, format, digits, engine)(), lost)


class _Worked:
    """A solution and its chains, which are made once for all formats, when one needs them."""

    def __init__(self, solution: Solution) -> None:
        self.solution = solution

    @cached_property
    def chains(self) -> Worked:
        return recomputed(self.solution, chains(self.solution))


def begun_solution(solution: Solution, formats: Iterable[str], engine: Engine) -> dict[str, Begun]:
    """The worked solution in each of the formats up to what a compiler does."""
    worked = _Worked(solution)
    return {format: _begun(worked, format, 0, engine) for format in formats}


def _begun(worked: _Worked, format: str, digits: int, engine: Engine) -> Begun:
    solution = worked.solution
    if format == "json":
        text = solution_json(solution)
        return lambda: text
    style, words = means_for(solution.problem, format, engine)
    view = document(solution, worked.chains, style, words, digits)
    return begun(solution_page(view), style)


def solved_page(solution: Solution, style: Format, words: Words) -> Page:
    """The blocks of a worked solution, for one of several in a document."""
    return solution_page(document(solution, _Worked(solution).chains, style, words, 0))


def solution_text(solution: Solution, format: str, digits: int = 0) -> str:
    """The worked solution in one of the text formats.

    Errors: DocumentError for a format that is not text.
    """
    text = solution_documents(solution, [format], digits)[format]
    if isinstance(text, bytes):
        raise DocumentError(f"{format} is no text", accepted="md, tex, html, typ or json")
    return text


def blocks(source: Source, scribe: Scribe) -> Iterator[Block]:
    """The worked solution as a part of notes."""
    chains = _Worked(source.solution).chains
    return solved(document(source.solution, chains, scribe.style, scribe.words))


def solution_page(view: Document) -> Page:
    """The blocks of a worked solution."""
    title = view.words.text("solution.title", title=view.head.title)
    return page("solution", title, solved(view), view.head)


def solved(view: Document) -> Iterator[Block]:
    """The problem, how to read, the steps, the results, and what rounding did."""
    words = view.words
    yield from posed(view.head)
    yield Heading(words("reading.heading"), name="reading")
    yield Paragraph(view.reading)
    yield Tools(tuple((does, words.text(f"html.{does}")) for does in ("open", "close")))
    yield from worked(view.steps, words)
    first = Heading(words("results.heading"), name="results")
    yield from together([first, results(view.results, words)])
    yield Heading(words("notes.heading"), name="notes")
    yield bullets(view.notes)
    if view.digits:
        yield Heading(words("digits.heading", view.digit_count), name="digits")
        yield Paragraph((words("digits.text", view.digit_count),))
        yield from (Verbatim(symbol, lines) for symbol, lines in view.digits)
