"""The items of a batch in another order: rows of a matrix at every step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from verifier.language.tree import names
from verifier.numbers import Numbers
from verifier.rewrites.model import Change, Given, Task

MOST_ITEMS = 6
"""Two rows of a batch of more are not exchanged."""


def exchanged(problem: Task) -> Iterator[Change]:
    """Two rows of the inputs exchanged, of the states before the first step, and of both."""
    inputs = {name: x for name, x in problem.inputs.items() if len(x.shape) == 3}
    initial = {name: x for name, x in problem.initial.items() if _is_batch(x)}
    for rows in dict.fromkeys(x.shape[-2] for x in (*inputs.values(), *initial.values())):
        for pair in combinations(range(rows), 2) if rows <= MOST_ITEMS else ():
            new = _of(inputs, rows, pair), _of(initial, rows, pair)
            parts = (new, (new[0], {}), ({}, new[1])) if all(new) else (new,)
            yield from (_change(problem, *part, pair) for part in parts)


def _is_batch(numbers: Numbers) -> bool:
    return len(numbers.shape) == 2 and any(numbers.fractions)


def _of(given: Given, rows: int, pair: tuple[int, int]) -> dict[str, Numbers]:
    return {name: _turned(x, pair) for name, x in given.items() if x.shape[-2] == rows}


def _turned(numbers: Numbers, pair: tuple[int, int]) -> Numbers:
    """The matrix, or that of every step, with two of its rows exchanged."""
    rows, wide = numbers.shape[-2:]
    order, floats = list(range(rows)), numbers.floats
    order[pair[0]], order[pair[1]] = pair[1], pair[0]
    count = numbers.size // wide
    flat = None if floats is None else floats.reshape(count, wide)
    every = [first + k for first in range(0, count, rows) for k in order]
    found = Numbers((count, wide), numbers.texts, flat).picked(every)
    again = None if found.floats is None else found.floats.reshape(numbers.shape)
    return Numbers(numbers.shape, found.texts, again)


def _change(problem: Task, inputs: Given, initial: Given, pair: tuple[int, int]) -> Change:
    rows = tuple(str(k + 1) for k in pair)
    about: Mapping[str, tuple[str, ...]] = {
        "input": tuple(inputs),
        "state": tuple(initial),
        "rows": rows,
    }
    readers = frozenset(
        eq.name
        for eq in problem.cell.equations
        for used in names(eq.expression)
        if used.name in inputs or (used.name in initial and used.offset == -1)
    )
    said = {key: of for key, of in about.items() if of}
    return Change(said, inputs=inputs, initial=initial, touches=readers)
