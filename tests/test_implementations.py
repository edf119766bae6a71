"""Programs that compute a problem: that they compute the same cells, and errors of any function."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from tests.conftest import SEED, module
from tests.random_problems import data, problem
from verifier.arithmetic.floats.binary import BINARY
from verifier.arithmetic.ieee import Ieee
from verifier.audit import implementations
from verifier.audit.implementations import implementation, run, run_callable
from verifier.audit.implementations.handed import sequence, starts
from verifier.cli import main
from verifier.errors import MissingExtraError, VerifierError, extra
from verifier.evaluate import evaluate
from verifier.problem import Problem, load, loads
from verifier.rewrites.catalogue import variants

COARSE = {"float16": 4e-3, "bfloat16": 4e-2, "float32": 1e-6, "float64": 1e-14}


def drawn(cell: str, turned: bool = False, seed: int = 1, hidden: int = 3) -> Problem:
    numbers = data(Random(seed), cell, hidden=hidden, inputs=2, steps=4)
    return problem(cell, numbers, turned=turned)


def as_torch_has_it(task: Problem) -> Problem:
    """A GRU that resets after the product, as PyTorch's does; other cells as they are."""
    for variant in variants(task, "convention"):
        if variant.rule == "reset-after":
            return variant.problem
    return task


@pytest.mark.parametrize("float", list(BINARY))
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("cell", ["gru", "lstm", "rnn"])
def test_torch_computes_the_cells(cell: str, turned: bool, float: str) -> None:
    module("torch")
    task = drawn(cell, turned)
    truth = evaluate(as_torch_has_it(task), Ieee("float64")).values
    found = run(task, "torch", float)
    assert len(found.values) == 4 * (2 if cell == "lstm" else 1)
    for site, value in found.values.items():
        assert value.dtype == BINARY[float].dtype
        assert np.abs(value.astype(np.float64) - truth[site]).max() < COARSE[float]


def test_torch_resets_after_the_product() -> None:
    module("torch")
    task = drawn("gru")
    truth = evaluate(task, Ieee("float64")).values
    found = run(task, "torch", "float64").values
    assert max(np.abs(value - truth[site]).max() for site, value in found.items()) > 1e-3


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("cell", ["gru", "lstm", "rnn"])
def test_onnxruntime_computes_the_cells(cell: str, turned: bool) -> None:
    module("onnxruntime")
    for seed in range(3):
        task = drawn(cell, turned, seed, hidden=2 + seed)
        truth = evaluate(task, Ieee("float64")).values
        for site, value in run(task, "onnxruntime").values.items():
            assert np.abs(value.astype(np.float64) - truth[site]).max() < 1e-6


@pytest.mark.parametrize("name", ["numpy", "torch", "onnxruntime"])
def test_scalar_gates_of_the_seed(name: str) -> None:
    module(name)
    task = load(SEED)
    truth = evaluate(task, Ieee("float64")).values
    for site, value in run(task, name).values.items():
        assert value.shape == truth[site].shape
        assert np.abs(value - truth[site]).max() < 1e-6


def test_numpy_shows_every_quantity_of_any_cell() -> None:
    text = 'equations = """\na[t] = softplus(W @ x[t]) / 2\nb[t] = a[t] + b[t+1]\n"""\n'
    text += "[parameters]\nW = [[1, 2]]\n[inputs]\nx = [[1, 0], [0, 1]]\n"
    found = run(loads(text), "numpy", "bfloat16")
    assert set(found.values) == {(1, "a"), (2, "a"), (1, "b"), (2, "b")}


def test_programs_do_not_have_cells_of_ones_own() -> None:
    module("torch")
    text = 'equations = "h[t] = tanh(x[t] @ U)"\n[parameters]\nU = [[1]]\n[inputs]\nx = [[1]]\n'
    with pytest.raises(VerifierError, match="torch does not have this cell") as error:
        run(loads(text), "torch")
    assert "gru, lstm, rnn" in error.value.accepted


def test_a_changed_cell_of_the_catalogues_name_is_not_taken_for_it() -> None:
    module("torch")
    changed = next(v.problem for v in variants(drawn("gru"), "mistake"))
    with pytest.raises(VerifierError, match="does not have this cell"):
        run(changed, "torch")


def test_unknown_programs_and_formats() -> None:
    with pytest.raises(VerifierError, match="did you mean 'torch'"):
        implementation("torsh")
    with pytest.raises(VerifierError, match="numpy does not compute this in 'float8'"):
        run(load(SEED), "numpy", "float8")
    with pytest.raises(VerifierError, match="did you mean 'float32'"):
        run_callable(load(SEED), lambda problem, dtype: {}, "float3")


def test_a_program_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(implementations._MODULES, "torch", "with_nothing")
    with pytest.raises(MissingExtraError) as error:
        implementation("torch")
    assert error.value.accepted == extra("torch")


def right(problem: Problem, dtype: Any) -> dict[Any, Any]:
    return dict(evaluate(problem, Ieee(np.dtype(dtype).name)).values)


