"""The documentation: it builds without a warning, and its numbers are the program's."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from sphinx.application import Sphinx
from sphinx.testing.util import _clean_up_global_state
from sphinx.util.docutils import docutils_namespace, patch_docutils

import verifier
from tests import framework_page
from tests.conftest import ROOT, SEED, module
from verifier import cells
from verifier.cli import COMMANDS
from verifier.derive.general import default_shapes
from verifier.documents.derivation import derivation_text

DOCS = ROOT / "docs"
PAGES = sorted(path.name for path in DOCS.glob("*.md"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The site, built with warnings as errors, as `make docs` does."""
    out = tmp_path_factory.mktemp("site")
    warnings = io.StringIO()
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            DOCS, DOCS, out, out / ".doctrees", "html",
            status=io.StringIO(), warning=warnings, warningiserror=True,
        )  # fmt: skip
        app.build()
    assert warnings.getvalue() == ""
    assert app.statuscode == 0
    yield out
    _clean_up_global_state()


def test_every_page_is_built_and_whole(site: Path) -> None:
    for page in (*DOCS.glob("*.md"), *DOCS.glob("*.rst")):
        html = (site / f"{page.stem}.html").read_text("utf-8")
        assert "verifier-fault" not in html
        assert r"\(" not in re.sub(r"<pre>.*?</pre>|<code.*?</code>", "", html, flags=re.DOTALL)
        assert not re.search(r'<(script|link|img)[^>]*(src|href)="(https?:)?//', html)


def test_the_tutorial_shows_what_the_program_prints(site: Path) -> None:
    html = (site / "tutorial.html").read_text("utf-8")
    rows = verifier.solve(verifier.load(SEED)).rows
    for row in rows:
        assert f"<mn>{row.rounded}</mn>" in html
    (row,) = (r for r in rows if (r.step, r.name, r.index) == (1, "s", (1,)))
    assert f"<mn>{row.lower}</mn>" in html
    assert f"<mn>{row.policies['equation']}</mn>" in html


def test_every_command_is_in_the_reference(site: Path) -> None:
    html = (site / "commands.html").read_text("utf-8")
    for command in COMMANDS:
        assert f'id="verifier-{command}"' in html
    assert "PosixPath" not in html


def test_pages_can_be_reached(site: Path) -> None:
    index = (site / "index.html").read_text("utf-8")
    for page in (*DOCS.glob("*.md"), *DOCS.glob("*.rst")):
        assert f'href="{page.stem}.html"' in index or page.stem == "index"


def test_the_json_example_is_a_row_of_the_program() -> None:
    text = (DOCS / "json.md").read_text("utf-8")
    example = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert example is not None
    rows = json.loads(verifier.solve(verifier.load(SEED)).to_json())["rows"]
    assert json.loads(example[1]) in rows


@pytest.mark.parametrize("page", [page for page in PAGES if page != "cells.md"])
def test_no_result_is_written_by_hand(page: str) -> None:
    """Outside of code, decimals come from roles and directives, which know when they change.

    The catalogue's page is made from the cells' files as a whole, and has its own test.
    """
    text = (DOCS / page).read_text("utf-8")
    text = re.sub(r"^```.*?^```|^( {4}[^\n]*\n)+", "", text, flags=re.MULTILINE | re.DOTALL)
    prose = re.sub(r"``.*?``|`[^`]*`|\]\([^)]*\)", "", text)
    assert re.findall(r"\d+\.\d{2,}", prose) == []


def test_the_copy_of_the_example_is_that_of_the_repository() -> None:
    """A site reads problem files inside its source folder only."""
    copy = ROOT / "docs" / "problems" / SEED.name
    assert copy.read_bytes() == SEED.read_bytes()


def test_the_arithmetic_of_the_page_on_extending_runs_as_printed() -> None:
    """Its long doubles lie within a few units of their last place of the proven values."""
    *_, code = re.findall(r"```python\n(.*?)```", (DOCS / "extending.md").read_text("utf-8"), re.S)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    rows = verifier.solve(verifier.load(SEED)).quantity("s", 2).rows
    printed = [Fraction(text) for text in json.loads(done.stdout.replace("'", '"'))]
    for row, value in zip(rows, printed, strict=True):
        assert row.lower is not None
        assert abs(value - Fraction(row.lower)) <= Fraction(1, 10**11)


def test_the_cell_of_the_page_on_extending_is_one() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", (DOCS / "extending.md").read_text("utf-8"), re.S)
    cell = cells.from_file(text, "elman_softsign")
    assert {*cell.sizes} == {"x", "U", "W", "b"}
    assert "softsign" in derivation_text(cell, default_shapes(cell, {"n": 2, "m": 2}), "txt")


@pytest.mark.parametrize("program", [0, 1])
def test_programs_of_the_page_on_frameworks_print_what_it_shows(
    program: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those of ONNX; last digits differ between machines. All: python -m tests.framework_page"""
    module("onnxruntime")
    code, text = framework_page.programs()[program]
    exec(code, {})
    assert framework_page.alike(capsys.readouterr().out, text)


EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
HOW = re.compile(r"\binstall\b[^\n]*?(?:\s-e)?\s'?([^\s'`\[]*)\[([\w,]+)\]")
"""What installs extras: what has them, and which."""
SAYING = [
    ROOT / "README.md",
    *sorted(DOCS.rglob("*.md")),
    *sorted((ROOT / "verifier").rglob("*.py")),
    *sorted((ROOT / "verifier" / "report" / "words").glob("*.po")),
    *sorted((ROOT / "examples").rglob("*.toml")),
    *(path for path in sorted((ROOT / "templates").glob("*/*")) if path.is_file()),
]


def test_what_is_said_to_install_the_program_works() -> None:
    """No registry has the distribution: a clone or a wheel does; and the extras are extras."""
    found = [
        (path.name, *said)
        for path in SAYING
        for said in HOW.findall(path.read_text("utf-8").replace("{name}", "docx"))
    ]
    assert {name for name, _, _ in found} >= {"errors.py", "install.md", "notebooks.md"}
    for name, source, chosen in found:
        assert source == "." or re.fullmatch(r"dist/recurrent_verifier-\S+\.whl", source), name
        assert {*chosen.split(",")} <= {*EXTRAS}, name
    for path in SAYING:
        assert not re.search(r"install[^\n]* '?recurrent-verifier", path.read_text("utf-8")), path


def test_the_page_on_installing_has_every_extra_and_the_versions_wheel() -> None:
    text = (DOCS / "install.md").read_text("utf-8")
    assert re.findall(r"^\| `(\w+)` \|", text, re.M) == sorted(EXTRAS)
    assert f"recurrent_verifier-{verifier.__version__}-py3-none-any.whl" in text


def test_jupyter_book_is_said_with_its_version() -> None:
    """Version 2 has no Sphinx in it."""
    for path in SAYING:
        text = " ".join(path.read_text("utf-8").split())
        assert not re.findall(r"(?i)jupyter[- ]?book(?! [12]\b)", text), path
