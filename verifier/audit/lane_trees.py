"""Trees as functions of many lanes: trees that differ in their parameters alone are one function.

Vectors of lanes stand in one array; of matrices, each that is there multiplies the lanes that have
it, so that a product is made for all lanes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from verifier.arithmetic.side_by_side import SideBySide
from verifier.evaluate import texts
from verifier.language.tree import Array as Literal
from verifier.language.tree import Call, Expression, Name, Number, Whole, with_children
from verifier.numbers import Numbers

Array = Any
Lanes = Any
"""An array of the numbers of lanes."""

PLAIN = SideBySide()


class Reader(Protocol):
    """What knows the values of names in lanes."""

    def read(self, at: int, name: str, own: Lanes) -> Array:
        """The value of a name at a step, in some lanes."""


@dataclass(frozen=True, eq=False)
class Several:
    """A matrix for each of some lanes, of which many have the same: their `numbers`, and each."""

    numbers: Sequence[int]
    arrays: Sequence[Array]

    @cached_property
    def groups(self) -> list[tuple[Lanes, Array]]:
        """The lanes that have each matrix."""
        numbers = np.array(self.numbers)
        return [(np.flatnonzero(numbers == k), array) for k, array in enumerate(self.arrays)]

    def each(self) -> Array:
        """The matrices of all lanes, side by side."""
        return np.concatenate([self.arrays[k] for k in self.numbers])


Given = Sequence[Any]
"""Each parameter of a skeleton in some lanes: an array, or several."""

Function = Callable[[Reader, int, Lanes, Given], Array]
"""From who reads values, a step, lanes and their parameters, the value of a tree in these lanes."""


@dataclass(frozen=True)
class Skeleton:
    """A tree with numbered places for parameters; the name at each, and whether it is turned."""

    tree: Expression
    parameters: tuple[tuple[str, bool], ...]


def skeleton(tree: Expression) -> Skeleton:
    """The tree without the names of parameters, which may differ from lane to lane.

    Factors of products that are transposed are taken as they stand in the product.
    """
    found: list[tuple[str, bool]] = []

    def place(name: str, turned: bool) -> Name:
        found.append((name, turned))
        return Name(str(len(found) - 1))

    def without(node: Expression, is_factor: bool) -> Expression:
        match node:
            case Call("transpose", (Name(name, None),)) if is_factor:
                return place(name, True)
            case Name(name, None):
                return place(name, False)
            case Call(operation, arguments):
                inner = tuple(without(part, operation == "matmul") for part in arguments)
                return with_children(node, inner)
        return node

    return Skeleton(without(tree, False), tuple(found))


def function(node: Expression) -> Function:
    """A skeleton's tree as a function."""
    return _array(node)


def _part(node: Expression) -> Callable[[Reader, int, Lanes, Given], Any]:
    match node:
        case Call(operation, arguments):
            return _call(operation, arguments)
        case Name(name, None):
            place = int(name)
            return lambda reader, step, own, given: given[place]
        case Name(name, int(offset)):
            return lambda reader, step, own, given: reader.read(step + offset, name, own)
        case Number(text):
            literal = np.array([float(Numbers.typed(text).doubles)])
            return lambda reader, step, own, given: literal
        case Literal():
            array = Numbers.typed(texts(node)).doubles[None]
            return lambda reader, step, own, given: array
    raise TypeError(f"{node} is no part of an equation")


def _call(operation: str, arguments: Sequence[Expression]) -> Function:
    if operation == "matmul":
        left, right = map(_part, arguments)
        return lambda reader, step, own, given: _product(
            left(reader, step, own, given), right(reader, step, own, given)
        )
    apply = PLAIN.function(operation)
    parts = [_array(part) for part in arguments if not isinstance(part, Whole)]
    wholes = [part.value for part in arguments if isinstance(part, Whole)]
    return lambda reader, step, own, given: apply(
        *[part(reader, step, own, given) for part in parts], *wholes
    )


def _array(node: Expression) -> Function:
    """A part side by side in all lanes; only parameters may be several matrices."""
    value = _part(node)
    if not (isinstance(node, Name) and node.offset is None):
        return value
    return lambda reader, step, own, given: _side_by_side(value(reader, step, own, given))


def _side_by_side(array: Any) -> Array:
    """An array of all lanes, also of matrices that many of them share."""
    return array.each() if isinstance(array, Several) else array


MATMUL = PLAIN.function("matmul")


def _product(x: Array | Several, y: Array | Several) -> Array:
    """x @ y in every lane."""
    if isinstance(y, Several):
        left = x.each() if isinstance(x, Several) else x
        return _gathered(y, lambda lanes, matrix: MATMUL(_some(left, lanes), matrix))
    if isinstance(x, Several):
        return _gathered(x, lambda lanes, matrix: MATMUL(matrix, _some(y, lanes)))
    return MATMUL(x, y)


def _gathered(several: Several, value: Callable[[Lanes, Array], Array]) -> Array:
    found = None
    for lanes, matrix in several.groups:
        part = value(lanes, matrix)
        if found is None:
            found = np.empty((len(several.numbers), *part.shape[1:]))
        found[lanes] = part
    return found


def _some(x: Array, lanes: Lanes) -> Array:
    return x if len(x) == 1 else x[lanes]


def alike(rows: Sequence[Array]) -> Array | Several:
    """A parameter of all lanes from that of each, once where it is the same."""
    kept = {id(row): row for row in rows}
    if len(kept) == 1:
        return rows[0]
    if rows[0].ndim < 3:
        return np.concatenate(rows)
    order = {key: k for k, key in enumerate(kept)}
    return Several([order[id(row)] for row in rows], list(kept.values()))
