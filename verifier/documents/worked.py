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
        yield Heading(step.heading)
        yield from sentence(step.note)
        for section in step.sections:
            yield Heading(section.heading, 2)
            yield from sentence(section.sentence)
            yield from _derived(section, words)


def _derived(section: Section, words: Words) -> Iterator[Block]:
    lines: list[Block] = [Display(section.lines, words.text("html.steps"))]
    if section.products:
        inner = Display(section.products, words.text("html.products"))
        lines.append(Fold(words("html.products"), (inner,), words("quantity.products")))
    if section.marks:
        lines.append(Paragraph(section.marks, "note"))
    if len(section.lines) == 1:
        yield from lines
        return
    closed = Display(section.result, words.text("results.value"))
    yield Fold(words("html.steps"), tuple(lines), closed=(closed,))


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
