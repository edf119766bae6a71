"""The sequence of inputs taken in the wrong way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from fractions import Fraction
from itertools import combinations

import numpy as np

from verifier.language.tree import names
from verifier.numbers import Numbers
from verifier.rewrites.model import Change, Changes, Task
from verifier.rounding import fraction_text

Steps = list[int]


def summed(numbers: Numbers) -> Numbers:
    """The sum of all rows at every step."""
    width = numbers.size // numbers.shape[0]
    columns = (numbers.fractions[k::width] for k in range(width))
    row = tuple(fraction_text(sum(column, Fraction(0))) for column in columns)
    return Numbers(numbers.shape, row * numbers.shape[0])


def reversed_order(steps: Steps) -> Steps:
    """The last row first."""
    return steps[::-1]


def repeated(steps: Steps) -> Steps:
    """The first row at every step."""
    return steps[:1] * len(steps)


def late(steps: Steps) -> Steps:
    """The row of the step before, the first twice."""
    return steps[:1] + steps[:-1]


def last(steps: Steps) -> Steps:
    """The last row at every step."""
    return steps[-1:] * len(steps)


def shifted(late: bool) -> Changes:
    """The row of the step before, zeros at the first; or of the step behind, zeros at the last."""

    def rule(numbers: Numbers) -> Numbers:
        width, zero = numbers.size // numbers.shape[0], Numbers.zeros(numbers.shape[1:])
        if numbers.floats is not None:
            moved = np.roll(numbers.floats, 1 if late else -1, axis=0)
            moved[0 if late else -1] = 0
            return Numbers(numbers.shape, (), moved)
        texts = numbers.texts
        kept = zero.texts + texts[:-width] if late else texts[width:] + zero.texts
        return Numbers(numbers.shape, kept)

    return changed(rule)


def taken(rule: Callable[[Steps], Steps]) -> Changes:
    """The rows of every input in another order."""
    first = 2 if rule in (repeated, late) else 1
    return changed(lambda x: x.picked(rule(list(range(x.shape[0])))), first)


def changed(rule: Callable[[Numbers], Numbers], first: int = 1) -> Changes:
    """The rule applied to every input of the sequence; it changes steps from the first one on."""

    def changes(problem: Task) -> Iterator[Change]:
        if problem.steps < 2 or not problem.inputs:
            return
        new = {n: rule(x) for n, x in problem.inputs.items()}
        readers = _readers(problem, new)
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
            new = x.transposed.picked(order).transposed
            readers = _readers(problem, (name,))
            yield Change({"input": (name,)}, inputs={name: new}, touches=readers)
