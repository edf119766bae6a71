"""The table of operations: what each is called, takes, and does to shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from verifier.errors import EquationError

Shape = tuple[int, ...]
Partial = Shape | None  # None: not known yet
Kind = Literal["sum", "product", "matrix product", "sign", "layout", "function"]


def describe(shape: Shape) -> str:
    """A shape in words: "a scalar", "a vector of 3 entries", "a 2×3 matrix"."""
    if len(shape) == 1:
        return f"a vector of {shape[0]} {'entry' if shape[0] == 1 else 'entries'}"
    return "a scalar" if not shape else f"a {'×'.join(map(str, shape))} matrix"


def elementwise(shapes: Sequence[Partial]) -> Partial:
    """The common shape: equal shapes, scalars and vectors of length 1 go together."""
    known = [shape for shape in shapes if shape is not None]
    widest: Shape = max(known, key=lambda shape: (len(shape), shape != (1,)), default=())
    if (1,) in known and widest == (1,) and () in known:
        widest = (1,)
    for shape in known:
        if shape not in (widest, (), (1,)):
            raise EquationError(
                f"{describe(shape)} and {describe(widest)} cannot go together entry by entry",
                accepted="equal shapes, scalars, and vectors of one entry",
            )
    decisive = widest not in ((), (1,))
    return widest if decisive or len(known) == len(shapes) else None


def matrix_product(shapes: Sequence[Partial]) -> Partial:
    """NumPy's `@`; an operand that is not known yet counts as a vector beside a matrix."""
    left, right = shapes
    if left is None and right is None:
        return None
    if left is None or right is None:
        return _half_known(left, right)
    if not left or not right:
        raise EquationError(
            "a scalar cannot stand beside @", accepted="vectors and matrices; * for scalars"
        )
    if left[-1] != right[0]:
        raise EquationError(
            f"{describe(left)} @ {describe(right)}: the inner sizes {left[-1]} and {right[0]}"
            " differ",
            accepted="as many columns on the left as rows on the right",
        )
    return left[:-1] + right[1:]


def _half_known(left: Partial, right: Partial) -> Partial:
    if right is not None and len(right) == 2:
        return (right[1],)
    if left is not None and len(left) == 2:
        return (left[0],)
    return None


def transposed(shapes: Sequence[Partial]) -> Partial:
    """The shape of `.T`, which only a matrix has."""
    (shape,) = shapes
    if shape is not None and len(shape) != 2:
        raise EquationError(
            f".T on {describe(shape)}: a vector has no orientation", accepted="a matrix"
        )
    return shape and shape[::-1]


def concatenated(shapes: Sequence[Partial]) -> Partial:
    """The shape of parts joined along the last axis; a scalar counts as one entry."""
    if any(shape is None for shape in shapes):
        return None
    known = [shape or (1,) for shape in shapes if shape is not None]
    if len({shape[:-1] for shape in known}) > 1:
        raise EquationError(
            "concat of " + ", ".join(map(describe, known)),
            accepted="vectors, or matrices with equal numbers of rows",
        )
    return (*known[0][:-1], sum(shape[-1] for shape in known))


def with_scalars(shapes: Sequence[Partial]) -> Partial:
    """The first argument's shape; the others are scalar settings."""
    for shape in shapes[1:]:
        if shape not in ((), None):
            raise EquationError(
                f"a setting of the function is {describe(shape or ())}", accepted="a scalar"
            )
    return shapes[0]


def of_vector(shapes: Sequence[Partial]) -> Partial:
    """The shape of softmax, which works along the last axis."""
    if shapes[0] == ():
        raise EquationError("softmax of a scalar", accepted="a vector or a matrix")
    return shapes[0]


@dataclass(frozen=True)
class Operation:
    """One operation of the language; `most` is None when any number of arguments may follow.

    One that `moves` gives the numbers that it takes, in other places or with another sign: within
    an equation nothing is computed by it, so no policy rounds it.
    """

    name: str
    kind: Kind
    least: int
    most: int | None
    shape: Callable[[Sequence[Partial]], Partial]
    moves: bool = False


def _table(*rows: Operation) -> dict[str, Operation]:
    return {row.name: row for row in rows}


OPERATIONS = _table(
    Operation("add", "sum", 2, 2, elementwise),
    Operation("subtract", "sum", 2, 2, elementwise),
    Operation("multiply", "product", 2, 2, elementwise),
    Operation("divide", "product", 2, 2, elementwise),
    Operation("matmul", "matrix product", 2, 2, matrix_product),
    Operation("negate", "sign", 1, 1, elementwise, moves=True),
    Operation("transpose", "layout", 1, 1, transposed, moves=True),
    Operation("concat", "layout", 1, None, concatenated, moves=True),
    Operation("sigmoid", "function", 1, 1, elementwise),
    Operation("tanh", "function", 1, 1, elementwise),
    Operation("relu", "function", 1, 1, elementwise),
    Operation("leaky_relu", "function", 1, 2, with_scalars),
    Operation("hard_sigmoid", "function", 1, 1, elementwise),
    Operation("hard_sigmoid_relu6", "function", 1, 1, elementwise),
    Operation("hard_tanh", "function", 1, 1, elementwise),
    Operation("softsign", "function", 1, 1, elementwise),
    Operation("softplus", "function", 1, 1, elementwise),
    Operation("softmax", "function", 1, 1, of_vector),
    Operation("exp", "function", 1, 1, elementwise),
    Operation("clip", "function", 3, 3, with_scalars),
    Operation("identity", "function", 1, 1, elementwise, moves=True),
)
"""Every operation by its name. `hard_sigmoid` is clip(0.2 x + 0.5, 0, 1) (ONNX, Keras 2);
`hard_sigmoid_relu6` is min(max(x + 3, 0), 6) / 6 (PyTorch, Keras 3)."""

MOVES = frozenset(name for name, row in OPERATIONS.items() if row.moves)
"""The operations that only move or repeat numbers."""

FUNCTIONS = {
    name: row for name, row in OPERATIONS.items() if row.kind == "function" or name == "concat"
}
