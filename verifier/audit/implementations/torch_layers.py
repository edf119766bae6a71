"""PyTorch's nn.RNN, nn.GRU and nn.LSTM with layers, directions and projection, on the CPU.

They compute the catalogue's cells of `LAYOUTS`, in any stack without an output layer: what a
problem's equations are is found by trying, name by name. Weights are those of PyTorch's
documentation: weight_ih_l{k} (gates · hidden, inputs), weight_hh_l{k}, both biases, weight_hr_l{k}
of a projection, `_reverse` for the direction back. Source: the documentation of torch.nn, 2.13.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from verifier import cells
from verifier.arithmetic.floats.binary import Format
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.protocol import QuantityAt
from verifier.audit.implementations.torch_deployed import (
    called,
    prepared,
    running,
    stored,
    tensor,
)
from verifier.cells import Cell
from verifier.cells.combine import MOST, Stack, combine
from verifier.problem import Problem
from verifier.rewrites import column

Array = Any


@dataclass(frozen=True)
class Layout:
    """A module, the order of its gates, and the prefixes of the biases of state and input."""

    module: Any
    gates: tuple[str, ...]
    recurrent_bias: str = ""
    states: tuple[str, ...] = ("h",)
    options: tuple[tuple[str, Any], ...] = ()
    projection: str = ""


_GRU = (torch.nn.GRU, ("_r", "_z", "_h"))
_LSTM = (torch.nn.LSTM, ("_i", "_f", "_g", "_o"))
LAYOUTS = {
    "rnn": Layout(torch.nn.RNN, ("",)),
    "rnn-pytorch": Layout(torch.nn.RNN, ("",), "b_h"),
    "rnn-relu": Layout(torch.nn.RNN, ("",), options=(("nonlinearity", "relu"),)),
    "gru-pytorch": Layout(*_GRU, "b_s", ("s",)),
    "lstm": Layout(*_LSTM, states=("h", "c")),
    "lstm-pytorch": Layout(*_LSTM, "b_h", ("h", "c")),
    "lstm-projection": Layout(*_LSTM, states=("h", "c"), projection="V"),
}
"""The cells that PyTorch's modules compute; a bias that is not given is zero.

Without some biases they are those of others, such as gru-flax and gru-flux.
"""


@dataclass(frozen=True, eq=False)
class Layers:
    """A problem that is a stack of a cell which PyTorch has."""

    problem: Problem
    cell: Cell
    stack: Stack
    turned: bool
    model: Ieee

    @property
    def layout(self) -> Layout:
        """How PyTorch stores the cell."""
        return LAYOUTS[self.cell.name]

    @property
    def whole(self) -> bool:
        """Whether every gate has as many entries as the others; PyTorch has no scalar gates."""
        names = [f"U{g}{own}" for _, own, _ in self.places() for g in self.layout.gates]
        return len({self.given(name).shape[-1] for name in names}) == 1

    def given(self, name: str) -> Array:
        """A parameter with a row for each number that it multiplies; None where there is none."""
        numbers = self.problem.parameters.get(name)
        if numbers is None:
            return None
        found = self.model.given(numbers)
        return found.T if self.turned and found.ndim == 2 else found

    def places(self) -> Iterator[tuple[int, str, str]]:
        """Each copy's layer from 0, what its names end in, and what PyTorch's end in."""
        for k in range(self.stack.layers):
            layer = f"_{k + 1}" if self.stack.layers > 1 else ""
            if not self.stack.bidirectional:
                yield k, layer, f"_l{k}"
            else:
                yield k, f"{layer}_fwd", f"_l{k}"
                yield k, f"{layer}_back", f"_l{k}_reverse"

    def weights(self) -> Iterator[tuple[str, Array]]:
        """PyTorch's arrays by their names."""
        layout = self.layout
        for _, own, end in self.places():
            for name, letter in (("weight_ih", "U"), ("weight_hh", "W")):
                parts = [self.given(f"{letter}{gate}{own}") for gate in layout.gates]
                yield f"{name}{end}", np.concatenate(parts, axis=1).T
            hidden = self.given(f"U{layout.gates[0]}{own}").shape[1]
            yield f"bias_ih{end}", self._bias([f"b{gate}" for gate in layout.gates], own, hidden)
            recurrent = [self._recurrent(gate) for gate in layout.gates]
            yield f"bias_hh{end}", self._bias(recurrent, own, hidden)
            if layout.projection:
                yield f"weight_hr{end}", self.given(f"{layout.projection}{own}").T

    def _recurrent(self, gate: str) -> str:
        prefix = self.layout.recurrent_bias
        return prefix + gate.removeprefix("_") if prefix else ""

    def _bias(self, names: list[str], own: str, hidden: int) -> Array:
        found = [self.given(name + own) if name else None for name in names]
        zero = np.zeros(hidden, self.model.format.dtype)
        return np.concatenate([zero if part is None else part for part in found])

    def starts(self) -> tuple[Array, ...]:
        """What stands before the first step of each copy, (copies, batch, length), by state."""
        found = []
        for state in self.layout.states:
            rows = [self._start(state + own, own) for _, own, _ in self.places()]
            found.append(np.stack([row if row.ndim == 2 else row[None] for row in rows]))
        return tuple(found)

    def _start(self, name: str, own: str) -> Array:
        step = self.problem.steps + 1 if own.endswith("_back") else 0
        return self.model.given(self.problem.end(name, step))


