"""Markdown documents in what reads them: every formula is kept, of both kinds of Markdown.

Pandoc and Hugo are run as they are; of Obsidian, the MathJax that it shows mathematics with.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from tests.conftest import ROOT, SEED, module, node, tool
from tests.every_kind import every_kind
from tests.sizes import SIZES, problem_of
from verifier.documents.solution import solution_documents
from verifier.problem import Problem, load, loads
from verifier.solution import solve

MD = ("md", "pandoc")
KINDS = ("solution", "sheet", "problem", "derivation", "audit", "feedback", "class", "fairness")


def kept(text: str) -> str:
    """The page that pandoc makes of Markdown; a formula that it cannot read fails the test."""
    page = module("pypandoc").convert_text(text, "html", "markdown", extra_args=["--mathml"])
    assert "math" in page or "$" not in text
    assert re.findall(r'<span class="math[^>]*>[^<]*', page) == []
    assert "$$" not in page
    return str(page)


@pytest.mark.parametrize("format", ["md", "pandoc"])
@pytest.mark.parametrize("kind", KINDS)
def test_pandoc_reads_every_formula(kind: str, format: str) -> None:
    text = every_kind(SEED.read_text("utf-8"), format)[kind]
    assert isinstance(text, str)
    page = kept(text)
    lines = re.findall(r"(?ms)^\$\$\n(.*?)^\$\$$", text)
    assert page.count('display="block"') == len(lines)


HUGO = """
disableKinds = ["home", "section", "taxonomy", "term", "RSS", "sitemap"]
[markup.goldmark.extensions.passthrough]
enable = true
[markup.goldmark.extensions.passthrough.delimiters]
block = [['$$', '$$']]
inline = [['$', '$']]
"""
"""As in docs/notes.md, and no page but ours."""

KATEX = """<i class="{{ .Type }}">{{ transform.ToMath .Inner (dict
"displayMode" (eq .Type "block") "throwOnError" true) }}</i>"""
"""What Hugo hands every formula to, and what it cannot read ends the build."""


HOSTED = ("solution", "audit", "feedback")


def documents() -> dict[str, str]:
    """Markdown of kinds that differ in their mathematics, and of another cell."""
    made = {f"{k}-{f}": str(every_kind(SEED.read_text("utf-8"), f)[k]) for k in HOSTED for f in MD}
    return made | {f"other-{f}": solution(problem_of(*SIZES[1]), f) for f in MD}


def formulas(text: str) -> tuple[list[str], list[str]]:
    """The displays of a text, and what stands in its lines."""
    shown = re.findall(r"(?ms)^\$\$\n(.*?)^\$\$$", text)
    rest = re.sub(r"(?ms)^\$\$\n.*?^\$\$$", "", text)
    return shown, re.findall(r"\$([^$\n]+)\$", rest)


def test_hugo_keeps_every_formula(tmp_path: Path) -> None:
    module("hugo")
    hooks = tmp_path / "layouts" / "_default" / "_markup"
    hooks.mkdir(parents=True)
    (hooks / "render-passthrough.html").write_text(KATEX)
    (hooks.parent / "single.html").write_text("{{ .Content }}")
    (tmp_path / "hugo.toml").write_text(HUGO)
    (tmp_path / "content").mkdir()
    texts = documents()
    for name, text in texts.items():
        (tmp_path / "content" / f"{name}.md").write_text(f"---\ntitle: a\n---\n{text}", "utf-8")
    command = [sys.executable, "-m", "hugo", "--source", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for name, text in texts.items():
        page = (tmp_path / "public" / name / "index.html").read_text("utf-8")
        kept = tuple(page.count(f'<i class="{kind}">') for kind in ("block", "inline"))
        assert kept == tuple(map(len, formulas(text))), name
        assert not re.search(r"\$\$|\\(?!\w)", re.sub(r"(?s)<annotation.*?</annotation>", "", page))


def test_mathjax_reads_every_formula() -> None:
    """Not Obsidian itself: what it finds between dollar signs."""
    root = node("mathjax-full", "js/mathjax.js").parent.parent
    found = [formulas(text) for text in documents().values()]
    given = [
        (formula, display)
        for pair in found
        for display in (True, False)
        for formula in pair[not display]
    ]
    done = subprocess.run(
        [tool("node"), str(ROOT / "tests" / "mathjax.cjs"), str(root)],
        input=json.dumps([*dict.fromkeys(given)]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert len(made) == len(dict.fromkeys(given)) > 100
    assert not [text for text in made if "merror" in text or "<math" not in text]


@pytest.mark.parametrize("format", ["md", "pandoc"])
@pytest.mark.parametrize("size", SIZES[1:5], ids=str)
def test_pandoc_reads_other_cells(size: tuple[Any, ...], format: str) -> None:
    kept(solution(problem_of(*size), format))


@pytest.mark.parametrize("format", ["md", "pandoc"])
def test_displays_stand_between_blank_lines(format: str) -> None:
    """Obsidian, Hugo and MyST begin and end a display on lines of its own, without a blank one."""
    text = solution(load(SEED), format)
    for body in re.findall(r"(?ms)^\$\$\n(.*?)^\$\$$", text):
        assert "\n\n" not in body
        assert not re.search(r"(?m)^ {0,3}(?:[-+*>#=] |\d+[.)] |-+$|=+$)", body)
    assert re.search(r"\n\n## How to read the lines\n\n", text)


def solution(problem: Problem, format: str) -> str:
    text = solution_documents(solve(problem), [format])[format]
    assert isinstance(text, str)
    return text


def test_what_reads_markdown_of_old_finds_no_row_that_is_lost(tmp_path: Path) -> None:
    """A reader that takes a backslash before punctuation away does so at no row's end."""
    for row in re.findall(r".*\\\\.*", solution(load(SEED), "md")):
        assert row.endswith("\\\\")
        assert row.count("\\\\") == 1


