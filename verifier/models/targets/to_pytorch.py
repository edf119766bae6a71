"""The state dict of one torch.nn.RNN, GRU or LSTM, its input, and a script that runs it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from verifier.models.array_bytes import npy, safetensors
from verifier.models.gates import NotRecognisedError
from verifier.models.layout import layout
from verifier.models.model import STATES, Direction, Form, Model
from verifier.models.recognise import recognise
from verifier.models.stacked import joined
from verifier.models.targets import Written
from verifier.models.uniform import uniform, usual
from verifier.problem import Problem

Array = Any
RULES = layout("pytorch")


def layers(problem: Problem, float: str) -> Any:
    """PyTorch's module with the problem's weights, which begins with the problem's states.

    Errors: NotRecognisedError for other equations, ImportError without PyTorch.
    """
    import torch

    model = recognise(problem, float)
    form = uniform(model, "PyTorch")
    _check(form)
    type_of = getattr(torch, float)

    def tensor(array: Array) -> Any:
        return torch.from_numpy(np.ascontiguousarray(array.astype(np.float64))).to(type_of)

    net = getattr(torch.nn, form.kind.upper())(*_sizes(model), **_options(model, form)).to(type_of)
    net.load_state_dict({name: tensor(array) for name, array in _weights(model).items()})
    states = [tensor(array[:, None]) for array in _states(model).values()]
    begun = (tuple(states) if len(states) > 1 else states[0],) if states else ()

    class Begun(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, x: Any) -> Any:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that oneDNN is not used for projections
                return self.net(x, *begun)

    return Begun().eval()


def files(problem: Problem, float: str) -> Written:
    """Weights, input (steps, 1, width), states h0 and c0 where there are any, and the script."""
    model = recognise(problem, float)
    form, stem = uniform(model, "PyTorch"), problem.stem
    _check(form)
    made: dict[str, str | bytes] = {
        f"{stem}.safetensors": safetensors(_weights(model)),
        f"{stem}.npy": npy(model.inputs[:, None]),
    }
    made |= {f"{stem}_{name}.npy": npy(array[:, None]) for name, array in _states(model).items()}
    made[f"{stem}.py"] = _script(model, form, stem)
    return Written(made, (*model.notes, *_told(form)))


def _check(form: Form) -> None:
    if not usual(form) and form.functions != ("relu({})",):
        raise NotRecognisedError("PyTorch has other activations")
    if form.kind == "gru" and not form.reset_after:
        raise NotRecognisedError("PyTorch's GRU resets after the product")


def _told(form: Form) -> list[str]:
    given = "The file does not say relu: import it with --assume nonlinearity=relu."
    return [] if usual(form) else [given]


def _weights(model: Model) -> dict[str, Array]:
    biases = _has_biases(model)
    return {
        f"{part}_l{number}{'_reverse' if direction.backwards else ''}": array
        for number, layer in enumerate(model.layers)
        for direction in layer
        for part, array in _parts(direction, biases).items()
    }


def _has_biases(model: Model) -> bool:
    every = (direction for layer in model.layers for direction in layer)
    return any(name[0] == "b" for direction in every for name in direction.parameters)


def _parts(direction: Direction, biases: bool) -> dict[str, Array]:
    """The arrays of a direction by PyTorch's names; biases are all there or none is."""
    gates, parameters = RULES[direction.form.kind]["gates"], direction.parameters
    found: dict[str, Array] = {}
    for part, letter in RULES["parts"].items():
        array = parameters.get(letter) if letter == "W_p" else joined(parameters, letter, gates)
        if array is not None:
            found[part] = np.ascontiguousarray(array.T)
    if biases:
        zero = np.zeros(len(found["weight_ih"]), found["weight_ih"].dtype)
        found = {"bias_ih": zero, "bias_hh": zero} | found
    return found


def _states(model: Model) -> dict[str, Array]:
    """The states before the sequence, a row a layer and direction; none where none is given.

    PyTorch takes both states of an LSTM, or none.
    """
    every = [direction for layer in model.layers for direction in layer]
    if not any(direction.states for direction in every):
        return {}
    first, dtype = every[0].parameters, model.inputs.dtype
    wide = _sizes(model)[1]
    width = {"h": first["W_p"].shape[1] if "W_p" in first else wide, "c": wide}
    return {
        f"{state}0": np.stack([d.states.get(state, np.zeros(width[state], dtype)) for d in every])
        for state in STATES[every[0].form.kind]
    }


SCRIPT = '''"""Runs the weights beside it: `python {stem}.py` prints the last layer's outputs."""

from pathlib import Path

import numpy
import torch
from safetensors.torch import load_file

here = Path(__file__).parent
net = torch.nn.{kind}({options})
net.load_state_dict(load_file(here / "{stem}.safetensors"))
x = torch.from_numpy(numpy.load(here / "{stem}.npy")).to(torch.{dtype})
{states}with torch.no_grad():
    y, _ = net(x{given})
print(y[:, 0])
'''


def _sizes(model: Model) -> tuple[int, int]:
    """How wide the input and the hidden state are."""
    first = model.layers[0][0].parameters
    width, wide = next(array for name, array in first.items() if name[0] == "U").shape
    return width, wide


def _options(model: Model, form: Form) -> dict[str, Any]:
    """What the module is told beside its sizes."""
    first = model.layers[0][0].parameters
    found: dict[str, Any] = {"num_layers": len(model.layers)}
    found |= {"bidirectional": True} if len(model.layers[0]) > 1 else {}
    found |= {} if _has_biases(model) else {"bias": False}
    found |= {} if usual(form) else {"nonlinearity": "relu"}
    return found | ({"proj_size": first["W_p"].shape[1]} if "W_p" in first else {})


def _script(model: Model, form: Form, stem: str) -> str:
    options = [", ".join(map(str, _sizes(model)))]
    options += [f"{name}={_quoted(value)}" for name, value in _options(model, form).items()]
    options.append(f"dtype=torch.{model.inputs.dtype.name}")
    states = _states(model)
    loads = "".join(
        f'{name} = torch.from_numpy(numpy.load(here / "{stem}_{name}.npy")).to(x.dtype)\n'
        for name in states
    )
    given = {0: "", 1: ", h0", 2: ", (h0, c0)"}[len(states)]
    return SCRIPT.format(
        stem=stem,
        kind=form.kind.upper(),
        options=", ".join(options),
        dtype=model.inputs.dtype.name,
        states=loads,
        given=given,
    )


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
