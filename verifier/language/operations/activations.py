"""Functions of gates and states, each by its definition in other operations."""

from __future__ import annotations

from math import inf

from verifier.language.operations.row import Operation
from verifier.language.operations.shaping import elementwise, of_vector, with_scalars

ACTIVATIONS = (
    Operation(
        "sigmoid",
        "function",
        "x",
        elementwise,
        sign="σ",
        definition="1 / (1 + exp(-x))",
        slopes=("value * (1 - value)",),
        range=(0, 1),
        accuracy=4,
    ),
    Operation(
        "relu",
        "function",
        "x",
        elementwise,
        sign="ReLU",
        definition="max(x, 0)",
        range=(0, inf),
        kinks=("x",),
    ),
    Operation(
        "leaky_relu",
        "function",
        "x, slope=1/100",
        with_scalars,
        sign="LeakyReLU",
        definition="max(x, 0) + slope * min(x, 0)",
        kinks=("x",),
    ),
    Operation(
        "hard_sigmoid",
        "function",
        "x",
        elementwise,
        sign="hardsigmoid",
        definition="clip(0.2 * x + 0.5, 0, 1)",
        range=(0, 1),
        kinks=("x - 2.5", "x + 2.5"),
    ),
    Operation(
        "hard_sigmoid_relu6",
        "function",
        "x",
        elementwise,
        sign="hardsigmoid6",
        definition="clip(x + 3, 0, 6) / 6",
        range=(0, 1),
        kinks=("x - 3", "x + 3"),
    ),
    Operation(
        "hard_tanh",
        "function",
        "x",
        elementwise,
        sign="hardtanh",
        definition="clip(x, -1, 1)",
        range=(-1, 1),
        kinks=("x - 1", "x + 1"),
    ),
    Operation(
        "softsign",
        "function",
        "x",
        elementwise,
        definition="x / (1 + max(x, -x))",
        range=(-1, 1),
    ),
    Operation(
        "softplus",
        "function",
        "x",
        elementwise,
        slopes=("sigmoid(x)",),
        range=(0, inf),
    ),
    Operation("softmax", "function", "x", of_vector, range=(0, 1)),
    Operation(
        "clip",
        "function",
        "x, low, high",
        with_scalars,
        definition="min(max(x, low), high)",
        kinks=("x - low", "x - high"),
    ),
)
"""`hard_sigmoid` is that of ONNX and Keras 2, `hard_sigmoid_relu6` that of PyTorch and Keras 3."""
