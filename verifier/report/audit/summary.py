"""The summary of an audit: a sentence or three for each format."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from verifier.audit.drift import absolute, useful
from verifier.audit.findings import Findings
from verifier.audit.model import Attribution, Measured
from verifier.report.audit.numbers import bound_text, error_text, signed_text
from verifier.report.notes import Place, entry
from verifier.report.scribe import Scribe
from verifier.report.words import Prose


def summary(findings: Findings, scribe: Scribe) -> Iterator[Prose]:
    """For each format: the largest error, its bound, and the gate and step that matter most."""
    for model in findings.audit.models:
        row, k = worst(findings, model.float)
        parts = [_error(findings, scribe, row, k), _bound(scribe, row, k)]
        parts += _matters(findings, scribe, row, k)
        yield joined([*parts, *_absolute(findings, scribe, row, k)])


def joined(parts: list[Prose]) -> Prose:
    """Sentences as one paragraph."""
    return tuple(piece for part in parts for piece in (" ", *part))[1:]


def worst(findings: Findings, float: str) -> tuple[Measured, int]:
    """The quantity and entry with a format's largest error in ulps."""
    rows = [row for row in findings.audit.measured.values() if row.float == float]
    row = max(rows, key=lambda row: row.error.max())
    return row, int(np.argmax(row.error))


def _error(findings: Findings, scribe: Scribe, row: Measured, k: int) -> Prose:
    where = entry(findings.audit.solution, scribe, (row.step, row.name, k))
    if not np.isfinite(row.error[k]):
        return scribe.words("audit.summary.infinite", float=row.float, entry=where)
    return scribe.words(
        "audit.summary.error",
        float=row.float,
        ulps=scribe.plain_number(error_text(row.error[k])),
        size=scribe.plain_number(error_text(absolute(row, row.error)[k])),
        entry=where,
    )


def _bound(scribe: Scribe, row: Measured, k: int) -> Prose:
    words = scribe.words
    stated, any_order = useful(row, row.bound)[k], useful(row, row.bound_any_order)[k]
    if not stated:
        return words("audit.summary.useless")
    own = scribe.plain_number(bound_text(row.bound[k]))
    if not any_order:
        return words("audit.summary.bound.stated", bound=own)
    every = scribe.plain_number(bound_text(row.bound_any_order[k]))
    return words("audit.summary.bound", bound=own, any=every)


def _absolute(findings: Findings, scribe: Scribe, row: Measured, k: int) -> list[Prose]:
    """The largest absolute error, where another entry has it: near zero, ulps are small."""
    rows = [other for other in findings.audit.measured.values() if other.float == row.float]
    most = max(rows, key=lambda other: absolute(other, other.error).max())
    i = int(np.argmax(absolute(most, most.error)))
    size, bound = (absolute(most, x)[i] for x in (most.error, most.bound_any_order))
    if (most.step, most.name, i) == (row.step, row.name, k) or not np.isfinite(size):
        return []
    where = entry(findings.audit.solution, scribe, (most.step, most.name, i))
    shown = scribe.plain_number(error_text(size))
    if not useful(most, most.bound_any_order)[i]:
        return [scribe.words("audit.summary.absolute", size=shown, entry=where)]
    limit = scribe.plain_number(bound_text(bound))
    return [scribe.words("audit.summary.absolute.bound", size=shown, entry=where, bound=limit)]


def _matters(findings: Findings, scribe: Scribe, row: Measured, k: int) -> list[Prose]:
    """The step and quantity in which most of the worst entry's error was made."""
    for found in findings.audit.attributions:
        if place_of(findings, found) == (row.step, row.name, k) and found.float == row.float:
            return [_most(scribe, found)] if found.shares else []
    return []


def _most(scribe: Scribe, found: Attribution) -> Prose:
    parts: dict[tuple[int, str], float] = defaultdict(float)
    for share in found.shares:
        parts[share.step, share.name] += share.ulps
    step, name = max(parts, key=lambda part: abs(parts[part]))
    own = [share for share in found.shares if (share.step, share.name) == (step, name)]
    largest = max(own, key=lambda share: abs(share.ulps))
    shown = scribe.plain_number(signed_text(parts[step, name]))
    of = scribe.plain_number(signed_text(found.error))
    source = scribe.words.text(f"audit.source.{largest.source}")
    symbol = share_symbol(scribe, step, name)
    return scribe.words("audit.summary.matters", symbol=symbol, source=source, ulps=shown, of=of)


def share_symbol(scribe: Scribe, step: int, name: str) -> Prose:
    """Where a share was made: a quantity at a step, or a given name."""
    return (scribe.symbol(name, step) if step else scribe.bare(name),)


def place_of(findings: Findings, found: Attribution) -> Place:
    """The step, name and entry that an attribution is about."""
    shape = findings.audit.solution.problem.shapes[found.name]
    k = int(np.ravel_multi_index(found.index, shape)) if shape else 0
    return found.step, found.name, k
