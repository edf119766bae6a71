"""Values fitted to the shape of a quantity: axes of length 1 may be there or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from verifier.check.answers.grammar import Items, Leaf, Table, Tree, parsed
from verifier.check.answers.numerals import given, is_blank
from verifier.errors import ProblemError
from verifier.language.operations import Shape, describe


def opened(tree: Tree) -> Tree:
    """The value; a text that holds an array is read as one."""
    if isinstance(tree, Leaf) and (any(c in tree.text for c in "[(") or _several(tree.text)):
        found = parsed(tree.text.replace("$", " ").replace("{,}", ","))
        return _moved(found, tree.at)
    return tree


def holds_several(tree: Tree) -> bool:
    """Whether one cell of a table holds a whole vector or matrix."""
    try:
        return isinstance(opened(tree), Items)
    except ProblemError:
        return True  # what it is instead is said when it is taken in


def _several(text: str) -> bool:
    try:
        given(text)
    except ProblemError:
        return not is_blank(text) and any(char.isdigit() for char in text)
    return False


def _moved(tree: Tree, at: Any) -> Tree:
    match tree:
        case Items(parts):
            return Items(tuple(_moved(part, at) for part in parts), at)
        case Table(pairs):
            return Table(tuple((key, _moved(part, at)) for key, part in pairs), at)
    return Leaf(tree.text, at)


def leaves(tree: Tree) -> Iterator[Leaf]:
    """The numbers of nested lists, in their order. Errors: ProblemError for a table."""
    match tree:
        case Items(parts):
            for part in parts:
                yield from leaves(part)
        case Leaf():
            yield tree
        case Table():
            raise ProblemError("a table stands where numbers belong")


def _shape(tree: Tree) -> Shape:
    """The shape of nested lists.

    Errors: ProblemError for ragged rows and for what was printed with dots.
    """
    if not isinstance(tree, Items):
        return ()
    shapes = {_shape(part) for part in tree.parts}
    if any(isinstance(part, Leaf) and part.text in ("...", "…") for part in tree.parts):
        raise ProblemError("the array was printed with dots, so not all of it can be read")
    if len(shapes) > 1:
        raise ProblemError("the rows are not of one length")
    return (len(tree.parts), *next(iter(shapes), ()))


def squeezed(tree: Tree) -> Tree:
    """The value without outer lists of one part."""
    while isinstance(tree, Items) and len(tree.parts) == 1 and isinstance(tree.parts[0], Items):
        tree = tree.parts[0]
    return tree


def fitted(
    tree: Tree, shape: Shape, index: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], Leaf]]:
    """Every leaf with the index of its entry; axes of length 1 may be there or not.

    Errors: ProblemError for an array that does not fit, and an index that is none.
    """
    if len(index) > len(shape) and not any(index[len(shape) :]):
        index = index[: len(shape)]  # [0] of a scalar
    if len(index) > len(shape) or any(i >= n for i, n in zip(index, shape, strict=False)):
        raise ProblemError(f"there is no entry {list(index)} in {describe(shape)}")
    wanted = shape[len(index) :]
    found = _shape(tree)
    if tuple(n for n in found if n != 1) != tuple(n for n in wanted if n != 1):
        raise ProblemError(f"{describe(found)} stands where {describe(wanted)} belongs")
    places = product(*(range(n) for n in wanted))
    yield from (((*index, *where), leaf) for where, leaf in zip(places, leaves(tree), strict=True))


def value_of(row: Mapping[str, Tree]) -> Tree | None:
    """The value of a row: our own solution's is `rounded`, that of a check is `given`."""
    return next((row[key] for key in ("value", "given", "rounded") if key in row), None)


def texts_of(tree: Tree | None) -> str:
    """The texts of a value in a line."""
    match tree:
        case Leaf(text):
            return text
        case Items(parts):
            return " ".join(map(texts_of, parts))
    return ""


def holds_tables(tree: Tree) -> bool:
    """Whether a value is a table, or a list with tables in it."""
    if isinstance(tree, Table):
        return True
    return isinstance(tree, Items) and any(isinstance(part, Table) for part in tree.parts)


def by_step(tree: Tree, steps: int, size: int) -> tuple[Tree, ...]:
    """The rows of a matrix; its columns, where it has one a step, and a row an entry."""
    rows = tree.parts if isinstance(tree, Items) else ()
    columns = [row.parts for row in rows if isinstance(row, Items)]
    turned = len(rows) == len(columns) == size != steps and {*map(len, columns)} == {steps}
    return tuple(map(Items, zip(*columns, strict=True))) if turned else rows
