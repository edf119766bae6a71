"""PyTorch's recurrent cells and modules as problems, in PyTorch's own layout of weights.

The parameters are called as PyTorch's are, gates stacked, so that its gradients are held against
ours as they come. Formulas: torch.nn.RNN, LSTM and GRU.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests import random_problems
from verifier.problem import Problem, from_data
from verifier.testing import floats

GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}


@dataclass(frozen=True)
class Module:
    """A kind of PyTorch's, a cell or a module of layers, with its sizes."""

    kind: str
    layers: int = 1
    both: bool = False
    inputs: int = 2
    hidden: int = 2

    @property
    def base(self) -> str:
        """RNN, LSTM or GRU."""
        return self.kind.removesuffix("Cell")

    @property
    def tails(self) -> list[str]:
        """What follows the name of a weight, one for each layer and direction."""
        if self.kind.endswith("Cell"):
            return [""]
        ways = ["", "_reverse"] if self.both else [""]
        return [f"_l{layer}{way}" for layer in range(self.layers) for way in ways]

    def width(self, tail: str) -> int:
        """How many inputs a layer has."""
        first = tail == "" or tail.startswith("_l0")
        return self.inputs if first else self.hidden * (1 + self.both)


def draw(module: Module, rng: Random, steps: int = 2) -> Problem:
    """A random problem of a module with half the squared error of its output."""
    n, gates = module.hidden, GATES[module.base]
    parameters = {}
    for tail in module.tails:
        for name, shape in (
            ("weight_ih", (gates * n, module.width(tail))),
            ("weight_hh", (gates * n, n)),
            ("bias_ih", (gates * n,)),
            ("bias_hh", (gates * n,)),
        ):
            parameters[name + tail] = random_problems.array(rng, *shape)
    target = random_problems.array(rng, steps, n * (1 + module.both))
    inputs = {"x": random_problems.array(rng, steps, module.inputs), "y": target}
    data = {
        "equations": equations(module),
        "loss": "half_squared_error(out[t], y[t])",
        "parameters": parameters,
        "inputs": inputs,
    }
    return from_data(data, Path())


def equations(module: Module) -> str:
    """The equations of the module; its output is `out`."""
    lines, below = [], "x[t]"
    for tail in module.tails:
        lines += _layer(module.base, tail, below, module.hidden)
        if module.both and not tail.endswith("_reverse"):
            continue
        forth = tail.removesuffix("_reverse")
        below = f"concat(h{forth}[t], h{tail}[t])" if module.both else f"h{tail}[t]"
    return "\n".join([*lines, f"out[t] = {below}"])


def _layer(base: str, tail: str, below: str, n: int) -> list[str]:
    at = "[t+1]" if tail.endswith("_reverse") else "[t-1]"
    given = f"weight_ih{tail} @ {below} + bias_ih{tail}"
    kept = f"weight_hh{tail} @ h{tail}{at} + bias_hh{tail}"
    part = [f"[{k * n}:{(k + 1) * n}]" for k in range(4)]
    if base == "RNN":
        return [f"h{tail}[t] = tanh({given} + {kept})"]
    if base == "LSTM":
        gates = zip("ifgo", ("sigmoid", "sigmoid", "tanh", "sigmoid"), part, strict=True)
        return [
            f"a{tail}[t] = {given} + {kept}",
            *(f"{gate}{tail}[t] = {f}(a{tail}[t]{own})" for gate, f, own in gates),
            f"c{tail}[t] = f{tail}[t] * c{tail}{at} + i{tail}[t] * g{tail}[t]",
            f"h{tail}[t] = o{tail}[t] * tanh(c{tail}[t])",
        ]
    a, b = f"a{tail}[t]", f"b{tail}[t]"
    return [
        f"{a} = {given}",
        f"{b} = {kept}",
        *(f"{g}{tail}[t] = sigmoid({a}{p} + {b}{p})" for g, p in zip("rz", part, strict=False)),
        f"n{tail}[t] = tanh({a}{part[2]} + r{tail}[t] * {b}{part[2]})",
        f"h{tail}[t] = (1 - z{tail}[t]) * n{tail}[t] + z{tail}[t] * h{tail}{at}",
    ]


def gradients(torch: Any, module: Module, problem: Problem, float: str) -> dict[str, Any]:
    """The gradients that PyTorch's module has, by the names of its parameters."""
    dtype, given = getattr(torch, float), floats(problem, float)
    assert problem.loss is not None
    options = {} if module.kind.endswith("Cell") else {"bidirectional": module.both}
    options |= {} if module.kind.endswith("Cell") else {"num_layers": module.layers}
    made = getattr(torch.nn, module.kind)(module.inputs, module.hidden, dtype=dtype, **options)
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            parameter.copy_(torch.from_numpy(given.parameters[name]))
    x = torch.from_numpy(given.inputs["x"])
    y = torch.tensor(problem.loss.inputs["y"].doubles, dtype=dtype)
    out = _cells(torch, made, x) if module.kind.endswith("Cell") else made(x)[0]
    (((out - y) ** 2).sum() / 2).backward()
    return {name: parameter.grad.numpy() for name, parameter in made.named_parameters()}


def _cells(torch: Any, cell: Any, x: Any) -> Any:
    """The outputs of a cell over a sequence, from a state of zeros."""
    state, found = None, []
    for row in x:
        state = cell(row, state)
        found.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(found)
