"""Blocks of worked quantities: their steps, and the table of results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from verifier.documents.blocks import (
    Block,
    Column,
    Display,
    Fold,
    Heading,
    Paragraph,
    Table,
    TableRow,
)
from verifier.documents.posed import sentence
from verifier.markup import Figures
from verifier.report.view import Result, Section, Step
from verifier.report.words import Words


def worked(steps: Iterable[Step], words: Words) -> Iterator[Block]:
    """The steps with the derivations of their quantities."""
    for step in steps:
        yield Heading(step.heading, name=step.name)
        yield from sentence(step.note)
        for section in step.sections:
            yield Heading(section.heading, 2)
            yield from sentence(section.sentence)
            yield from _derived(section, words)


def _derived(section: Section, words: Words) -> Iterator[Block]:
    lines = tuple(_lines(section, words))
    if not section.worked:
        yield from lines
        return
    closed = Display(section.result, words.text("results.value"))
    yield Fold(words("html.steps"), lines, closed=(closed,))


def _lines(section: Section, words: Words) -> Iterator[Block]:
    """The parts of a derivation, products before the line that uses them, and what marks say."""
    for part in section.parts:
        if part.products:
            inner = Display(part.products, words.text("html.products"))
            yield Fold(words("html.products"), (inner,), words("quantity.products"))
            yield from sentence(words("quantity.with"))
        yield Display(part.lines, words.text("html.steps"))
    if section.marks:
        yield Paragraph(section.marks, "note")


def results(found: Sequence[Result], words: Words) -> Table:
    """The table of results."""
    columns = (
        Column(words("results.step"), "right"),
        Column(words("results.quantity"), names=True),
        Column(words("results.value"), share="0.72", last=True),
    )
    between = words("results.between")
    rows = (
        TableRow(((str(row.step),), row.quantity, (Figures(row.entries, between, f"f{k}"),)))
        for k, row in enumerate(found, 1)
    )
    return Table(columns, tuple(rows), words.text("html.table"), scrolls=False)
