"""The report of an audit as a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from verifier.audit.findings import Findings
from verifier.audit.over import Boxed
from verifier.documents.blocks import (
    Block,
    Column,
    Heading,
    Page,
    Paragraph,
    Picture,
    Table,
    TableRow,
)
from verifier.documents.posed import page
from verifier.documents.printing import printed
from verifier.documents.source import Source
from verifier.formats import Engine
from verifier.report.audit.boxed import boxed_json, boxed_report
from verifier.report.audit.contract import audit_json
from verifier.report.audit.figure import figure
from verifier.report.audit.parts import report
from verifier.report.audit.view import Part, Report
from verifier.report.audit.view import Table as Numbers
from verifier.report.means import means
from verifier.report.scribe import Scribe


def audit_documents(
    findings: Findings, formats: Iterable[str], engine: Engine = "typst"
) -> dict[str, str | bytes]:
    """The report in each of the formats, and as json; svg and png are the figure of drift alone."""
    return {format: _document(findings, format, engine) for format in formats}


def boxed_documents(
    found: Boxed, formats: Iterable[str], engine: Engine = "typst"
) -> dict[str, str | bytes]:
    """The bounds over a box in each of the formats, and as json; there is no figure of them."""
    return {format: _boxed(found, format, engine) for format in formats}


def _boxed(found: Boxed, format: str, engine: Engine) -> str | bytes:
    if format == "json":
        return boxed_json(found)
    style, words = means(found.problem.texts.language, format, engine)
    return printed(audit_page(boxed_report(found, style, words)), style)


def blocks(source: Source, scribe: Scribe) -> Iterator[Block]:
    """The report as a part of notes."""
    return reported(report(source.findings, scribe.style, replace(scribe.words, kind="")))


def _document(findings: Findings, format: str, engine: Engine) -> str | bytes:
    if format == "json":
        return audit_json(findings)
    problem = findings.audit.solution.problem
    if format in ("svg", "png"):
        return figure(findings.drift, format, problem.texts.language)
    style, words = means(problem.texts.language, format, engine)
    return printed(audit_page(report(findings, style, words)), style)


def audit_page(view: Report) -> Page:
    """The blocks of an audit."""
    title = view.words.text("audit.title", title=view.head.title)
    return page("audit", title, reported(view), view.head)


def reported(view: Report) -> Iterator[Block]:
    """The parts of the report, the summary first."""
    for part in view.parts:
        yield from _part(part)


def _part(part: Part) -> Iterator[Block]:
    yield Heading(part.heading, name=part.name)
    yield from (Paragraph((sentence,)) for sentence in part.sentences)
    if part.figure:
        yield Picture(part.figure.svg, part.figure.alt)
    yield from map(_table, part.tables)


def _table(table: Numbers) -> Table:
    columns = (
        Column(head, "left" if k < table.texts else "right", k >= table.texts, share)
        for k, (head, share) in enumerate(zip(table.columns, table.shares, strict=True))
    )
    label = "".join(getattr(part, "spoken", part) for part in table.caption)
    return Table(tuple(columns), tuple(map(TableRow, table.rows)), label, table.caption, "tiny")
