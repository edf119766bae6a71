"""NumPy: its own `@`, exp and tanh in the format's type."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from verifier.arithmetic.floats.binary import BINARY, Format
from verifier.arithmetic.ieee import Ieee
from verifier.evaluate import evaluate
from verifier.problem import Problem

NAMES = ("exp", "tanh", "sqrt", "log", "sin", "cos", "erf")
POWERS = (-2, -1, 2, 3, 5, 10)
"""Whole exponents that are tried."""


def version() -> str:
    """NumPy's version."""
    return np.__version__


def formats() -> tuple[str, ...]:
    """All of them; bfloat16 is ml_dtypes'."""
    return tuple(BINARY)


def forward(problem: Problem, format: Format) -> Mapping[Any, Any]:
    """Every quantity of every step."""
    return evaluate(problem, Ieee(format.name, order="numpy")).values


def functions(format: str) -> Mapping[str, Any]:
    """The library's functions; the 16-bit formats go through float32, erf is the C library's."""
    model = Ieee(format)
    own = {name: _quietly(model.function(name)) for name in NAMES}
    own |= {f"power {n}": _quietly(partial(_power, model, n)) for n in POWERS}
    return own | {"log1p": _quietly(partial(model._through, np.log1p))}


def _power(model: Ieee, n: int, x: Any) -> Any:
    return model._through(lambda wide: np.power(wide, np.asarray(n, wide.dtype)), x)


def _quietly(function: Any) -> Any:
    def call(x: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(x)

    return call
