"""Fitting trees to a page: what is too wide is broken at + ; what is too long is elided."""

from __future__ import annotations

from collections.abc import Callable

from verifier.language.tree import Call, Expression, with_children

MOST = 5
"""Rows or columns that are shown in full."""


def shown(count: int, most: int = MOST) -> list[int | None]:
    """The indices that are printed; None stands for dots."""
    if count <= most:
        return list(range(count))
    return [*range(most - 3), None, count - 1]


def broken(tree: Expression, width: Callable[[Expression], int], limit: int) -> Expression:
    """The tree with its widest sums stacked line by line, outermost first, until it fits."""
    if width(tree) <= limit:
        return tree
    parts = terms(tree)
    if len(parts) > 1:
        lines = tuple(broken(part, width, limit - 2) for part in parts)
        return Call("stacked", lines)
    if not isinstance(tree, Call):
        return tree
    widest = max((width(part) for part in tree.arguments), default=0)
    rest = limit - (width(tree) - widest)
    return with_children(tree, tuple(broken(part, width, rest) for part in tree.arguments))


def terms(tree: Expression) -> list[Expression]:
    """The terms of a sum in order; a subtracted term is negated."""
    match tree:
        case Call("add", (left, right)):
            return [*terms(left), right]
        case Call("subtract", (left, right)):
            return [*terms(left), Call("negate", (right,))]
    return [tree]

