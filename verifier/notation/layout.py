"""Fitting trees to a page: what is too wide is broken at + ; what is too long is elided."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from verifier.language.tree import (
    Array,
    Call,
    Expression,
    Name,
    Number,
    Path,
    children,
    nodes,
    replace,
    with_children,
)

MOST = 5
"""Rows or columns that are shown in full."""

DOTS = Call("dots", ())
DOWN = Call("vdots", ())
CORNER = Call("ddots", ())

Width = Callable[[Expression], float]


def shown(count: int, most: int = MOST) -> list[int | None]:
    """The indices that are printed; None stands for dots.

    >>> shown(4), shown(9)
    ([0, 1, 2, 3], [0, 1, 2, None, 8])
    """
    return list(range(count)) if count <= most else [*range(most - 2), None, count - 1]


def small(operation: str, arguments: Sequence[Expression]) -> bool:
    """Whether a superscript would hold an array, whose numbers no one could read there."""
    return operation == "exp" and any(isinstance(node, Array) for _, node in nodes(arguments[0]))


def fitted(tree: Expression, width: Width, limit: float) -> Expression:
    """The tree made to fit: sums run over several lines, then arrays show fewer columns."""
    if at_most(tree) <= limit or width(tree) <= limit:
        return tree
    parts = terms(tree)
    if len(parts) > 1:
        lines = _lines([fitted(part, width, limit - 3) for part in parts], width, limit - 3)
        return lines[0] if len(lines) == 1 else Call("stacked", tuple(lines))
    if isinstance(tree, Call) and len(tree.arguments) == 1:
        return _around(tree, width, limit)
    for most in range(2 * MOST - 1, 2, -1):
        narrow = narrowed(tree, most)
        if width(narrow) <= limit:
            return narrow
    beside = _beside(tree, width, limit)
    return beside if width(beside) <= limit else _hung(tree, width, limit)


def _beside(tree: Expression, width: Width, limit: float) -> Expression:
    """A product whose last factor is a sum, which runs over lines between its parentheses."""
    match tree:
        case Call("multiply", (left, right)) if len(terms(right)) > 1:
            signs = width(tree) - width(right)
            return Call("multiply", (left, fitted(right, width, limit - signs)))
    return tree


def _around(tree: Call, width: Width, limit: float) -> Expression:
    """A term of one argument, which is made to fit between the signs around it.

    Lines take parentheses where what they were broken from took none: then there is less room.
    """
    (inner,) = tree.arguments
    signs = width(tree) - width(inner)
    part = fitted(inner, width, limit - signs)
    found = with_children(tree, (part,))
    more = width(found) - width(part)
    if more <= signs or width(found) <= limit:
        return found
    return with_children(tree, (fitted(inner, width, limit - more),))


def _hung(tree: Expression, width: Width, limit: float) -> Expression:
    """A product over two lines, the second beginning with the sign; else the narrowest form."""
    match tree:
        case Call(("hadamard" | "matmul" | "multiply") as operation, (left, right)):
            same = isinstance(left, Call) and left.operation == operation
            first = _around(Call("factors" if same else "factor", (left,)), width, limit)
            second = _around(Call(f"then_{operation}", (right,)), width, limit - 3)
            return Call("stacked", (first, second))
    return narrowed(tree, 3)


def at_most(tree: Expression) -> float:
    """A bound of the width that is quick to tell: everything side by side, in parentheses."""
    match tree:
        case Number(text):
            return 2 * len(text) + 3
        case Name(name):
            return 2 * len(name) + 12
    return 14 + sum(at_most(part) + 3 for part in children(tree))


def _lines(parts: Sequence[Expression], width: Width, limit: float) -> list[Expression]:
    """Terms gathered into as few lines as hold them."""
    lines = [parts[0]]
    for part in parts[1:]:
        longer = _plus(lines[-1], part)
        if width(longer) <= limit:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def terms(tree: Expression) -> list[Expression]:
    """The terms of a sum in order; a subtracted term is negated."""
    match tree:
        case Call("add", (left, right)):
            return [*terms(left), right]
        case Call("subtract", (left, right)):
            return [*terms(left), Call("negate", (right,))]
    return [tree]


def _plus(left: Expression, right: Expression) -> Expression:
    if isinstance(right, Call) and right.operation == "negate":
        return Call("subtract", (left, right.arguments[0]))
    return Call("add", (left, right))


def narrowed(tree: Expression, most: int) -> Expression:
    """The tree in which no array has more than `most` columns; dots stand for the rest."""

    def rule(node: Expression, path: Path) -> Expression | None:
        if not isinstance(node, Array):
            return None
        if isinstance(node.items[0], Array):
            return Array(tuple(_fewer(row, most) for row in node.items))
        return _fewer(node, most)

    return replace(tree, rule)


def _fewer(row: Expression, most: int) -> Expression:
    items = row.items if isinstance(row, Array) else (row,)
    if len(items) <= most:
        return row
    gap = CORNER if items[0] in (DOWN, CORNER) else DOTS
    return Array((*items[: most - 2], gap, items[-1]))
