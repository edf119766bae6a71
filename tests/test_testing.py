"""assert_forward: what passes, what fails, and what the failure says; the documented example."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import ROOT, SEED, module
from verifier.arithmetic.ieee import Ieee
from verifier.errors import VerifierError
from verifier.evaluate import evaluate
from verifier.problem import Problem, load
from verifier.testing import assert_forward, floats


def gru(problem: Any, dtype: Any, keep: bool = True, before: bool = True) -> dict[Any, Any]:
    """Someone's own code."""
    given = floats(problem, dtype)
    p, s, rows = given.parameters, given.initial["s"], []
    one = dtype.type(1)
    for x in given.inputs["x"]:
        z = one / (one + np.exp(-(x @ p["U_z"] + s @ p["W_z"])))
        r = one / (one + np.exp(-(x @ p["U_r"] + s @ p["W_r"])))
        inner = (s * r) @ p["W_h"] if before else r * (s @ p["W_h"])
        h = np.tanh(x @ p["U_h"] + inner)
        s = (one - z) * h + z * s if keep else z * h + (one - z) * s
        rows.append(s)
    return {"s": np.array(rows)}


@pytest.mark.parametrize("float", ["float16", "float32", "float64"])
def test_right_code_passes(float: str) -> None:
    assert_forward(SEED, gru, float)
    assert_forward(str(SEED), gru, float=float)
    assert_forward(load(SEED), gru(load(SEED), floats(SEED, float).inputs["x"].dtype), float)


def test_another_convention_is_named() -> None:
    with pytest.raises(AssertionError) as failure:
        assert_forward(SEED, lambda problem, dtype: gru(problem, dtype, keep=False))
    said = str(failure.value)
    assert "6 outputs are OUTSIDE the bound" in said
    assert "the gate and its complement change places" in said
    assert re.search(MESSAGE, said)


MESSAGE = (
    r"s\[\d\] at step 1: got 0\.\d+, true value 0\.\d{15,}, "
    r"\d\S* off \(\d\S* ulp\), bound \d\S* \(\d\S* ulp\)"
)


SHAPED: list[Callable[[Any], Any]] = [
    lambda rows: rows,
    lambda rows: rows[:, None],
    lambda rows: rows[None],
    lambda rows: list(rows),
]
"""A sequence, and the same with a batch of one behind or before time."""


@pytest.mark.parametrize("shaped", SHAPED)
@pytest.mark.parametrize("float", ["float32", "float64", "bfloat16"])
def test_tensors_and_batches_of_one_are_arrays(float: str, shaped: Callable[[Any], Any]) -> None:
    torch = module("torch")
    model = Ieee(float)
    values = evaluate(load(SEED), model).values
    rows = torch.from_numpy(np.array([values[1, "s"], values[2, "s"]]).astype("f8"))
    given = shaped(rows.to(getattr(torch, float)).requires_grad_())
    assert_forward(SEED, {"s": given}, float)
    assert_forward(SEED, {"s": shaped(np.array([values[1, "s"], values[2, "s"]]))}, float)
    wrong = shaped((rows + 0.25).to(getattr(torch, float)))
    with pytest.raises(AssertionError, match="OUTSIDE"):
        assert_forward(SEED, {"s": wrong}, float)


def test_what_a_module_returns_is_its_output() -> None:
    rows = gru(load(SEED), np.dtype("f4"))["s"]
    for outputs in (rows, rows[:, None], rows[None], (rows[:, None], rows[-1:])):
        assert_forward(SEED, outputs)
        assert_forward(SEED, lambda problem, dtype, given=outputs: given)
        wrong = (-outputs[0], outputs[1]) if isinstance(outputs, tuple) else -outputs
        with pytest.raises(AssertionError, match="OUTSIDE"):
            assert_forward(SEED, wrong)
    for last in (rows[-1:], rows[-1:][None]):  # h_n of a batch of one
        assert_forward(SEED, {(2, "s"): last})


