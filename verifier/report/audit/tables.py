"""The tables of errors: every entry of a small problem, else the worst of each quantity."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from verifier.audit.findings import Findings
from verifier.audit.model import Measured, Size
from verifier.numbers import unsigned_zero
from verifier.report.audit.numbers import size_text
from verifier.report.audit.steps import thinned
from verifier.report.audit.view import Part, Table
from verifier.report.left_out import asked
from verifier.report.scribe import Scribe
from verifier.report.words import Prose

ALL_ENTRIES, MOST_ROWS = 48, 60
"""Entries that are all shown, and rows of the worst entries, in one format."""

COLUMNS = ("results.step", "results.quantity", "audit.column.entry", "audit.column.computed")
SHOWN: tuple[Size, ...] = ("error", "representation", "arithmetic", "bound", "bound_any_order")


def errors(findings: Findings, scribe: Scribe) -> Part:
    """A table for each format."""
    words, problem = scribe.words, scribe.problem
    whole = problem.steps * sum(problem.size(name) for name in problem.cell.equation) <= ALL_ENTRIES
    steps = [step for step in range(1, problem.steps + 1) if problem.only.at(step)]
    shown = thinned(steps, max(2, MOST_ROWS // len(problem.cell.equation)))
    sentences = [*asked(scribe), words("audit.errors.text")]
    if problem.only.everything or not whole:
        sentences.append(words("audit.errors.all" if whole else "audit.errors.worst"))
    if len(shown) < len(steps):
        sentences.append(words("audit.thinned", len(shown), all=len(steps)))
    if any(row.vanishes.any() for row in findings.audit.measured.values()):
        sentences.append(words("audit.errors.vanishing"))
    tables = [_table(findings, scribe, m.float, shown, whole) for m in findings.audit.models]
    return Part("errors", words("audit.errors.heading"), tuple(sentences), tuple(tables))


def _table(findings: Findings, scribe: Scribe, float: str, steps: list[int], whole: bool) -> Table:
    words, wanted, only = scribe.words, set(steps), scribe.problem.only
    columns = [words(name) for name in COLUMNS]
    columns += [words(f"audit.column.{size}") for size in SHOWN]
    found = sorted(
        (
            row
            for row in findings.audit.measured.values()
            if row.float == float and row.step in wanted and only.shows(row.step, row.name)
        ),
        key=lambda row: row.step,
    )
    rows = [
        _row(scribe, row, k)
        for row in found
        for k in only.chosen(row.name) or (range(len(row.error)) if whole else [row.worst])
    ]
    caption = words("audit.errors.caption", float=float)
    return Table(caption, tuple(columns), tuple(rows), 3)


def _row(scribe: Scribe, row: Measured, k: int) -> tuple[Prose, ...]:
    return (
        (str(row.step),),
        (scribe.symbol(row.name, row.step),),
        (position(scribe, row.name, k),),
        (scribe.plain_number(unsigned_zero(str(row.computed[k]))),),
        *_sizes(scribe, row, k),
    )


def _sizes(scribe: Scribe, row: Measured, k: int) -> Iterator[Prose]:
    """Errors and bounds in ulps; absolute ones are marked where the true value vanishes."""
    for size in SHOWN:
        text = size_text(row, size, k)
        value = float(row.absolute[size][k] if row.vanishes[k] else row.ulps(size)[k])
        shown = scribe.plain_number(text(value))
        marked = row.vanishes[k] and 0 < value < np.inf
        yield scribe.words("audit.size.absolute", size=shown) if marked else (shown,)


def position(scribe: Scribe, name: str, k: int) -> str:
    """Which entry of a quantity, counted from one; a dash where there is only one."""
    shape = scribe.problem.shapes[name]
    if shape in ((), (1,)):
        return "–"
    return ", ".join(str(int(i) + 1) for i in np.unravel_index(k, shape))
