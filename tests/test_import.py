"""Models of frameworks imported: their own outputs lie inside the bounds around ours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from tests import onnx_sweep
from tests.conftest import module
from verifier.arithmetic.ball import Ball, enclosure
from verifier.cli import main
from verifier.evaluate import evaluate
from verifier.models.equations import tag
from verifier.models.model import Model
from verifier.models.problem_file import problem_files
from verifier.models.read import read_model
from verifier.models.wanted import Wanted
from verifier.problem import Problem, load
from verifier.testing import assert_forward


def written(found: Model, folder: Path) -> Problem:
    """The model's problem, from its files."""
    for name, content in problem_files(found, "p").items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return load(folder / "p.toml")


def values(problem: Problem) -> Any:
    """The middles of the enclosures of a quantity at a step."""
    trace = evaluate(problem, Ball(64))

    def of(name: str, step: int) -> Any:
        ends = [enclosure(entry) for entry in trace.entries(step, name)]
        return np.array([float(low + high) / 2 for low, high in ends])  # type: ignore[operator]

    return of


def node_cases() -> list[str]:
    ways = [
        f"{op}_{way}"
        for op in ("gru", "lstm", "simple_rnn")
        for way in ("reverse", "bidirectional")
    ]
    more = ("defaults", "with_initial_bias", "batchwise")
    ways += [f"{op}_{kind}" for op in ("gru", "lstm", "simple_rnn") for kind in more]
    return [*ways, "gru_seq_length", "rnn_seq_length", "lstm_with_peepholes"]


@pytest.mark.parametrize("name", node_cases())
def test_onnx_own_node_tests(name: str, node_tests: dict[str, Any], tmp_path: Path) -> None:
    case = node_tests[f"test_{name}"]
    (tmp_path / "m.onnx").write_bytes(case.model.SerializeToString())
    taken, made = case.data_sets[0]
    graph = case.model.graph
    given = {entry.name: array for entry, array in zip(graph.input, taken, strict=True)}
    expected = {entry.name: array for entry, array in zip(graph.output, made, strict=True)}
    first = any(a.name == "layout" and a.i for a in graph.node[0].attribute)
    for item in range(given["X"].shape[0 if first else 1]):
        found = read_model(tmp_path / "m.onnx", Wanted(given, item=item))
        close = {"rtol": case.rtol, "atol": case.atol}
        held_to(found, values(written(found, tmp_path)), expected, item, first, close)


def held_to(
    found: Model, of: Any, expected: dict[str, Any], item: int, first: bool, close: Any
) -> None:
    """What the node test expects of a sequence is what the problem says."""
    for number, direction in enumerate(found.layers[0]):
        name, steps = "h" + tag(found, 0, number), len(found.inputs)
        if "Y_h" in expected:
            last = of(name, 1 if direction.backwards else steps)
            state = expected["Y_h"][item, number] if first else expected["Y_h"][number, item]
            np.testing.assert_allclose(state, last, **close)
        for step in range(1, steps + 1) if "Y" in expected else ():
            row = expected["Y"]
            row = row[item, step - 1, number] if first else row[step - 1, number, item]
            np.testing.assert_allclose(row, of(name, step), **close)


@pytest.mark.parametrize("seed", range(1000, 1012))
def test_a_sample_of_the_sweep(seed: int, tmp_path: Path) -> None:
    """All of it: python -m tests.onnx_sweep --configurations 300"""
    module("onnxruntime")
    found = onnx_sweep.compare(onnx_sweep.configuration(seed), tmp_path, seed % 2)
    assert found.inside, found.first


def test_the_sweep_sees_a_wrong_reset(tmp_path: Path) -> None:
    module("onnxruntime")
    one = onnx_sweep.configuration(1)
    one = replace(one, attributes={"hidden_size": 3, "linear_before_reset": 1}, layout=0)
    one = replace(
        one,
        arrays={
            name: a[:1] if name in "WR" else a for name, a in one.arrays.items() if name in "XWR"
        },
    )
    found = onnx_sweep.imported(one, tmp_path, 0)
    wrong = replace(found.layers[0][0], form=replace(found.layers[0][0].form, reset_after=False))
    problem = written(replace(found, layers=((wrong,),)), tmp_path)
    outputs = dict(onnx_sweep.outputs(found, onnx_sweep.runtime(one), 0))
    with pytest.raises(AssertionError, match="acts after the matrix product"):
        assert_forward(problem, outputs, functions="onnxruntime")


