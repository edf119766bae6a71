"""What a sheet counts from, 0 or 1: its steps, and the entries of a quantity.

One number does not say it; all that a sheet names together do, so they wait until it is read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from verifier.check.answers.grammar import Locate, Tree
from verifier.check.answers.labels import Label
from verifier.language.operations import Shape
from verifier.outcomes.model import Entry, Given
from verifier.problem import Problem


@dataclass(frozen=True)
class Counted:
    """A value whose entry was counted; `indexed` says that the sheet speaks of an index."""

    label: Label
    numbers: tuple[int, ...]
    tree: Tree
    place: Locate
    indexed: bool = False

    def sizes(self, shape: Shape) -> Shape:
        """The sizes along which it was counted."""
        return shape[len(self.label.index) :]


def first_of(found: Iterable[Counted], shape: Shape) -> int:
    """Where entries of a quantity of this shape are counted from.

    From 0 if one is 0, from 1 if one is as large as their number; else indices count from 0, as
    files do, and entries from 1, as people do.
    """
    found = list(found)
    if any(0 in one.numbers for one in found):
        return 0
    pairs = (zip(one.numbers, one.sizes(shape), strict=False) for one in found)
    if any(number == size for number, size in chain.from_iterable(pairs)):
        return 1
    return int(not all(one.indexed for one in found))


def index_of(one: Counted, first: int, shape: Shape) -> tuple[int, ...]:
    """The index of a counted entry; where there is one entry only, 0 and 1 both mean it."""
    sizes = chain(one.sizes(shape), [0] * len(one.numbers))
    return tuple(
        0 if size == 1 and n in (0, 1) else n - first
        for n, size in zip(one.numbers, sizes, strict=False)
    )


Named = Mapping[str, Collection[int]]
"""The steps at which a sheet names each quantity."""


def from_zero(named: Named, given: Mapping[Entry, Given], problem: Problem) -> set[str]:
    """The quantities whose steps are counted from 0: step 0 is named, and the last one never.

    A state has a value at step 0 that is given; where a sheet repeats it, its steps count from 1.
    """
    states = problem.cell.roles.initial
    low = {name for name, steps in named.items() if _below(steps, problem.steps)}
    others = {name for name in named if name not in states}
    if not others <= low:
        return set()
    return {name for name in low if name in others or _shifted(name, named, given, problem)}


def _below(steps: Collection[int], count: int) -> bool:
    """Whether step 0 is among some steps, and all are below a number of steps."""
    return 0 in steps and all(step < count for step in steps)


def _shifted(name: str, named: Named, given: Mapping[Entry, Given], problem: Problem) -> bool:
    """Whether a state at step 0 is no initial one, beside others or at all steps but the last."""
    said = {index: n.value for (step, own, index), n in given.items() if (step, own) == (0, name)}
    if not said and set(named) - set(problem.cell.roles.initial):
        return True  # a blank
    numbers = problem.end(name, 0)
    if numbers.intervals or not said:
        return False
    unlike = any(v != numbers.fractions[problem.entry(name, k)] for k, v in said.items())
    alone = not set(named) - set(problem.cell.roles.initial)
    return unlike and (not alone or set(range(problem.steps)) <= set(named[name]))
