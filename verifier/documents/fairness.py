"""The report on a question as a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from verifier.check.fairness import Fairness
from verifier.documents.blocks import Block, Column, Heading, Page, Paragraph, Table, TableRow
from verifier.documents.posed import bullets
from verifier.documents.printing import printed
from verifier.documents.source import Source
from verifier.formats import Engine
from verifier.problem import Problem
from verifier.report.fair import Report, Section, fairness_json, report
from verifier.report.means import means
from verifier.report.scribe import Scribe


def fairness_documents(
    problem: Problem, found: Fairness, formats: Iterable[str], engine: Engine = "typst"
) -> dict[str, str | bytes]:
    """The report on a question in each of the formats, and as json; a PDF is bytes."""
    documents: dict[str, str | bytes] = {}
    for format in formats:
        if format == "json":
            documents[format] = fairness_json(problem, found)
            continue
        style, words = means(problem.texts.language, format, engine)
        documents[format] = printed(fairness_page(report(problem, found, style, words)), style)
    return documents


def blocks(source: Source, scribe: Scribe) -> Iterator[Block]:
    """The report on a question as a part of notes."""
    task, words = source.solution.problem, replace(scribe.words, kind="")
    return asked(report(task, source.fairness, scribe.style, words))


def fairness_page(view: Report) -> Page:
    """The blocks of the report on a question."""
    footer = (Paragraph((view.footer,)),)
    return Page("fairness", view.title, tuple(asked(view)), footer, view.words.language)


def asked(view: Report) -> Iterator[Block]:
    """The rounding rule, then what is asked of the question."""
    yield Paragraph(view.rule)
    for section in view.sections:
        yield Heading((section.heading,), name=section.name)
        yield Paragraph(((section.text,),))
        if section.head:
            yield _table(section)
        elif section.rows:
            yield bullets(cell for row in section.rows for cell in row)


def _table(section: Section) -> Table:
    share = f"{1 / len(section.head):.3f}"
    columns = (Column((head,), share=share, names=k == 0) for k, head in enumerate(section.head))
    return Table(tuple(columns), tuple(map(TableRow, section.rows)), section.heading, size="small")
