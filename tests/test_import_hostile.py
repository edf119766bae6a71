"""Model files that are damaged, hostile or not understood: refused with place and reason."""

from __future__ import annotations

import io
import json
import os
import pickle
import tracemalloc
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from tests.conftest import module
from verifier.cli import main
from verifier.errors import VerifierError
from verifier.models.read import read_model
from verifier.models.wanted import Wanted

RNG = np.random.default_rng(5)
W, R = (RNG.standard_normal((1, 9, n)).astype(np.float32) for n in (2, 3))
X = RNG.standard_normal((4, 1, 2)).astype(np.float32)
GIVEN = Wanted({"": X})


def onnx_model(
    nodes: list[Any] | None = None,
    arrays: dict[str, Any] | None = None,
    opset: int = 14,
    inputs: tuple[str, ...] = ("X",),
    names: list[str] | None = None,
    **attributes: Any,
) -> Any:
    """A GRU with what is said of it, behind other nodes."""
    helper, numpy_helper = module("onnx.helper"), module("onnx.numpy_helper")
    own = helper.make_node("GRU", names or ["X", "W", "R"], ["Y", "Y_h"], name="cell", **attributes)
    held = {"W": W, "R": R} | (arrays or {})
    graph = helper.make_graph(
        [*(nodes or []), own],
        "g",
        [helper.make_tensor_value_info(name, 1, [4, 1, 2]) for name in inputs],
        [helper.make_tensor_value_info("Y", 1, None)],
        [numpy_helper.from_array(array, name) for name, array in held.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def node(operator: str, inputs: list[str], outputs: list[str], **attributes: Any) -> Any:
    return module("onnx.helper").make_node(operator, inputs, outputs, **attributes)


def external(location: str, **entries: Any) -> Callable[[], Any]:
    """A model whose W has its data elsewhere."""

    def make() -> Any:
        found = onnx_model()
        proto = found.graph.initializer[0]
        proto.ClearField("raw_data")
        proto.data_location = 1
        for key, value in {"location": location, **entries}.items():
            proto.external_data.add(key=key, value=str(value))
        return found

    return make


def changed(change: Callable[[Any], Any], **options: Any) -> Callable[[], Any]:
    """A model that was changed behind its maker's back."""

    def make() -> Any:
        found = onnx_model(**options)
        change(found)
        return found

    return make


def huge(found: Any) -> None:
    proto = found.graph.initializer[0]
    proto.ClearField("raw_data")
    del proto.dims[:]
    proto.dims.extend([2**20, 2**20])


def shape_of(*sides: int) -> dict[str, Any]:
    return {"shape": np.array(sides, np.int64)}


def doubled(times: int) -> list[Any]:
    """Nodes each of which makes an array twice as large as the one before."""
    names = ["X", *(f"x{k}" for k in range(times)), "big"]
    return [node("Concat", [one, one], [other], axis=0) for one, other in pairwise(names)]


def inside_of_if() -> Any:
    found = onnx_model()
    helper = module("onnx.helper")
    branch = helper.make_graph([found.graph.node[0]], "b", [], [found.graph.output[0]])
    both = helper.make_node(
        "If", ["c"], ["Y"], name="choice", then_branch=branch, else_branch=branch
    )
    del found.graph.node[:]
    found.graph.node.append(both)
    return found


def of_subgraph(found: Any) -> None:
    found.graph.node[0].attribute.add(name="direction", type=5)


def functions(found: Any) -> None:
    found.functions.add(name="own", domain="own")


BIG = ["big", "W", "R"]
ONNX: list[tuple[str, Callable[[], Any], str]] = [
    ("opset 3", lambda: onnx_model(opset=3), "is of opset 3"),
    ("opset 99", lambda: onnx_model(opset=99), "is of opset 99"),
    ("no opset", changed(lambda m: m.ClearField("opset_import")), "names 0 opsets"),
    ("no graph", changed(lambda m: m.ClearField("graph")), "holds no ONNX graph"),
    ("functions", changed(functions), "functions of its own, such as 'own'"),
    ("2^40 numbers", changed(huge), "is of shape (1048576, 1048576)"),
    ("too little data", changed(lambda m: m.graph.initializer[0].dims.append(7)), "holds 72 bytes"),
    ("texts", changed(lambda m: setattr(m.graph.initializer[0], "data_type", 8)), "of type 8"),
    (
        "unknown type",
        changed(lambda m: setattr(m.graph.initializer[0], "data_type", 77)),
        "type 77",
    ),
    ("data above", external("../w.bin"), "has its data in '../w.bin'"),
    ("data at the root", external("/etc/passwd"), "has its data in '/etc/passwd'"),
    ("data by a link", external("link.bin"), "has its data in 'link.bin'"),
    ("data nowhere", external(""), "has its data in ''"),
    ("data missing", external("none.bin"), "No such file"),
    ("data too short", external("short.bin"), "ends too early"),
    ("data far away", external("short.bin", offset=10**15), "ends too early"),
    ("data before", external("short.bin", offset=-4), "offset = '-4'"),
    ("data of another length", external("short.bin", length=8), "has 8 bytes"),
    (
        "unknown attribute",
        lambda: onnx_model(clap=1.0),
        "'clap' is not known; did you mean 'clip'?",
    ),
    ("subgraph for a text", changed(of_subgraph), "direction is neither"),
    ("direction", lambda: onnx_model(direction="sideways"), "direction = 'sideways'"),
    ("clip", lambda: onnx_model(clip=-1.0), "clip = '-1.0'"),
    ("layout", lambda: onnx_model(layout=2), "layout = '2'"),
    ("activation", lambda: onnx_model(activations=["Tanh", "Evil"]), "the activation 'Evil'"),
    ("too few", lambda: onnx_model(activations=["Tanh"]), "activations ="),
    (
        "no alpha",
        lambda: onnx_model(activations=["Affine", "Tanh"]),
        "Affine without activation_alpha",
    ),
    (
        "alpha nan",
        lambda: onnx_model(activations=["Elu", "Tanh"], activation_alpha=[float("nan")]),
        "activation_alpha",
    ),
    ("alpha over", lambda: onnx_model(activation_alpha=[0.5]), "activation_alpha = "),
    ("hidden size", lambda: onnx_model(hidden_size=4), "hidden_size is 4"),
    ("nan", lambda: onnx_model(arrays={"W": W * np.float32("nan")}), "'W', has nan or infinity"),
    ("integers", lambda: onnx_model(arrays={"R": R.astype(np.int32)}), "is of type int32"),
    ("shapes", lambda: onnx_model(arrays={"W": W[:, :6]}), "W, 'W', is of shape (1, 6, 2)"),
    ("no W", lambda: onnx_model(names=["X", "", "R"]), "has no W"),
    (
        "length 0",
        lambda: onnx_model(arrays={"n": np.array([0], np.int32)}, names=["X", "W", "R", "", "n"]),
        "sequence_lens has 0",
    ),
    (
        "circle",
        lambda: onnx_model(
            [node("Neg", ["b"], ["a"]), node("Neg", ["a"], ["b"])],
            names=["X", "W", "R", "", "", "a"],
        ),
        "a circle through",
    ),
    (
        "made twice",
        lambda: onnx_model(
            [node("Neg", ["X"], ["Z"]), node("Abs", ["X"], ["Z"])], names=["Z", "W", "R"]
        ),
        "two nodes make 'Z'",
    ),
    ("nowhere", lambda: onnx_model(names=["X", "V", "R"]), "'V' is made by no node"),
    (
        "a strange operator",
        lambda: onnx_model(
            [node("Run", ["X"], ["Z"], domain="evil", name="n")], names=["Z", "W", "R"]
        ),
        "'Run' 'n', which makes 'Z', is not read",
    ),
    (
        "a Loop",
        lambda: onnx_model([node("Loop", ["X"], ["Z"])], names=["Z", "W", "R"]),
        "'Loop', which makes 'Z', is not read",
    ),
    (
        "filled",
        lambda: onnx_model(
            [node("ConstantOfShape", ["shape"], ["c"]), node("Add", ["X", "c"], ["big"])],
            shape_of(2**20, 2**20),
            names=BIG,
        ),
        "would make 1099511627776 numbers",
    ),
    (
        "expanded",
        lambda: onnx_model(
            [node("Expand", ["X", "shape"], ["big"])], shape_of(2**40, 4, 1, 2), names=BIG
        ),
        "would make 8796093022208 numbers",
    ),
    (
        "tiled",
        lambda: onnx_model(
            [node("Tile", ["X", "shape"], ["big"])], shape_of(2**30, 2, 2), names=BIG
        ),
        "numbers",
    ),
    ("doubled", lambda: onnx_model(doubled(60), names=BIG), "would make"),
    ("in a choice", inside_of_if, "one stands inside of 'If' 'choice'"),
    (
        "another domain",
        lambda: onnx_model(names=["X", "W", "R"], domain="com.microsoft"),
        "is of the domain 'com.microsoft'",
    ),
]


def refused(path: Path, message: str, wanted: Wanted = GIVEN) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(VerifierError) as raised:
            read_model(path, wanted)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert message in raised.value.what
    assert raised.value.accepted
    assert len(str(raised.value)) < 1000
    assert peak < 2**28


@pytest.mark.parametrize(("name", "make", "message"), ONNX, ids=[row[0] for row in ONNX])
def test_onnx(tmp_path: Path, name: str, make: Callable[[], Any], message: str) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (tmp_path / "w.bin").write_bytes(W.tobytes())
    (folder / "short.bin").write_bytes(W.tobytes()[:-4])
    os.symlink(tmp_path / "w.bin", folder / "link.bin")
    (folder / "m.onnx").write_bytes(make().SerializeToString())
    refused(folder / "m.onnx", message)


def test_external_data_of_the_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(b"1234" + W.tobytes())
    (tmp_path / "m.onnx").write_bytes(external("w.bin", offset=4)().SerializeToString())
    found = read_model(tmp_path / "m.onnx", GIVEN)
    np.testing.assert_array_equal(found.layers[0][0].parameters["U_z"], W[0, :3].T)


def test_a_long_row_of_nodes(tmp_path: Path) -> None:
    names = ["X", *(f"x{k}" for k in range(1500)), "big"]
    nodes = [node("Identity", [a], [b]) for a, b in pairwise(names)]
    (tmp_path / "m.onnx").write_bytes(onnx_model(nodes, names=BIG).SerializeToString())
    np.testing.assert_array_equal(read_model(tmp_path / "m.onnx", GIVEN).inputs, X[:, 0])


def test_what_is_worked_in_front_of_a_node_is_said(tmp_path: Path) -> None:
    nodes = [
        node("Add", ["x", "x"], ["twice"]),
        node("Transpose", ["twice"], ["X"], perm=[0, 1, 2]),
    ]
    (tmp_path / "m.onnx").write_bytes(onnx_model(nodes, inputs=("x",)).SerializeToString())
    found = read_model(tmp_path / "m.onnx", GIVEN)
    np.testing.assert_array_equal(found.inputs, 2 * X[:, 0])
    assert found.notes[0].startswith("x is X, which comes of the model's input by Add: ")
    given = read_model(tmp_path / "m.onnx", Wanted({"X": X}))
    assert not any("comes of" in note for note in given.notes)


def test_quantised_weights_of_older_opsets(tmp_path: Path) -> None:
    whole = np.round(W * 100).astype(np.int8)
    made = node("DequantizeLinear", ["Wq", "scale"], ["Wd"])
    arrays = {"Wq": whole, "scale": np.float32(0.01)}
    model = onnx_model([made], arrays, names=["X", "Wd", "R"])
    (tmp_path / "m.onnx").write_bytes(model.SerializeToString())
    found = read_model(tmp_path / "m.onnx", GIVEN).layers[0][0].parameters["U_z"]
    np.testing.assert_array_equal(found, (whole * np.float32(0.01))[0, :3].T)


@pytest.mark.parametrize("said", [{}, {"reset_after": "false"}])
def test_what_keras_arrays_do_not_say(tmp_path: Path, said: dict[str, str]) -> None:
    """Without a bias nothing tells where the reset stands, and never the direction."""
    arrays = {"kernel": np.ones((2, 9), "f4"), "recurrent_kernel": np.ones((3, 9), "f4")}
    np.savez(tmp_path / "m.npz", **arrays)
    found = read_model(tmp_path / "m.npz", Wanted({"": X}, assumed=said))
    assert found.layers[0][0].form.reset_after is (not said)
    value = said.get("reset_after", "true")
    assert f"The file does not say reset_after: taken as {value}." in found.notes
    assert "The file does not say the direction: taken as forwards." in found.notes
    np.savez(tmp_path / "b.npz", **arrays, bias=np.ones((2, 9), "f4"))
    notes = read_model(tmp_path / "b.npz", Wanted({"": X})).notes
    assert not any("reset_after" in note for note in notes)


@pytest.mark.parametrize("length", [0, 1, 10, 100, 200])
def test_truncated(tmp_path: Path, length: int) -> None:
    (tmp_path / "m.onnx").write_bytes(onnx_model().SerializeToString()[:length])
    refused(tmp_path / "m.onnx", "m.onnx")


def test_missing_inputs_are_named(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(
        onnx_model([node("Add", ["A", "C"], ["X"])], inputs=("A", "C")).SerializeToString()
    )
    refused(path, "'A' is not given", Wanted())
    refused(path, "2 inputs are missing")
    refused(path, "has no value 'B'", Wanted({"B": X}))
    assert read_model(path, Wanted({"A": X, "C": X})).inputs.shape == (4, 2)
    assert read_model(path, Wanted({"X": X})).inputs.shape == (4, 2)


@pytest.mark.parametrize("name", ["m.pt", "m.pth", "m.pkl", "m.bin"])
def test_pickles_are_never_run(tmp_path: Path, name: str) -> None:
    class Boom:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(tmp_path / "exploded"),)

    (tmp_path / name).write_bytes(pickle.dumps(Boom()))
    refused(tmp_path / name, "safetensors.torch.save_file(model.state_dict()")
    assert not (tmp_path / "exploded").exists()


def packed(path: Path, arrays: dict[str, Any]) -> Path:
    np.savez(path, **arrays)
    return path


GATES = {"weight_ih_l0": W[0], "weight_hh_l0": R[0]}
STATE_DICTS: list[tuple[str, dict[str, Any], str]] = [
    ("nothing", {"a": W[0]}, "no recurrent weights that are known"),
    ("half", {"weight_hh_l0": R[0]}, "no recurrent weights that are known"),
    ("objects", GATES | {"weight_hh_l0": np.array([[{}]])}, "objects of Python"),
    ("nan", GATES | {"weight_ih_l0": W[0] * np.float32("nan")}, "nan or infinity"),
    ("integers", GATES | {"weight_ih_l0": W[0].astype(np.int64)}, "holds integers"),
    ("odd gates", GATES | {"weight_hh_l0": R[0][:6]}, "gates that no RNN, GRU or LSTM has"),
    ("shapes", GATES | {"weight_ih_l0": W[0][:6]}, "W_r is of shape (3, 3)"),
    ("a vector", GATES | {"weight_ih_l0": W[0][:, 0]}, "no matrix for the input"),
    ("no layer", GATES | {"weight_ih_l2": W[0], "weight_hh_l2": R[0]}, "layers or directions"),
    ("two", {f"{p}.{k}": a for p in "ab" for k, a in GATES.items()}, "2 recurrent modules"),
]


@pytest.mark.parametrize(
    ("name", "arrays", "message"), STATE_DICTS, ids=[r[0] for r in STATE_DICTS]
)
def test_state_dicts(tmp_path: Path, name: str, arrays: dict[str, Any], message: str) -> None:
    refused(packed(tmp_path / "m.npz", arrays), message)


ASKED: list[tuple[Wanted, str]] = [
    (Wanted(), "the input is missing"),
    (Wanted({"": X[..., :1]}), "the input is of shape (4, 1, 1)"),
    (Wanted({"": X}, item=1), "item 1"),
    (Wanted({"": X}, layer="enc"), "no module 'enc'"),
    (Wanted({"": X}, assumed={"mode": "relu"}), "--assume"),
    (Wanted({"": X, "c0": X}), "--inputs 'c0'; did you mean 'h0'?"),
    (Wanted({"": X, "h0": np.zeros((2, 3))}), "h0 is of shape (2, 3)"),
]


@pytest.mark.parametrize(("wanted", "message"), ASKED)
def test_what_is_asked_for(tmp_path: Path, wanted: Wanted, message: str) -> None:
    refused(packed(tmp_path / "m.npz", GATES), message, wanted)


LSTM = {"name": "cell", "units": 3}


def keras(
    config: Any = None, hdf5: bytes | None = None, layer: Any = None, kind: str = "GRU"
) -> bytes:
    """A .keras file of one layer."""
    entry = {"class_name": kind, "config": LSTM | (layer or {})}
    whole = (
        config
        if config is not None
        else {"class_name": "Sequential", "config": {"layers": [entry]}}
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", whole if isinstance(whole, bytes) else json.dumps(whole))
        archive.writestr("model.weights.h5", weights() if hdf5 is None else hdf5)
    return out.getvalue()


def weights(change: Callable[[Any], None] = lambda group: None) -> bytes:
    h5py = module("h5py")
    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        group = file.create_group("layers/gru/cell/vars")
        for name, array in (("0", W[0].T), ("1", R[0].T), ("2", np.zeros((2, 9), "f4"))):
            group[name] = array
        change(group)
    return out.getvalue()


def replaced(name: str, make: Callable[[Any, str], Any]) -> Callable[[], bytes]:
    def change(group: Any) -> None:
        del group[name]
        make(group, name)

    return lambda: keras(hdf5=weights(change))


def linked(group: Any, name: str) -> None:
    group[name] = module("h5py").ExternalLink("/etc/passwd", "/")


def soft(group: Any, name: str) -> None:
    group[name] = module("h5py").SoftLink("/layers/gru/cell/vars/0")


def outside(group: Any, name: str) -> None:
    group.create_dataset(name, (2, 9), "f4", external=[("/etc/passwd", 0, 72)])


def bomb(group: Any, name: str) -> None:
    group.create_dataset(name, (2**20, 2**20), "f4", chunks=(64, 64), compression="gzip")


def sized(group: Any, name: str) -> None:
    group.create_dataset(name, data=np.zeros((2, 7), "f4"))


def texts(group: Any, name: str) -> None:
    group.create_dataset(name, data=np.full((2, 9), "x", object))


def lost(group: Any, name: str) -> None:
    group.create_dataset(name, data=np.full((2, 9), np.nan, "f4"))


KERAS: list[tuple[str, Callable[[], bytes], str]] = [
    ("no zip", lambda: b"\x89HDF", "is no zip file"),
    ("cut off", lambda: keras()[:-40], "cannot be read"),
    ("no text", lambda: keras(config=b"\xff"), "cannot be read"),
    ("deep", lambda: keras(config=b"[" * 10**6), "cannot be read"),
    ("a list", lambda: keras(config=[]), "config.json is no object"),
    ("a zip bomb", lambda: keras(config=b" " * 2**25), "expands beyond 16777216 bytes"),
    ("a class", lambda: keras(config={"class_name": "Evil"}), "is of the class 'Evil'"),
    ("no layer", lambda: keras(kind="Dense"), "has no recurrent layer"),
    (
        "code",
        lambda: keras(
            config={
                "class_name": "Sequential",
                "config": {
                    "layers": [
                        {"class_name": "Lambda", "config": {"name": "f", "function": "evil"}},
                        {"class_name": "GRU", "config": LSTM},
                    ]
                },
            }
        ),
        "the layer 'f' is 'Lambda', which is not read",
    ),
    ("a setting", lambda: keras(layer={"evil": 1}), "the setting 'evil' is not known"),
    (
        "a function",
        lambda: keras(layer={"activation": {"class_name": "f"}}),
        "activation = a table",
    ),
    ("another function", lambda: keras(layer={"activation": "mish"}), "activation = 'mish'"),
    ("units", lambda: keras(layer={"units": 2**40}), "is of shape (2, 9)"),
    ("no units", lambda: keras(layer={"units": None}), "units = None"),
    ("no HDF5", lambda: keras(hdf5=b"no"), "cannot be read"),
    ("a link outside", replaced("2", linked), "is not there"),
    ("a link", replaced("2", soft), "is not there"),
    ("data outside", replaced("2", outside), "is no array of this file"),
    ("2^40 numbers", replaced("2", bomb), "is of shape (1048576, 1048576)"),
    ("another shape", replaced("2", sized), "is of shape (2, 7)"),
    ("objects", replaced("2", texts), "is of type"),
    ("not finite", replaced("2", lost), "nan or infinity"),
    ("missing", replaced("2", lambda group, name: None), "is not there"),
]


def tensor(layer: str, output: int = 0) -> Any:
    history = {"keras_history": [layer, 0, output]}
    return {"class_name": "__keras_tensor__", "config": history}


def called(name: str, *calls: Any, kind: str = "GRU", **named: Any) -> Any:
    """A layer of a functional model, called with what stands there."""
    own = LSTM | {"name": name, "return_sequences": True}
    nodes = [{"args": [of], "kwargs": {"training": False, **named}} for of in calls]
    return {"class_name": kind, "config": own, "inbound_nodes": nodes}


def functional(*layers: Any) -> bytes:
    begin = {"class_name": "InputLayer", "config": {"name": "in"}, "inbound_nodes": []}
    return keras({"class_name": "Functional", "config": {"layers": [begin, *layers]}})


ONE, IN = called("one", tensor("in")), tensor("in")
CALLS: list[tuple[str, tuple[Any, ...], str]] = [
    (
        "another's state",
        (ONE, called("two", IN, initial_state=tensor("one", 1))),
        "'initial_state'",
    ),
    (
        "another's states",
        (ONE, called("two", IN, initial_state=[tensor("one", 1), tensor("one", 2)])),
        "'two' is given 'initial_state' by another layer",
    ),
    ("a mask", (called("one", IN, mask=tensor("in")),), "'one' is given 'mask'"),
    ("twice", (called("one", IN, tensor("one")),), "'one' is called 2 times"),
    ("by name", (called("one", None, sequence=IN),), "'one' is given 'sequence'"),
    ("a list", (called("one", [IN, tensor("one", 1)]),), "takes more than one array"),
    ("a state", (ONE, called("two", tensor("one", 1))), "takes another output of one"),
    ("branches", (ONE, called("two", IN)), "'one' does not lead to 'two'"),
    ("Dense", (called("d", IN, kind="Dense"), called("one", tensor("d"))), "'d' is 'Dense'"),
]


@pytest.mark.parametrize(("name", "layers", "message"), CALLS, ids=[row[0] for row in CALLS])
def test_calls_of_keras(tmp_path: Path, name: str, layers: tuple[Any, ...], message: str) -> None:
    module("h5py")
    (tmp_path / "m.keras").write_bytes(functional(*layers))
    refused(tmp_path / "m.keras", message)


def test_what_keras_does_with_the_numbers_is_told(tmp_path: Path) -> None:
    module("h5py")
    policy = {"class_name": "DTypePolicy", "config": {"name": "mixed_float16"}}
    (tmp_path / "m.keras").write_bytes(keras(layer={"dtype": policy}))
    notes = read_model(tmp_path / "m.keras", GIVEN).notes
    assert notes[0] == "cell has the dtype mixed_float16: Keras rounds the file's numbers to it."


def test_what_a_layer_in_front_gives_may_be_given(tmp_path: Path) -> None:
    module("h5py")
    masks = {"class_name": "Masking", "config": {"name": "m"}, "inbound_nodes": [{"args": [IN]}]}
    (tmp_path / "m.keras").write_bytes(functional(masks, called("one", tensor("m"))))
    found = read_model(tmp_path / "m.keras", Wanted({"m": X}))
    np.testing.assert_array_equal(found.inputs, X[0])
    assert found.notes[0] == "x is what m (Masking) gives."
    assert found.notes[1].startswith("m (Masking) may mask steps")
    refused(tmp_path / "m.keras", "the layer 'm' is 'Masking', which is not read")


@pytest.mark.parametrize(("name", "make", "message"), KERAS, ids=[row[0] for row in KERAS])
def test_keras(tmp_path: Path, name: str, make: Callable[[], bytes], message: str) -> None:
    module("h5py")
    (tmp_path / "m.keras").write_bytes(make())
    refused(tmp_path / "m.keras", message)


def test_a_good_keras_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "m.keras").write_bytes(keras())
    found = read_model(tmp_path / "m.keras", GIVEN)
    np.testing.assert_array_equal(found.layers[0][0].parameters["W_n"], R[0, 6:].T)


def test_nothing_is_half_written_and_files_are_kept(tmp_path: Path) -> None:
    packed(tmp_path / "m.npz", GATES)
    np.save(tmp_path / "x.npy", X)
    call = ["import", str(tmp_path / "m.npz"), "--inputs", str(tmp_path / "x.npy"), "-o"]
    out = str(tmp_path / "p.toml")
    assert CliRunner().invoke(main, [*call, str(tmp_path / "m.toml")]).exit_code == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m.npz", "x.npy"]
    assert CliRunner().invoke(main, [*call, out]).exit_code == 0
    assert CliRunner().invoke(main, [*call, out]).exit_code == 2
    assert CliRunner().invoke(main, [*call, out, "--force"]).exit_code == 0
    assert CliRunner().invoke(main, [*call, out, "--assume", "x"]).exit_code == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x: x * np.nan, "nan or infinity"),
        (lambda x: np.zeros((3, 5000)), "sides up to 4096"),
    ],
)
def test_what_is_no_problem_is_not_written(
    tmp_path: Path, change: Callable[[Any], Any], message: str
) -> None:
    x = change(X[:, 0])
    packed(tmp_path / "m.npz", {**GATES, "weight_ih_l0": np.ones((9, x.shape[1]))})
    np.save(tmp_path / "x.npy", x)
    call = ["import", str(tmp_path / "m.npz"), "--inputs", str(tmp_path / "x.npy")]
    done = CliRunner().invoke(main, [*call, "-o", str(tmp_path / "p.toml")])
    assert done.exit_code == 2
    assert message in done.output
    assert not (tmp_path / "p.toml").exists()
    assert not (tmp_path / "p.npz").exists()
