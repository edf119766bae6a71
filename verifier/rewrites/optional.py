"""Additive terms that a problem does not give disappear from the equations."""

from __future__ import annotations

from dataclasses import replace

from verifier.language.tree import Call, Equation, Expression, Name, Path
from verifier.language.tree import replace as replaced


def drop(equations: tuple[Equation, ...], absent: frozenset[str]) -> tuple[Equation, ...]:
    """The equations without the terms in `absent`."""

    def rule(node: Expression, path: Path) -> Expression | None:
        match node:
            case Call("add", (left, Name(name))) if name in absent:
                return replaced(left, rule)
            case Call("add", (Name(name), right)) if name in absent:
                return replaced(right, rule)
        return None

    return tuple(replace(eq, expression=replaced(eq.expression, rule)) for eq in equations)
