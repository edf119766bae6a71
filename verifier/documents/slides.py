"""Slides: the cell, what is given, and a quantity a slide, revealed link by link."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import ceil

from verifier.derive.chain import chains
from verifier.derive.marks import recomputed
from verifier.documents.blocks import Block, Display, Page, Paragraph, Slide
from verifier.documents.posed import given, sentence
from verifier.documents.printing import printed
from verifier.documents.source import Source
from verifier.formats import Engine, Format, in_width
from verifier.report.means import means
from verifier.report.scribe import Line, Scribe
from verifier.report.view import Document, Section, Step, document
from verifier.report.words import Words
from verifier.solution import Solution

WIDTH = 60
"""Digits on a line of a slide."""

HEIGHT = 8
"""Lines of text that a slide holds in the size that it is made for."""

Lines = tuple[Line, ...]


def slides_documents(
    solution: Solution, formats: Iterable[str], engine: Engine = "typst"
) -> dict[str, str | bytes]:
    """The slides of a solution in each of the formats; where there are none, sections."""
    worked, documents = recomputed(solution, chains(solution)), dict[str, str | bytes]()
    for format in formats:
        style, words = means(solution.problem.texts.language, format, engine)
        narrow = _narrow(style)
        documents[format] = printed(slides_page(document(solution, worked, narrow, words)), narrow)
    return documents


def blocks(source: Source, scribe: Scribe) -> Iterator[Block]:
    """The slides as a part of a deck; in notes without slides, sections."""
    worked = recomputed(source.solution, chains(source.solution))
    return _slides(document(source.solution, worked, _narrow(scribe.style), scribe.words))


def _narrow(style: Format) -> Format:
    """The format with the lines of a slide."""
    return in_width(style, min(WIDTH, style.width))


def slides_page(view: Document) -> Page:
    """The slides of a solution."""
    title = view.words.text("solution.title", title=view.head.title)
    return Page("slides", title, tuple(_slides(view)), (), view.words.language)


def _slides(view: Document) -> Iterator[Block]:
    head, words = view.head, view.words
    equations = Display(head.equations, words.text("cell.heading"))
    text = Paragraph((words("cell.equations", t=head.t),), lead=True)
    yield Slide(words("cell.heading"), (text,), equations, name="cell")
    for part in head.given:
        lead, display = given([part], words)
        assert isinstance(display, Display)
        yield Slide(words("given.heading"), (lead,), display, name="given")
    for step in view.steps:
        yield from _step(step, words)


def _step(step: Step, words: Words) -> Iterator[Block]:
    """A slide a quantity, then what the step gives."""
    for section in step.sections:
        yield from (replace(slide, name=step.name) for slide in _quantity(section, words))
    label = words.text("results.heading")
    for lines in _parted([(section.result, section.height) for section in step.sections]):
        yield Slide(step.heading, (), Display(lines, label), name=step.name)


def _parted(items: Sequence[tuple[Lines, int]]) -> Iterator[Lines]:
    """Lines and their heights in as many parts as slides they need, which are alike in size."""
    whole = sum(height for _, height in items)
    most = ceil(whole / max(1, ceil(whole / HEIGHT)))
    lines, taken = Lines(), 0
    for own, height in items:
        if lines and taken + height / 2 > most:
            yield lines
            lines, taken = Lines(), 0
        lines, taken = lines + own, taken + height
    yield lines


def _whole(lines: Sequence[Line]) -> list[tuple[Lines, int]]:
    """What each left side says, with the lines that go on from it."""
    starts = [k for k, line in enumerate(lines) if line.left or not k]
    parts = (tuple(lines[a:b]) for a, b in zip(starts, [*starts[1:], None], strict=True))
    return [(part, len(part)) for part in parts]


def _quantity(section: Section, words: Words) -> Iterator[Slide]:
    first, label = tuple(sentence(section.sentence)), words.text("html.products")
    for part in section.parts:
        if part.products:
            lead = tuple(sentence(words("quantity.products")))
            for lines in _parted(_whole(part.products)):
                yield Slide(section.heading, lead, Display(lines, label))
        chain, last = Display(part.lines, words.text("html.steps")), part is section.parts[-1]
        marks = (Paragraph(section.marks, "note"),) if last and section.marks else ()
        yield Slide(section.heading, first, chain, marks)
        first = ()
