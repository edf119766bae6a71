"""Sums, products, layouts, and functions that need no other: every arithmetic knows these."""

from __future__ import annotations

from math import inf

from verifier.language.operations import adjoints, shaping
from verifier.language.operations.row import Operation
from verifier.language.operations.shaping import elementwise

SIGNS = (
    Operation("add", "sum", "x, y", shaping.added, "infix", slopes=("1", "1")),
    Operation("subtract", "sum", "x, y", shaping.added, "infix", slopes=("1", "-1")),
    Operation("multiply", "product", "x, y", elementwise, "infix", slopes=("y", "x")),
    Operation("divide", "product", "x, y", elementwise, "infix", slopes=("1 / y", "-value / y")),
    Operation(
        "matmul",
        "matrix product",
        "x, y",
        shaping.matrix_product,
        "infix",
        adjoint=adjoints.matrix_product,
    ),
    Operation("outer", "product", "x, y", shaping.outer, "infix", sign="⊗", adjoint=adjoints.outer),
    Operation("negate", "sign", "x", elementwise, "prefix", slopes=("-1",), moves=True),
    Operation(
        "power",
        "product",
        "x",
        shaping.powered,
        "superscript",
        wholes=(1, 1),
        slopes=adjoints.power,
    ),
)
"""What is written with signs."""

LAYOUTS = (
    Operation(
        "transpose",
        "layout",
        "x",
        shaping.transposed,
        "superscript",
        adjoint=adjoints.transposed,
        moves=True,
    ),
    Operation(
        "concat",
        "layout",
        "*parts",
        shaping.concatenated,
        adjoint=adjoints.concatenated,
        moves=True,
    ),
    Operation(
        "slice",
        "layout",
        "x",
        shaping.sliced,
        "brackets",
        wholes=(2, 4),
        adjoint=adjoints.sliced,
        moves=True,
    ),
    Operation(
        "pad", "layout", "x", shaping.padded, wholes=(2, 2), adjoint=adjoints.padded, moves=True
    ),
    Operation(
        "fill", "layout", "x", shaping.filled, wholes=(1, 2), adjoint=adjoints.filled, moves=True
    ),
)
"""What moves or repeats numbers. A slice is `x[a:b]` or `x[a:b, c:d]`, entries a to b − 1.

`pad(x, a, b)` has a zeros before and b behind along the last axis; `fill(x, n)` repeats a scalar n
times, a vector as n rows, and `fill(x, n, m)` makes a matrix of one scalar.
"""

TOTALS = (
    Operation("sum", "function", "x", shaping.summed, wholes=(0, 1), adjoint=adjoints.summed),
    Operation("mean", "function", "x", shaping.summed, wholes=(0, 1), adjoint=adjoints.averaged),
    Operation(
        "softmax", "function", "x", shaping.of_vector, range=(0, 1), adjoint=adjoints.softmax
    ),
)
"""What joins entries: of all, or of axis 0 (down the columns) or 1; softmax along the last axis."""

FUNCTIONS = (
    Operation("identity", "function", "x", elementwise, sign="id", slopes=("1",), moves=True),
    Operation(
        "max",
        "function",
        "x, y",
        elementwise,
        slopes=("step(x - y)", "step(y - x)"),
        kinks=("x - y",),
    ),
    Operation(
        "min",
        "function",
        "x, y",
        elementwise,
        slopes=("step(y - x)", "step(x - y)"),
        kinks=("x - y",),
    ),
    Operation(
        "abs",
        "function",
        "x",
        elementwise,
        "fence",
        slopes=("2 * step(x) - 1",),
        range=(0, inf),
        kinks=("x",),
    ),
    Operation(
        "step", "function", "x", elementwise, sign="H", slopes=("0",), range=(0, 1), kinks=("x",)
    ),
    Operation("positive", "function", "x", elementwise, slopes=("0",), range=(0, 1), kinks=("x",)),
    Operation("pi", "function", "", shaping.constant, sign="π"),
    Operation(
        "exp",
        "function",
        "x",
        elementwise,
        "superscript",
        slopes=("value",),
        range=(0, inf),
        accuracy=4,
        rational=(0, 1),
    ),
    Operation(
        "tanh",
        "function",
        "x",
        elementwise,
        slopes=("1 - value * value",),
        range=(-1, 1),
        accuracy=4,
        rational=(0, 0),
    ),
    Operation(
        "sqrt",
        "function",
        "x",
        elementwise,
        "radical",
        slopes=("1 / (2 * value)",),
        range=(0, inf),
        domain="not negative",
        accuracy=0.5,
        rational=(0, 0),
    ),
    Operation(
        "log",
        "function",
        "x",
        elementwise,
        sign="ln",
        slopes=("1 / x",),
        domain="positive",
        accuracy=4,
        rational=(1, 0),
    ),
    Operation(
        "sin",
        "function",
        "x",
        elementwise,
        slopes=("cos(x)",),
        range=(-1, 1),
        accuracy=4,
        turns=True,
        rational=(0, 0),
    ),
    Operation(
        "cos",
        "function",
        "x",
        elementwise,
        slopes=("-sin(x)",),
        range=(-1, 1),
        accuracy=4,
        turns=True,
        rational=(0, 1),
    ),
    Operation(
        "erf",
        "function",
        "x",
        elementwise,
        slopes=("2 / sqrt(pi()) * exp(-(x * x))",),
        range=(-1, 1),
        accuracy=4,
        rational=(0, 0),
    ),
)
"""What arithmetics compute themselves or find in a library.

`step` is the slope of max(x, 0): 0 below zero, 1 above, and both where it jumps; `positive` is 1
above zero, else 0.
"""

CORE = (*SIGNS, *LAYOUTS, *TOTALS, *FUNCTIONS)
