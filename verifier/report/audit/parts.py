"""The parts of an audit's report, from findings to sentences and tables."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.audit.findings import Findings
from verifier.audit.model import Attribution
from verifier.errors import MissingExtraError
from verifier.formats import Format
from verifier.report.audit.basis import basis
from verifier.report.audit.compared import compared
from verifier.report.audit.deployed import deploying
from verifier.report.audit.figure import figure
from verifier.report.audit.numbers import bound_text, error_text, less_text, signed_text
from verifier.report.audit.printed import printed
from verifier.report.audit.steps import thinned
from verifier.report.audit.summary import place_of, row_of, share_symbol, summary
from verifier.report.audit.tables import errors
from verifier.report.audit.view import Figure, Part, Report, Table
from verifier.report.head import head
from verifier.report.kinks import kinks
from verifier.report.notes import entry
from verifier.report.scribe import Scribe
from verifier.report.words import Prose, Svg, Words

MOST_SHARES = 8
MOST_STEPS = 21
MOST_ATTRIBUTIONS = 12


def report(findings: Findings, style: Format, words: Words) -> Report:
    """The view data of an audit in a format."""
    scribe = Scribe(findings.audit.solution.problem, style, words)
    parts = (
        Part("summary", words("audit.summary.heading"), tuple(summary(findings, scribe))),
        deploying(findings, scribe),
        compared(findings, scribe),
        errors(findings, scribe),
        _attributed(findings, scribe),
        printed(findings, scribe),
        _drifting(findings, scribe),
        basis(findings.audit.models, findings, scribe),
    )
    return Report(head(scribe), tuple(part for part in parts if part), words)


def _attributed(findings: Findings, scribe: Scribe) -> Part | None:
    found, words = findings.audit.attributions, scribe.words
    if not found:
        return None
    tables = tuple(_shares(findings, scribe, each) for each in found[:MOST_ATTRIBUTIONS])
    sentences = [words("audit.shares.text")]
    if len(found) > MOST_ATTRIBUTIONS:
        sentences.append(words("audit.shares.more", len(found) - MOST_ATTRIBUTIONS))
    sentences += _kinks(findings, scribe)
    return Part("shares", words("audit.shares.heading"), tuple(sentences), tables)


def _kinks(findings: Findings, scribe: Scribe) -> Iterator[Prose]:
    """Where the computed numbers stand at a kink, of which the shares take one side."""
    shared = {each.float for each in findings.audit.attributions}
    for model in findings.audit.models:
        if model.float in shared:
            for what in kinks(scribe, model):
                yield scribe.words("kinks.float", float=model.float, what=what)


def _shares(findings: Findings, scribe: Scribe, found: Attribution) -> Table:
    """The largest shares, then the others together, then the remainder; they add up."""
    words, rest = scribe.words, found.shares[MOST_SHARES:]
    own, k = row_of(findings, found)
    unit = float(own.ulp[k]) if own.vanishes[k] else 1.0
    rows = [
        (
            share_symbol(scribe, share.step, share.name),
            words(f"audit.source.{share.source}"),
            _signed(scribe, share.ulps * unit),
        )
        for share in found.shares[:MOST_SHARES]
    ]
    if rest:
        others = words("audit.shares.others", len(rest))
        rows.append((others, (), _signed(scribe, sum(share.ulps for share in rest) * unit)))
    rows.append((words("audit.shares.remainder"), (), _signed(scribe, found.remainder * unit)))
    caption = words(
        "audit.shares.caption.absolute" if own.vanishes[k] else "audit.shares.caption",
        float=found.float,
        entry=entry(findings.audit.solution, scribe, place_of(findings, found)),
        error=_signed(scribe, found.error * unit),
        size=_signed(scribe, found.error * float(own.ulp[k])),
    )
    columns = (
        words("audit.column.made"),
        words("audit.column.source"),
        words("audit.column.absolute" if own.vanishes[k] else "audit.column.ulp"),
    )
    return Table(caption, columns, tuple(rows), 2)


def _signed(scribe: Scribe, value: float) -> Prose:
    return (scribe.plain_number(signed_text(value)),)


def _drifting(findings: Findings, scribe: Scribe) -> Part | None:
    words, found = scribe.words, findings.drift
    if scribe.problem.steps < 2:
        return None
    steps = sorted({worst.step for each in found for worst in each.steps})
    shown = thinned(steps, MOST_STEPS)
    columns: list[Prose] = [words("results.step")]
    for each in found:
        columns.append(words("audit.column.drift.error", float=each.float))
        columns.append(words("audit.column.drift.bound", float=each.float))
    by_step = {(each.float, worst.step): worst for each in found for worst in each.steps}
    rows = []
    for step in shown:
        row: list[Prose] = [(str(step),)]
        for each in found:
            worst = by_step[each.float, step]
            text = less_text if worst.below else error_text
            row.append((scribe.plain_number(text(worst.error)),))
            row.append((scribe.plain_number(bound_text(worst.bound_any_order)),))
        rows.append(tuple(row))
    table = Table(words("audit.drift.caption"), tuple(columns), tuple(rows), 0)
    sentences = [words("audit.drift.text")]
    if len(shown) < len(steps):
        sentences.append(words("audit.thinned", len(shown), all=len(steps)))
    return Part(
        "drift", words("audit.drift.heading"), tuple(sentences), (table,), _figure(findings, scribe)
    )


def _figure(findings: Findings, scribe: Scribe) -> Figure | None:
    """The figure, in formats that hold it, where matplotlib is installed."""
    if not scribe.style.speaks:
        return None
    try:
        svg = figure(findings.drift, "svg", scribe.words.language).decode()
    except MissingExtraError:
        return None
    return Figure(Svg(svg[svg.index("<svg") :]), scribe.words.text("audit.figure.alt"))
