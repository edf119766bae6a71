"""The documentation: it builds without a warning, and its numbers are the program's."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sphinx.application import Sphinx
from sphinx.testing.util import _clean_up_global_state
from sphinx.util.docutils import docutils_namespace, patch_docutils

import verifier
from tests.conftest import ROOT, SEED
from verifier.cli import COMMANDS

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


@pytest.mark.parametrize("page", PAGES)
def test_no_result_is_written_by_hand(page: str) -> None:
    """Outside of code, decimals come from roles and directives, which know when they change."""
    text = (DOCS / page).read_text("utf-8")
    text = re.sub(r"^```.*?^```|^( {4}[^\n]*\n)+", "", text, flags=re.MULTILINE | re.DOTALL)
    prose = re.sub(r"``.*?``|`[^`]*`|\]\([^)]*\)", "", text)
    assert re.findall(r"\d+\.\d{2,}", prose) == []


def test_the_copy_of_the_example_is_that_of_the_repository() -> None:
    """A site reads problem files inside its source folder only."""
    copy = ROOT / "docs" / "problems" / SEED.name
    assert copy.read_bytes() == SEED.read_bytes()
