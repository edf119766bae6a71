"""Saved models and modules of frameworks held against the problem that they compute."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import module
from verifier.arithmetic.floats.binary import BINARY
from verifier.audit.against import against
from verifier.audit.implementations import OutputsError, run, run_callable
from verifier.audit.implementations.handed import by_quantity
from verifier.audit.implementations.weights import weights
from verifier.errors import VerifierError
from verifier.problem import Problem, loads
from verifier.solution import Solution

GRU = """cell = "gru"
[parameters]
U_z = [[0.35, -0.2], [0.6, 0.1], [0.2, -0.4]]
U_r = [[0.45, 0.3], [0.12, -0.7], [-0.3, 0.2]]
U_h = [[0.56, 0.1], [0.2, 0.5], [0.7, -0.6]]
W_z = [[0.12, 0.4], [0.67, -0.3]]
W_r = [[0.21, -0.5], [0.22, 0.9]]
W_h = [[0.54, 0.1], [0.2, 0.66]]
b_z = [0.1, 0.2]
b_r = [-0.3, 0.4]
b_h = [0.25, -0.15]
[initial]
s = [0.3, -0.4]
[inputs]
x = [[0.23, 0.12, -0.5], [0.48, 0.98, 0.1], [-0.3, 0.2, 0.9], [0.1, -0.7, 0.4]]
"""


def task() -> Problem:
    return loads(GRU)


def onnx_model(
    folder: Path, batch_first: bool = False, declared: bool = False, **said: Any
) -> Path:
    """A GRU of ONNX with the problem's weights, its sequence's axes declared or not."""
    helper = module("onnx").helper
    given = weights(task(), BINARY["float32"], "onnxruntime")
    gates = ("_z", "_r", "_h")
    bias = np.concatenate([given.bias(gates), np.zeros(6, np.float32)])
    numbers = {"W": given.kernel(gates).T, "R": given.recurrent(gates).T, "B": bias}
    arrays = [
        module("onnx").numpy_helper.from_array(np.ascontiguousarray(v[None]), k)
        for k, v in numbers.items()
    ]
    turn = helper.make_node("Transpose", ["x"], ["turned"], perm=[1, 0, 2])
    fed = "turned" if batch_first else "x"
    node = helper.make_node("GRU", [fed, "W", "R", "B", "", "h0"], ["Y"], hidden_size=2, **said)
    sizes: list[Any] = ([1, 4] if batch_first else [4, 1]) if declared else [None, None]
    graph = helper.make_graph(
        [turn, node] if batch_first else [node],
        "gru",
        [
            helper.make_tensor_value_info("x", 1, [*sizes, 3]),
            helper.make_tensor_value_info("h0", 1, [1, 1, 2]),
        ],
        [helper.make_tensor_value_info("Y", 1, [None, 1, 1, 2])],
        arrays,
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    path = folder / "gru.onnx"
    module("onnx").save(made, path)
    return path


@pytest.mark.parametrize("declared", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
def test_a_saved_onnx_model(tmp_path: Path, batch_first: bool, declared: bool) -> None:
    module("onnxruntime")
    found = run(task(), str(onnx_model(tmp_path, batch_first, declared)))
    assert sorted(found.values) == [(step, "s") for step in range(1, 5)]
    assert against(Solution(task()), found).inside


def test_a_saved_onnx_model_of_another_convention(tmp_path: Path) -> None:
    module("onnxruntime")
    found = against(Solution(task()), run(task(), str(onnx_model(tmp_path, linear_before_reset=1))))
    assert [c.rule for c in found.explanations[0].conventions] == ["reset-after"]


def changed(path: Path, change: Any) -> Path:
    """The model with its graph changed."""
    model = module("onnx").load(path)
    change(model.graph)
    module("onnx").save(model, path)
    return path


def test_a_model_that_declares_a_batch_has_copies_of_the_sequence(tmp_path: Path) -> None:
    module("onnxruntime")

    def declare(graph: Any) -> None:
        for one, axis in ((graph.input[0], 1), (graph.input[1], 1), (graph.output[0], 2)):
            one.type.tensor_type.shape.dim[axis].dim_value = 4

    path = changed(onnx_model(tmp_path, declared=True), declare)
    assert against(Solution(task()), run(task(), str(path))).inside


@pytest.mark.parametrize("before", [False, True])
def test_a_model_that_is_more_than_its_recurrent_nodes(tmp_path: Path, before: bool) -> None:
    module("onnxruntime")

    def more(graph: Any) -> None:
        node = module("onnx").helper.make_node(
            "Neg", *((["x"], ["n"]) if before else (["Y"], ["n"]))
        )
        if before:
            graph.node[0].input[0] = "n"
            graph.node.insert(0, node)
        else:
            graph.node.append(node)
            graph.output[0].name = "n"

    path, part = changed(onnx_model(tmp_path), more), "'n' to 'Y'" if before else "'x' to 'Y'"
    with pytest.raises(VerifierError, match="more than its recurrent nodes: 'Neg' makes 'n'") as no:
        run(task(), str(path))
    assert part in str(no.value.accepted)


def test_a_model_in_a_format_of_which_nothing_is_known(tmp_path: Path) -> None:
    module("onnxruntime")
    helper = module("onnx").helper
    sides = [helper.make_tensor_value_info(name, 10, [4, 1, 2]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Tanh", ["x"], ["y"])], "g", sides[:1], sides[1:])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)
    module("onnx").save(made, tmp_path / "half.onnx")
    with pytest.raises(VerifierError, match=r"half.onnx computes in float16"):
        run(task(), str(tmp_path / "half.onnx"))


def test_a_broken_file_is_refused_with_its_name(tmp_path: Path) -> None:
    module("onnxruntime")
    refused(tmp_path / "gru.onnx")


def refused(path: Path) -> None:
    with pytest.raises(VerifierError, match="is no file"):
        run(task(), str(path))
    path.write_bytes(b"no model")
    with pytest.raises(VerifierError, match=f"{path.name} cannot be loaded"):
        run(task(), str(path))


RNN = """cell = "rnn"
[parameters]
U = [[0.5, -0.3], [0.25, 0.75]]
W = [[0.2, 0.1], [0.4, -0.6]]
b = [0.1, 0]
[inputs]
x = [[1, -0.5], [0.25, 2], [0.3, 0.4]]
"""


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Keras, where it saves arrays of JAX
def test_a_saved_keras_model_and_its_layer(tmp_path: Path) -> None:
    os.environ.setdefault("KERAS_BACKEND", "jax")  # before Keras is imported
    keras, problem = module("keras"), loads(RNN)
    layer = keras.layers.SimpleRNN(2, return_sequences=True)
    model = keras.Sequential([keras.Input((3, 2)), layer])
    layer.set_weights([numbers.doubles for numbers in problem.parameters.values()])
    model.save(tmp_path / "rnn.keras")
    for found in (run(problem, str(tmp_path / "rnn.keras")), run_callable(problem, layer)):
        assert sorted(found.values) == [(step, "h") for step in (1, 2, 3)]
        assert against(Solution(problem), found).inside
    refused(tmp_path / "gru.keras")


BOTH = """equations = '''
f[t] = tanh(x[t] @ U + f[t-1] @ W)
b[t] = tanh(x[t] @ V + b[t+1] @ R)
y[t] = concat(f[t], b[t])
'''
[parameters]
U = [[0.5, -0.3], [0.25, 0.75]]
W = [[0.2, 0.1], [0.4, -0.6]]
V = [[0.1, 0.9], [-0.5, 0.3]]
R = [[-0.2, 0.7], [0.6, 0.3]]
[inputs]
x = [[1, -0.5], [0.25, 2], [0.3, 0.4]]
"""


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Keras, where it saves arrays of JAX
def test_the_recurrent_part_of_a_keras_model(tmp_path: Path) -> None:
    os.environ.setdefault("KERAS_BACKEND", "jax")  # before Keras is imported
    layers, keras, problem = module("keras").layers, module("keras"), loads(BOTH)
    inner = layers.SimpleRNN(2, use_bias=False)
    both, other = layers.Bidirectional(inner), layers.SimpleRNN(3)
    given = keras.Input((3, 2), batch_size=2)
    dense = layers.Dense(2)(given)
    model = keras.Model(given, layers.Dense(1)(both(dense)))
    both.set_weights([numbers.doubles for numbers in problem.parameters.values()])
    model.save(tmp_path / "m.keras")
    found = run(problem, str(tmp_path / "m.keras"))
    assert sorted(found.values) == [(1, "b"), (3, "f")]  # the last state of each direction
    assert against(Solution(problem), found).inside
    keras.Model(given, [model.outputs[0], other(dense)]).save(tmp_path / "n.keras")
    with pytest.raises(VerifierError, match=r"the recurrent layers .* are no stack"):
        run(problem, str(tmp_path / "n.keras"))
    with pytest.raises(VerifierError, match=r"m.keras does not run on this input"):
        run(task(), str(tmp_path / "m.keras"))


def test_missing_packages_name_their_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for package, name in (("onnxruntime", "m.onnx"), ("keras", "m.keras")):
        monkeypatch.setitem(sys.modules, package, None)
        (tmp_path / name).write_bytes(b"")
        with pytest.raises(VerifierError, match=package) as refused:
            run(task(), str(tmp_path / name))
        assert package in str(refused.value.accepted)


def test_a_module_of_pytorch() -> None:
    torch = module("torch")
    text = GRU.replace('"gru"', '"gru-pytorch"').replace("s = [0.3, -0.4]", "s = [0, 0]")
    problem = loads(text)
    own = torch.nn.GRU(3, 2, batch_first=True)
    given = {name: numbers.doubles for name, numbers in problem.parameters.items()}
    numbers = {
        "weight_ih_l0": np.concatenate([given[f"U_{g}"] for g in "rzh"], axis=1).T,
        "weight_hh_l0": np.concatenate([given[f"W_{g}"] for g in "rzh"], axis=1).T,
        "bias_ih_l0": np.concatenate([given[f"b_{g}"] for g in "rzh"]),
        "bias_hh_l0": np.zeros(6),
    }
    with torch.no_grad():
        for name, value in numbers.items():
            getattr(own, name).copy_(torch.from_numpy(np.ascontiguousarray(value)))
    assert against(Solution(problem), run_callable(problem, own, like="torch")).inside
    begun = loads(text.replace("s = [0, 0]", "s = [0.3, -0.4]"))
    assert against(Solution(begun), run_callable(begun, own, like="torch")).inside

    class Last(torch.nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, x: Any) -> Any:
            return own(x.transpose(0, 1))[1]

    found = run_callable(problem, Last(), like="torch")
    assert set(found.values) == {(4, "s")}
    assert against(Solution(problem), found).inside


def test_a_module_of_pytorch_that_drops_out_is_refused() -> None:
    torch = module("torch")
    nets = (
        torch.nn.GRU(3, 2, num_layers=2, dropout=0.5),
        torch.nn.Sequential(torch.nn.RNN(3, 2), torch.nn.Dropout(0.25)),
    )
    for net in nets:
        with pytest.raises(VerifierError, match="it is in training mode"):
            run_callable(task(), net)
    found = run_callable(task(), torch.nn.GRU(3, 2, dropout=0), like="torch")
    assert sorted(found.values) == [(step, "s") for step in range(1, 5)]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_module_of_flax() -> None:
    nnx, linen, jax = module("flax.nnx"), module("flax.linen"), module("jax")
    problem = loads(RNN)
    given = {name: numbers.doubles.astype("f4") for name, numbers in problem.parameters.items()}
    cell = nnx.SimpleCell(2, 2, rngs=nnx.Rngs(0))
    cell.dense_i.kernel[...], cell.dense_i.bias[...] = given["U"], given["b"]
    cell.dense_h.kernel[...] = given["W"]
    other = linen.RNN(linen.SimpleCell(2))
    held = {"i": {"kernel": given["U"], "bias": given["b"]}, "h": {"kernel": given["W"]}}
    bound = other.bind({"params": {"cell": jax.tree.map(jax.numpy.asarray, held)}})
    for net in (nnx.RNN(cell), bound):
        found = run_callable(problem, net)
        assert found.accuracy.implementation == "jax"
        assert against(Solution(problem), found).inside
    with pytest.raises(VerifierError, match="RNN has no weights"):
        run_callable(problem, other)


def test_a_function_of_jax() -> None:
    jax = module("jax")
    given = {name: numbers.doubles for name, numbers in task().parameters.items()}

    def forward(problem: Problem, dtype: Any) -> Any:
        p = {name: jax.numpy.asarray(value.astype(dtype)) for name, value in given.items()}
        s, rows = jax.numpy.asarray(problem.end("s", 0).doubles.astype(dtype)), []
        for x in jax.numpy.asarray(problem.inputs["x"].doubles.astype(dtype)):
            z = jax.nn.sigmoid(x @ p["U_z"] + s @ p["W_z"] + p["b_z"])
            r = jax.nn.sigmoid(x @ p["U_r"] + s @ p["W_r"] + p["b_r"])
            h = jax.numpy.tanh(x @ p["U_h"] + (s * r) @ p["W_h"] + p["b_h"])
            s = (1 - z) * h + z * s
            rows.append(s)
        return {"s": jax.numpy.stack(rows)}

    for float in ("float32", "bfloat16"):
        found = run_callable(task(), forward, float)
        assert found.accuracy.implementation == "jax"
        assert against(Solution(task()), found).inside


SHAPES = [
    ((1, 1, 2), 1),
    ((4, 2), 4),
    ((4, 1, 2), 4),
    ((1, 4, 2), 4),
    ((4, 1, 1, 2), 4),
    ((1, 2), 1),
    ((2,), 1),
]


@pytest.mark.parametrize(("shape", "steps"), SHAPES)
def test_what_a_model_returns_is_what_the_cell_hands_on(shape: tuple[int, ...], steps: int) -> None:
    found = by_quantity(task(), np.zeros(shape), "mine")
    assert [*found] == (["s"] if steps == 4 else [(4, "s")])


BATCH = """equations = "h[t] = tanh(x[t] @ U + h[t-1] @ W)"
[parameters]
U = [[0.5, -0.3], [0.25, 0.75]]
W = [[0.2, 0.1], [0.4, -0.6]]
[inputs]
x = [[[1, -0.5], [0.25, 2], [0.3, 0.4]], [[0.1, 0.5], [-0.25, 1], [0.7, -0.4]]]
"""


@pytest.mark.parametrize("batch_first", [False, True])
def test_a_batch_is_held_item_by_item(batch_first: bool) -> None:
    torch, problem = module("torch"), loads(BATCH)
    own = torch.nn.RNN(2, 2, bias=False, batch_first=batch_first)
    with torch.no_grad():
        for name, numbers in zip(("ih", "hh"), problem.parameters.values(), strict=True):
            getattr(own, f"weight_{name}_l0").copy_(torch.from_numpy(numbers.doubles.T.copy()))
    found = run_callable(problem, own, like="torch")
    assert against(Solution(problem), found).inside
    found.values[2, "h"][1, 0] += np.float32(0.1)  # type: ignore[index]
    wrong = against(Solution(problem), found).first
    assert (wrong.step, wrong.index) == (2, (1, 0))


def test_other_shapes_are_refused() -> None:
    with pytest.raises(VerifierError, match="shape"):
        by_quantity(task(), np.zeros((3, 5)), "mine")
    with pytest.raises(OutputsError, match="raised ZeroDivisionError"):
        run_callable(task(), lambda problem, dtype: 1 / 0)
