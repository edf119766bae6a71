"""Row convention to column convention: every product's factors change sides."""

from __future__ import annotations

from dataclasses import replace

from verifier.language.tree import Call, Equation, Expression, Path
from verifier.language.tree import replace as replaced


def turn(equations: tuple[Equation, ...]) -> tuple[Equation, ...]:
    """The equations with `x @ W` written `W @ x`; the problem's matrices are then transposed."""

    def rule(node: Expression, path: Path) -> Expression | None:
        match node:
            case Call("matmul", (left, right)):
                return Call("matmul", (replaced(right, rule), replaced(left, rule)))
        return None

    return tuple(replace(eq, expression=replaced(eq.expression, rule)) for eq in equations)