def in_place(problem: Problem, dtype: Any) -> dict[str, Any]:
    """A GRU that writes its state over the initial one, and its inputs and weights over theirs."""
    given = floats(problem, dtype)
    p, s, rows, one = given.parameters, given.initial["s"], [], dtype.type(1)
    for name in p:
        p[name] *= 2
        p[name] /= 2
    for x in given.inputs["x"]:
        z = one / (one + np.exp(-(x @ p["U_z"] + s @ p["W_z"])))
        r = one / (one + np.exp(-(x @ p["U_r"] + s @ p["W_r"])))
        h = np.tanh(x @ p["U_h"] + (s * r) @ p["W_h"])
        s *= z
        s += (one - z) * h
        rows.append(s.copy())
        x[:] = np.nan
    for name in p:
        p[name][:] = np.nan
    return {"s": np.array(rows)}


@pytest.mark.parametrize("float", ["float32", "float64"])
def test_code_that_writes_to_its_numbers_changes_nothing(float: str) -> None:
    for _ in range(2):
        assert_forward(SEED, in_place, float)
    task = load(SEED)
    for _ in range(2):
        assert_forward(task, in_place, float)


def test_a_problem_s_own_numbers_cannot_be_written_to() -> None:
    def centred(problem: Problem, dtype: Any) -> Any:
        x = problem.inputs["x"].doubles
        x -= x.mean()
        return gru(problem, dtype)

    with pytest.raises(AssertionError, match="read-only"):
        assert_forward(SEED, centred)


def test_arrays_of_jax_are_arrays() -> None:
    jax = module("jax.numpy")
    rows = jax.asarray(gru(load(SEED), np.dtype("f4"))["s"])
    assert_forward(SEED, {"s": rows})
    assert_forward(SEED, {"s": rows[None]})


def test_a_bug_is_no_convention() -> None:
    values = gru(load(SEED), np.dtype("f4"))
    values["s"][1, 2] += np.float32(0.1)  # no format of the report is so coarse
    with pytest.raises(AssertionError, match=r"one output is OUTSIDE(.|\n)*bug(.|\n)*s\[2\] at st"):
        assert_forward(SEED, values)


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ({}, "returned nothing"),
        ({"s": np.zeros((2, 3))}, "float64"),
        ({"s": np.zeros((2, 2), "f4")}, r"shape \(2,\)"),
        (np.zeros((5, 3), "f4"), r"returned the shape \(5, 3\)"),
        ({"q": np.zeros((2, 3), "f4")}, "'q'"),
        ({"s": np.full((2, 3), np.nan, "f4")}, r"6 outputs are NOT finite(.|\n)*s\[0\].*got nan"),
        (lambda problem, dtype: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_outputs_that_cannot_be_compared_fail_the_test(outputs: Any, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        assert_forward(SEED, outputs)


def test_a_wrong_call_is_no_failed_test() -> None:
    for call in (
        lambda: assert_forward(SEED, {}, "float33"),
        lambda: assert_forward("nowhere.toml", {}),
        lambda: assert_forward(SEED, gru, functions="tensorflow"),
        lambda: floats(SEED, np.dtype("i4")),
    ):
        with pytest.raises(VerifierError):
            call()


def test_floats_are_the_nearest_of_the_format() -> None:
    given = floats(SEED, "float16")
    assert given.parameters["U_z"].dtype == np.float16
    assert given.parameters["U_z"][0, 0] == np.float16(0.35)
    assert given.inputs["x"].shape == (2, 2)
    assert given.initial["s"].tolist() == [0, 0, 0]


def test_the_documented_example_runs(tmp_path: Path) -> None:
    """docs/testing.md: the test file passes, and its failure is what the page shows."""
    page = (ROOT / "docs" / "testing.md").read_text("utf-8")
    code, *_ = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    shown, *_ = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    (tmp_path / "gru.toml").write_bytes(SEED.read_bytes())
    space: dict[str, Any] = {"__file__": str(tmp_path / "test_gru.py")}
    exec(compile(code, "test_gru.py", "exec"), space)
    space["test_forward"]()
    with pytest.raises(AssertionError) as failure:
        assert_forward(SEED, lambda p, d: space["forward"](p, d, keep=False))
    words = re.sub(r"\d[\d.e]*", "#", str(failure.value))
    assert words == re.sub(r"\d[\d.e]*", "#", shown.strip().removeprefix("AssertionError: "))
