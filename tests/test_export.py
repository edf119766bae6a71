"""Problems exported to frameworks' files: imported again, they are the same, bit by bit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import erf, exp, fabs, log1p, pi, tanh
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from tests import onnx_sweep
from tests.conftest import SEED, module
from tests.test_import import values, written
from verifier.audit.against import against
from verifier.audit.implementations import run
from verifier.audit.implementations.handed import outputs as handed_on
from verifier.cli import main
from verifier.errors import VerifierError
from verifier.models.equations import equations, tag
from verifier.models.layers import layers
from verifier.models.model import GATES, STATES, Direction, Form, Model, parameter
from verifier.models.read import read_model
from verifier.models.targets import exported, targets
from verifier.models.wanted import Wanted
from verifier.problem import Problem, load, loads
from verifier.solution import Solution

RNG = np.random.default_rng(8)


def direction(
    form: Form, width: int, hidden: int, backwards: bool = False, **more: Any
) -> Direction:
    """A direction of random numbers; `more` says which biases, peepholes, states it has."""

    def normal(*shape: int) -> Any:
        return RNG.standard_normal(shape).astype(np.float32)

    state = more.get("project", hidden)
    found = {}
    for gate in GATES[form.kind]:
        if not (form.coupled and gate == "f"):
            found[parameter("U", gate)] = normal(width, hidden)
            found[parameter("W", gate)] = normal(state, hidden)
            found |= {parameter(b, gate): normal(hidden) for b in more.get("biases", ())}
            if more.get("peepholes") and gate != "g":
                found[parameter("p", gate)] = normal(hidden)
    found |= {"W_p": normal(hidden, state)} if "project" in more else {}
    sizes = {"h": state, "c": hidden}
    states = {n: normal(sizes[n]) for n in STATES[form.kind]} if more.get("states") else {}
    return Direction(form, found, states, backwards)


def stack(form: Form, layers: int = 1, both: bool = False, **more: Any) -> Model:
    """Layers of three units over three steps of two inputs."""
    made, width = [], 2
    for _ in range(layers):
        made.append(
            tuple(direction(form, width, 3, back, **more) for back in (False, True)[: 1 + both])
        )
        width = more.get("project", 3) * (1 + both)
    return Model(tuple(made), RNG.standard_normal((3, 2)).astype(np.float32), "stack")


def same(one: Model, other: Model) -> None:
    """Both have the same equations and, bit by bit, the same numbers."""
    assert equations(one) == equations(other)
    np.testing.assert_array_equal(one.inputs, other.inputs)
    pairs = zip(sum(one.layers, ()), sum(other.layers, ()), strict=True)
    for left, right in pairs:
        alike(left.parameters, right.parameters)
        alike(
            {n: a for n, a in left.states.items() if a.any()},
            {n: a for n, a in right.states.items() if a.any()},
        )


def alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    assert {*one} == {*other}
    for name, array in one.items():
        assert array.dtype == other[name].dtype
        assert array.tobytes() == np.ascontiguousarray(other[name]).tobytes(), name


def put(problem: Problem, target: str, folder: Path) -> Path:
    """The folder with the problem's files."""
    for name, content in exported(problem, target).files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def arrays(folder: Path, batch_axis: int) -> dict[str, Any]:
    found = {"": np.load(folder / "p.npy")}
    states = {name: folder / f"p_{name}.npy" for name in ("h0", "c0")}
    return found | {name: np.load(file) for name, file in states.items() if file.exists()}


HARD = "clip(affine({}, 0.25, 0.5), 0, 1)"
TORCH = [
    stack(Form("rnn"), 2, True, biases=("b", "bh")),
    stack(Form("rnn", ("relu({})",)), biases=("b", "bh"), states=True),
    stack(Form("gru", reset_after=True), 2, True, biases=("b", "bh"), states=True),
    stack(Form("gru", reset_after=True)),
    stack(Form("lstm"), 3, biases=("b", "bh")),
    stack(Form("lstm"), 2, True, biases=("b", "bh"), project=2, states=True),
]
KERAS = [
    stack(Form("rnn", ("relu({})",)), 2, biases=("b",)),
    stack(Form("gru", reset_after=True), 2, True, biases=("b", "bh")),
    stack(Form("gru", ("hard_sigmoid_relu6({})", "softsign({})")), biases=("b",)),
    stack(Form("lstm"), 2, True, biases=("b",)),
    stack(Form("lstm", ("sigmoid({})", "elu({})", "elu({})"))),
]
ONNX = [
    *TORCH[:5],
    stack(Form("lstm", coupled=True, clip="0.5"), 2, True, biases=("b", "bh"), states=True),
    stack(Form("lstm"), biases=("b", "bh"), peepholes=True),
    stack(
        Form("gru", ("clip(affine({}, 0.25, 0.5), 0, 1)", "scaled_tanh({}, 1.5, 0.75)")), 2, True
    ),
]


