"""Adjoints: how an entry of a quantity moves with every value that it was computed from.

Reverse mode over the expression trees, in float64, at the values of a float trace. A. Griewank, A.
Walther, "Evaluating Derivatives" (2008), chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

Floats = Any
"""A float64 array."""

Back = Callable[[Floats, Sequence[Floats], Floats], Sequence[Floats]]
"""From the result's adjoint, the arguments and the result, the arguments' adjoints."""


def pulled_back(
    operation: str, adjoint: Floats, arguments: Sequence[Floats], result: Floats
) -> Any:
    """The adjoints of an operation's arguments, each of its argument's shape."""
    rule = _RULES.get(operation)
    if rule is None:
        slope = _SLOPES[operation](*arguments, result)
        found: Sequence[Floats] = [adjoint * slope, *(np.zeros(()) for _ in arguments[1:])]
    else:
        found = rule(adjoint, arguments, result)
    return [_shaped(part, argument.shape) for part, argument in zip(found, arguments, strict=True)]


def _shaped(adjoint: Floats, shape: tuple[int, ...]) -> Floats:
    """The adjoint summed over what was spread out."""
    if adjoint.shape == shape:
        return adjoint
    if not adjoint.shape:
        return np.broadcast_to(adjoint, shape)
    return adjoint.sum().reshape(shape)


def _matmul(adjoint: Floats, arguments: Sequence[Floats], result: Floats) -> Sequence[Floats]:
    left, right = arguments
    rows, columns = np.atleast_2d(left), right.reshape(-1, 1) if right.ndim == 1 else right
    whole = adjoint.reshape(len(rows), columns.shape[1])
    return (whole @ columns.T).reshape(left.shape), (rows.T @ whole).reshape(right.shape)


def _concat(adjoint: Floats, arguments: Sequence[Floats], result: Floats) -> Sequence[Floats]:
    sizes = [np.atleast_1d(part).shape[-1] for part in arguments]
    parts = np.split(adjoint, np.cumsum(sizes)[:-1], axis=-1)
    return [part.reshape(own.shape) for part, own in zip(parts, arguments, strict=True)]


def _softmax(adjoint: Floats, arguments: Sequence[Floats], result: Floats) -> Sequence[Floats]:
    return [result * (adjoint - (adjoint * result).sum(axis=-1, keepdims=True))]


def _divide(adjoint: Floats, arguments: Sequence[Floats], result: Floats) -> Sequence[Floats]:
    return adjoint / arguments[1], -adjoint * result / arguments[1]


_RULES: Mapping[str, Back] = {
    "add": lambda g, a, y: (g, g),
    "subtract": lambda g, a, y: (g, -g),
    "negate": lambda g, a, y: (-g,),
    "identity": lambda g, a, y: (g,),
    "multiply": lambda g, a, y: (g * a[1], g * a[0]),
    "divide": _divide,
    "matmul": _matmul,
    "transpose": lambda g, a, y: (g.T,),
    "concat": _concat,
    "softmax": _softmax,
}


def _inside(low: Floats, high: Floats) -> Callable[..., Floats]:
    return lambda x, y: ((x > low) & (x < high)) * 1.0


_SLOPES: Mapping[str, Callable[..., Floats]] = {
    "sigmoid": lambda x, y: y * (1 - y),
    "tanh": lambda x, y: 1 - y * y,
    "exp": lambda x, y: y,
    "relu": lambda x, y: (x > 0) * 1.0,
    "leaky_relu": lambda x, *rest: np.where(x > 0, 1.0, rest[0] if len(rest) > 1 else 0.01),
    "hard_sigmoid": lambda x, y: _inside(-2.5, 2.5)(x, y) / 5,
    "hard_sigmoid_relu6": lambda x, y: _inside(-3.0, 3.0)(x, y) / 6,
    "hard_tanh": _inside(-1.0, 1.0),
    "softsign": lambda x, y: 1 / (1 + np.abs(x)) ** 2,
    "softplus": lambda x, y: 1 / (1 + np.exp(-x)),
    "clip": lambda x, low, high, y: _inside(low, high)(x, y),
}
"""Slopes of functions by argument and result; settings of a function count as fixed."""
