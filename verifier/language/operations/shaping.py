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


def added(shapes: Sequence[Partial]) -> Partial:
    """The common shape of terms; a vector beside a matrix of as many columns joins each row."""
    left, right = shapes
    for vector, matrix in ((left, right), (right, left)):
        if vector and matrix and vector[0] > 1 and (len(vector), len(matrix)) == (1, 2):
            return _with_rows(vector, matrix)
    return elementwise(shapes)


def _with_rows(vector: Shape, matrix: Shape) -> Shape:
    if vector[0] != matrix[1]:
        raise EquationError(
            f"{describe(vector)} beside {describe(matrix)}",
            accepted=f"{describe(matrix[1:])}, which is added to each row",
        )
    return matrix


def powered(shapes: Sequence[Partial], exponent: int) -> Partial:
    """The base's shape."""
    return shapes[0]


def constant(shapes: Sequence[Partial]) -> Partial:
    """The shape of a constant."""
    return ()


def outer(shapes: Sequence[Partial]) -> Partial:
    """A row for each entry of the first vector, a column for each of the second."""
    for shape in shapes:
        if shape is not None and len(shape) != 1:
            raise EquationError(f"outer of {describe(shape)}", accepted="two vectors")
    left, right = shapes
    return None if left is None or right is None else left + right


def summed(shapes: Sequence[Partial], axis: int | None = None) -> Partial:
    """A scalar, or a matrix's shape without the axis that is summed over."""
    (shape,) = shapes
    if axis is None:
        return ()
    if shape is None:
        return None
    if not 0 <= axis < len(shape):
        accepted = "no axis" if len(shape) < 1 else " or ".join(map(str, range(len(shape))))
        raise EquationError(f"axis {axis} of {describe(shape)}", accepted=accepted)
    return shape[:axis] + shape[axis + 1 :]


def sliced(shapes: Sequence[Partial], *ends: int | None) -> Partial:
    """As many entries as lie between the ends; a second pair is for columns."""
    (shape,) = shapes
    if shape is None:
        return None
    if len(shape) * 2 < len(ends) or not shape:
        raise EquationError(
            f"{len(ends) // 2} slice{'s' if len(ends) > 2 else ''} of {describe(shape)}",
            accepted="x[a:b] of a vector or of a matrix's rows, x[a:b, c:d] of a matrix",
        )
    pairs = list(zip(ends[::2], ends[1::2], strict=True))
    return tuple(map(_length, pairs, shape)) + shape[len(pairs) :]


def _length(pair: tuple[int | None, int | None], size: int) -> int:
    low, high = pair
    start, stop, _ = slice(low, high).indices(size)
    if any(end is not None and not -size <= end <= size for end in pair) or start >= stop:
        text = ":".join("" if end is None else str(end) for end in pair)
        raise EquationError(
            f"the slice [{text}] of {size} entr{'y' if size == 1 else 'ies'}",
            accepted=f"[a:b] with 0 ≤ a < b ≤ {size}",
        )
    return stop - start


def padded(shapes: Sequence[Partial], before: int, after: int) -> Partial:
    """The shape with so many more entries along the last axis."""
    (shape,) = shapes
    if shape == () or before < 0 or after < 0:
        raise EquationError(
            f"pad of {describe(shape or ())} by {before} and {after}",
            accepted="a vector or a matrix, and two numbers of zeros",
        )
    return shape and (*shape[:-1], before + shape[-1] + after)


def filled(shapes: Sequence[Partial], *sizes: int) -> Partial:
    """A vector or matrix of one scalar, or a matrix of equal rows."""
    (shape,) = shapes
    if shape is None:
        return None
    if len(shape) + len(sizes) > 2 or min(sizes) < 1:
        raise EquationError(
            f"fill of {describe(shape)} by {', '.join(map(str, sizes))}",
            accepted="fill(scalar, n), fill(scalar, n, m) or fill(vector, n)",
        )
    return (*sizes, *shape)
