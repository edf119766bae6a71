"""An ONNX model: a GRU, LSTM or RNN node a layer, and its inputs as .npy."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from verifier.errors import VerifierError
from verifier.models.array_bytes import npy
from verifier.models.gates import NotRecognisedError
from verifier.models.layout import layout
from verifier.models.model import USUAL, Direction, Form, Model
from verifier.models.onnx_files.protos import onnx_package
from verifier.models.recognise import recognise
from verifier.models.stacked import joined
from verifier.models.targets import Written
from verifier.problem import Problem

Array = Any
Layer = tuple[Direction, ...]
OPSET, IR = 14, 8


def layers(problem: Problem, float: str) -> bytes:
    """The model alone. Errors: NotRecognisedError for other equations."""
    model = recognise(problem, float)
    return _model(model, model.inputs[:, None])


def files(problem: Problem, float: str) -> Written:
    """The model and its input (steps, 1, width). Errors: VerifierError for other equations."""
    model = recognise(problem, float)
    x = model.inputs[:, None]
    return Written(
        {f"{problem.stem}.onnx": _model(model, x), f"{problem.stem}.npy": npy(x)}, model.notes
    )


def _model(model: Model, x: Array) -> bytes:
    onnx = onnx_package()
    helper, kind = onnx.helper, onnx.helper.np_dtype_to_tensor_dtype(x.dtype)
    nodes: list[Any] = []
    held: dict[str, Array] = {"axes_of_y": np.array([0, 0, -1], np.int64)}
    source = "x"
    for number, layer in enumerate(model.layers, 1):
        made, arrays = _layer(layer, source, number)
        nodes += made
        held |= arrays
        source = made[-1].output[0]
    graph = helper.make_graph(
        nodes,
        "verifier",
        [helper.make_tensor_value_info("x", kind, ["steps", 1, x.shape[-1]])],
        [helper.make_tensor_value_info(source, kind, ["steps", 1, None])],
        [onnx.numpy_helper.from_array(np.ascontiguousarray(a), n) for n, a in held.items()],
    )
    opset = [helper.make_opsetid("", OPSET)]
    found = helper.make_model(graph, opset_imports=opset, ir_version=IR, producer_name="verifier")
    return bytes(found.SerializeToString(deterministic=True))


def _layer(layer: Layer, source: str, number: int) -> tuple[list[Any], dict[str, Array]]:
    """The node, and what puts its directions beside each other; its arrays by name."""
    make = onnx_package().helper.make_node
    arrays = {f"{name}_{number}": array for name, array in _arrays(layer).items()}
    order = layout("onnx")["common"]["inputs"][1:]
    names = [source, *(f"{n}_{number}" if f"{n}_{number}" in arrays else "" for n in order)]
    while not names[-1]:
        names.pop()
    rules = layout("onnx")[layer[0].form.kind]
    made, turned, output = f"made_{number}", f"turned_{number}", f"y_{number}"
    node = make(rules["operator"], names, [made], name=f"layer_{number}", **_attributes(layer))
    return [
        node,
        make("Transpose", [made], [turned], perm=[0, 2, 1, 3]),
        make("Reshape", [turned, "axes_of_y"], [output]),
    ], arrays


def _arrays(layer: Layer) -> dict[str, Array]:
    rules = layout("onnx")[layer[0].form.kind]
    gates, peepholes = rules["gates"], rules.get("peepholes", [])
    found = {
        "W": [joined(d.parameters, "U", gates) for d in layer],
        "R": [joined(d.parameters, "W", gates) for d in layer],
        "P": [joined(d.parameters, "p", peepholes) for d in layer],
    }
    arrays = {name: np.stack(rows) for name, rows in _filled(found).items()}
    arrays = {n: a.swapaxes(1, 2) if n in "WR" else a for n, a in arrays.items()}
    biases = [[joined(d.parameters, letter, gates) for d in layer] for letter in ("b", "bh")]
    if any(row is not None for rows in biases for row in rows):
        zero = np.zeros(arrays["R"].shape[1], arrays["R"].dtype)
        both = [[zero if row is None else row for row in rows] for rows in biases]
        arrays["B"] = np.concatenate([np.stack(rows) for rows in both], axis=-1)
    return arrays | _states(layer, arrays["R"])


def _filled(found: dict[str, list[Array]]) -> dict[str, list[Array]]:
    """The rows of all directions, zeros where one has none; what none has is left out."""
    ready = {}
    for name, rows in found.items():
        there = next((row for row in rows if row is not None), None)
        if there is not None:
            ready[name] = [np.zeros_like(there) if row is None else row for row in rows]
    return ready


def _states(layer: Layer, like: Array) -> dict[str, Array]:
    found = {}
    for state in ("h", "c"):
        rows = [d.states.get(state) for d in layer]
        if any(row is not None for row in rows):
            zero = np.zeros(like.shape[-1], like.dtype)
            found[f"initial_{state}"] = np.stack([zero if r is None else r for r in rows])[:, None]
    return found


def _attributes(layer: Layer) -> dict[str, Any]:
    form, rows = layer[0].form, [d.form for d in layer]
    if any("W_p" in d.parameters for d in layer):
        raise NotRecognisedError("ONNX has no projection")
    if len({(f.clip, f.reset_after, f.coupled) for f in rows}) > 1:
        raise NotRecognisedError("two directions of different forms")
    if form.clip and not form.clips_output:
        raise NotRecognisedError("ONNX clips in front of the LSTM's last activation too")
    way = ("reverse" if layer[0].backwards else "forward") if len(layer) == 1 else "bidirectional"
    hidden = next(a for n, a in layer[0].parameters.items() if n[0] == "W").shape[0]
    found: dict[str, Any] = {"hidden_size": hidden, "direction": way}
    found |= {"linear_before_reset": 1} if form.reset_after else {}
    found |= {"input_forget": 1} if form.coupled else {}
    found |= {"clip": _number(form.clip)} if form.clip else {}
    return found | _activations(rows)


def _activations(forms: list[Form]) -> dict[str, Any]:
    if all(form.functions == USUAL[form.kind] for form in forms):
        return {}
    names, alphas, betas = [], [], []
    for text in (text for form in forms for text in form.functions):
        name, numbers = _function(text)
        names.append(name)
        alphas += [_number(numbers["alpha"])] if "alpha" in numbers else []
        betas += [_number(numbers["beta"])] if "beta" in numbers else []
    found: dict[str, Any] = {"activations": names}
    found |= {"activation_alpha": alphas} if alphas else {}
    return found | ({"activation_beta": betas} if betas else {})


SAME = {
    "hard_sigmoid({})": "clip(affine({}, 0.2, 0.5), 0, 1)",
    "leaky_relu({})": "leaky_relu({}, 0.01)",
    "elu({})": "elu({}, 1.0)",
    "thresholded_relu({})": "thresholded_relu({}, 1.0)",
    "identity({})": "affine({}, 1.0, 0.0)",
    "{}": "affine({}, 1.0, 0.0)",
}
"""Functions that ONNX's are by other words."""


def _function(text: str) -> tuple[str, dict[str, str]]:
    """ONNX's function of a text with a hole, and its numbers."""
    text = SAME.get(text, text)
    for name, row in layout("onnx")["functions"].items():
        pattern = re.escape(row["text"])
        for key in ("alpha", "beta"):
            pattern = pattern.replace(key.upper(), rf"(?P<{key}>-?[\d.e+-]+)")
        found = re.fullmatch(pattern, text)
        if found is not None:
            return name, found.groupdict()
    raise NotRecognisedError(f"ONNX has no activation {text.format('x')}")


def _number(text: str) -> Any:
    value = np.float32(text)
    if not np.isfinite(value):
        raise VerifierError(f"{text} is beyond float32", accepted="a smaller number")
    return value.item()
