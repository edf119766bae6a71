"""Sums, products, layouts, and functions that need no other: every arithmetic knows these."""

from __future__ import annotations

from math import inf

from verifier.language.operations.row import Operation
from verifier.language.operations.shaping import (
    concatenated,
    elementwise,
    matrix_product,
    transposed,
)

CORE = (
    Operation("add", "sum", "x, y", elementwise, "infix", slopes=("1", "1")),
    Operation("subtract", "sum", "x, y", elementwise, "infix", slopes=("1", "-1")),
    Operation("multiply", "product", "x, y", elementwise, "infix", slopes=("y", "x")),
    Operation("divide", "product", "x, y", elementwise, "infix", slopes=("1 / y", "-value / y")),
    Operation("matmul", "matrix product", "x, y", matrix_product, "infix"),
    Operation("negate", "sign", "x", elementwise, "prefix", slopes=("-1",), moves=True),
    Operation("transpose", "layout", "x", transposed, "superscript", moves=True),
    Operation("concat", "layout", "*parts", concatenated, moves=True),
    Operation("identity", "function", "x", elementwise, sign="id", slopes=("1",), moves=True),
    Operation("max", "function", "x, y", elementwise, kinks=("x - y",)),
    Operation("min", "function", "x, y", elementwise, kinks=("x - y",)),
    Operation(
        "exp",
        "function",
        "x",
        elementwise,
        "superscript",
        slopes=("value",),
        range=(0, inf),
        accuracy=4,
        at_zero=1,
    ),
    Operation(
        "tanh",
        "function",
        "x",
        elementwise,
        slopes=("1 - value * value",),
        range=(-1, 1),
        accuracy=4,
        at_zero=0,
    ),
)
"""Operations that are written with signs, and functions that others are defined by."""
