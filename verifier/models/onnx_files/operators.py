"""Operators that may stand in front of a recurrent node: what arranges and combines numbers.

Each says how many numbers it makes, which is looked at before it makes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

Array = Any
Attributes = Mapping[str, Any]
Size = Callable[[Sequence[Array], Attributes], int]


def _kept(arrays: Sequence[Array], attributes: Attributes) -> int:
    return sum(np.size(array) for array in arrays if array is not None)


def _broadcast(arrays: Sequence[Array], attributes: Attributes) -> int:
    return prod(np.broadcast_shapes(*(np.shape(array) for array in arrays)))


def _filled(arrays: Sequence[Array], attributes: Attributes) -> int:
    return prod(int(side) for side in np.ravel(arrays[0]))


def _expanded(arrays: Sequence[Array], attributes: Attributes) -> int:
    shape = tuple(int(side) for side in np.ravel(arrays[1]))
    rows = np.shape(arrays[0])
    both = zip(
        (1,) * (len(shape) - len(rows)) + rows, (1,) * (len(rows) - len(shape)) + shape, strict=True
    )
    return prod(max(pair) for pair in both)


def _tiled(arrays: Sequence[Array], attributes: Attributes) -> int:
    return prod([int(np.size(arrays[0])), *(int(count) for count in np.ravel(arrays[1]))])


def _ranged(arrays: Sequence[Array], attributes: Attributes) -> int:
    first, last, step = (float(np.ravel(array)[0]) for array in arrays)
    return int(min(abs((last - first) / step) + 1, 2**62)) if step else 2**62


def _gathered(arrays: Sequence[Array], attributes: Attributes) -> int:
    shape = np.shape(arrays[0])
    axis = int(attributes.get("axis", 0)) % max(1, len(shape))
    return prod([*np.shape(arrays[1]), *shape[:axis], *shape[axis:][1:]])


def _multiplied(arrays: Sequence[Array], attributes: Attributes) -> int:
    left, right = tuple[int, ...](np.shape(arrays[0])), tuple[int, ...](np.shape(arrays[1]))
    return prod((1, *left)) // max(1, (1, *left)[-1]) * max((1, *right)[-1], 1) * prod(right[:-2])


def _padded(arrays: Sequence[Array], attributes: Attributes) -> int:
    pads = [int(pad) for pad in np.ravel(arrays[1])]
    sides = np.shape(arrays[0])
    if len(pads) != 2 * len(sides):
        return 2**62
    ends = zip(sides, pads, pads[len(sides) :], strict=False)
    return prod(side + max(0, before) + max(0, after) for side, before, after in ends)


def _sizes(size: Size, names: str) -> dict[str, Size]:
    return dict.fromkeys(names.split(), size)


MADE: Mapping[str, Size] = {
    **_sizes(
        _kept,
        "Identity Transpose Reshape Squeeze Unsqueeze Flatten Slice Shape Size Cast Split Concat "
        "ReverseSequence DequantizeLinear Neg Abs Not Constant Dropout ReduceSum ReduceMax "
        "ReduceMin ReduceMean Floor Ceil Sqrt Exp Tanh Sigmoid Relu Clip",
    ),
    **_sizes(_broadcast, "Add Sub Mul Div Pow Equal Greater Less Where And Or Min Max Mod"),
    **_sizes(_multiplied, "MatMul Gemm"),
    "ConstantOfShape": _filled,
    "Expand": _expanded,
    "Tile": _tiled,
    "Range": _ranged,
    "Gather": _gathered,
    "Pad": _padded,
}
"""How many numbers an operator makes at most, from what it takes."""
