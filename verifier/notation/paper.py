"""Trees as they stand on paper: which product is meant, which entries a slice takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from verifier.language.operations import Shape
from verifier.language.shapes import shape_of
from verifier.language.tree import Call, Expression, Number, Path, Whole, nodes, replace
from verifier.notation.indices import axis_of
from verifier.numbers import is_zero


def on_paper(tree: Expression, shapes: Mapping[str, Shape]) -> Expression:
    """The tree with products as paper tells them apart: with a scalar, Hadamard's, inner, matrix.

    So are powers; a slice says all of its ends, and a vector's sum no axis. Paths stay what they
    are in `tree`, but for a zero, which loses its minus sign.
    """

    def rule(node: Expression, path: Path) -> Expression | None:
        match node:
            case Call("multiply" | "matmul" as operation, (left, right)):
                sides = _shape(left, shapes), _shape(right, shapes)
                parts = (replace(left, rule), replace(right, rule))
                return Call(_PRODUCTS[operation](*sides), parts)
            case Call("power", (base, exponent)) if _shape(base, shapes) not in ((), (1,)):
                return Call("hadamard_power", (replace(base, rule), exponent))
            case Call("slice", (whole, *ends)):
                return Call("slice", (replace(whole, rule), *_counted(ends, _shape(whole, shapes))))
            case Call(operation, (vector, Whole(0))) if axis_of(operation, node.arguments) == 0:
                rest = node.arguments[1:] if len(_shape(vector, shapes)) > 1 else ()
                return Call(operation, (replace(vector, rule), *rest))
            case Call("concat", (only,)):
                return Call("alone", (replace(only, rule),))
            case Call("negate", (Number(text) as zero,)) if is_zero(text):
                return zero
        return None

    return replace(tree, rule)


def _counted(ends: Sequence[Expression], shape: Shape) -> Iterator[Whole]:
    """The ends of a slice along every axis from the start; none where all is taken."""
    values = [end.value for end in ends if isinstance(end, Whole)]
    pairs = [*zip(values[::2], values[1::2], strict=True), (None, None)]
    for size, (low, high) in zip(shape, pairs, strict=False):
        start, stop, _ = slice(low, high).indices(size)
        whole = low is None and high is None
        yield from (Whole(None), Whole(None)) if whole else (Whole(start), Whole(stop))


_PRODUCTS: Mapping[str, Callable[[Shape, Shape], str]] = {
    "multiply": lambda left, right: "multiply" if () in (left, right) else "hadamard",
    "matmul": lambda left, right: "inner" if len(left) == len(right) == 1 < left[0] else "matmul",
}


def _shape(node: Expression, shapes: Mapping[str, Shape]) -> Shape:
    return shape_of(node, shapes) or ()


def in_columns(trees: Sequence[Expression], shapes: Mapping[str, Shape]) -> bool:
    """Whether vectors print as columns: where they stand on the right of matrices."""
    found = [
        (len(_shape(node.arguments[0], shapes)), len(_shape(node.arguments[1], shapes)))
        for tree in trees
        for node in _products(tree)
    ]
    return (2, 1) in found and (1, 2) not in found


def _products(tree: Expression) -> list[Call]:
    return [n for _, n in nodes(tree) if isinstance(n, Call) and n.operation == "matmul"]