TORCH = [
    ("RNN", {"nonlinearity": "relu"}, {"nonlinearity": "relu"}),
    ("RNN", {"num_layers": 2, "bidirectional": True}, {}),
    ("GRU", {"num_layers": 2, "bias": False}, {}),
    ("GRU", {"bidirectional": True, "batch_first": True}, {"batch_first": "true"}),
    ("LSTM", {"proj_size": 2}, {}),
    ("LSTM", {"num_layers": 2, "bidirectional": True, "proj_size": 2}, {}),
]


@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize(("kind", "options", "assumed"), TORCH)
def test_state_dicts_of_pytorch(
    kind: str, options: dict[str, Any], assumed: dict[str, str], tmp_path: Path
) -> None:
    torch = module("torch")
    torch.manual_seed(3)
    net = torch.nn.Sequential(getattr(torch.nn, kind)(3, 4, **options))
    x = torch.randn(3, 2, 3)
    save = module("safetensors.torch").save_file
    save(
        {f"net.{k}": v.contiguous() for k, v in net.state_dict().items()}
        | {"other": torch.zeros(7, 7, 7, 7, 7)},
        tmp_path / "m.safetensors",
    )
    flat = x if not options.get("batch_first") else x.swapaxes(0, 1)
    given = np.ascontiguousarray(flat.numpy())
    found = read_model(tmp_path / "m.safetensors", Wanted({"": given}, item=1, assumed=assumed))
    problem = written(found, tmp_path)
    with torch.no_grad():
        made = net(flat)[0]
    rows = (made[1] if options.get("batch_first") else made[:, 1]).numpy()
    top = len(found.layers) - 1
    names = ["y"] if len(found.layers[0]) > 1 else [f"h{tag(found, top, 0)}"]
    assert_forward(problem, {names[0]: list(rows)}, functions="torch")


STACKS = [
    ("GRU", {"num_layers": 2}, (3, 1, 3)),
    ("LSTM", {"num_layers": 2, "bidirectional": True}, (3, 2, 3)),
    ("RNN", {"batch_first": True, "num_layers": 3}, (2, 3, 3)),
    ("LSTM", {"batch_first": True, "num_layers": 2, "bidirectional": True}, (1, 3, 3)),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("kind", "options", "shape"), STACKS)
def test_stacks_that_pytorch_exports(
    kind: str, options: dict[str, Any], shape: tuple[int, ...], tmp_path: Path
) -> None:
    torch, _ = module("torch"), module("onnx")
    torch.manual_seed(4)
    net, x = getattr(torch.nn, kind)(3, 4, **options).eval(), torch.randn(*shape)
    torch.onnx.export(net, (x,), str(tmp_path / "m.onnx"), dynamo=False)
    found = read_model(tmp_path / "m.onnx", Wanted({"": x.numpy()}))
    assert len(found.layers) == options["num_layers"]
    with torch.no_grad():
        made = net(x)[0]
    rows = (made[0] if options.get("batch_first") else made[:, 0]).numpy()
    name = "y" if len(found.layers[0]) > 1 else f"h_{len(found.layers)}"
    assert_forward(written(found, tmp_path), {name: list(rows)}, functions="torch")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("opset", [9, 13, 17])
