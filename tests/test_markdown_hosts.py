"""Markdown documents in what reads them: pandoc keeps every formula, of both kinds of Markdown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SEED, module
from tests.every_kind import every_kind
from tests.sizes import SIZES, problem_of
from verifier.documents.solution import solution_documents
from verifier.problem import Problem, load, loads
from verifier.solution import solve

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
