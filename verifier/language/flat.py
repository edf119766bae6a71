"""Every operation as a quantity of its own: where each rounding has a name, and an adjoint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from verifier.language.tree import (
    Array,
    Call,
    Equation,
    Expression,
    Name,
    Number,
    Path,
    children,
    nodes,
    with_children,
)

MARK = "/"
"""What parts a quantity's name from the path of a term: no name of a text has it."""


@dataclass(frozen=True)
class Flat:
    """Equations of one operation each, in an order of evaluation within a step.

    `constants` are the numbers and arrays that the equations held, by the names they have now.
    """

    equations: tuple[Equation, ...]
    constants: dict[str, Expression]


def term(name: str, path: Path) -> str:
    """The name of a term of a quantity's equation; that of the whole is the quantity's own."""
    return name + "".join(f"{MARK}{k}" for k in path)


def flat(equations: Sequence[Equation]) -> Flat:
    """The equations with a quantity for every operation within them."""
    constants: dict[str, Expression] = {}
    found = [part for eq in equations for part in _parts(eq, constants)]
    return Flat(tuple(found), constants)


def _parts(equation: Equation, constants: dict[str, Expression]) -> Iterator[Equation]:
    inner = [(path, node) for path, node in nodes(equation.expression) if isinstance(node, Call)]
    for path, node in reversed(inner):
        parts = tuple(
            _named(equation.name, (*path, k), part, constants)
            for k, part in enumerate(children(node))
        )
        yield Equation(term(equation.name, path), with_children(node, parts), equation.place)
    if not isinstance(equation.expression, Call):
        tree = _named(equation.name, (0,), equation.expression, constants)
        yield Equation(equation.name, tree, equation.place)


def _named(name: str, path: Path, node: Expression, constants: dict[str, Expression]) -> Expression:
    if isinstance(node, Call):
        return Name(term(name, path), 0)
    if isinstance(node, Number | Array) and not _plain(node):
        own = term(name, path)
        constants[own] = node
        return Name(own)
    return node


def _plain(node: Expression) -> bool:
    """Whether a number is one that every format holds."""
    return isinstance(node, Number) and node.text in ("0", "1", "2")
