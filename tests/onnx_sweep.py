"""Attributes of ONNX's recurrent operators, at random: imported files against ONNX Runtime.

    python -m tests.onnx_sweep --configurations 240

Each configuration is a file that `verifier import` reads; what ONNX Runtime computes of it must be
inside the bound for any order of summation around the certified values, in float32.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from verifier.audit.against import against
from verifier.audit.functions import accuracy
from verifier.audit.implementations import Outputs, checked
from verifier.models.equations import tag
from verifier.models.model import Model
from verifier.models.problem_file import problem_files
from verifier.models.read import read_model
from verifier.models.wanted import Wanted
from verifier.problem import load
from verifier.solution import Solution

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
ACTIVATIONS = {"RNN": 1, "GRU": 2, "LSTM": 3}
FUNCTIONS = {
    "Relu": (),
    "Tanh": (),
    "Sigmoid": (),
    "Softsign": (),
    "Softplus": (),
    "Affine": ("alpha", "beta"),
    "LeakyRelu": ("alpha",),
    "ThresholdedRelu": ("alpha",),
    "ScaledTanh": ("alpha", "beta"),
    "HardSigmoid": ("alpha", "beta"),
    "Elu": ("alpha",),
}
STEPS, BATCH, WIDTH, HIDDEN = 4, 2, 2, 3


@dataclass(frozen=True)
class Configuration:
    """An operator with attributes and arrays; `layout` is that of the imported file."""

    operator: str
    attributes: Mapping[str, Any]
    arrays: Mapping[str, Any]
    layout: int = 0


def configuration(seed: int) -> Configuration:
    """The configuration of a seed: operators in turn, every attribute with and without."""
    draw, numbers = random.Random(seed), np.random.default_rng(seed)
    operator = tuple(GATES)[seed % 3]
    way = draw.choice(("forward", "reverse", "bidirectional"))
    directions = 2 if way == "bidirectional" else 1
    attributes: dict[str, Any] = {"hidden_size": HIDDEN, "direction": way}
    if draw.random() < 0.6:
        attributes |= _activations(draw, ACTIVATIONS[operator] * directions)
    if draw.random() < 0.3:
        attributes["clip"] = draw.choice((0.25, 0.5, 0.3, 1.0))
    if operator == "GRU":
        attributes["linear_before_reset"] = draw.randrange(2)
    arrays = _arrays(draw, numbers, operator, directions)
    if operator == "LSTM" and draw.random() < 0.3:
        attributes["input_forget"] = 1
    return Configuration(operator, attributes, arrays, draw.randrange(2))


def _activations(draw: random.Random, count: int) -> dict[str, Any]:
    names = [draw.choice(tuple(FUNCTIONS)) for _ in range(count)]
    found: dict[str, Any] = {"activations": names}
    for key in ("alpha", "beta"):
        numbers = [draw.choice((0.5, 0.2, 1.5, 0.75)) for n in names if key in FUNCTIONS[n]]
        if numbers:
            found[f"activation_{key}"] = numbers
    return found


def _arrays(draw: random.Random, numbers: Any, operator: str, directions: int) -> dict[str, Any]:
    def normal(*shape: int) -> Any:
        return (numbers.standard_normal(shape) / 2).astype(np.float32)

    rows = GATES[operator] * HIDDEN
    found = {
        "X": normal(STEPS, BATCH, WIDTH),
        "W": normal(directions, rows, WIDTH),
        "R": normal(directions, rows, HIDDEN),
    }
    more = {
        "B": normal(directions, 2 * rows),
        "sequence_lens": np.array([draw.randint(1, STEPS) for _ in range(BATCH)], np.int32),
        "initial_h": normal(directions, BATCH, HIDDEN),
    }
    if operator == "LSTM":
        more["initial_c"] = normal(directions, BATCH, HIDDEN)
        more["P"] = normal(directions, 3 * HIDDEN)
    return found | {name: array for name, array in more.items() if draw.random() < 0.6}


ORDER = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")
TURNED = ("X", "initial_h", "initial_c")


def model(one: Configuration, layout: int) -> Any:
    """The ONNX model; X alone is an input. Layout 1 has the batch first."""
    from onnx import TensorProto, helper, numpy_helper

    arrays = {
        name: array.swapaxes(0, 1) if layout and name in TURNED else array
        for name, array in one.arrays.items()
    }
    last = max(ORDER.index(name) for name in arrays)
    names = [name if name in arrays else "" for name in ORDER[: last + 1]]
    attributes = dict(one.attributes) | ({"layout": 1} if layout else {})
    outputs = ["Y", "Y_h", "Y_c"][: 3 if one.operator == "LSTM" else 2]
    node = helper.make_node(one.operator, names, outputs, name="cell", **attributes)
    held = [
        numpy_helper.from_array(np.ascontiguousarray(array), name)
        for name, array in arrays.items()
        if name != "X"
    ]
    x = helper.make_tensor_value_info("X", TensorProto.FLOAT, arrays["X"].shape)
    made = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    graph = helper.make_graph([node], "sweep", [x], made, held)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)


def runtime(one: Configuration) -> Mapping[str, Any]:
    """What ONNX Runtime computes, with steps first: it refuses the other layout."""
    import onnxruntime

    session = onnxruntime.InferenceSession(
        model(one, 0).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    found = session.run(None, {"X": one.arrays["X"]})
    return dict(zip(("Y", "Y_h", "Y_c"), found, strict=False))


def imported(one: Configuration, folder: Path, item: int) -> Model:
    """The model as it is imported from a file."""
    path = folder / "m.onnx"
    path.write_bytes(model(one, one.layout).SerializeToString())
    x = one.arrays["X"].swapaxes(0, 1) if one.layout else one.arrays["X"]
    return read_model(path, Wanted({"X": x}, item=item))


def as_the_runtime(found: Model) -> Model:
    """The model with no clip in front of the LSTM's last activation, as the runtime."""
    layers = tuple(
        tuple(replace(d, form=replace(d.form, clips_output=False)) for d in layer)
        for layer in found.layers
    )
    return replace(found, layers=layers)


