"""The rows of a stream: those of `solve --format json`, one a line, or the same as CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from verifier.formats import STREAMED
from verifier.report.contract import row_texts
from verifier.solution import Solution
from verifier.solution.rows import each_fields

COLUMNS = (
    "step",
    "name",
    "index",
    "rounded",
    "lower",
    "upper",
    "exact",
    "status",
    "margin",
)
"""The fields of a row that a table has: all but `policies`, of which a stream has one."""


def json_lines(solution: Solution) -> Iterator[str]:
    """The rows of a block as JSON Lines."""
    return (text + "\n" for text in row_texts(solution, "\n"))


def table_lines(solution: Solution) -> Iterator[str]:
    """The rows of a block as CSV."""
    for step, name, index, *others, _ in each_fields(solution):
        place = f"{step},{name},{''.join(f'[{i}]' for i in index)}"
        yield f"{place},{','.join(map(_cell, others))}\n"


def _cell(value: Any) -> str:
    """A field; null is empty. Digits, formulas and words have neither commas nor quotes."""
    return "" if value is None else str(value)


_WRITTEN: tuple[tuple[str, Callable[[Solution], Iterator[str]]], ...] = (
    ("", json_lines),
    (",".join(COLUMNS) + "\n", table_lines),
)
ROWS = dict(zip(STREAMED, _WRITTEN, strict=True))
"""What stands before all rows, and the rows of a block, by format."""
