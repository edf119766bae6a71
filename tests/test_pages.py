"""Printed pages hold together, by the geometry of PDFs from both engines and from a browser."""

from __future__ import annotations

import io
import re
import subprocess
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SEED, module, pdflatex, tool
from tests.sizes import problem_of
from verifier.derive.chain import chains
from verifier.derive.marks import recomputed
from verifier.documents.blocks import Block, Heading, Paragraph
from verifier.documents.sheet import sheet_documents
from verifier.documents.solution import solution_documents, solution_page
from verifier.problem import Problem, load
from verifier.report.means import means
from verifier.report.view import document
from verifier.solution import solve

PROBLEMS: dict[str, Callable[[], Problem]] = {
    "seed": lambda: load(SEED),
    "lstm": lambda: problem_of("lstm", 3, 3, 3, "column", 4),  # with biases
    "gru": lambda: problem_of("gru", 8, 3, 10, "row", 4),
}
THIRD = 1 / 3
NUMBER = re.compile(r"\d{1,3}")


@dataclass(frozen=True)
class Text:
    """A line of text on a page: its words, and how much of the page's height lies above its end."""

    words: str
    bottom: float


def typst(task: Problem, folder: Path) -> bytes:
    return _bytes(solution_documents(solve(task), ["pdf"])["pdf"])


def latex(task: Problem, folder: Path) -> bytes:
    pdflatex()
    return _bytes(solution_documents(solve(task), ["pdf"], engine="latex")["pdf"])


def browser(task: Problem, folder: Path) -> bytes:
    page, made = folder / "page.html", folder / "page.pdf"
    page.write_text(str(solution_documents(solve(task), ["html"])["html"]), "utf-8")
    words = ("--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer")
    profile = f"--user-data-dir={folder / 'profile'}"
    command = [tool("chromium"), *words, profile, f"--print-to-pdf={made}", page.as_uri()]
    subprocess.run(command, capture_output=True, check=True)
    return made.read_bytes()


def _bytes(made: str | bytes) -> bytes:
    assert isinstance(made, bytes)
    return made


def pages(made: bytes) -> list[list[Text]]:
    """The lines of each page from its top, without the page's number."""
    with module("pdfplumber").open(io.BytesIO(made)) as pdf:
        return [list(_lines(page)) for page in pdf.pages]


def _lines(page: Any) -> Iterator[Text]:
    found = page.extract_text_lines(return_chars=False)
    if found and NUMBER.fullmatch(found[-1]["text"].strip()):
        found = found[:-1]
    for line in found:
        words = unicodedata.normalize("NFKC", line["text"]).strip()
        yield Text(words, line["bottom"] / float(page.height))


def leading(task: Problem) -> re.Pattern[str]:
    """Headings, and sentences that introduce something, as lines of text without mathematics."""
    solution = solve(task)
    style, words = means("en", "typ")
    view = document(solution, recomputed(solution, chains(solution)), style, words)
    return re.compile("|".join({*_begins(solution_page(view).blocks)}))


def _begins(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        if [*block.opened] != [block]:
            yield from _begins(block.opened)
        elif isinstance(block, Heading):
            yield re.escape(block.text[0].strip()) + r"(?: ?\S{1,4}){0,2}$"
        elif isinstance(block, Paragraph) and block.lead:
            begin = str(block.sentences[0][0]).strip()
            if " " in begin:  # one word before mathematics begins other sentences, too
                yield re.escape(begin)


CASES = [
    ("seed", typst), ("lstm", typst), ("gru", typst),
    ("seed", latex), ("lstm", latex), ("gru", latex),
    ("seed", browser), ("lstm", browser),
]  # fmt: skip


@pytest.mark.parametrize(("name", "engine"), CASES, ids=lambda v: getattr(v, "__name__", v))
def test_pages_hold_together(
    name: str, engine: Callable[[Problem, Path], bytes], tmp_path: Path
) -> None:
    task = PROBLEMS[name]()
    printed = pages(engine(task, tmp_path))
    leads = leading(task)
    assert leads.match("The matrix products, entry by entry:")
    for k, lines in enumerate(printed[:-1], 1):
        last = lines[-1]
        assert not leads.match(last.words), f"page {k} ends with {last.words!r}"
        assert last.bottom > THIRD, f"page {k} ends at {last.bottom:.2f}"
    assert sum(map(len, printed)) > 40
    if engine is not browser:
        _results(printed)


def _results(printed: list[list[Text]]) -> None:
    """The table of results: its head stands on each page that has rows, the first with it."""
    head = "Step Quantity Value"
    first = next(k for k, lines in enumerate(printed) if any(t.words == "Results" for t in lines))
    texts = [t.words for t in printed[first]]
    assert head in texts[texts.index("Results") + 1 :]
    for lines in printed[first + 1 :]:
        rows = [t.words for t in lines]
        if re.match(r"\d+ [a-zA-Zĥ]", rows[0]):
            pytest.fail(f"a page begins with the row {rows[0]!r}")


@pytest.mark.parametrize("engine", ["typst", "latex"])
def test_the_blanks_of_a_sheet_stay_whole(engine: Any) -> None:
    if engine == "latex":
        pdflatex()
    for task in (PROBLEMS["seed"](), problem_of("gru", 3, 2, 2, "column", 2)):
        made = sheet_documents(task, ["pdf"], engine=engine)["pdf"]
        (page,) = [p for p in pages(_bytes(made)) if any(t.words == "Your task" for t in p)]
        words = [t.words for t in page]
        assert sum(bool(re.match(r"[12] [zrhs]\b", text)) for text in words) == 8
