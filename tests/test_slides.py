"""Slides: a quantity a slide, revealed link by link, compiled by Beamer and Typst."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conftest import BACKWARD, SEED, pdflatex
from tests.sizes import problem_of
from tests.test_print import read
from verifier.cli import main
from verifier.derive.chain import chains
from verifier.documents.slides import _parted, slides_documents
from verifier.markup import Math
from verifier.problem import load
from verifier.report.scribe import Line
from verifier.solution import solve

SLIDES = (2, 2, 4)
"""The lines of z at step 1: down to its products, these, and what they give."""


def slides(format: str, engine: str = "typst") -> str | bytes:
    return slides_documents(solve(load(SEED)), [format], engine)[format]  # type: ignore[arg-type]


def test_each_quantity_has_a_slide() -> None:
    made = str(slides("tex"))
    assert made.count(r"\begin{frame}") == made.count(r"\end{frame}")
    for symbol in ("z_1", "r_1", "h_1", "s_1", "z_2", "r_2", "h_2", "s_2"):
        assert rf"\({symbol}\)}}" in made
    assert r"\documentclass[aspectratio=169]{beamer}" in made
    assert r"\section" not in made


def test_a_link_is_revealed_after_the_other() -> None:
    own = str(slides("tex")).split(r"{Update gate \(z_1\)}")[1:]
    for count, part in zip(SLIDES, own, strict=True):
        shown = re.findall(r"\\uncover<(\d+)->", part.split(r"\end{frame}")[0])
        assert shown == sorted(shown)
        assert {*map(int, shown)} == set(range(1, count + 1))
    expected = [k for count in SLIDES for k in range(1, count + 1)]
    for made, sign in ((str(slides("html")), "<section"), (str(slides("typ")), "#pagebreak()")):
        own = [part for part in made.split(sign)[1:] if "Update gate" in part]
        rows = [part.count('class="left"') or part.count("(left: $") for part in own]
        assert rows[: len(expected)] == expected


@pytest.mark.parametrize("format", ["tex", "typ", "html", "md"])
def test_what_a_mark_stands_for_is_below_the_last_line(format: str) -> None:
    made = str(slides(format))
    assert [made.count(sign) for sign in (" gives ", " give ")] == [2, 4]


@pytest.mark.parametrize("engine", ["typst", "latex"])
def test_slides_compile(engine: str, tmp_path: Path) -> None:
    if engine == "latex":
        pdflatex("beamer.cls")
    made = slides("pdf", engine)
    assert isinstance(made, bytes)
    text = read(made, tmp_path)
    lines = sum(len(chain.links) for chain in chains(solve(load(SEED))).values())
    assert text.count("\f") > lines
    titles = [page.strip()[:20] for page in text.split("\f") if page.strip()]
    assert all(re.match("HW|[A-Z][a-z]+ ", title) for title in titles), "a slide runs over"
    assert "0.0383" in text


def test_other_formats_have_sections_in_place_of_slides() -> None:
    made = str(slides("md"))
    assert "## Update gate $z_1$" in made
    assert made.count("# ") > 10


def test_wide_lines_are_broken_for_slides() -> None:
    made = slides_documents(solve(problem_of("lstm", 4, 3, 2, "row", 4)), ["pdf"])["pdf"]
    assert isinstance(made, bytes)


def test_the_command(tmp_path: Path) -> None:
    formats = [f"--format={name}" for name in ("tex", "typ", "html")]
    done = CliRunner().invoke(main, ["slides", str(SEED), *formats, "--output", str(tmp_path)])
    assert done.exit_code == 0, done.output
    made = {path.name for path in (tmp_path / SEED.stem).iterdir()}
    assert made == {"slides.tex", "slides.typ", "slides.html"}


def test_slides_of_some_results_and_of_the_backward_pass() -> None:
    options = ["--format", "txt", "--stdout"]
    some = CliRunner().invoke(main, ["slides", str(SEED), "--only", "z", "--step", "2", *options])
    assert some.exit_code == 0, some.output
    assert "z_2 ≈ 0.6910" in some.output
    assert "z_1 =" not in some.output
    assert "h_2 =" not in some.output
    back = CliRunner().invoke(main, ["slides", str(BACKWARD), "--backward", *options])
    assert back.exit_code == 0, back.output
    assert "Step 2, backwards" in back.output


# heights of lines, and how many lines stand on each slide
PARTED = [
    ([1] * 4, [4]),
    ([1] * 8, [8]),
    ([1] * 9, [5, 4]),
    ([3, 3, 3], [2, 1]),
    ([3, 1, 3, 1, 3, 1, 3, 1], [4, 4]),
    ([30, 1, 1], [1, 2]),
    ([], [0]),
]


@pytest.mark.parametrize(("heights", "counts"), PARTED)
def test_many_lines_stand_on_slides_of_alike_size(heights: list[int], counts: list[int]) -> None:
    line = Line(Math("a"), Math("="), Math("1"))
    made = [*_parted([((line,), height) for height in heights])]
    assert [*map(len, made)] == counts


def test_no_result_is_lost_between_slides() -> None:
    solution = solve(problem_of("gru", 4, 2, 1, "column", 4))
    made = str(slides_documents(solution, ["tex"])["tex"])
    last = [part for part in made.split(r"\begin{frame}")[1:] if "{Step 1}" in part]
    assert len(last) > 1
    assert sum(part.count(r"\approx") for part in last) == len(solution.order)
