"""The sequence of inputs taken in the wrong way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from fractions import Fraction
from itertools import combinations

from verifier.language.tree import names
from verifier.numbers import Numbers
from verifier.rewrites.model import Change, Changes, Task
from verifier.rounding import fraction_text

Rows = list[list[Fraction]]


def _rows(numbers: Numbers) -> Rows:
    count = numbers.shape[0]
    width = numbers.size // count
    flat = list(numbers.fractions)
    return [flat[k * width : (k + 1) * width] for k in range(count)]


def summed(rows: Rows) -> Rows:
    """The sum of all rows at every step."""
    return [[sum(column, Fraction(0)) for column in zip(*rows, strict=True)]] * len(rows)


def reversed_order(rows: Rows) -> Rows:
    """The last row first."""
    return rows[::-1]


def repeated(rows: Rows) -> Rows:
    """The first row at every step."""
    return rows[:1] * len(rows)


def late(rows: Rows) -> Rows:
    """The row of the step before, the first twice."""
    return rows[:1] + rows[:-1]


def last(rows: Rows) -> Rows:
    """The last row at every step."""
    return rows[-1:] * len(rows)


def changed(rule: Callable[[Rows], Rows]) -> Changes:
    """The rule applied to every input of the sequence."""

    def changes(problem: Task) -> Iterator[Change]:
        if problem.steps < 2 or not problem.inputs:
            return
        new = {n: _numbers(rule(_rows(x)), x) for n, x in problem.inputs.items()}
        readers = _readers(problem, new)
        first = 2 if rule in (repeated, late) else 1
        yield Change({"input": tuple(new)}, inputs=new, touches=readers, first=first)

    return changes


def _readers(problem: Task, given: Collection[str]) -> frozenset[str]:
    """The quantities whose equations read some inputs."""
    equations = problem.cell.equations
    return frozenset(
        eq.name for eq in equations if any(n.name in given for n in names(eq.expression))
    )


MOST_ENTRIES = 6
"""Two entries of an input of more are not exchanged."""


def entries_exchanged(problem: Task) -> Iterator[Change]:
    """Two entries of an input exchanged, at every step."""
    for name, x in problem.inputs.items():
        count = x.size // problem.steps
        if len(x.shape) != 2 or count > MOST_ENTRIES:
            continue
        for pair in combinations(range(count), 2):
            order = [pair[1 - pair.index(k)] if k in pair else k for k in range(count)]
            rows = [[row[k] for k in order] for row in _rows(x)]
            readers = _readers(problem, (name,))
            yield Change({"input": (name,)}, inputs={name: _numbers(rows, x)}, touches=readers)


def _numbers(rows: Rows, like: Numbers) -> Numbers:
    return Numbers(like.shape, tuple(fraction_text(entry) for row in rows for entry in row))
