"""Adjoints of operations that do not work entry by entry, as texts of the language.

Each takes the shapes of the arguments, then the whole numbers, and gives one text an argument: its
adjoint, from that of the result (`g`), the arguments by their names, and the result (`value`).
A. Griewank, A. Walther, "Evaluating Derivatives" (2008), chapter 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import prod

from verifier.language.operations.row import Shape, Texts

_PRODUCTS: dict[tuple[int, int], Texts] = {
    (1, 1): ("g * y", "g * x"),
    (1, 2): ("g @ y.T", "outer(x, g)"),
    (2, 1): ("outer(g, y)", "g @ x"),
    (2, 2): ("g @ y.T", "x.T @ g"),
}


def matrix_product(shapes: Sequence[Shape]) -> Texts:
    """Of x @ y, by the numbers of axes."""
    left, right = shapes
    return _PRODUCTS[len(left), len(right)]


def outer(shapes: Sequence[Shape]) -> Texts:
    """Of the matrix of all products x_i y_j."""
    return "g @ y", "x @ g"


def power(n: int) -> Texts:
    """The slope of x ** n."""
    return ({0: "0", 1: "1", 2: "2 * x"}.get(n, f"{n} * x ** {n - 1}"),)


def transposed(shapes: Sequence[Shape]) -> Texts:
    """Of a transpose."""
    return ("g.T",)


def concatenated(shapes: Sequence[Shape]) -> Texts:
    """Of joined parts: each one's own entries, a scalar's as a sum over one."""
    ends = list(accumulate((shape[-1] if shape else 1 for shape in shapes), initial=0))
    rows = ":, " if len(shapes[0]) == 2 else ""
    parts = [f"g[{rows}{a}:{b}]" for a, b in pairwise(ends)]
    return tuple(
        part if shape else f"sum({part})" for part, shape in zip(parts, shapes, strict=True)
    )


def sliced(shapes: Sequence[Shape], *ends: int | None) -> Texts:
    """Of a slice: zeros around."""
    (shape,) = shapes
    cuts = [
        slice(a, b).indices(size)[:2]
        for a, b, size in zip(ends[::2], ends[1::2], shape, strict=False)
    ]
    cuts += [(0, size) for size in shape[len(cuts) :]]
    texts = [f"{a}, {size - b}" for (a, b), size in zip(cuts, shape, strict=True)]
    inner = f"pad(g, {texts[-1]})"
    return (inner if len(shape) == 1 else f"pad({inner}.T, {texts[0]}).T",)


def padded(shapes: Sequence[Shape], before: int, after: int) -> Texts:
    """Of zeros around: what stands between."""
    (shape,) = shapes
    rows = ":, " if len(shape) == 2 else ""
    return (f"g[{rows}{before}:{before + shape[-1]}]",)


def filled(shapes: Sequence[Shape], *sizes: int) -> Texts:
    """Of what is repeated: the sum over all repetitions."""
    return ("sum(g, 0)" if shapes[0] else "sum(g)",)


def summed(shapes: Sequence[Shape], axis: int | None = None) -> Texts:
    """Of a sum: the same for each term."""
    return (_spread("g", shapes[0], axis),)


def averaged(shapes: Sequence[Shape], axis: int | None = None) -> Texts:
    """Of a mean: the same share for each term."""
    (shape,) = shapes
    count = prod(shape) if axis is None else shape[axis]
    return (_spread(f"g / {count}", shape, axis),)


def softmax(shapes: Sequence[Shape]) -> Texts:
    """Of softmax along the last axis: y (g − Σ g y)."""
    if len(shapes[0]) == 1:
        return ("value * (g - sum(g * value))",)
    return ("value * (g.T - sum(g * value, 1)).T",)


def _spread(term: str, shape: Shape, axis: int | None) -> str:
    """A term for each entry that was summed."""
    if axis is None or len(shape) < 2:
        return f"fill({term}, {', '.join(map(str, shape))})" if shape else term
    return f"fill({term}, {shape[0]})" if axis == 0 else f"fill({term}, {shape[1]}).T"