def layers_of(problem: Problem, format: Format) -> Layers | None:
    """The stack that a problem is, None where it is none that PyTorch has."""
    if {*problem.cell.roles.inputs} != {"x"} or len(problem.inputs["x"].shape) < 2:
        return None
    for name in LAYOUTS:
        for stack in _stacks(problem):
            own = combine(cells.load(name), stack)
            own = own.without(own.optional - frozenset(problem.parameters))
            for turned in (False, True):
                equations = column.turn(own.equations) if turned else own.equations
                if [(e.name, e.expression) for e in equations] == [
                    (e.name, e.expression) for e in problem.cell.equations
                ]:
                    found = Layers(problem, cells.load(name), stack, turned, Ieee(format.name))
                    return found if found.whole else None
    return None


def _stacks(problem: Problem) -> Iterator[Stack]:
    """Stacks of as many layers as the names of the quantities may speak of."""
    names = [*problem.cell.equation]
    ends = {int(part) for name in names for part in name.split("_") if part.isdecimal()}
    layers = min(max(ends, default=1), MOST)
    yield Stack(layers, any(name.endswith("_back") for name in names))


def forward(layers: Layers, format: Format) -> Mapping[Any, Array]:
    """What the module shows: outputs of the last layer, and states behind the last step."""
    problem, own = layers.problem, layers.model.format
    module = prepared(_module(layers), format)
    x = layers.model.given(problem.inputs["x"])
    batched = x.ndim == 3
    starts = [tensor(start, own) for start in layers.starts()]
    state = tuple(starts) if len(starts) > 1 else starts[0]
    with running(format):
        shown, ends = called(module, tensor(x if batched else x[:, None], own), state)
    found = {**_outputs(layers, stored(shown)), **_ends(layers, ends)}
    return {site: value if batched else value[0] for site, value in found.items()}


def _outputs(layers: Layers, shown: Array) -> Mapping[QuantityAt, Array]:
    """The last layer's output at every step, and that of each direction."""
    last = layers.stack.layers
    layer = f"_{last}" if last > 1 else ""
    name = layers.layout.states[0] + layer
    found = {(step, name): row for step, row in enumerate(shown, 1)}
    if layers.stack.bidirectional:
        half = shown.shape[-1] // 2
        for end, part in (("_fwd", shown[..., :half]), ("_back", shown[..., half:])):
            found |= {(step, name + end): row for step, row in enumerate(part, 1)}
    return found


def _ends(layers: Layers, ends: Any) -> Mapping[QuantityAt, Array]:
    """The states of all copies behind the last step of each."""
    states = ends if isinstance(ends, tuple) else (ends,)
    found = {}
    for state, values in zip(layers.layout.states, states, strict=True):
        for (_, own, _), value in zip(layers.places(), stored(values), strict=True):
            step = 1 if own.endswith("_back") else layers.problem.steps
            found[step, state + own] = value
    return found


def _module(layers: Layers) -> Any:
    """PyTorch's module with the problem's weights."""
    layout, weights = layers.layout, dict(layers.weights())
    options: dict[str, Any] = dict(layout.options)
    if layout.projection:
        options["proj_size"] = weights["weight_hr_l0"].shape[0]
    module = layout.module(
        weights["weight_ih_l0"].shape[1],
        weights["weight_ih_l0"].shape[0] // len(layout.gates),
        num_layers=layers.stack.layers,
        bidirectional=layers.stack.bidirectional,
        dtype=getattr(torch, layers.model.format.name),
        **options,
    )
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.copy_(tensor(weights[name], layers.model.format))
    return module