def outputs(found: Model, computed: Mapping[str, Any], item: int) -> Iterator[tuple[Any, Any]]:
    """What the runtime computed, by step and name of the problem."""
    steps = len(found.inputs)
    for number, direction in enumerate(found.layers[0]):
        mark, last = tag(found, 0, number), 1 if direction.backwards else steps
        for step in range(1, steps + 1):
            yield (step, f"h{mark}"), computed["Y"][step - 1, number, item]
        np.testing.assert_array_equal(
            computed["Y_h"][number, item], computed["Y"][last - 1, number, item]
        )
        if "Y_c" in computed:
            yield (last, f"c{mark}"), computed["Y_c"][number, item]


def compare(one: Configuration, folder: Path, item: int) -> Any:
    """The runtime held against the certified values of the imported problem."""
    found = as_the_runtime(imported(one, folder, item))
    for name, content in problem_files(found, "p").items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    problem = load(folder / "p.toml")
    values = checked(problem, "float32", dict(outputs(found, runtime(one), item)), "onnxruntime")
    assumed = accuracy("onnxruntime")
    return against(Solution(problem), Outputs("onnxruntime", "", "float32", values, assumed))


def sweep(seeds: range) -> Iterator[tuple[int, Configuration, Any]]:
    """Each seed's comparison."""
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            one = configuration(seed)
            yield seed, one, compare(one, Path(folder), seed % BATCH)


def main() -> None:
    """Run the sweep and print what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--configurations", type=int, default=240)
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    counts: Counter[str] = Counter()
    for seed, one, found in sweep(range(asked.first, asked.first + asked.configurations)):
        counts["inside" if found.inside else "outside"] += 1
        if not found.inside:
            worst = found.first
            print(seed, one.operator, dict(one.attributes), [*one.arrays], worst, flush=True)
    print(dict(counts))


if __name__ == "__main__":
    main()
