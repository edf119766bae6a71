"""Arrays that are read in another layout than they were written in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from verifier.language.tree import Call, Name, nodes
from verifier.numbers import Numbers
from verifier.rewrites.model import Change, Changes, Task, fresh
from verifier.rewrites.weights import alike, put

Places = Any
"""An array of whole numbers: which entry of all numbers stands where."""


def reshaped(problem: Task) -> Iterator[Change]:
    """Matrices written as their transposes and read row by row, or the other way round.

    One kind of them, and all: matrix by matrix, then those of like gates in one array.
    """
    wide = [name for name in _matrices(problem) if _is_wide(problem, name)]
    groups = [tuple(place) for group in alike(problem) for place in _places(group)]
    for names in dict.fromkeys((*(g for g in groups if set(g) <= set(wide)), tuple(wide))):
        for read in (_by_rows, _by_columns) if names else ():
            new = {name: _reshaped(problem, name, read) for name in names}
            yield _change(problem, new, read.__name__.strip("_"))
    for read in (_by_rows, _by_columns):
        yield from gates(read)(problem)


def _by_rows(places: Places, _: int = 1) -> Places:
    """Of a transpose that was written the rows are read as they come."""
    return places.T.reshape(places.shape)


def _by_columns(places: Places, _: int = 1) -> Places:
    """A matrix that was written is read as a transpose that was."""
    return places.reshape(places.shape[::-1]).T


def _places(group: Any) -> Iterator[tuple[str, ...]]:
    yield from zip(*(own for _, own in group), strict=True)


def _is_wide(problem: Task, name: str) -> bool:
    shape = problem.shapes[name]
    return shape[0] != shape[1] and min(shape) > 1


def _reshaped(problem: Task, name: str, read: Callable[[Places], Places]) -> Numbers:
    numbers = problem.parameters[name]
    places = np.arange(numbers.size).reshape(numbers.shape)
    return _picked([numbers], read(places))


def _matrices(problem: Task) -> dict[str, bool]:
    """The matrices that multiply something, and whether they stand on the right."""
    found: dict[str, bool] = {}
    for equation in problem.cell.equations:
        for _, node in nodes(equation.expression):
            if isinstance(node, Call) and node.operation == "matmul":
                for k, part in enumerate(node.arguments):
                    if isinstance(part, Name) and part.offset is None:
                        found[part.name] = k == 1
    return {name: right for name, right in found.items() if len(problem.shapes[name]) == 2}


def gates(order: Callable[[Places, int], Places]) -> Changes:
    """The fused array of like gates read in another order: of one kind of array, and of all."""

    def changes(problem: Task) -> Iterator[Change]:
        right, whole, how = _matrices(problem), dict[str, Numbers](), f"gates_{order.__name__}"
        for names in (place for group in alike(problem) for place in _places(group)):
            if len(set(names)) == len(names) and len({problem.shapes[n] for n in names}) == 1:
                new = _fused(problem, names, right.get(names[0], True), order)
                whole |= new
                if new:
                    yield _change(problem, new, how)
        if whole:
            yield _change(problem, whole, how)

    return changes


def _fused(
    problem: Task, names: Sequence[str], right: bool, order: Callable[[Places, int], Places]
) -> dict[str, Numbers]:
    parts = [problem.parameters[name] for name in names]
    if not parts[0].shape:
        return {}
    size = parts[0].size
    own = [np.arange(size).reshape(parts[0].shape) + k * size for k in range(len(parts))]
    axis = -1 if right else 0
    whole = np.moveaxis(np.concatenate(own, axis), axis, 0)
    other = order(whole, len(parts))
    if (other == whole).all():
        return {}
    read = np.split(np.moveaxis(other, 0, axis), len(parts), axis)
    return {name: _picked(parts, part) for name, part in zip(names, read, strict=True)}


def by_unit(whole: Places, count: int) -> Places:
    """Written gate by gate, read unit by unit."""
    return np.concatenate([whole[k::count] for k in range(count)])


def by_gate(whole: Places, count: int) -> Places:
    """Written unit by unit, read gate by gate."""
    return whole.reshape(count, -1, *whole.shape[1:]).swapaxes(0, 1).reshape(whole.shape)


def rows_exchanged(problem: Task) -> Iterator[Change]:
    """The stacked matrix of [x, h] read as that of [h, x]: in one equation, and in all."""
    whole: dict[str, Numbers] = {}
    for equation in problem.cell.equations:
        found = [
            node.arguments[1].name
            for _, node in nodes(equation.expression)
            if isinstance(node, Call)
            and node.operation == "matmul"
            and isinstance(node.arguments[1], Name)
            and node.arguments[1].offset is None
        ]
        if len(found) == 2 and _can_stack(problem, *found):
            whole |= _stacked(problem, *found)
    if whole:
        yield _change(problem, whole)


def _can_stack(problem: Task, one: str, other: str) -> bool:
    shapes = problem.shapes[one], problem.shapes[other]
    return one != other and all(len(s) == 2 for s in shapes) and shapes[0][1] == shapes[1][1]


def _stacked(problem: Task, one: str, other: str) -> dict[str, Numbers]:
    parts = [problem.parameters[one], problem.parameters[other]]
    whole = np.arange(sum(part.size for part in parts)).reshape(-1, parts[0].shape[1])
    first = parts[1].shape[0]
    return {other: _picked(parts, whole[:first]), one: _picked(parts, whole[first:])}


def _picked(parts: Sequence[Numbers], places: Places) -> Numbers:
    """The numbers that stand at these places of all."""
    flat = places.ravel()
    floats = [part.floats for part in parts if part.floats is not None]
    if len(floats) == len(parts):
        whole = np.concatenate([array.ravel() for array in floats])
        return Numbers(places.shape, (), whole[flat].reshape(places.shape))
    texts = [text for part in parts for text in _texts(part)]
    return Numbers(places.shape, tuple(texts[k] for k in flat.tolist()))


def _texts(numbers: Numbers) -> Sequence[str]:
    return numbers.texts if numbers.floats is None else [str(x) for x in numbers.fractions]


def _change(problem: Task, new: Mapping[str, Numbers], how: str = "read") -> Change:
    """The numbers under other names, in the equations that have them.

    `how` tells changes of the same names apart.
    """
    words = {name: fresh(problem, f"{how}_{name}") for name in new}
    trees = {name: Name(word) for name, word in words.items()}
    equations = {eq.name: put(eq, trees) for eq in problem.cell.equations}
    changed = {eq.name: equations[eq.name] for eq in problem.cell.equations}
    differ = {n: eq for n, eq in changed.items() if eq != problem.cell.equation[n]}
    given = {words[name]: numbers for name, numbers in new.items()}
    return Change({"parameters": tuple(new), "how": (how,)}, differ, parameters=given)
