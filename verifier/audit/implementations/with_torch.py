"""PyTorch on the CPU: nn.GRUCell, nn.LSTMCell and nn.RNNCell; `torch_layers` has whole modules.

Gates stand in the order r, z, n (GRU) and i, f, g, o (LSTM); weights are (gates · hidden, inputs).
GRUCell resets after the matrix product. Source: the documentation of torch.nn, version 2.13.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch

from verifier.arithmetic.floats.binary import BINARY, Format
from verifier.arithmetic.floats.deployed import FORMATS
from verifier.arithmetic.protocol import QuantityAt
from verifier.audit.implementations.torch_deployed import (
    KINDS,
    prepared,
    rows,
    running,
    stored,
    tensor,
)
from verifier.audit.implementations.torch_layers import LAYOUTS, layers_of
from verifier.audit.implementations.torch_layers import forward as in_layers
from verifier.audit.implementations.weights import STATES, Weights, weights
from verifier.errors import VerifierError
from verifier.problem import Problem

GATES = {"gru": ("_r", "_z", "_h"), "lstm": ("_i", "_f", "_g", "_o"), "rnn": ("",)}
CELLS: dict[str, Callable[..., Any]] = {
    "gru": torch.nn.GRUCell,
    "lstm": torch.nn.LSTMCell,
    "rnn": torch.nn.RNNCell,
}


NAMES = ("exp", "tanh", "log1p", "sigmoid", "sqrt", "log", "sin", "cos", "erf")
OWN: dict[str, Callable[[Any], Any]] = {
    **{name: getattr(torch, name) for name in NAMES},
    **{f"power {n}": partial(torch.pow, exponent=n) for n in (-2, -1, 2, 3, 5, 10)},
    "silu": torch.nn.functional.silu,
    "elu": torch.nn.functional.elu,
    "gelu": torch.nn.functional.gelu,
    "gelu_tanh": partial(torch.nn.functional.gelu, approximate="tanh"),
}
"""Functions of one argument by the language's names; whole exponents stand behind a power."""


def version() -> str:
    """PyTorch's version."""
    return str(torch.__version__)


def formats() -> tuple[str, ...]:
    """All of IEEE's, autocast and int8-dynamic."""
    return tuple(name for name, row in FORMATS.items() if row.kind in KINDS)


def forward(problem: Problem, format: Format) -> Mapping[Any, Any]:
    """The states of every step: PyTorch shows no gates; of a backward pass, what autograd has."""
    if problem.backward is not None:
        return _backward(problem, format)
    try:
        given = weights(problem, format.computed, "torch")
    except VerifierError as error:
        return _in_layers(problem, format, error)
    cell = rows(prepared(_cell(given), format))
    states = tuple(tensor(state, format.computed) for state in given.states)
    found: dict[QuantityAt, Any] = {}
    with running(format):
        for step, x in enumerate(given.inputs, 1):
            out = cell(tensor(x, format.computed), states if len(states) > 1 else states[0])
            states = out if isinstance(out, tuple) else (out,)
            names = STATES[problem.cell.name]
            found |= {(step, n): stored(s) for n, s in zip(names, states, strict=True)}
    return found


def _backward(problem: Problem, format: Format) -> Mapping[Any, Any]:
    """What autograd has. Errors: VerifierError for a deployed model."""
    from verifier.audit.implementations.autograd import backward

    if format.kind:
        what = f"torch passes nothing back here in {format.name}"
        raise VerifierError(what, accepted=", ".join(BINARY))
    return backward(problem, format)


def _in_layers(problem: Problem, format: Format, error: VerifierError) -> Mapping[Any, Any]:
    """What nn.RNN, nn.GRU or nn.LSTM shows; the error, where it is none of theirs."""
    found = layers_of(problem, format.computed)
    if found is None:
        error.accepted += f"; or {', '.join(LAYOUTS)}, in layers and directions"
        raise error
    return in_layers(found, format)


def _cell(given: Weights) -> Any:
    """The library's cell with the problem's weights; the bias stands on the input's side."""
    name, format = given.problem.cell.name, given.model.format
    gates, size = GATES[name], given.inputs.shape[1]
    cell = CELLS[name](size, given.hidden, dtype=getattr(torch, format.name))
    numbers = {
        "weight_ih": given.kernel(gates).T,
        "weight_hh": given.recurrent(gates).T,
        "bias_ih": given.bias(gates),
        "bias_hh": np.zeros(len(gates) * given.hidden, format.dtype),
    }
    with torch.no_grad():
        for parameter, value in numbers.items():
            getattr(cell, parameter).copy_(tensor(value, format))
    return cell


def functions(format: str) -> Mapping[str, Any]:
    """Its functions of one argument."""
    return {name: _function(own, BINARY[format]) for name, own in OWN.items()}


def _function(own: Callable[[Any], Any], format: Format) -> Callable[[Any], Any]:
    def call(x: Any) -> Any:
        return array(own(tensor(x, format))).astype(format.dtype)

    return call


def array(value: Any) -> Any:
    """A tensor as a float64 array."""
    return value.to(torch.float64).numpy()
