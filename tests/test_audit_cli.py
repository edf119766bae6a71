"""`verifier audit`: documents, exit codes, and calls that cannot be used."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from tests.conftest import SEED, module
from verifier.arithmetic.floats.binary import BINARY
from verifier.audit import trials
from verifier.cli import main


def verifier(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_documents_and_a_line_for_each_format(tmp_path: Path) -> None:
    module("matplotlib")
    formats = ["md", "html", "typ", "pdf", "json", "svg", "png"]
    options = [part for format in formats for part in ("--format", format)]
    done = verifier("audit", SEED, *options, "--output", tmp_path, "--against", "numpy")
    assert done.exit_code == 0, done.output
    made = sorted(path.name for path in (tmp_path / "hw10_question2").iterdir())
    assert made == sorted(f"audit.{format}" for format in formats)
    for float in ("float16", "bfloat16", "float32", "float64"):
        assert f"\n{float}: the largest error is " in done.output
        assert re.search(rf"numpy \S+, {float}: all 16 outputs are inside the bound", done.output)


def test_one_document_on_stdout() -> None:
    done = verifier("audit", SEED, "--float", "float32", "--format", "json", "--stdout")
    assert done.exit_code == 0
    data = json.loads(done.stdout)
    assert {row["float"] for row in data["rows"]} == {"float32"}
    assert "float32: the largest error" in done.stderr


def test_the_model_is_the_one_that_was_asked_for() -> None:
    done = verifier(
        *("audit", SEED, "--float", "bfloat16", "--float", "float32", "--accumulator", "float32"),
        *("--fma", "--sigmoid", "stable", "--format", "json", "--stdout"),
    )
    models = json.loads(done.stdout)["models"]
    assert [model["accumulator"] for model in models] == ["float32", "float32"]
    assert all(model["fma"] and model["sigmoid"] == "stable" for model in models)
    other = verifier("audit", SEED, "--order", "pairwise", "--format", "md", "--stdout")
    assert "added in pairs in float64" in other.stdout


def test_entries_that_are_asked_for_are_attributed_first() -> None:
    done = verifier(
        *("audit", SEED, "--float", "float32", "--entry", "2:h[0]", "--entry", "1:z"),
        *("--format", "json", "--stdout"),
    )
    found = json.loads(done.stdout)["attributions"]
    assert [(f["step"], f["name"], f["index"]) for f in found[:2]] == [(2, "h", [0]), (1, "z", [0])]
    for row in found:
        parts = sum(share["ulp"] for share in row["shares"]) + row["remainder_ulp"]
        assert parts == pytest.approx(row["error_ulp"], abs=1e-9)
        sizes = [abs(share["ulp"]) for share in row["shares"]]
        assert sizes == sorted(sizes, reverse=True)


def numbers(seed: int) -> str:
    """A GRU with vector gates and a start, so that conventions differ."""
    random = np.random.default_rng(seed)

    def rows(*shape: int) -> Any:
        return random.uniform(-1, 1, shape).round(2).tolist()

    parts = [f"U_{g} = {rows(2, 3)}\nW_{g} = {rows(3, 3)}" for g in "zrh"]
    given = "\n".join(parts)
    ends = f"[initial]\ns = {rows(3)}\n[inputs]\nx = {rows(2, 2)}\n"
    return f'cell = "gru"\n[parameters]\n{given}\n{ends}'


def test_a_program_outside_its_bound_is_exit_code_1(tmp_path: Path) -> None:
    module("torch")
    path = tmp_path / "gru.toml"
    path.write_text(numbers(1))
    done = verifier(
        *("audit", path, "--float", "float32", "--against", "torch", "--output", tmp_path)
    )
    assert done.exit_code == 1
    assert "OUTSIDE the bound" in done.output
    assert "the gate acts after the matrix product (h and r)" in done.output
    assert (tmp_path / "gru" / "audit.md").exists()


def test_functions_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    every = trials.arguments
    monkeypatch.setattr(trials, "arguments", lambda *which: every(*which)[::97])
    done = verifier("audit", "--check-functions", "--count", 100)
    assert done.exit_code == 0
    found = re.findall(r"numpy +(\w+(?: -?\d+)?) +(\w+) .* ulp .* yes", done.output)
    functions = {"exp", "tanh", "log1p", "sqrt", "log", "sin", "cos", "erf"}
    functions |= {f"power {n}" for n in (-2, -1, 2, 3, 5, 10)}
    assert set(found) == {(name, format) for name in functions for format in BINARY}


def test_a_hypothesis_that_fails_is_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    from verifier.audit.implementations import with_numpy

    worse = {"exp": lambda x: (x * 0 + 1).astype(x.dtype)}
    monkeypatch.setattr(with_numpy, "functions", lambda format: worse)
    done = verifier("audit", "--check-functions", "--count", 100)
    assert done.exit_code == 1
    assert " NO" in done.output


BAD = [
    (["--float", "float8"], "float8"),
    (["--entry", "s"], "STEP:NAME[INDEX]"),
    (["--entry", "3:s[0]"], "steps 1 to 2 of z, r, h, s"),
    (["--entry", "1:q"], "no such quantity"),
    (["--entry", "1:s"], "shape (3,)"),
    (["--entry", "1:s[3]"], "index within it"),
    (["--entry", "1:s[0,0]"], "index within it"),
    (["--order", "pairwise", "--fma"], "order sequential"),
    (["--format", "md", "--format", "json", "--stdout"], "one --format"),
    (["--against", "jax"], "jax"),
    (["--against", "onnxruntime", "--float", "float16"], "--float float32"),
]


@pytest.mark.parametrize(("options", "message"), BAD)
def test_calls_that_cannot_be_used(options: list[str], message: str, tmp_path: Path) -> None:
    # Collecting doctests leaves a module half imported whose package is not there.
    sys.modules.pop("verifier.audit.implementations.with_jax", None)
    done = verifier("audit", SEED, "--output", tmp_path / "out", *options)
    assert done.exit_code == 2
    assert message in done.output
    assert "Traceback" not in done.output
    assert not os.path.exists(tmp_path / "out")


def test_a_cell_that_a_program_does_not_have(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        'equations = "h[t] = tanh(x[t] @ U)"\n[parameters]\nU = [[1]]\n[inputs]\nx = [[1]]\n'
    )
    module("torch")
    done = verifier("audit", path, "--against", "torch", "--output", tmp_path / "out")
    assert done.exit_code == 2
    assert "torch does not have this cell" in done.output
    assert not (tmp_path / "out").exists()


def test_no_problem_and_none_that_exists() -> None:
    assert "no problem to audit" in verifier("audit").output
    assert verifier("audit", "nowhere.toml").exit_code == 2


def test_an_extra_that_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = verifier("audit", SEED, "--format", "svg", "--output", tmp_path / "out")
    assert done.exit_code == 2
    assert "the extra plot; in a clone: .venv/bin/pip install -e '.[plot]'" in done.output
    assert not (tmp_path / "out").exists()
    assert verifier("audit", SEED, "--format", "html", "--output", tmp_path / "out").exit_code == 0
