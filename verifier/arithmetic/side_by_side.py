"""Plain float64 numbers in lanes: the first axis of every value counts lanes, or has length one.

No radii and no bounds: for finding out what is worth proving, thousands of candidates at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import numpy as np
from flint import arb

from verifier.arithmetic.ball import Ball
from verifier.arithmetic.composite import composed, has_definition
from verifier.arithmetic.context import flint_bits
from verifier.arithmetic.protocol import LITERAL, Origin, Site, Value
from verifier.numbers import Numbers

Array = Any
BITS = 64
"""Bits of Arb for functions that NumPy does not have."""


@dataclass(frozen=True)
class SideBySide:
    """Float64 in lanes."""

    name = "side by side"

    def session(self) -> Any:
        """What overflows is known by its result."""
        return np.errstate(all="ignore")

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Array:
        """The given numbers, once for all lanes."""
        return numbers.doubles[None]

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Array:
        """The value of an operation in every lane."""
        return self.function(operation)(*arguments)

    def function(self, operation: str) -> Callable[..., Array]:
        """An operation: NumPy's, else composed, else Arb's."""
        if operation in OWN:
            return OWN[operation]
        if has_definition(operation):
            return lambda *arguments: composed(self, operation, arguments)
        return partial(_by_arb, operation)

    def constant(self, text: str) -> Array:
        """A number that belongs to a function's definition."""
        return np.array([float(text)])


def _aligned(function: Callable[..., Array]) -> Callable[..., Array]:
    """The function of values whose axes behind the lane are aligned from the last one."""

    def call(x: Array, y: Array) -> Array:
        if x.ndim < y.ndim:
            x = x.reshape(len(x), *(1,) * (y.ndim - x.ndim), *x.shape[1:])
        elif y.ndim < x.ndim:
            y = y.reshape(len(y), *(1,) * (x.ndim - y.ndim), *y.shape[1:])
        return function(x, y)

    return call


def _product(x: Array, y: Array) -> Array:
    """x @ y, with one large product where one of them is the same in all lanes."""
    if y.ndim == 3 and len(y) == 1:
        return (x.reshape(-1, x.shape[-1]) @ y[0]).reshape(*x.shape[:-1], y.shape[-1])
    if x.ndim == 3 and len(x) == 1 and y.ndim == 2:
        return y @ x[0].T
    if x.ndim == 2 and y.ndim == 2:
        return (x * y).sum(axis=-1)
    if x.ndim == 2:
        return (x[:, None] @ y)[:, 0]
    return (x @ y[..., None])[..., 0] if y.ndim == 2 else x @ y


def _sigmoid(x: Array) -> Array:
    return 0.5 * np.tanh(0.5 * x) + 0.5


def _concatenated(*parts: Array) -> Array:
    whole = [part if part.ndim > 1 else part[:, None] for part in parts]
    count = max(len(part) for part in whole)
    return np.concatenate([np.broadcast_to(p, (count, *p.shape[1:])) for p in whole], axis=-1)


def _sliced(x: Array, *ends: int | None) -> Array:
    return x[(slice(None), *(slice(*p) for p in zip(ends[::2], ends[1::2], strict=True)))]


def _filled(x: Array, *sizes: int) -> Array:
    inner = x.reshape(len(x), *(1,) * len(sizes), *x.shape[1:])
    return np.broadcast_to(inner, (len(x), *sizes, *x.shape[1:]))


def _summed(x: Array, axis: int | None = None) -> Array:
    return x.reshape(len(x), -1).sum(axis=1) if axis is None else x.sum(axis=axis + 1)


def _mean(x: Array, axis: int | None = None) -> Array:
    return x.reshape(len(x), -1).mean(axis=1) if axis is None else x.mean(axis=axis + 1)


def _softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def _power(x: Array, n: int) -> Array:
    powers = reduce(np.multiply, [x] * abs(n), np.ones_like(x))
    return powers if n >= 0 else 1 / powers


def _by_arb(operation: str, *arguments: Array) -> Array:
    """The function of a library that proves its values, entry by entry, to the nearest float64."""
    ball = Ball(BITS)
    with flint_bits(BITS):
        function = np.frompyfunc(ball.function(operation), len(arguments), 1)
        found = function(*(np.frompyfunc(arb, 1, 1)(part) for part in arguments))
        return np.frompyfunc(float, 1, 1)(found).astype(np.float64)


OWN: Mapping[str, Callable[..., Array]] = {
    "add": _aligned(np.add),
    "subtract": _aligned(np.subtract),
    "multiply": _aligned(np.multiply),
    "divide": _aligned(np.divide),
    "max": _aligned(np.maximum),
    "min": _aligned(np.minimum),
    "negate": np.negative,
    "identity": lambda x: x,
    "matmul": _product,
    "outer": lambda x, y: x[:, :, None] * y[:, None, :],
    "sum": _summed,
    "mean": _mean,
    "abs": np.abs,
    "step": lambda x: np.heaviside(x, 0.5),
    "positive": lambda x: (x > 0).astype(np.float64),
    "exp": np.exp,
    "log": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "sqrt": np.sqrt,
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "softmax": _softmax,
    "power": _power,
    "pi": lambda: np.array([np.pi]),
    "concat": _concatenated,
    "transpose": lambda x: x.swapaxes(-1, -2),
    "slice": _sliced,
    "fill": _filled,
    "pad": lambda x, before, after: np.pad(x, [(0, 0)] * (x.ndim - 1) + [(before, after)]),
}
"""What NumPy computes."""
