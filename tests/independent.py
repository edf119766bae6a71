"""A forward pass that shares nothing with the package: Python runs the text on mpmath's numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np

Given = Mapping[str, Mapping[str, Any]]


Reading = Callable[[str, int, int | None, Any], Any]
"""What is read of a name at a step with an offset (none for a parameter), given its value."""


class Pass:
    """A forward pass in any order of steps: each value is worked out when it is first read."""

    def __init__(
        self,
        equations: str,
        given: Given,
        count: int,
        read: Reading = lambda name, step, offset, value: value,
    ) -> None:
        lines = [line.split("=", 1) for line in equations.strip().splitlines()]
        self.right = {left.strip().removesuffix("[t]"): right for left, right in lines}
        self.read, self.values = read, dict[tuple[str, int], Any]()
        self.bare = {name: _array(value) for name, value in given["parameters"].items()}
        for name, rows in given["inputs"].items():
            self.values |= {(name, t): _array(row) for t, row in enumerate(rows, 1)}
        for section, step in (("initial", 0), ("final", count + 1)):
            for name, value in given.get(section, {}).items():
                self.values[name, step] = _array(value)

    def total(self, loss: str, steps: list[int]) -> Any:
        """The loss summed over steps."""
        return sum((np.sum(self.run(loss, t)) for t in steps), mpmath.mpf(0))

    def at(self, name: str, step: int) -> Any:
        """A quantity at a step."""
        if (name, step) not in self.values:
            self.values[name, step] = self.run(self.right[name], step)
        return self.values[name, step]

    def run(self, text: str, t: int) -> Any:
        """The value of an expression at a step; its numbers are exact decimals."""
        bare = {name: self.read(name, t, None, value) for name, value in self.bare.items()}
        own = {
            "_at": lambda name, k: self.read(name, t, k, self.at(name, t + k)),
            "_number": mpmath.mpf,
        }
        return eval(_code(text), {**FUNCTIONS, **bare, **own})


@lru_cache(maxsize=256)
def _code(text: str) -> Any:
    """The expression for Python, in which names with a step and decimals are calls."""
    text = re.sub(r"\b(\w+)\[t([-+]1)\]", r"_at('\1', \2)", text.strip())
    text = re.sub(r"\b(\w+)\[t\]", r"_at('\1', 0)", text)
    text = re.sub(r"(?<!:)\((\d+)\)", r"(_number('\1'))", text)
    return compile(re.sub(r"(?<![\w.'])(\d+\.\d+)", r"_number('\1')", text), "<cell>", "eval")


def _array(value: Any) -> Any:
    array = np.array(value, dtype=object)
    return np.vectorize(mpmath.mpf, otypes=[object])(array)[()] if array.size else array


def _each(function: Callable[..., Any]) -> Callable[..., Any]:
    return np.frompyfunc(function, function.__code__.co_argcount, 1)  # type: ignore[attr-defined]


def _clip(x: Any, low: Any, high: Any) -> Any:
    return np.minimum(np.maximum(x, mpmath.mpf(low)), mpmath.mpf(high))


def _sum(x: Any, axis: int | None = None) -> Any:
    return np.sum(x, axis=axis)


def _mean(x: Any, axis: int | None = None) -> Any:
    return _sum(x, axis) / (np.size(x) if axis is None else np.shape(x)[axis])


def _softmax(x: Any) -> Any:
    powers = EXP(x)
    return powers / np.sum(powers, axis=-1, keepdims=True)


def _fill(x: Any, *sizes: int) -> Any:
    return np.broadcast_to(np.asarray(x, dtype=object), (*map(int, sizes), *np.shape(x)))


def _concat(*parts: Any) -> Any:
    return np.concatenate([np.atleast_1d(part) for part in parts], axis=-1)


def _pad(x: Any, before: int, after: int) -> Any:
    return np.pad(x, [(0, 0)] * (np.ndim(x) - 1) + [(before, after)], constant_values=mpmath.mpf(0))


EXP = _each(lambda x: mpmath.exp(x))
TANH = _each(lambda x: mpmath.tanh(x))
SIGMOID = _each(lambda x: 1 / (1 + mpmath.exp(-x)))
ERF = _each(lambda x: mpmath.erf(x))
RELU = _each(lambda x: max(x, mpmath.mpf(0)))
LEAKY = _each(lambda x, a: x if x > 0 else a * x)
ELU = _each(lambda x, a: x if x > 0 else a * (mpmath.exp(x) - 1))

FUNCTIONS: dict[str, Any] = {
    "exp": EXP,
    "tanh": TANH,
    "sigmoid": SIGMOID,
    "softplus": _each(lambda x: mpmath.log(1 + mpmath.exp(x))),
    "relu": RELU,
    "leaky_relu": lambda x, a=None: LEAKY(x, mpmath.mpf(1) / 100 if a is None else a),
    "hard_sigmoid": lambda x: _clip(x / 5 + mpmath.mpf("0.5"), 0, 1),
    "hard_sigmoid_relu6": lambda x: _clip(x + 3, 0, 6) / 6,
    "hard_tanh": lambda x: _clip(x, -1, 1),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "sin": _each(lambda x: mpmath.sin(x)),
    "cos": _each(lambda x: mpmath.cos(x)),
    "erf": ERF,
    "abs": np.abs,
    "elu": lambda x, a=1: ELU(x, a),
    "silu": lambda x: x * SIGMOID(x),
    "gelu": lambda x: x * (1 + ERF(x / mpmath.sqrt(2))) / 2,
    "gelu_tanh": lambda x: (
        x * (1 + TANH(mpmath.sqrt(2 / mpmath.pi) * (x + mpmath.mpf("0.044715") * x**3))) / 2
    ),
    "thresholded_relu": lambda x, a=1: x * _each(lambda y: mpmath.mpf(y > a))(x),
    "square": lambda x: x * x,
    "max": np.maximum,
    "min": np.minimum,
    "sqrt": _each(lambda x: mpmath.sqrt(x)),
    "log": _each(lambda x: mpmath.log(x)),
    "affine": lambda x, a, b: a * x + b,
    "scaled_tanh": lambda x, a, b: a * TANH(b * x),
    "pi": lambda: +mpmath.pi,
    "identity": lambda x: x,
    "positive": _each(lambda x: mpmath.mpf(x > 0)),
    "step": _each(lambda x: mpmath.mpf(x > 0)),
    "clip": _clip,
    "sum": _sum,
    "mean": _mean,
    "softmax": _softmax,
    "fill": _fill,
    "concat": _concat,
    "outer": np.multiply.outer,
    "pad": _pad,
    "squared_error": lambda x, y: np.sum((x - y) ** 2),
    "half_squared_error": lambda x, y: np.sum((x - y) ** 2) / 2,
    "cross_entropy": lambda p, y: -np.sum(y * FUNCTIONS["log"](p)),
    "binary_cross_entropy": lambda p, y: (
        -np.sum(y * FUNCTIONS["log"](p) + (1 - y) * FUNCTIONS["log"](1 - p))
    ),
}
