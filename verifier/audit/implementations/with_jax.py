"""JAX on the CPU: its functions; what is compared is a function of one's own, of JAX or Flax."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from verifier.arithmetic.floats.binary import BINARY, Format
from verifier.errors import VerifierError
from verifier.problem import Problem

OWN = {
    **{name: getattr(jax.numpy, name) for name in ("exp", "tanh", "log1p", "sqrt", "log")},
    **{name: getattr(jax.numpy, name) for name in ("sin", "cos")},
    "erf": jax.scipy.special.erf,
    "sigmoid": jax.nn.sigmoid,
}
"""Functions of one argument by the language's names."""


def version() -> str:
    """JAX's version."""
    return str(jax.__version__)


def formats() -> tuple[str, ...]:
    """All of them; float64 where it is switched on."""
    return tuple(BINARY)


def forward(problem: Problem, format: Format) -> Mapping[Any, Any]:
    """Nothing: JAX has no cells. Errors: VerifierError."""
    raise VerifierError("jax has no cells of its own", accepted="module:function")


def functions(format: str) -> Mapping[str, Any]:
    """Its functions, compiled as a cell's are."""
    return {name: _function(own, BINARY[format]) for name, own in OWN.items()}


def _function(own: Any, format: Format) -> Any:
    compiled = jax.jit(own)

    def call(x: Any) -> Any:
        with jax.enable_x64(True):
            return np.asarray(compiled(jax.numpy.asarray(x.astype(format.dtype)))).astype(
                format.dtype
            )

    return call
