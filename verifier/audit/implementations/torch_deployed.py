"""PyTorch's modules as they are deployed on a CPU: under autocast, and with int8 weights.

Under autocast, outputs are taken in the type that the module stores: version 2.13 returns float32
from nn.GRU and the gated cells, the 16-bit format from nn.RNN, and from nn.LSTM where oneDNN runs
it. `quantize_dynamic` replaces the parts of a module, so that a cell is wrapped in one; it has no
nn.RNN. The documentation of torch.amp and torch.ao.quantization, version 2.13.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from verifier.arithmetic.floats.binary import BINARY, Format
from verifier.errors import VerifierError

QUANTISED = ("GRU", "LSTM", "RNNCell", "GRUCell", "LSTMCell")
KINDS = ("", "autocast", "int8")
"""The kinds of models that PyTorch runs on a CPU."""


class Wrapped(torch.nn.Module):  # type: ignore[misc]
    """A module as the part of another one."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner


def prepared(module: Any, format: Format) -> Any:
    """The module as it is called: its weights quantised where the format says so."""
    return quantised(module) if format.kind == "int8" else module


def quantised(module: Any) -> Any:
    """The module after `quantize_dynamic`. Errors: VerifierError for what it leaves, or breaks."""
    kind = type(module).__name__
    if kind not in QUANTISED or module.__dict__.get("proj_size"):
        what = f"torch quantises no nn.{kind}" + (" with a projection" if kind == "LSTM" else "")
        raise VerifierError(what, accepted=", ".join(f"nn.{name}" for name in QUANTISED))
    if module.__dict__.get("num_layers", 1) > 1:
        what = "int8-dynamic in layers: the range of a layer's input is that of all its steps"
        raise VerifierError(what, accepted="one layer")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that this module of PyTorch will move
        whole = torch.ao.quantization.quantize_dynamic(
            Wrapped(module).eval(), {type(module)}, dtype=torch.qint8
        )
    return whole.inner


@contextmanager
def running(format: Format) -> Iterator[None]:
    """Where the modules of a format run, without gradients."""
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that oneDNN is not used for projections
        if format.kind != "autocast":
            yield
            return
        with torch.autocast("cpu", dtype=getattr(torch, format.functions)):
            yield


def called(module: Any, *given: Any) -> Any:
    """What a module returns; without oneDNN where that has no kernel for this processor."""
    try:
        return module(*given)
    except RuntimeError as error:
        if "primitive" not in str(error):
            raise
    with torch.backends.mkldnn.flags(enabled=False):
        return module(*given)


def rows(cell: Any) -> Callable[..., Any]:
    """A cell of vectors, which is called with a batch of one."""

    def call(x: Any, states: Any) -> Any:
        many = isinstance(states, tuple)
        given = tuple(state[None] for state in states) if many else states[None]
        found = called(cell, x[None], given)
        return tuple(part[0] for part in found) if many else found[0]

    return call


def tensor(value: Any, format: Format) -> Any:
    """An array as a tensor of the format; float64 holds every number of every format."""
    wide = np.ascontiguousarray(np.asarray(value).astype(np.float64))
    return torch.from_numpy(wide).to(getattr(torch, format.name))


def stored(value: Any) -> Any:
    """A tensor as an array of its own type."""
    own = BINARY[str(value.dtype).removeprefix("torch.")]
    return value.detach().to(torch.float64).numpy().astype(own.dtype)
