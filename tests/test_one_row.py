"""A new operation is a row: added to a copy of the package, everything else knows it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROWS = re.compile(r"\nACTIVATIONS = \(\n    \.\.\.,\n(.*?)\n\)\n", re.S)
OTHER_SPELLINGS = """
    Operation(
        "magnitude",
        "function",
        "x",
        elementwise,
        "fence",
        slopes=("2 * step(x) - 1",),
        kinks=("x",),
        accuracy=0,
        rational=(0, 0),
        known_as={"numpy": "abs", "sympy": "Abs", "mpmath": "fabs", "flint": "__abs__"},
    ),
    Operation("root", "function", "x", elementwise, "radical", definition="sqrt(x)"),
"""
PROBLEM = """
equations = \"\"\"
a[t] = arctan(x[t] @ U + h[t-1] * w) + arctan(0.5)
h[t] = mish(a[t]) * x[t]
m[t] = magnitude(h[t]) + root(magnitude(a[t] - 3))
\"\"\"
[parameters]
U = [[0.5, -0.25], [0.1, 0.3]]
w = [0.2, 0.7]
[initial]
h = [0.1, 0.2]
[inputs]
x = [[1, 0.5], [-2, 1.25]]
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package to whose activations the rows of the documentation are added."""
    copy = tmp_path_factory.mktemp("house")
    ignored = shutil.ignore_patterns("__pycache__", "compiled")
    for part in ("verifier", "templates"):
        shutil.copytree(ROOT / part, copy / part, ignore=ignored)
    file = copy / "verifier/language/operations/activations.py"
    rows = ROWS.search((ROOT / "docs/extending.md").read_text())
    assert rows is not None
    head, begin, tail = file.read_text().partition("ACTIVATIONS = (\n")
    file.write_text(f"{head}{begin}{rows[1]}\n{OTHER_SPELLINGS}{tail}")
    (copy / "task.toml").write_text(PROBLEM)
    return copy


def run(house: Path, *words: str) -> str:
    """What the copied program prints."""
    paths = {"PYTHONPATH": str(house), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONSAFEPATH": ""}
    done = subprocess.run(
        [sys.executable, "-m", "verifier", *words],
        cwd=house,
        env=os.environ | paths,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


SIGNS = {
    "md": [
        r"\arctan\left(",
        r"\operatorname{mish}\left(",
        r"\left\lvert h_t",
        r"\sqrt{\left\lvert",
    ],
    "tex": [
        r"\arctan\left(",
        r"\operatorname{mish}\left(",
        r"\left\lvert h_t",
        r"\sqrt{\left\lvert",
    ],
    "typ": ["arctan lr(", 'op("mish") lr(', "arctan of ", "mish of ", "abs(", "sqrt(abs("],
    "html": ["<mi>arctan</mi>", "<mi>mish</mi>", "arctan of ", "mish of ", "<msqrt>"],
    "json": ['"rounded": "0.'],
}


@pytest.mark.parametrize("format", SIGNS)
def test_a_document_knows_the_new_operations(house: Path, format: str) -> None:
    document = run(house, "solve", "task.toml", "--stdout", "--format", format)
    for sign in SIGNS[format]:
        assert sign in document


def test_errors_are_measured_and_bounded(house: Path) -> None:
    found = run(house, "audit", "task.toml", "--float", "float32", "--stdout", "--format", "json")
    rows = json.loads(found)["rows"]
    assert {row["name"] for row in rows} == {"a", "h", "m"}
    assert all(row["error_ulp"] <= row["bound_ulp"] for row in rows)


def test_the_derivation_and_its_slopes(house: Path) -> None:
    found = run(
        house, "derive", "task.toml", "--jacobian", "--expand", "--stdout", "--format", "md"
    )
    assert r"\arctan\left(" in found
    assert r"\frac{\partial a_{t,1}}{\partial h_{t-1,1}}" in found


def test_one_file_has_changed(house: Path) -> None:
    changed = [
        path.relative_to(house)
        for path in (house / "verifier").rglob("*.py")
        if path.read_bytes() != (ROOT / path.relative_to(house)).read_bytes()
    ]
    assert list(map(str, changed)) == ["verifier/language/operations/activations.py"]
