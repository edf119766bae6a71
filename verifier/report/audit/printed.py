"""What the report says of floats that print other digits than the certified ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from verifier.audit.findings import Findings
from verifier.audit.hazards import Hazard, Print, tried
from verifier.report.audit.summary import joined
from verifier.report.audit.tables import position
from verifier.report.audit.view import Part, Table
from verifier.report.scribe import Scribe
from verifier.report.words import Prose

MOST_LISTED = 12


def printed(findings: Findings, scribe: Scribe) -> Part:
    """For each format, how many entries print other digits; the first ones with the reason."""
    words, sentences, tables = scribe.words, [scribe.words("audit.hazards.text")], []
    for model in findings.audit.models:
        own = [hazard for hazard in findings.hazards if hazard.float == model.float]
        sentences.append(joined(list(_said(findings, scribe, model.float, len(own)))))
        tables += [_table(scribe, model.float, own)] if own else []
    return Part("printed", words("audit.hazards.heading"), tuple(sentences), tuple(tables))


def _said(findings: Findings, scribe: Scribe, float: str, other: int) -> Iterator[Prose]:
    """How many entries print other digits, the certified ones, and none that could be compared."""
    words, counted = scribe.words, tried(findings.audit, float)
    left_out = (counted.not_finite, counted.undecided, counted.whole)
    for key, count in zip(("lost", "undecided", "whole"), left_out, strict=True):
        if count:
            yield words(f"audit.hazards.{key}", count, float=float)
    if other:
        yield words("audit.hazards.some", other, float=float)
    elif not any(left_out):
        yield words("audit.hazards.none", float=float)
    elif counted.compared:
        yield words("audit.hazards.others", counted.compared, float=float)


def _table(scribe: Scribe, float: str, found: list[Hazard]) -> Table:
    words = scribe.words
    rows = [row for hazard in found[:MOST_LISTED] for row in _rows(scribe, hazard)]
    names = ("results.step", "results.quantity", "audit.column.entry", "audit.column.certified")
    more = ("audit.column.prints", "audit.column.function", "audit.column.reason")
    columns = tuple(words(name) for name in (*names, *more))
    listed = min(MOST_LISTED, len(found))
    caption = words("audit.hazards.caption", listed, float=float, all=len(found))
    return Table(caption, columns, tuple(rows), len(columns))


def _rows(scribe: Scribe, hazard: Hazard) -> Iterator[tuple[Prose, ...]]:
    """A row for each text that functions print, with all that print it for the same reason."""
    k = 0
    for size, i in zip(scribe.problem.shapes[hazard.name], hazard.index, strict=True):
        k = k * size + i
    alike = sorted(hazard.prints, key=_same)
    for (text, reason), prints in groupby(alike, _same):
        functions = ", ".join(_function(scribe, p, hazard) for p in prints)
        yield (
            (str(hazard.step),),
            (scribe.symbol(hazard.name, hazard.step),),
            (position(scribe, hazard.name, k),),
            (scribe.plain_number(hazard.certified),),
            (scribe.plain_number(text),),
            (functions,),
            scribe.words(f"audit.reason.{reason}"),
        )


def _same(found: Print) -> tuple[str, str]:
    return found.text, found.reason


def _function(scribe: Scribe, found: Print, hazard: Hazard) -> str:
    places = len(hazard.certified.partition(".")[2])
    return f'f"{{x:.{places}f}}"' if found.method == "format" else found.method
