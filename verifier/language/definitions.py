"""Formulas of operations as trees, read from the texts in their rows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from verifier.language.operations import OPERATIONS, Shape
from verifier.language.parse import parse_expression
from verifier.language.tree import Call, Equation, Expression, nodes


@cache
def definition(operation: str) -> Expression | None:
    """The tree of an operation's definition over its arguments' names; None where it has none."""
    text = OPERATIONS[operation].definition
    return parse_expression(text) if text else None


@cache
def slopes(operation: str, *wholes: int | None) -> tuple[Expression, ...]:
    """The trees of an operation's derivatives by each argument; `value` is the result."""
    texts = OPERATIONS[operation].slopes
    return tuple(map(parse_expression, texts(*wholes) if callable(texts) else texts))


@cache
def kinks(operation: str) -> tuple[Expression, ...]:
    """The trees of what is zero where an operation's slope or value jumps."""
    return tuple(map(parse_expression, OPERATIONS[operation].kinks))


def has_kinks(equations: Iterable[Equation]) -> bool:
    """Whether any operation of the equations has a kink."""
    trees = (node for equation in equations for _, node in nodes(equation.expression))
    return any(isinstance(node, Call) and OPERATIONS[node.operation].kinks for node in trees)


@cache
def adjoints(
    operation: str, shapes: tuple[Shape, ...], *wholes: int | None
) -> tuple[Expression, ...]:
    """The trees of the arguments' adjoints, `g` being the result's; empty where slopes say all."""
    rule = OPERATIONS[operation].adjoint
    return tuple(map(parse_expression, rule(shapes, *wholes))) if rule else ()
