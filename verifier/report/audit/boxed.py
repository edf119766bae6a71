"""Bounds over a box: the report of `verifier audit --ranges`, and its JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from verifier.arithmetic.enclosed import Enclosed, lower, upper
from verifier.arithmetic.protocol import QuantityAt
from verifier.audit.over import Boxed, Over, decimals, useful
from verifier.evaluate import shown_steps
from verifier.formats import Format
from verifier.report.audit.basis import basis
from verifier.report.audit.contract import Data, basis_data, ulps
from verifier.report.audit.numbers import bound_text
from verifier.report.audit.steps import thinned
from verifier.report.audit.tables import position
from verifier.report.audit.view import Part, Report, Table
from verifier.report.contract import dumped, problem_data
from verifier.report.head import head
from verifier.report.left_out import asked
from verifier.report.scribe import Scribe
from verifier.report.words import Prose, Words
from verifier.solution import outside
from verifier.version import __version__

STATED, ANY = 0, 1
"""The rows of bounds."""

MOST_STEPS, MOST_ROWS = 21, 60


def boxed_report(found: Boxed, style: Format, words: Words) -> Report:
    """The view data of bounds over a box in a format."""
    scribe = Scribe(found.problem, style, words)
    models = [one.model for one in found.found]
    parts = (
        _promised(found, scribe),
        _bounds(found, scribe),
        basis(models, found, scribe, computed=False),
    )
    return Report(head(scribe), parts, words)


def _promised(found: Boxed, scribe: Scribe) -> Part:
    """How many decimals can be promised, by format and step."""
    words, steps = scribe.words, [step for step, _ in _steps(found)]
    shown = thinned(sorted(set(steps)), MOST_STEPS)
    columns = (words("results.step"), *((one.model.float,) for one in found.found))
    rows = [((str(step),), *(_decimals(one, found, step) for one in found.found)) for step in shown]
    sentences = [
        *asked(scribe),
        words("audit.ranges.text", found.problem.intervals),
        words("audit.ranges.promise"),
        *_useless(found, scribe),
    ]
    if len(shown) < len(set(steps)):
        sentences.append(words("audit.thinned", len(shown), all=len(set(steps))))
    table = Table(words("audit.ranges.decimals"), columns, tuple(rows), 0)
    return Part("ranges", words("audit.ranges.heading"), tuple(sentences), (table,))


def _steps(found: Boxed) -> Iterator[tuple[int, tuple[str, ...]]]:
    return shown_steps(found.problem, found.problem.only)


def _decimals(one: Over, found: Boxed, step: int) -> Prose:
    """What all results of a step have for certain, in any order of summation."""
    sites = [(at, name) for at, names in _steps(found) if at == step for name in names]
    count = decimals(max(float(one.total[site][ANY].max()) for site in sites))
    return ("–" if count is None else str(count),)


def _useless(found: Boxed, scribe: Scribe) -> Iterator[Prose]:
    """The formats in which some bound says nothing, from which step on."""
    for one in found.found:
        lost = [
            step
            for step, names in _steps(found)
            for name in names
            if not useful(one.total[step, name][ANY], one.ranges[step, name]).all()
        ]
        if lost:
            yield scribe.words("audit.ranges.useless", float=one.model.float, step=str(min(lost)))


def _bounds(found: Boxed, scribe: Scribe) -> Part:
    words = scribe.words
    tables = tuple(_table(one, found, scribe) for one in found.found)
    sentences = (words("audit.ranges.worst"), words("audit.ranges.arithmetic"))
    return Part("bounds", words("audit.ranges.bounds"), sentences, tables)


def _table(one: Over, found: Boxed, scribe: Scribe) -> Table:
    """The entry of each quantity whose bound is largest."""
    words, problem = scribe.words, found.problem
    names = ("results.step", "results.quantity", "audit.column.entry", "audit.column.bound")
    more = ("audit.column.bound_any_order", "audit.ranges.operations", "audit.ranges.decimals.head")
    columns = tuple(words(name) for name in (*names, *more))
    steps = thinned(sorted({step for step, _ in _steps(found)}), _room(problem.cell.equation))
    sites = sorted((step, k, name) for step, names in _steps(found) for k, name in enumerate(names))
    rows = [_row(one, (step, name), scribe) for step, _, name in sites if step in steps]
    caption = words("audit.ranges.caption", float=one.model.float)
    return Table(caption, columns, tuple(rows), 3)


def _room(names: Any) -> int:
    return max(2, MOST_ROWS // len(names))


def _row(one: Over, site: QuantityAt, scribe: Scribe) -> tuple[Prose, ...]:
    total, (step, name) = one.total[site], site
    chosen = scribe.problem.only.chosen(name)
    entries: Sequence[int] = range(total.shape[1]) if chosen is None else chosen
    k = max(entries, key=lambda entry: float(total[ANY][entry]))
    sizes = (total[STATED][k], total[ANY][k], one.arithmetic[site][ANY][k])
    count = decimals(float(total[ANY][k]))
    return (
        (str(step),),
        (scribe.symbol(name, step),),
        (position(scribe, name, k),),
        *((scribe.plain_number(bound_text(float(size))),) for size in sizes),
        ("–" if count is None else str(count),),
    )


def boxed_json(found: Boxed) -> str:
    """The bounds as JSON text: the contract of an audit, with `ranges` in place of rows."""
    models = [one.model for one in found.found]
    data = {
        "problem": problem_data(found.problem),
        **basis_data(models, found.accuracy, found.numpy, found.features),
        "keeps": [],
        "attributions": [],
        "hazards": [],
        "lost": [],
        "against": [],
        "ranges": [row for one in found.found for row in _rows(one, found)],
        "rows": [],
    }
    data["versions"] = {**data["versions"], "verifier": __version__}
    return dumped(data)


def _rows(one: Over, found: Boxed) -> Iterator[Data]:
    problem = found.problem
    for step, names in _steps(found):
        for name in names:
            total, arithmetic = one.total[step, name], one.arithmetic[step, name]
            chosen, shape = problem.only.chosen(name), problem.shapes[name]
            ends = _ends(one.ranges[step, name])
            for k in range(total.shape[1]) if chosen is None else chosen:
                low, high = outside(ends[k], problem.rule(name))
                yield {
                    "float": one.model.float,
                    "step": step,
                    "name": name,
                    "index": [int(i) for i in np.unravel_index(k, shape)] if shape else [],
                    "lower": low,
                    "upper": high,
                    "bound": ulps(total[STATED][k]),
                    "bound_any_order": ulps(total[ANY][k]),
                    "arithmetic_bound": ulps(arithmetic[STATED][k]),
                    "arithmetic_bound_any_order": ulps(arithmetic[ANY][k]),
                    "decimals": decimals(float(total[STATED][k])),
                    "decimals_any_order": decimals(float(total[ANY][k])),
                }


def _ends(value: Enclosed) -> list[tuple[Fraction, Fraction] | None]:
    low, high = (np.ravel(end).tolist() for end in (lower(value), upper(value)))
    return [
        (Fraction(a), Fraction(b)) if np.isfinite([a, b]).all() else None
        for a, b in zip(low, high, strict=True)
    ]
