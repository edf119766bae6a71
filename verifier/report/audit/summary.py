"""The summary of an audit: a sentence or three for each format."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from verifier.arithmetic.protocol import QuantityAt
from verifier.audit.drift import useful
from verifier.audit.findings import Findings
from verifier.audit.model import Attribution, Measured
from verifier.report.audit.lost import lost
from verifier.report.audit.numbers import bound_text, error_text, signed_text, size_text, sized
from verifier.report.notes import Place, entry
from verifier.report.scribe import Scribe
from verifier.report.words import Prose


def summary(findings: Findings, scribe: Scribe) -> Iterator[Prose]:
    """For each format: the largest error, its bound, and the gate and step that matter most."""
    for model in findings.audit.models:
        rows = [row for row in findings.audit.measured.values() if row.float == model.float]
        gone = lost(findings, scribe, model.float)
        own = _Entries(tuple(rows), vanishing=False)
        parts = [*gone, *_in_ulps(findings, scribe, own, bool(gone))]
        if not parts:
            parts = [scribe.words("audit.summary.zero", float=model.float)]
        parts += _absolute(findings, scribe, rows, own.worst)
        rest = _Entries(tuple(rows), vanishing=True)
        parts += _vanishing(scribe, rest)
        yield joined(parts)


def joined(parts: list[Prose]) -> Prose:
    """Sentences as one paragraph."""
    return tuple(piece for part in parts for piece in (" ", *part))[1:]


@dataclass(frozen=True, eq=False)
class _Entries:
    """The entries of a format whose true values vanish, or those whose do not."""

    rows: tuple[Measured, ...]
    vanishing: bool

    def values(self, of: Callable[[Measured], Any]) -> Any:
        """A property of each entry."""
        return np.concatenate([of(row)[row.vanishes == self.vanishing] for row in self.rows])

    @cached_property
    def places(self) -> list[tuple[Measured, int]]:
        """Each entry's row and its place there."""
        kept = ((row, np.flatnonzero(row.vanishes == self.vanishing)) for row in self.rows)
        return [(row, int(k)) for row, own in kept for k in own]

    @cached_property
    def worst(self) -> tuple[Measured, int] | None:
        """The finite entry with the largest error in ulps that is measured."""
        errors = self.values(
            lambda row: np.where(row.finite & row.resolved("error"), row.error, -1.0)
        )
        if not (errors >= 0).any():
            return None
        return self.places[int(np.argmax(errors))]

    @cached_property
    def most(self) -> float:
        """The largest error in ulps that is measured."""
        return 0.0 if self.worst is None else float(self.worst[0].error[self.worst[1]])

    @cached_property
    def hidden(self) -> list[tuple[Measured, int]]:
        """Finite entries that may err more than all that is measured: their errors are bounded."""
        return [
            (row, k)
            for row, k in self.places
            if row.below("error", k) and row.finite[k] and row.error[k] > self.most
        ]


def _in_ulps(findings: Findings, scribe: Scribe, own: _Entries, others: bool) -> Iterator[Prose]:
    """The largest error in ulps, the largest bounds, and what matters most."""
    if own.worst is not None and (own.most or not own.hidden):
        yield _error(findings, scribe, own, others)
    if own.hidden:
        yield _hidden(scribe, own)
    if own.worst is not None or own.hidden:
        yield _bound(scribe, own)
    if own.worst is not None:
        yield from _matters(findings, scribe, *own.worst)


LARGEST = {
    (False, False): "audit.summary.error",
    (False, True): "audit.summary.error.others",
    (True, False): "audit.summary.known",
    (True, True): "audit.summary.known.others",
}
"""The words for the largest error: whether others are hidden, and whether some are not finite."""


def _error(findings: Findings, scribe: Scribe, own: _Entries, others: bool) -> Prose:
    assert own.worst is not None
    row, k = own.worst
    where = entry(findings.audit.solution, scribe, (row.step, row.name, k))
    if not np.isfinite(row.error[k]):
        return scribe.words("audit.summary.beyond", float=row.float, entry=where)
    size = sized(scribe, float(row.absolute["error"][k]), float(row.ulp[k]), False, error_text)
    key = LARGEST[bool(own.hidden), others]
    return scribe.words(key, float=row.float, error=size, entry=where)


