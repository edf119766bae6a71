"""The ways of rounding side by side, and where they part."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.documents.blocks import Block, Column, Paragraph, Table, TableRow
from verifier.evaluate import shown_steps
from verifier.markup import Inline, Strong
from verifier.report.scribe import Scribe
from verifier.rounding import POLICIES
from verifier.solution import Solution

MARK = " ≠"


def side_by_side(solution: Solution, scribe: Scribe) -> Iterator[Block]:
    """A table with a row an entry and a column a policy; what differs is marked, and counted."""
    if not solution.with_policies:
        return
    words, rows = scribe.words, tuple(_rows(solution, scribe))
    count = sum(row.role == "differs" for row in rows)
    yield Paragraph((words("serve.policies.differ", count),) if count else (words("notes.same"),))
    heads = (Column(words(f"serve.policy.{kind}"), digits=True) for kind in POLICIES)
    columns = (
        Column(words("results.step"), "right"),
        Column(words("results.quantity"), names=True),
        *heads,
    )
    yield Table(columns, rows, words.text("serve.policies"))


def _rows(solution: Solution, scribe: Scribe) -> Iterator[TableRow]:
    problem, digits = solution.problem, {kind: solution.digits(kind) for kind in POLICIES}
    for step, quantities in shown_steps(problem, problem.shown):
        for name in quantities:
            for k in range(problem.size(name)):
                texts = [digits[kind][step, name][k] or "?" for kind in POLICIES]
                yield _row(scribe, (step, name, k), texts)


def _row(scribe: Scribe, at: tuple[int, str, int], texts: list[str]) -> TableRow:
    step, name, k = at
    one = scribe.problem.size(name) == 1
    symbol = scribe.symbol(name, step) if one else scribe.entry(name, step, k)
    cells = (_cell(scribe.plain_number(text), text != texts[0]) for text in texts)
    differs = len(set(texts)) > 1
    return TableRow(((str(step),), (symbol,), *cells), "differs" if differs else "")


def _cell(text: str, differs: bool) -> Inline:
    return (Strong((text, MARK)),) if differs else (text,)
