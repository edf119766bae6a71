"""Softmax and cross-entropy together: p − y, where y adds up to 1.

What softmax passes back, p (g − Σ g p), is p Σ y − y for g = −y/p. C. M. Bishop, "Pattern
Recognition and Machine Learning" (2006), section 4.3.4.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from verifier.language.operations import Shape
from verifier.language.shapes import shape_of
from verifier.language.tidy import Term, term_of
from verifier.language.tree import Call, Expression, Name, Path, Whole, replace


def shortened(
    tree: Expression,
    known: Mapping[str, Expression],
    units: Collection[str],
    shapes: Mapping[str, Shape],
) -> Expression:
    """The tree with the short form of what softmax passes back, where it holds.

    `known` are expressions of names in the tree, `units` the names whose entries add up to 1.
    """

    def rule(node: Expression, path: Path) -> Expression | None:
        found = _passed_back(node)
        if found is None:
            return None
        value, g = found
        whole = known.get(g.name, g) if isinstance(g, Name) else g
        term = term_of(whole, shapes)
        match term:
            case Term(number, (target,), below) if below == (value,):
                one = isinstance(target, Name) and target.name in units
                rest = value if one else _weighed(value, target, shapes)
                if rest is not None:
                    return Term(-number, (Call("subtract", (rest, target)),)).tree()
        return None

    return replace(tree, rule)


def _weighed(
    value: Expression, target: Expression, shapes: Mapping[str, Shape]
) -> Expression | None:
    """A softmax times what a target's entries add up to; None for one of many rows."""
    if len(shape_of(target, shapes) or ()) != 1:
        return None
    return Call("multiply", (value, Call("sum", (target,))))


def _passed_back(node: Expression) -> tuple[Expression, Expression] | None:
    """The value of a softmax and its adjoint, where the node is what softmax passes back."""
    match node:
        case Call(
            "multiply",
            (value, Call("subtract", (g, Call("sum", (Call("multiply", (again, own)),))))),
        ) if (again, own) == (g, value):
            return value, g
        case Call(
            "multiply",
            (
                value,
                Call(
                    "transpose",
                    (
                        Call(
                            "subtract",
                            (
                                Call("transpose", (g,)),
                                Call("sum", (Call("multiply", (again, own)), Whole(1))),
                            ),
                        ),
                    ),
                ),
            ),
        ) if (again, own) == (g, value):
            return value, g
    return None
