"""Blocks that kinds of document have in common: the problem as it is posed, and lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from verifier.documents.blocks import Block, Bullets, Display, Heading, Page, Paragraph
from verifier.markup import Prose
from verifier.report.head import Block as Given
from verifier.report.head import Head
from verifier.report.words import Words


def page(kind: str, title: str, blocks: Iterable[Block], head: Head) -> Page:
    """A document on a problem: what made it stands at its end."""
    footer = (Paragraph((head.footer,)),)
    return Page(kind, title, tuple(blocks), footer, head.words.language)


def posed(head: Head) -> Iterator[Block]:
    """The problem as it is posed: what a sheet and a key have in common."""
    words = head.words
    if head.byline:
        yield Paragraph(((" · ".join(head.byline),),), "byline")
    for text in filter(None, (*head.statement, head.summary)):
        yield Paragraph(((text,),))
    yield Heading(words("cell.heading"), name="cell")
    yield Paragraph((words("cell.equations", t=head.t),), lead=True)
    yield Display(head.equations, words.text("cell.heading"))
    for part in head.more:
        yield Paragraph((part.sentence,), lead=True)
        yield Display(part.lines, words.text("cell.heading"))
    if head.legend:
        yield Paragraph((head.legend,))
    if head.source:
        yield Paragraph((words("cell.source", source=head.source),), "source")
    if head.given:
        yield Heading(words("given.heading"), name="given")
        yield from given(head.given, words)
        yield Paragraph(head.rule)


def given(parts: Iterable[Given], words: Words) -> Iterator[Block]:
    """The given numbers, each group below its sentence."""
    for part in parts:
        yield Paragraph((part.sentence,), lead=True)
        yield Display(part.lines, words.text("given.heading"))


def sentence(prose: Prose) -> Iterator[Block]:
    """The paragraph of a sentence that may be missing; it introduces what follows."""
    if prose:
        yield Paragraph((prose,), lead=True)


def bullets(sentences: Iterable[Prose]) -> Bullets:
    """A list of sentences."""
    return Bullets(tuple(sentences))
