"""A .keras file of Keras 3: SimpleRNN, GRU, LSTM and Bidirectional layers, and their input."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import numpy as np

from verifier.errors import MissingExtraError, VerifierError, extra
from verifier.models.array_bytes import npy
from verifier.models.gates import NotRecognisedError
from verifier.models.layout import layout
from verifier.models.model import Direction, Form
from verifier.models.recognise import recognise
from verifier.models.stacked import joined
from verifier.models.targets import Written
from verifier.models.uniform import refuse
from verifier.problem import Problem

Array = Any
Config = dict[str, Any]
RULES = layout("keras")


def files(problem: Problem, float: str) -> Written:
    """The model and its input (1, steps, width).

    Errors: VerifierError for other equations, and for states that do not begin with zeros.
    """
    model = recognise(problem, float)
    layers, arrays, counts = [], dict[str, Array](), dict[str, int]()
    for layer in model.layers:
        config, own = _layer(layer, float)
        path = _path(config["class_name"], counts)
        layers.append(config)
        arrays |= {f"layers/{path}/{name}": array for name, array in own.items()}
    shape = [None, None, model.inputs.shape[1]]
    first = {"batch_shape": shape, "dtype": float, "name": "x"}
    begin = {"module": "keras.layers", "class_name": "InputLayer", "config": first}
    whole = {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "verifier", "layers": [begin, *layers]},
    }
    x = npy(model.inputs[None])
    made: dict[str, str | bytes] = {
        f"{problem.stem}.keras": _packed(whole, arrays),
        f"{problem.stem}.npy": x,
    }
    return Written(made, model.notes)


def _path(kind: str, counts: dict[str, int]) -> str:
    from verifier.models.keras_file import snake

    number = counts[kind] = counts.get(kind, -1) + 1
    return snake(kind) + (f"_{number}" if number else "")


def _layer(layer: tuple[Direction, ...], float: str) -> tuple[Config, dict[str, Array]]:
    """A layer's configuration, and its arrays by their paths inside of it."""
    cells = [_cell(direction, float) for direction in layer]
    if len(layer) == 1:
        config, arrays = cells[0]
        return config, {f"cell/vars/{k}": array for k, array in arrays.items()}
    (one, ahead), (two, back) = cells
    both = {"name": "both", "merge_mode": "concat", "layer": one, "backward_layer": two}
    found = {f"forward_layer/cell/vars/{k}": array for k, array in ahead.items()}
    found |= {f"backward_layer/cell/vars/{k}": array for k, array in back.items()}
    return {"module": "keras.layers", "class_name": "Bidirectional", "config": both}, found


def _cell(direction: Direction, float: str) -> tuple[Config, dict[str, Array]]:
    form, parameters = direction.form, direction.parameters
    refuse(form, parameters, "Keras")
    _check(direction)
    rules, biased = RULES[form.kind], any(name[0] == "b" for name in parameters)
    kernel, recurrent = (joined(parameters, letter, rules["gates"]) for letter in "UW")
    assert kernel is not None
    assert recurrent is not None
    arrays = {"0": kernel, "1": recurrent}
    if biased:
        arrays["2"] = _bias(form, parameters, kernel)
    config = {"units": len(recurrent), "use_bias": biased, "return_sequences": True, "dtype": float}
    config |= {"go_backwards": True} if direction.backwards else {}
    config |= {"reset_after": form.reset_after} if form.kind == "gru" else {}
    config |= dict(zip(rules["functions"], map(_function, form.functions), strict=True))
    return {"module": "keras.layers", "class_name": rules["class"], "config": config}, arrays


def _bias(form: Form, parameters: Any, kernel: Array) -> Array:
    """One row of biases, of which Keras has one; two where a GRU resets after."""
    zero = np.zeros(kernel.shape[1], kernel.dtype)
    rows = [joined(parameters, letter, RULES[form.kind]["gates"]) for letter in ("b", "bh")]
    if form.reset_after:
        return np.stack([zero if row is None else row for row in rows])
    there = [row for row in rows if row is not None and row.any()]
    if len(there) > 1:
        raise NotRecognisedError(f"Keras' {RULES[form.kind]['class']} has one bias, not two")
    return there[0] if there else zero


def _check(direction: Direction) -> None:
    if "W_p" in direction.parameters:
        raise NotRecognisedError("Keras' LSTM has no projection")
    if any(state.any() for state in direction.states.values()):
        what = "a .keras file holds no states: these do not begin with zeros"
        raise VerifierError(what, accepted="zeros, or another target")
    if direction.form.kind == "lstm" and direction.form.functions[1] != direction.form.functions[2]:
        raise NotRecognisedError("Keras has one activation for candidate and output")


def _function(text: str) -> str:
    table: dict[str, str] = RULES["functions"]
    known = {value: name for name, value in reversed(table.items())}
    if text not in known:
        raise NotRecognisedError(f"Keras has no activation {text.format('x')}")
    return known[text]


def _packed(config: Config, arrays: dict[str, Array]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in (
            ("metadata.json", json.dumps({"keras_version": "3.15.1"})),
            ("config.json", json.dumps(config)),
            ("model.weights.h5", _hdf5(arrays)),
        ):
            archive.writestr(zipfile.ZipInfo(name), content)  # of 1980, whatever the clock says
    return out.getvalue()


def _hdf5(arrays: dict[str, Array]) -> bytes:
    try:
        import h5py
    except ImportError:
        needed = "writing .keras files needs the package h5py"
        raise MissingExtraError(needed, accepted=extra("keras")) from None
    out = io.BytesIO()
    with h5py.File(out, "w", track_order=False) as file:
        for name, array in arrays.items():
            held = array.view("V2") if array.dtype.name == "bfloat16" else array
            file.create_dataset(name, data=held, track_times=False)
        for group in {name.split("/cell/")[0] for name in arrays}:
            file.require_group(f"{group}/vars")
        file.require_group("vars")
    return out.getvalue()
