"""The feedback to one person as a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from verifier.check.model import Checked
from verifier.documents.blocks import (
    Block,
    Column,
    Display,
    Heading,
    Page,
    Paragraph,
    Table,
    TableRow,
)
from verifier.documents.posed import bullets
from verifier.documents.printing import printed
from verifier.documents.source import Source
from verifier.formats import Engine
from verifier.markup import Inline, Prose, Strong
from verifier.problem import Problem
from verifier.report.feedback import Feedback, FindingView, RowView, feedback
from verifier.report.means import means
from verifier.report.scribe import Scribe
from verifier.report.words import Words


def feedback_documents(
    problem: Problem, checked: Checked, formats: Iterable[str], engine: Engine = "typst"
) -> dict[str, str | bytes]:
    """The feedback to one person in each of the formats; not json, which is of all people."""
    documents: dict[str, str | bytes] = {}
    for format in formats:
        style, words = means(problem.texts.language, format, engine)
        documents[format] = printed(feedback_page(feedback(problem, checked, style, words)), style)
    return documents


def blocks(source: Source, scribe: Scribe) -> Iterator[Block]:
    """The feedback to one person as a part of notes."""
    task, words = source.solution.problem, replace(scribe.words, kind="")
    return told(feedback(task, source.person, scribe.style, words))


def feedback_page(view: Feedback) -> Page:
    """The blocks of the feedback to one person."""
    footer = (Paragraph(view.rule), Paragraph((view.footer,)))
    return Page("feedback", view.title, tuple(told(view)), footer, view.words.language)


def told(view: Feedback) -> Iterator[Block]:
    """The score, what happened, every number's verdict, and what could not be read."""
    words = view.words
    yield Paragraph((view.byline,), "byline")
    yield Paragraph(((Strong((view.score,)),),), "score")
    yield from (Paragraph((sentence,)) for sentence in view.says)
    if view.level != "hints":
        yield from _listed(view.counts)
    yield from _happened(view)
    if view.rows and view.level != "hints":
        yield Heading(words("check.table.heading"), name="verdicts")
        yield _verdicts(view)
        yield from (Paragraph(((text,),)) for text in filter(None, [view.more]))
    if view.unread:
        yield Heading(words("check.unread.heading"), name="unread")
        yield from _listed(view.unread)


def _happened(view: Feedback) -> Iterator[Block]:
    """The mistakes with both equations; a hint is what helps against the first, unnamed."""
    if view.findings:
        yield Heading(view.words("check.findings.heading"), name="findings")
    if view.level == "hints":
        yield from (Paragraph(((text,),)) for found in view.findings[:1] for text in found.help)
        return
    for finding in view.findings:
        yield from _finding(finding, view.words)


def _listed(texts: tuple[str, ...]) -> Iterator[Block]:
    if texts:
        yield bullets((text,) for text in texts)


def _finding(finding: FindingView, words: Words) -> Iterator[Block]:
    yield Heading(finding.heading, 2)
    yield Paragraph((*((text,) for text in finding.help), finding.where))
    if finding.used:
        for key, lines in (("used", finding.used), ("right", finding.right)):
            yield Paragraph((words(f"check.finding.{key}"),), lead=True)
            yield Display(lines, words.text(f"check.finding.{key}"))
    yield from (Paragraph((note,)) for note in finding.notes)


def _verdicts(view: Feedback) -> Table:
    words, full = view.words, view.level == "full"
    digits = (
        Column(words("check.table.given"), digits=True, share="0.15"),
        Column(words("check.table.expected"), digits=True),
    )
    columns = (
        Column(words("results.step"), "right"),
        Column(words("results.quantity"), names=True),
        *(digits if full else ()),
        Column(words("check.table.verdict"), share="0.16"),
        Column(words("check.class.points"), digits=True),
        Column(words("check.table.because"), share="0.32" if full else "0.45", last=True),
    )
    first = words("check.table.first")
    rows = tuple(TableRow(_cells(row, first, full), _role(row)) for row in view.rows)
    return Table(columns, rows, words.text("check.table.heading"), size="small")


def _cells(row: RowView, first: Prose, full: bool) -> tuple[Inline, ...]:
    """The cells of an entry; where things first go wrong, the verdict says so."""
    verdict: Inline = (Strong((row.word, ": ", *first)),) if row.first else (row.word,)
    digits: tuple[Inline, ...] = ((row.given,), (row.expected,)) if full else ()
    return ((str(row.step),), (row.symbol,), *digits, verdict, (row.points,), row.because)


def _role(row: RowView) -> str:
    return f"v-{row.verdict} first" if row.first else f"v-{row.verdict}"
