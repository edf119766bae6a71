"""The expression tree: five frozen node types, and the walk over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from verifier.errors import Place

Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A quantity: `offset` is 0 for `[t]`, -1 for `[t-1]`, 1 for `[t+1]`, None for a parameter."""

    name: str
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written; `exact` is False when the text is a rounded print.

    One that is `marked` bears a sign on paper: a note below explains it.
    """

    text: str
    exact: bool = True
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Array:
    """A vector (items are scalars) or a matrix (items are rows)."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number that shapes a result: an exponent, an axis, an end of a slice.

    None stands for an end that is left out.
    """

    value: int | None


@dataclass(frozen=True, slots=True)
class Call:
    """An operation of `operations.OPERATIONS` applied to arguments."""

    operation: str
    arguments: tuple[Expression, ...]


Expression = Name | Number | Whole | Array | Call


@dataclass(frozen=True, slots=True)
class Equation:
    """`name[t] = expression`; at the steps of `cases` it is another one, or none at all."""

    name: str
    expression: Expression
    place: Place | None = None
    cases: Mapping[int, Expression | None] = field(default_factory=dict, hash=False)

    def at(self, step: int) -> Expression | None:
        """The right-hand side at a step; None where the quantity is not there."""
        return self.cases.get(step, self.expression)


def children(node: Expression) -> tuple[Expression, ...]:
    """The direct sub-terms of a node, in source order."""
    match node:
        case Call(arguments=parts) | Array(items=parts):
            return parts
    return ()


def operands(node: Call) -> tuple[Expression, ...]:
    """What an operation is applied to, in front of its whole numbers."""
    return tuple(part for part in node.arguments if not isinstance(part, Whole))


def wholes(node: Call) -> tuple[int | None, ...]:
    """The whole numbers behind an operation's operands."""
    return tuple(part.value for part in node.arguments if isinstance(part, Whole))


def with_children(node: Expression, parts: tuple[Expression, ...]) -> Expression:
    """The same node over other sub-terms."""
    match node:
        case Call(operation):
            return Call(operation, parts)
        case Array():
            return Array(parts)
    return node


def nodes(node: Expression, path: Path = ()) -> Iterator[tuple[Path, Expression]]:
    """Every node with its path, parents first."""
    left = [(path, node)]
    while left:
        path, node = left.pop()
        yield path, node
        parts = children(node)
        left += [((*path, k), parts[k]) for k in range(len(parts) - 1, -1, -1)]


def replace(
    node: Expression, rule: Callable[[Expression, Path], Expression | None], path: Path = ()
) -> Expression:
    """The tree in which every outermost node for which `rule` gives a tree is that tree."""
    new = rule(node, path)
    if new is not None:
        return new
    parts = tuple(replace(part, rule, (*path, i)) for i, part in enumerate(children(node)))
    return with_children(node, parts)


def names(node: Expression) -> Iterator[Name]:
    """Every name in the tree, in source order, with repetitions."""
    left = [node]
    while left:
        node = left.pop()
        if isinstance(node, Name):
            yield node
        elif isinstance(node, Call):
            left += node.arguments[::-1]
        elif isinstance(node, Array):
            left += node.items[::-1]