def test_pandoc_reads_names_of_every_kind() -> None:
    text = """
        equations = '''
            gate[t] = tanh(x[t] @ W + (s[t-1] * s[t-1]) @ V.T)
            s[t] = (gate[t] + s[t-1])[0:1]
        '''
        [notation.names]
        s = "C_tilde"
        [parameters]
        W = [[1], [2]]
        V = [[1]]
        [inputs]
        x = [[1, 2], [0.1, 0.2]]
    """
    kept(solution(loads(text), "md"))


# a text, and what AsciiDoc is given for it
ASCIIDOC = [
    ("K means: s (2014), arXiv 1.5; SHA-256, 3/4 of “a”.", None),
    ("K. Cho", "K&#46; Cho"),
    ("a...b", "a&#46;&#46;&#46;b"),
    ("(C) (R) ((a))", "&#40;C) &#40;R) &#40;(a))"),
    (":a: b:: c;; d", "&#58;a: b&#58;&#58; c&#59;&#59; d"),
    ("http://x[y]", "http&#58;&#47;&#47;x&#91;y&#93;"),
    ("-- a->b", "&#45;&#45; a&#45;&#62;b"),
    (". a .b", "&#46; a &#46;b"),
    ("C) TM)", "C&#41; TM)"),
]


@pytest.mark.parametrize(("text", "expected"), ASCIIDOC)
def test_asciidoc_escapes_what_it_would_read(text: str, expected: str | None) -> None:
    from verifier.formats.adoc import escape

    assert escape(text) == (text if expected is None else expected)


def test_given_numbers_stand_apart_in_word() -> None:
    """By spaces in a text, the only ones that LibreOffice shows between equations."""
    module("pypandoc")
    made = solution_documents(solve(load(SEED)), ["docx"])["docx"]
    assert isinstance(made, bytes)
    xml = ZipFile(BytesIO(made)).read("word/document.xml").decode()
    given = xml[xml.index("The parameters are") : xml.index("Before the first step")]
    assert len(re.findall("\u2003\u2003", given)) == 5