def _hidden(scribe: Scribe, own: _Entries) -> Prose:
    """How many errors may be larger than what is measured, and what they are below."""
    ulps = max(float(row.error[k]) for row, k in own.hidden)
    size = max(float(row.absolute["error"][k]) for row, k in own.hidden)
    limit = {
        "ulps": scribe.plain_number(bound_text(ulps)),
        "size": scribe.plain_number(bound_text(size)),
    }
    return scribe.words("audit.summary.hidden", len(own.hidden), float=own.rows[0].float, **limit)


def _bound(scribe: Scribe, own: _Entries) -> Prose:
    """The largest bounds: those of all errors, where each has one that says something."""
    words = scribe.words
    stated = own.values(lambda row: useful(row, "bound"))
    every = own.values(lambda row: useful(row, "bound_any_order"))
    if not stated.any():
        return words("audit.summary.useless")
    most = own.values(lambda row: row.bound)[stated].max()
    values: dict[str, Any] = {"bound": scribe.plain_number(bound_text(most))}
    if not stated.all():
        return words("audit.summary.bound.some", int((~stated).sum()), **values)
    if not every.all():
        return words("audit.summary.bound.stated", int((~every).sum()), **values)
    most = own.values(lambda row: row.bound_any_order).max()
    return words("audit.summary.bound", any=scribe.plain_number(bound_text(most)), **values)


def _absolute(
    findings: Findings, scribe: Scribe, rows: list[Measured], told: tuple[Measured, int] | None
) -> Iterator[Prose]:
    """The largest absolute error, unless it was told and has no bound; the largest bound."""
    sizes = [np.where(row.finite, row.absolute["error"], -1.0) for row in rows]
    most = max(range(len(rows)), key=lambda n: sizes[n].max())
    k = int(np.argmax(sizes[most]))
    if not 0 <= sizes[most][k] < np.inf:
        return
    where = entry(findings.audit.solution, scribe, (rows[most].step, rows[most].name, k))
    if rows[most].below("error", k):  # nobody knows that it is this entry's
        size = scribe.plain_number(bound_text(float(sizes[most][k])))
        yield scribe.words("audit.summary.absolute.below", size=size)
        return
    shown = scribe.plain_number(error_text(float(sizes[most][k])))
    if not all(useful(row, "bound_any_order").all() for row in rows):
        if told != (rows[most], k):
            yield scribe.words("audit.summary.absolute", size=shown, entry=where)
        return
    limit = max(float(row.absolute["bound_any_order"].max()) for row in rows)
    bound = scribe.plain_number(bound_text(limit))
    yield scribe.words("audit.summary.absolute.bound", size=shown, entry=where, bound=bound)


def _vanishing(scribe: Scribe, own: _Entries) -> Iterator[Prose]:
    """What holds where the true value is zero, or nearly."""
    if own.worst is None:
        return
    errors = own.values(lambda row: np.where(row.finite, row.absolute["error"], 0.0))
    row, k = own.places[int(np.argmax(errors))]
    bound = own.values(lambda row: row.absolute["bound_any_order"]).max()
    values = {
        "size": scribe.plain_number(size_text(row, "error", k)(float(errors.max()))),
        "bound": scribe.plain_number(bound_text(bound)),
    }
    yield scribe.words("audit.summary.vanishing", len(own.places), **values)


def _matters(findings: Findings, scribe: Scribe, row: Measured, k: int) -> list[Prose]:
    """The step and quantity in which most of the worst entry's error was made."""
    for found in findings.audit.attributions:
        if place_of(findings, found) == (row.step, row.name, k) and found.float == row.float:
            return [_most(scribe, found)] if found.shares else []
    return []


def _most(scribe: Scribe, found: Attribution) -> Prose:
    parts: dict[QuantityAt, float] = defaultdict(float)
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


def row_of(findings: Findings, found: Attribution) -> tuple[Measured, int]:
    """The measured quantity that an attribution is about, and the entry's place in it."""
    step, name, k = place_of(findings, found)
    return findings.audit.measured[found.float, step, name], k
