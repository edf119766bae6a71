"""The general derivation of a cell as a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from verifier.cells import Cell
from verifier.documents.blocks import Block, Display, Heading, Page, Paragraph
from verifier.documents.posed import posed, sentence
from verifier.documents.printing import printed
from verifier.documents.source import Source
from verifier.formats import Engine
from verifier.language.operations import Shape
from verifier.problem import Problem
from verifier.report.derivation import PLAIN, Derivation, Parts, Passage, Slopes, derivation
from verifier.report.means import means
from verifier.report.scribe import Scribe
from verifier.report.words import Words


def derivation_documents(
    cell: Cell,
    shapes: Mapping[str, Shape],
    formats: Iterable[str],
    parts: Parts = PLAIN,
    language: str = "en",
    engine: Engine = "typst",
    problem: Problem | None = None,
) -> dict[str, str | bytes]:
    """The general derivation of a cell in each of the formats; a PDF is bytes.

    With a problem, it is said beside the derivatives where its numbers meet a kink.
    Errors: VerifierError where a part would be too long, or a format has no letters for a language.
    """
    documents: dict[str, str | bytes] = {}
    for format in formats:
        style, words = means(language, format, engine)
        if problem is not None and problem.backward is not None:
            words = replace(words, kind="backward")
        view = derivation(cell, shapes, style, words, parts, problem)
        documents[format] = printed(derivation_page(view), style)
    return documents


def derivation_text(cell: Cell, shapes: Mapping[str, Shape], format: str) -> str:
    """The general derivation of a cell, entry by entry, in a text format."""
    text = derivation_documents(cell, shapes, [format])[format]
    assert isinstance(text, str)
    return text


def blocks(source: Source, scribe: Scribe) -> Iterator[Block]:
    """The general derivation, entry by entry, as a part of notes."""
    problem = source.solution.problem
    return derived(derivation(problem.cell, problem.shapes, scribe.style, scribe.words))


def derivation_page(view: Derivation) -> Page:
    """The blocks of a general derivation; it holds for any numbers, so no problem stands below."""
    title = view.words.text("derivation.title", title=view.head.title)
    return Page("derivation", title, tuple(derived(view)), (), view.words.language)


def derived(view: Derivation) -> Iterator[Block]:
    """The cell, its equations entry by entry, unrolled over steps, and its derivatives."""
    words = view.words
    yield from posed(view.head)
    if view.sections:
        yield Heading(words("derive.heading"), name="entry-by-entry")
        yield Paragraph((words("derive.sizes", sizes=view.sizes),))
        for section in view.sections:
            yield from _titled(section, words.text("derive.heading"))
            yield Paragraph((words("derive.entries"),), lead=True)
            yield Display(section.entries, words.text("derive.entries"))
    if view.unroll:
        title = words("derive.unrolled.heading", view.unroll)
        yield Heading(title)
        yield Paragraph((words("derive.unrolled.text"),))
        yield from _each(view.unrolled, "".join(title))
    if view.slopes:
        yield from _slopes(view.slopes, words)


def _slopes(slopes: Slopes, words: Words) -> Iterator[Block]:
    yield Heading(words("derive.jacobian.heading"))
    yield Paragraph(slopes.remarks)
    for kind, sections in (("partial", slopes.partial), ("total", slopes.total)):
        yield Heading(words(f"derive.jacobian.{kind}"))
        yield from _each(sections, words.text("derive.jacobian.heading"))


def _each(sections: Sequence[Passage], label: str) -> Iterator[Block]:
    for section in sections:
        yield from _titled(section, label)


def _titled(section: Passage, label: str) -> Iterator[Block]:
    yield Heading(section.heading, 2)
    yield from sentence(section.sentence)
    yield Display(section.lines, label)
