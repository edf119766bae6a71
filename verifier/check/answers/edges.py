"""Tables with bare numbers above their columns: steps, or entries of what the rows name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from verifier.check.answers.grammar import Table, Tree
from verifier.check.answers.heads import Head
from verifier.check.answers.labels import Label, Labels
from verifier.check.answers.numerals import is_blank
from verifier.problem import Problem

NUMBER = re.compile(r"[0-9]{1,9}")

Columns = Literal["steps", "entries", "either"]


def columns_are(head: Head, rows: Sequence[Sequence[str]], labels: Labels) -> Columns:
    """What the numbers above the columns of a table count, by the rows below them.

    Rows that are all counted as well (h_1, h_2) may be steps with a column an entry.
    """
    columns = [k for k in head.having("label") if NUMBER.fullmatch(head.columns[k].text.strip())]
    if not head.crossed or len(columns) != len(head.having("label")):
        return "steps"
    edges = [edge for row in rows if (edge := _edge(row, columns, head, labels)) is not None]
    return numbers_are(edges, labels.problem)


Edges = Sequence[tuple[Label, set[int]]]
"""What rows are of, and the numbers of the columns in which something stands."""


def numbers_are(edges: Edges, problem: Problem) -> Columns:
    """What the numbers of columns count."""
    if not edges or any(label.step is None or label.index for label, _ in edges):
        return "steps"
    if not all(_is_row_of_entries(label, found, problem) for label, found in edges):
        return "steps"
    numbers = set().union(*(found for _, found in edges))
    steps = _counted(numbers, problem.steps) and all(
        (label.step or 0) <= problem.size(label.name or "") for label, _ in edges
    )
    return "either" if steps else "entries"


def crossed(pairs: Sequence[tuple[str, Tree]], labels: Labels) -> bool:
    """Whether tables by number stand in a table by name, and these numbers are steps."""
    tables = [(labels.read(key), part) for key, part in pairs if isinstance(part, Table)]
    if not tables or not all(NUMBER.fullmatch(key) for _, part in tables for key, _ in part.pairs):
        return False
    edges = [(label, _keys(part)) for label, part in tables if label and label.name and part.pairs]
    return len(edges) == len(tables) and numbers_are(edges, labels.problem) == "steps"


def _keys(table: Table) -> set[int]:
    return {int(key) for key, _ in table.pairs}


def _edge(
    row: Sequence[str], columns: Sequence[int], head: Head, labels: Labels
) -> tuple[Label, set[int]] | None:
    """What a row is of, and under which numbers something stands in it."""
    label = next(_names(row, labels), None)
    filled = {int(head.columns[k].text) for k in columns if k < len(row) and not is_blank(row[k])}
    return None if label is None or not filled else (label, filled)


def _names(row: Sequence[str], labels: Labels) -> Iterator[Label]:
    for cell in row[:2]:
        label = labels.read(cell.strip())
        if label is not None and label.name is not None:
            yield label


def _is_row_of_entries(label: Label, found: set[int], problem: Problem) -> bool:
    steps = label.step is not None and label.step <= problem.steps
    return steps and _counted(found, problem.size(label.name or ""))


def _counted(numbers: set[int], size: int) -> bool:
    """Whether numbers count up to a size, from 0 or from 1."""
    return max(numbers) < size + (0 not in numbers)
