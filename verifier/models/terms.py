"""The terms of a sum, the factors of a product, and what a function is of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from verifier.language.tree import Call, Expression, Name, Number, with_children
from verifier.language.write import written

HOLE = Name("HOLE")


def terms(tree: Expression) -> list[Expression]:
    """The terms of a sum."""
    if isinstance(tree, Call) and tree.operation == "add":
        return [term for part in tree.arguments for term in terms(part)]
    return [tree]


def factors(tree: Expression) -> list[Expression]:
    """The factors of a product entry by entry."""
    if isinstance(tree, Call) and tree.operation == "multiply":
        return [factor for part in tree.arguments for factor in factors(part)]
    return [tree]


def is_one_minus(tree: Expression, gate: Expression | None) -> bool:
    """Whether the tree is 1 − gate."""
    match tree:
        case Call("subtract", (Number(one), other)):
            return one in ("1", "1.0") and other == gate
    return False


def activation(
    tree: Expression, found: Callable[[Expression], bool]
) -> tuple[str, Expression] | None:
    """A function as a text with a hole, and what it is of: the outermost that is `found`.

    Functions are followed through their first arguments; None where nothing is found.
    """
    if found(tree):
        return "{}", tree
    if not isinstance(tree, Call) or not tree.arguments or tree.operation in PLAIN:
        return None
    inner = activation(tree.arguments[0], found)
    if inner is None:
        return None
    text, of = inner
    outer = written(with_children(tree, (HOLE, *tree.arguments[1:])))
    return outer.replace(HOLE.name, text, 1), of


PLAIN = {"add", "subtract", "multiply", "divide", "matmul", "concat", "transpose", "slice"}


@dataclass(frozen=True)
class Term:
    """A term of a gate's sum: weights and what they multiply, a bias, or a gated sum.

    `turned` weights stand on the left, as in W @ x; `peephole` weights multiply entry by entry.
    """

    whole: Expression
    weights: str = ""
    by: Expression | None = None
    turned: bool = False
    peephole: bool = False
    gate: Expression | None = None
    inner: Expression | None = None

    @classmethod
    def of(cls, tree: Expression) -> Term:
        """The term that a tree is, as far as it can be told."""
        match tree:
            case Name(name, None):
                return cls(tree, name)
            case Call("matmul", (by, Name(name, None))):
                return cls(tree, name, by)
            case Call("matmul", (Name(name, None), by)):
                return cls(tree, name, by, turned=True)
            case Call("multiply", (Name(name, None), by)) | Call(
                "multiply", (by, Name(name, None))
            ):
                return cls(tree, name, by, peephole=True)
            case Call("multiply", (Name() as gate, inner)) | Call(
                "multiply", (inner, Name() as gate)
            ):
                return cls(tree, gate=gate, inner=inner)
        return cls(tree)