def changed(model: Model, layer: int, **parts: Any) -> Model:
    """The model with other parts of the directions of a layer."""
    layers = list(model.layers)
    layers[layer] = tuple(replace(direction, **parts) for direction in layers[layer])
    return replace(model, layers=tuple(layers))


def partly(form: Form, **more: Any) -> Model:
    """Two layers, of which the first has no biases, and the second no states nor the first's c."""
    model = stack(form, 2, biases=("b", "bh"), states=True, **more)
    (first,), _ = model.layers
    bare = {name: array for name, array in first.parameters.items() if name[0] != "b"}
    hidden = {"h": first.states["h"]}
    return changed(changed(model, 0, parameters=bare, states=hidden), 1, states={})


PARTLY = [partly(Form("lstm"), project=2), partly(Form("lstm")), partly(Form("rnn"))]
"""PyTorch's modules have both states or none, and biases everywhere or nowhere."""


@pytest.mark.parametrize("model", TORCH, ids=lambda m: m.layers[0][0].form.kind)
def test_pytorch(model: Model, tmp_path: Path) -> None:
    module("safetensors")
    put(written(model, tmp_path), "pytorch", tmp_path)
    relu = {"nonlinearity": "relu"} if model.layers[0][0].form.activations else {}
    same(model, read_model(tmp_path / "p.safetensors", Wanted(arrays(tmp_path, 1), assumed=relu)))


