"""Additive terms that a problem does not give disappear from the equations, as zeros do."""

from __future__ import annotations

from dataclasses import replace

from verifier.language.tree import Call, Equation, Expression, Name, children, with_children


def drop(equations: tuple[Equation, ...], absent: frozenset[str]) -> tuple[Equation, ...]:
    """The equations without the terms in `absent`.

    A term is such a name, or its product with others entry by entry. A name that is no part of a
    term of a sum stays, and is then reported as missing.
    """
    return tuple(replace(eq, expression=_whole(eq.expression, absent)) for eq in equations)


def _whole(node: Expression, absent: frozenset[str]) -> Expression:
    kept = _kept(node, absent)
    return node if kept is None else kept


def _kept(node: Expression, absent: frozenset[str]) -> Expression | None:
    """What is left of a term, None when nothing is."""
    match node:
        case Name(name):
            return None if name in absent else node
        case Call("multiply", factors) if any(_is_absent(part, absent) for part in factors):
            return None
        case Call("add" | "subtract" as sign, (left, right)):
            return _sum(sign, _kept(left, absent), _kept(right, absent))
    return with_children(node, tuple(_whole(part, absent) for part in children(node)))


def _is_absent(node: Expression, absent: frozenset[str]) -> bool:
    return isinstance(node, Name) and node.name in absent


def _sum(sign: str, left: Expression | None, right: Expression | None) -> Expression | None:
    if right is None:
        return left
    if left is None:
        return right if sign == "add" else Call("negate", (right,))
    return Call(sign, (left, right))
