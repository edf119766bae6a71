"""What operations do to shapes: one rule a kind of operation."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.errors import EquationError
from verifier.language.operations.row import Partial, Shape, describe


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