def test_operators_mean_what_they_meant_in_the_opset(opset: int, tmp_path: Path) -> None:
    """An embedding, an LSTM of two directions, a GRU and a linear layer, from PyTorch."""
    torch, _ = module("torch"), module("onnx")

    class Net(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.embedding = torch.nn.Embedding(9, 3)
            self.first = torch.nn.LSTM(3, 2, bidirectional=True, batch_first=True)
            self.second = torch.nn.GRU(4, 2, batch_first=True)
            self.last = torch.nn.Linear(2, 1)

        def states(self, ids: Any) -> Any:
            return self.second(self.first(self.embedding(ids))[0])[0]

        def forward(self, ids: Any) -> Any:
            return self.last(self.states(ids))

    net, ids = Net().eval(), torch.randint(0, 9, (2, 3))
    file = str(tmp_path / "m.onnx")
    torch.onnx.export(net, (ids,), file, dynamo=False, opset_version=opset)
    found = read_model(Path(file), Wanted({"": ids.numpy()}, item=1))
    with torch.no_grad():
        rows = net.states(ids)[1].numpy()
    assert_forward(written(found, tmp_path), {"h_2": list(rows)}, functions="torch")


@pytest.mark.parametrize("layout", [0, 1])
@pytest.mark.parametrize("turned", [False, True])
def test_a_sequence_without_a_batch(layout: int, turned: bool, tmp_path: Path) -> None:
    """Its axis goes where the node has a batch of one, whatever is in front of the node."""
    helper, numpy_helper = module("onnx.helper"), module("onnx.numpy_helper")
    held = [numpy_helper.from_array(np.ones((1, 3, 3), np.float32), n) for n in ("W", "R")]
    nodes = [helper.make_node("Transpose", ["x"], ["X"], perm=[1, 0, 2])] if turned else []
    nodes.append(helper.make_node("RNN", ["X" if turned else "x", "W", "R"], ["Y"], layout=layout))
    x = helper.make_tensor_value_info("x", 1, ["a", "b", 3])
    graph = helper.make_graph(nodes, "g", [x], [helper.make_tensor_value_info("Y", 1, None)], held)
    found = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)])
    (tmp_path / "m.onnx").write_bytes(found.SerializeToString())
    row = np.arange(12, dtype=np.float32).reshape(4, 3)
    np.testing.assert_array_equal(read_model(tmp_path / "m.onnx", Wanted({"": row})).inputs, row)


def test_between_layers_numbers_are_only_arranged(tmp_path: Path) -> None:
    """A stack with an operator that changes numbers between its layers is refused."""
    helper, numpy_helper = module("onnx.helper"), module("onnx.numpy_helper")
    arrays = {n: np.ones((1, 3, 3), np.float32) for n in ("W", "R", "W2", "R2")}
    nodes = [
        helper.make_node("RNN", ["X", "W", "R"], ["Y"], name="one"),
        helper.make_node("Squeeze", ["Y", "axes"], ["Z"]),
        helper.make_node("Neg", ["Z"], ["N"]),
        helper.make_node("RNN", ["N", "W2", "R2"], ["Y2"], name="two"),
    ]
    held = [numpy_helper.from_array(a, n) for n, a in (arrays | {"axes": np.array([1])}).items()]
    x = helper.make_tensor_value_info("X", 1, [4, 1, 3])
    graph = helper.make_graph(nodes, "g", [x], [helper.make_tensor_value_info("Y2", 1, None)], held)
    path = tmp_path / "m.onnx"
    path.write_bytes(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)]).SerializeToString()
    )
    x_given = np.ones((4, 1, 3), np.float32)
    with pytest.raises(Exception, match="between 'RNN' 'one' and 'RNN' 'two' numbers are changed"):
        read_model(path, Wanted({"": x_given}))
    assert len(read_model(path, Wanted({"": x_given}, layer="one")).layers) == 1
    assert len(read_model(path, Wanted({"N": x_given}, layer="two")).layers) == 1


def test_the_command_says_what_it_took_for_granted(tmp_path: Path) -> None:
    arrays = {"rnn.weight_ih_l0": np.eye(3, 2), "rnn.weight_hh_l0": np.eye(3)}
    np.savez(tmp_path / "m.npz", **arrays)
    np.save(tmp_path / "x.npy", np.ones((4, 2, 2)))
    call = ["import", str(tmp_path / "m.npz"), "--inputs", str(tmp_path / "x.npy")]
    done = CliRunner().invoke(main, [*call, "-o", str(tmp_path / "p.toml"), "--item", "1"])
    assert done.exit_code == 0, done.output
    for said in ("nonlinearity: taken as tanh", "batch_first: taken as false", "Sequence 1 of 2"):
        assert said in done.output
        assert said in (tmp_path / "p.toml").read_text("utf-8").replace("\n# ", " ")
    assert load(tmp_path / "p.toml").parameters["W"].shape == (3, 3)
