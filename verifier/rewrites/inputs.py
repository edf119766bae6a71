"""The sequence of inputs taken in the wrong way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

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
        readers = frozenset(
            eq.name
            for eq in problem.cell.equations
            if any(name.name in new for name in names(eq.expression))
        )
        yield Change({"input": tuple(new)}, inputs=new, touches=readers, first=first)

    return changes
