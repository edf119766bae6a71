"""Definitions of operations as trees, read from the texts in their rows."""

from __future__ import annotations

from functools import cache

from verifier.language.operations import OPERATIONS
from verifier.language.parse import parse_expression
from verifier.language.tree import Expression


@cache
def definition(operation: str) -> Expression | None:
    """The tree of an operation's definition over its arguments' names; None where it has none."""
    text = OPERATIONS[operation].definition
    return parse_expression(text) if text else None


@cache
def slopes(operation: str) -> tuple[Expression, ...]:
    """The trees of an operation's derivatives by each argument; `value` is the result."""
    return tuple(map(parse_expression, OPERATIONS[operation].slopes))