BAD: list[tuple[Callable[[Any], Any], str]] = [
    (lambda values: None, "returned nothing"),
    (lambda values: {}, "returned nothing"),
    (lambda values: [1], "returned a list"),
    (lambda values: {(1, "q"): values[1, "s"]}, "returned 'q' at step 1"),
    (lambda values: {(3, "s"): values[1, "s"]}, "returned 's' at step 3"),
    (lambda values: {(0, "s"): values[1, "s"]}, "returned 's' at step 0"),
    (lambda values: {"s": values[1, "s"]}, "returned 3 rows for 's'"),
    (lambda values: {"s": np.float32(1)}, "returned 0 rows for 's'"),
    (lambda values: {7: [values[1, "s"]] * 2}, "returned '7' at step 1"),
    (lambda values: {(1, "s"): values[1, "s"][:2]}, r"for s at step 1 the shape \(2,\)"),
    (lambda values: {(1, "s"): values[1, "s"][:, None]}, r"for s at step 1 the shape \(3, 1\)"),
    (
        lambda values: {(1, "s"): np.stack([values[1, "s"]] * 2)},
        r"for s at step 1 the shape \(2, 3\)",
    ),
    (lambda values: {(1, "s"): values[1, "s"].astype("f8")}, "for s at step 1 an array of float64"),
    (lambda values: {(1, "s"): values[1, "s"].tolist()}, "for s at step 1 'list'"),
    (
        lambda values: {(1, "s"): np.ma.masked_array(values[1, "s"])},
        "for s at step 1 'MaskedArray'",
    ),
    (lambda values: values[0], "raised KeyError"),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_what_cannot_be_compared(change: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(VerifierError, match=message) as error:
        run_callable(load(SEED), lambda problem, dtype: change(right(problem, dtype)))
    assert error.value.accepted


def test_a_bare_array_is_what_the_cell_hands_on() -> None:
    task = load(SEED)
    states = run(task, "numpy").values
    rows = np.stack([states[1, "s"], states[2, "s"]])
    found = run_callable(task, lambda problem, dtype: rows)
    assert all((found.values[step, "s"] == states[step, "s"]).all() for step in (1, 2))
    for array in (rows[:1, :2], np.array([]), rows.astype(complex), np.array([None])):
        with pytest.raises(VerifierError):
            run_callable(task, lambda problem, dtype, array=array: array)


def test_a_function_that_ends_the_program_is_a_fault_of_its_own() -> None:
    def ends(problem: Problem, dtype: Any) -> Any:
        raise SystemExit(0)

    with pytest.raises(VerifierError, match="ends raised SystemExit"):
        run_callable(load(SEED), ends)


def test_a_function_may_return_rows_or_steps_and_leave_quantities_out() -> None:
    task = load(SEED)

    def rows(problem: Problem, dtype: Any) -> dict[Any, Any]:
        values = right(problem, dtype)
        return {
            "s": np.array([values[1, "s"], values[2, "s"]]),
            (2, "z"): values[2, "z"].ravel()[0],
        }

    found = run_callable(task, rows, "float16")
    assert set(found.values) == {(1, "s"), (2, "s"), (2, "z")}
    assert found.values[2, "z"].shape == task.shapes["z"]
    assert found.implementation == "rows"


MINE = """
from verifier.arithmetic.ieee import Ieee
from verifier.evaluate import evaluate
import numpy as np


def forward(problem, dtype):
    values = evaluate(problem, Ieee(np.dtype(dtype).name)).values
    return {(step, "s"): values[step, "s"] for step in (1, 2)}


def broken(problem, dtype):
    raise RuntimeError("no")


nothing = 3
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of one's own in the folder where a command runs."""
    name = f"mine_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(MINE)
    monkeypatch.chdir(tmp_path)
    return name


def test_a_function_of_ones_own_is_a_program(mine: str) -> None:
    found = run(load(SEED), f"{mine}:forward", "bfloat16")
    assert found.implementation == f"{mine}:forward"
    assert set(found.values) == {(1, "s"), (2, "s")}
    options = ("--float", "float32", "--against", f"{mine}:forward", "--stdout")
    shown = CliRunner().invoke(main, ["audit", str(SEED), *options])
    assert shown.exit_code == 0
    assert f"{mine}:forward, float32: all 6 outputs are inside the bound" in shown.output


def test_a_function_that_is_not_there_is_said(mine: str) -> None:
    Path(f"{mine}_ends.py").write_text("raise SystemExit(0)")  # as a script at its end does
    for text, says in (
        (f"{mine}_ends:forward", "cannot be imported: SystemExit: '0'"),
        (f"{mine}.py:forward", f"accepted: {mine}:forward"),
        (f"{mine}:backward", "has no backward"),
        (f"{mine}:nothing", "is no function"),
        (f"{mine}:broken", "raised RuntimeError: 'no'"),
        ("nowhere_to_be_found:f", "ModuleNotFoundError"),
        ("a:b:c", "no implementation 'a:b:c'"),
    ):
        shown = CliRunner().invoke(main, ["audit", str(SEED), "--against", text, "--stdout"])
        assert shown.exit_code == 2
        assert says in shown.output


def test_given_numbers_are_rounded_once_for_modules() -> None:
    """The nearest float64 is halfway between two of float32; the number is nearer to the upper."""
    text = "1.0000000596046447754"
    task = loads(f"""equations = "h[t] = x[t] + h[t-1]"
[inputs]
x = [[{text}]]
[initial]
h = [{text}]""")
    single = np.dtype(np.float32)
    assert float(text) == 1 + 2.0**-24
    assert sequence(task, single).tolist() == [[1 + 2.0**-23]]
    assert starts(task, single)["h"][0].tolist() == [1 + 2.0**-23]
