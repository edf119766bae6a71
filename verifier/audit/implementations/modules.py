"""Modules of Keras and PyTorch as functions of a problem: what they return of its input."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from verifier.audit.implementations.handed import by_quantity, laid, sequence
from verifier.problem import Problem

Array = Any
Forward = Callable[[Problem, np.dtype[Any]], Any]


def library(found: Any) -> str:
    """Whose module an object is: keras, torch, or nobody's, as a function is."""
    roots = [cls.__module__.split(".")[0] for cls in type(found).__mro__]
    return next((root for root in roots if root in ("keras", "torch")), "")


def as_forward(found: Any) -> Forward:
    """The function of a problem and a type that a module is; a function as it is."""
    makers: dict[str, Callable[[Any], Forward]] = {"keras": _keras, "torch": _torch}
    return makers[library(found)](found) if library(found) else found


def _keras(layer: Any) -> Forward:
    def forward(problem: Problem, dtype: np.dtype[Any]) -> Mapping[Any, Array]:
        x = laid(sequence(problem, dtype), batch_first=True)
        return by_quantity(problem, layer(x), type(layer).__name__)

    return forward


def _torch(module: Any) -> Forward:
    import torch

    batch_first = any(getattr(one, "batch_first", False) for one in module.modules())

    def forward(problem: Problem, dtype: np.dtype[Any]) -> Mapping[Any, Array]:
        wide = np.ascontiguousarray(laid(sequence(problem, dtype), batch_first).astype(np.float64))
        x = torch.from_numpy(wide).to(getattr(torch, dtype.name))
        with torch.no_grad():
            return by_quantity(problem, module(x), type(module).__name__)

    return forward
