"""Modules of Keras, PyTorch and Flax, and ONNX models, as functions of a problem.

They give what they return of its input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from verifier.audit.implementations import onnx_parts
from verifier.audit.implementations.handed import by_quantity, laid, sequence, starts
from verifier.errors import VerifierError
from verifier.problem import Problem

Array = Any
Forward = Callable[[Problem, np.dtype[Any]], Any]


def library(found: Any) -> str:
    """Whose module an object is: keras, torch, flax, or nobody's, as a function is.

    The bytes of an ONNX model are onnx's.
    """
    if isinstance(found, bytes):
        return "onnx"
    roots = (
        [] if isinstance(found, type) else [c.__module__.split(".")[0] for c in type(found).__mro__]
    )
    return next((root for root in roots if root in ("keras", "torch", "flax")), "")


def as_forward(found: Any) -> Forward:
    """The function of a problem and a type that a module is; a function as it is."""
    return MAKERS[library(found)](found) if library(found) else found


def _keras(layer: Any) -> Forward:
    def forward(problem: Problem, dtype: np.dtype[Any]) -> Mapping[Any, Array]:
        x = laid(sequence(problem, dtype), batch_first=True)
        return by_quantity(problem, layer(x), type(layer).__name__)

    return forward


def _flax(module: Any) -> Forward:
    def forward(problem: Problem, dtype: np.dtype[Any]) -> Mapping[Any, Array]:
        import jax

        if getattr(module, "scope", module) is None:  # of linen, which keeps its weights apart
            what = f"{type(module).__name__} has no weights"
            raise VerifierError(what, accepted="a module after bind(variables)")
        batch_first = not getattr(module, "time_major", False)
        x = jax.numpy.asarray(laid(sequence(problem, dtype), batch_first))
        return by_quantity(problem, module(x), type(module).__name__)

    return forward


def _torch(module: Any) -> Forward:
    import torch

    batch_first = any(getattr(one, "batch_first", False) for one in module.modules())

    def tensor(x: Array, dtype: np.dtype[Any]) -> Any:
        wide = np.ascontiguousarray(x.astype(np.float64))
        return torch.from_numpy(wide).to(getattr(torch, dtype.name))

    def forward(problem: Problem, dtype: np.dtype[Any]) -> Mapping[Any, Array]:
        _check_evaluates(module)
        x = sequence(problem, dtype)
        given = [tensor(laid(x, batch_first), dtype)]
        begins = isinstance(module, torch.nn.RNNBase) and x.ndim == 2
        states = starts(problem, dtype) if begins else {}
        begun = [tensor(np.stack(rows)[:, None], dtype) for rows in states.values()]
        if any(bool(state.any()) for state in begun):
            given.append(tuple(begun) if isinstance(module, torch.nn.LSTM) else begun[0])
        with torch.no_grad():
            return by_quantity(problem, module(*given), type(module).__name__)

    return forward


def _onnx(model: bytes) -> Forward:
    def forward(problem: Problem, dtype: np.dtype[Any]) -> Mapping[Any, Array]:
        session, x = onnx_parts.session(model), laid(sequence(problem, dtype), batch_first=False)
        found = session.run(None, {session.get_inputs()[0].name: x})
        return by_quantity(problem, found, "the model")

    return forward


MAKERS: Mapping[str, Callable[[Any], Forward]] = {
    "keras": _keras,
    "torch": _torch,
    "flax": _flax,
    "onnx": _onnx,
}


def _check_evaluates(module: Any) -> None:
    """That nothing is dropped at random. Errors: VerifierError."""
    for one in module.modules():
        share = getattr(one, "dropout", None) or getattr(one, "p", None)
        layers = getattr(one, "num_layers", 2)
        if one.training and isinstance(share, float) and share > 0 and layers > 1:
            what = (
                f"{type(one).__name__} drops out {share} of what it makes: it is in training mode"
            )
            raise VerifierError(what, accepted="a module after eval()")
