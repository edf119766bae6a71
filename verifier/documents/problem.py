"""The problem as it is posed, as a document of its own: no blanks, no results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from verifier.documents.blocks import Block, Page
from verifier.documents.posed import page, posed
from verifier.documents.printing import printed
from verifier.documents.source import Source
from verifier.formats import Engine
from verifier.problem import Problem
from verifier.report.head import Head, head
from verifier.report.means import means
from verifier.report.scribe import Scribe


def problem_documents(
    problem: Problem, formats: Iterable[str], engine: Engine = "typst"
) -> dict[str, str | bytes]:
    """The problem in each of the formats; a PDF is bytes."""
    documents: dict[str, str | bytes] = {}
    for format in formats:
        style, words = means(problem.texts.language, format, engine)
        documents[format] = printed(problem_page(head(Scribe(problem, style, words))), style)
    return documents


def blocks(source: Source, scribe: Scribe) -> Iterator[Block]:
    """The problem as a part of notes."""
    return posed(head(scribe))


def problem_page(view: Head) -> Page:
    """The blocks of a problem."""
    return page("problem", view.title, posed(view), view)