@pytest.mark.parametrize("model", PARTLY, ids=lambda m: m.layers[0][0].form.kind)
def test_the_script_of_pytorch_runs_what_is_there_in_part(model: Model, tmp_path: Path) -> None:
    module("torch")
    module("safetensors")
    problem = written(model, tmp_path)
    put(problem, "pytorch", tmp_path)
    done = subprocess.run([sys.executable, "p.py"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    name = f"h{tag(model, 1, 0)}"
    shown = np.array(
        done.stdout.replace("tensor(", "").translate(str.maketrans("[](),", "     ")).split(), float
    )
    expected = np.concatenate([values(problem)(name, step) for step in range(1, problem.steps + 1)])
    np.testing.assert_allclose(shown, expected, atol=1e-4)


@pytest.mark.parametrize("model", KERAS, ids=lambda m: m.layers[0][0].form.kind)
def test_keras(model: Model, tmp_path: Path) -> None:
    module("h5py")
    put(written(model, tmp_path), "keras", tmp_path)
    same(model, read_model(tmp_path / "p.keras", Wanted(arrays(tmp_path, 0))))


@pytest.mark.parametrize("model", ONNX, ids=lambda m: m.layers[0][0].form.kind)
def test_onnx(model: Model, tmp_path: Path) -> None:
    module("onnx")
    put(written(model, tmp_path), "onnx", tmp_path)
    same(model, read_model(tmp_path / "p.onnx", Wanted(arrays(tmp_path, 1))))


@pytest.mark.parametrize("seed", range(2000, 2030))
def test_what_was_imported_from_onnx(seed: int, tmp_path: Path) -> None:
    """Configurations of the sweep go out and in again: the attributes are the same ones."""
    module("onnx")
    model = onnx_sweep.imported(onnx_sweep.configuration(seed), tmp_path, 0)
    problem = written(model, tmp_path)
    if (
        len({d.form for d in model.layers[0]}) > 1
        and len({d.form.kind for d in model.layers[0]}) > 1
    ):
        return
    put(problem, "onnx", tmp_path)
    same(model, read_model(tmp_path / "p.onnx", Wanted(arrays(tmp_path, 1))))


def test_the_seed_is_a_gru_of_scalar_gates(tmp_path: Path) -> None:
    module("onnx")
    seed = load(SEED)
    made = exported(seed, "onnx")
    assert any("rounded to float32" in note for note in made.notes)
    put(replace(seed, stem="p"), "onnx", tmp_path)
    found = read_model(tmp_path / "p.onnx", Wanted(arrays(tmp_path, 1)))
    np.testing.assert_allclose(
        values(written(found, tmp_path))("h", 2), values(seed)("s", 2), atol=1e-7
    )


@pytest.mark.parametrize("model", [*ONNX, KERAS[2]], ids=lambda m: m.layers[0][0].form.kind)
def test_numpy_and_fpcore(model: Model, tmp_path: Path) -> None:
    problem = written(model, tmp_path)
    put(replace(problem, stem="run"), "numpy", tmp_path)
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import run; "
    code += "print([float(e) for e in np.ravel(run.values[{0!r}, 2])])"
    name = f"h{tag(model, 0, 0)}"
    call = [sys.executable, "-c", "import numpy as np; " + code.format(name)]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    expected = values(problem)(name, 2)
    np.testing.assert_allclose(np.array(eval_list(done.stdout)), expected, atol=1e-5)
    check_cores(problem, exported(problem, "fpcore").files["p.fpcore"])


def eval_list(text: str) -> list[float]:
    return [float(part) for part in text.strip("[]\n").split(",")]


OPERATORS = {
    "+": lambda *p: sum(p),
    "-": lambda *p: -p[0] if len(p) == 1 else p[0] - p[1],
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "fmax": max,
    "fmin": min,
    "exp": exp,
    "tanh": tanh,
    "fabs": fabs,
    "log1p": log1p,
    "erf": erf,
}


def parsed(text: str) -> list[Any]:
    """The expressions of a text of parentheses."""
    levels: list[list[Any]] = [[]]
    for token in text.replace("(", " ( ").replace(")", " ) ").split():
        if token == "(":
            levels.append([])
        elif token == ")":
            done = levels.pop()
            levels[-1].append(done)
        else:
            levels[-1].append(token)
    return levels[0]


def worth(tree: Any, known: Mapping[str, float]) -> float:
    if isinstance(tree, str):
        return known[tree] if tree in known else pi if tree == "PI" else float(Fraction(tree))
    return float(OPERATORS[tree[0]](*(worth(part, known) for part in tree[1:])))  # type: ignore[operator]


def check_cores(problem: Problem, text: Any) -> None:
    """Every core, at the values of step 1, gives the value of its entry."""
    of = values(problem)
    known = {f"x_{k}": float(v) for k, v in enumerate(problem.inputs["x"].doubles[0])}
    for name in problem.cell.equation:
        known |= {f"{name}_{k}": v for k, v in enumerate(of(name, 1))}
        known |= {f"{name}_after_{k}": v for k, v in enumerate(of(name, 2))}
    for name in problem.cell.roles.initial:
        start = np.ravel(problem.end(name, 0).doubles)
        known |= {f"{name}_before_{k}": float(v) for k, v in enumerate(start)}
    cores = parsed(text)
    assert len(cores) == sum(problem.size(name) for name in problem.cell.equation)
    for _, arguments, _, label, _, precision, body in cores:
        assert precision == "binary32"
        assert {*arguments} <= {*known}
        assert worth(body, known) == pytest.approx(known[label.strip('"')], abs=1e-9)


RUN = [
    *(("torch", model) for model in [*TORCH, *PARTLY]),
    *(("onnxruntime", model) for model in [*TORCH[:4], *ONNX[6:], *PARTLY[1:]]),
]


@pytest.mark.parametrize(
    ("library", "model"),
    RUN,
    ids=lambda one: one if isinstance(one, str) else one.layers[0][0].form.kind,
)
def test_the_layers_of_a_library_run_its_equations(
    library: str, model: Model, tmp_path: Path
) -> None:
    """Whatever the names are; the last layer's outputs at every step, from the initial states."""
    module(library)
    problem = written(model, tmp_path)
    found = run(problem, library, "float32", layers)
    (last,) = handed_on(problem)
    assert {(step, last) for step in range(1, problem.steps + 1)} <= {*found.values}
    for (step, name), value in found.values.items():
        np.testing.assert_allclose(value, values(problem)(name, step), atol=2e-6)
    assert against(Solution(problem), found).inside


@pytest.mark.parametrize("library", ["torch", "onnxruntime"])
def test_why_no_layers_of_a_library_run_the_equations(library: str, tmp_path: Path) -> None:
    module(library)
    problem = written(stack(Form("gru"), coupled=True), tmp_path)
    bare = loads('equations = "h[t] = tanh(x[t] + h[t-1])"\n[inputs]\nx = [[1], [2]]\n')
    for task in (bare, problem) if library == "torch" else (bare,):
        with pytest.raises(VerifierError, match=f"^{library} does not have this cell: .") as raised:
            run(task, library, "float32", layers)
        assert "module:function" in raised.value.accepted


REFUSED = [
    ("onnx", stack(Form("lstm"), project=2), "ONNX has no projection"),
    ("onnx", stack(Form("gru", ("silu({})", "tanh({})"))), "ONNX has no activation silu(x)"),
    ("pytorch", stack(Form("gru")), "PyTorch's GRU resets after"),
    ("pytorch", stack(Form("lstm", coupled=True)), "PyTorch has no f = 1"),
    ("pytorch", stack(Form("lstm"), peepholes=True), "PyTorch has no peepholes"),
    ("pytorch", stack(Form("rnn", ("elu({})",))), "other activations"),
    ("keras", stack(Form("lstm"), biases=("b", "bh")), "one bias, not two"),
    ("keras", stack(Form("rnn"), states=True), "holds no states"),
    ("keras", stack(Form("rnn", clip="1")), "Keras has no a clip"),
]


@pytest.mark.parametrize(("target", "model", "message"), REFUSED, ids=[row[2] for row in REFUSED])
def test_what_a_framework_does_not_have(
    target: str, model: Model, message: str, tmp_path: Path
) -> None:
    module({"pytorch": "safetensors", "keras": "h5py"}.get(target, target))
    with pytest.raises(VerifierError) as raised:
        exported(written(model, tmp_path), target)
    assert message in raised.value.what


OTHER = [
    ("y[t] = x[t] * a", "y is no part of a recurrent layer"),
    ("h[t] = tanh(x[t] * h[t-1] + a)", "the term"),
    (
        "z[t] = sigmoid(x[t] * a)\nn[t] = tanh(x[t] * a)\nh[t] = z[t] * n[t] + (1 - z[t]) * h[t-1]",
        "h",
    ),
]


@pytest.mark.parametrize(("text", "message"), OTHER)
@pytest.mark.parametrize("target", ["onnx", "pytorch", "keras"])
def test_equations_of_no_framework(text: str, message: str, target: str) -> None:
    problem = loads(f'equations = """{text}"""\n[parameters]\na = 2\n[inputs]\nx = [1, 2]\n')
    with pytest.raises(VerifierError, match=message):
        exported(problem, target)


def test_the_command(tmp_path: Path) -> None:
    module("onnx")
    call = ["export", str(SEED), "--to", "onnx", "--output", str(tmp_path)]
    done = CliRunner().invoke(main, call)
    assert done.exit_code == 0, done.output
    assert "rounded to float32" in done.output
    assert CliRunner().invoke(main, call).exit_code == 2
    assert CliRunner().invoke(main, [*call, "--force"]).exit_code == 0
    assert (
        CliRunner().invoke(main, ["export", str(SEED), "--to", "onyx", "--output", "x"]).exit_code
        == 2
    )


@pytest.mark.parametrize("target", ["numpy", "pytorch"])
def test_a_files_name_is_no_code(target: str, tmp_path: Path) -> None:
    module("safetensors")
    problem = replace(written(TORCH[0], tmp_path), stem='a"); import os; os.mkdir("b"); ("')
    made = exported(problem, target).files
    assert all("import os" not in str(content) for content in made.values())


def test_targets_are_the_modules() -> None:
    assert targets() == ("fpcore", "keras", "numpy", "onnx", "pytorch")
