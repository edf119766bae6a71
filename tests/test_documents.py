"""Documents: golden files byte for byte, compiled by a real LaTeX, hostile titles, all sizes."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from contextlib import nullcontext
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from tests.conftest import ROOT, SEED, pdflatex, tool
from tests.sizes import SIZES, problem_of
from verifier import cells
from verifier.derive.general import default_shapes
from verifier.documents.derivation import derivation_text
from verifier.documents.solution import solution_text
from verifier.errors import LetterWarning
from verifier.problem import Problem, load, loads
from verifier.rounding import Policy
from verifier.solution import solve

Golden = Callable[[Path, str], None]
HOSTILE = (
    r"\input{/etc/passwd} #eval(1) <script>alert(1)</script> {{ 7*7 }} ((( 7*7 ))) $x_1$ %c "
    r"& ~ ^ _a_ *b* `c` [d](e) | f \\ \end{document} “quotes” 'single' 中文 "
    '\U0001f600 "double"'
)


def text(problem: Problem, format: str) -> str:
    return solution_text(solve(problem), format)


@pytest.mark.parametrize("format", ["md", "tex", "json"])
def test_the_seeds_key_is_made_again_byte_for_byte(format: str, golden: Golden) -> None:
    golden(ROOT / "output" / "hw10_question2" / f"solution.{format}", text(load(SEED), format))


@pytest.mark.parametrize("cell", ["gru", "lstm", "rnn"])
@pytest.mark.parametrize("format", ["md", "tex"])
def test_derivations(cell: str, format: str, golden: Golden) -> None:
    known = cells.load(cell)
    shapes = default_shapes(known, {"n": 2, "m": 2})
    golden(ROOT / "tests" / "golden" / f"{cell}.{format}", derivation_text(known, shapes, format))


@pytest.mark.parametrize("policy", ["equation", "operation"])
def test_the_seed_under_other_policies(policy: Any, golden: Golden) -> None:
    problem = load(SEED).rounded_by(policy=Policy(policy))
    golden(ROOT / "tests" / "golden" / f"hw10_{policy}.md", text(problem, "md"))


def test_notes_on_the_entry_that_depends_on_the_policy() -> None:
    notes = text(load(SEED), "md").split("## Notes on rounding")[1]
    line = next(line for line in notes.splitlines() if "second entry of $s_1$ prints" in line)
    assert "prints $0.0383$" in line
    assert "Rounding each equation first gives $0.0382$" in line


def test_json_keeps_the_published_schema() -> None:
    schema = json.loads(
        resources.files("verifier.report").joinpath("schemas/solve.schema.json").read_text()
    )
    Draft202012Validator.check_schema(schema)
    for size in SIZES[:4]:
        data = json.loads(text(problem_of(*size), "json"))
        Draft202012Validator(schema).validate(data)
        for broken in ({**data, "more": 1}, {**data, "rows": [{**data["rows"][0], "step": 0}]}):
            assert not Draft202012Validator(schema).is_valid(broken)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_latex_compiles_without_a_warning(size: tuple[Any, ...], tmp_path: Path) -> None:
    log = compiled(text(problem_of(*size), "tex"), tmp_path)
    assert not re.findall(r"(?i).*(?:warning|overfull|underfull|^!).*", log)


def compiled(source: str, folder: Path) -> str:
    (folder / "solution.tex").write_text(source, encoding="utf-8")
    command = [pdflatex(), "-interaction=nonstopmode", "-halt-on-error", "solution.tex"]
    for _ in range(2):  # longtable asks for a second run
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
    return done.stdout


def titled(title: str) -> Problem:
    data = f"title = {json.dumps(title, ensure_ascii=False)}\n" + SEED.read_text().split("\n", 2)[2]
    return loads(data)


def test_a_hostile_title_is_text_in_latex(tmp_path: Path) -> None:
    with pytest.warns(LetterWarning, match=r"U\+4E2D.*U\+1F600"):
        source = text(titled(HOSTILE), "tex")
    compiled(source, tmp_path)
    read = subprocess.run(
        [tool("pdftotext"), "-layout", str(tmp_path / "solution.pdf"), "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    words = " ".join(read.split())
    for part in (r"\input{/etc/passwd}", "#eval(1)", "{{ 7*7 }}", "((( 7*7 )))", "$x_1$", "U+4E2D"):
        assert part in words


def test_a_hostile_title_is_text_in_markdown() -> None:
    rendered = MarkdownIt("commonmark").render(text(titled(HOSTILE), "md"))
    title = re.findall(r"<h1>(.*?)</h1>", rendered, re.DOTALL)[0]
    assert "<script" not in rendered
    assert not re.findall(r"<(em|strong|code|a)\b", title)
    assert "{{ 7*7 }}" in title
    assert "((( 7*7 )))" in title
    assert "中文 😀" in title


@pytest.mark.parametrize("title", ["x" * 500, "\u202e gnp.exe", "a\nb", "# 1. -", " "])
@pytest.mark.parametrize("format", ["md", "tex", "json"])
def test_odd_titles(title: str, format: str) -> None:
    hidden = "\u202e" in title and format != "json"
    with pytest.warns(LetterWarning, match=r"U\+202E") if hidden else nullcontext():
        made = text(titled(title), format)
    if format != "json":
        assert "\u202e" not in made


def test_markdown_mathematics_survives_github() -> None:
    """GitHub reads Markdown before mathematics: a backslash before punctuation is lost.

    But not at a line's end, where two of them end a row.
    """
    made = text(load(SEED), "md").replace("\\\\\n", "\n")
    assert not re.findall(r"\\[!-/:-@\[-`{-~]", made)
    rendered = MarkdownIt("commonmark").render(made)
    assert "<em>" not in rendered


def test_many_digits_agree_with_mpmath() -> None:
    import mpmath

    made = solution_text(solve(load(SEED)), "md", digits=1000)
    block = made.split("## 1000 digits")[1].split("```text\n")[1].split("```")[0]
    digits = "".join(block.split())
    context = mpmath.MPContext()
    context.dps = 1020
    true = 1 / (1 + context.exp(-context.mpf("0.1525")))
    assert digits == context.nstr(true, 1010)[: len(digits)]
    assert len(digits) == 1002


def test_the_same_input_gives_the_same_bytes() -> None:
    for format in ("md", "tex", "json"):
        assert text(load(SEED), format) == text(load(SEED), format)


def test_looking_at_the_pdf_finds_the_numbers(tmp_path: Path) -> None:
    compiled(text(load(SEED), "tex"), tmp_path)
    read = subprocess.run(
        [tool("pdftotext"), "-layout", str(tmp_path / "solution.pdf"), "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for number in ("0.5381", "0.0700", "0.0383", "0.6910", "0.1401", "0.0382"):
        assert number in read
