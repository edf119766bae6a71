"""Printed pages hold together, by the geometry of PDFs from both engines and from a browser."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from tests.conftest import SEED, pdflatex, tool
from tests.sizes import problem_of
from verifier.derive.chain import chains
from verifier.derive.marks import recomputed
from verifier.documents.blocks import Block, Display, Heading, Paragraph
from verifier.documents.sheet import sheet_documents
from verifier.documents.solution import solution_documents, solution_page
from verifier.markup import Math
from verifier.problem import Problem, load
from verifier.report.means import means
from verifier.report.scribe import Line
from verifier.report.view import document
from verifier.solution import solve

PROBLEMS: dict[str, Callable[[], Problem]] = {
    "seed": lambda: load(SEED),
    "lstm": lambda: problem_of("lstm", 3, 3, 3, "column", 4),  # with biases
    "gru": lambda: problem_of("gru", 8, 3, 10, "row", 4),
}
THIRD = 1 / 3
CLOSE = 0.0036
"""Letters so much of a page's height below each other stand in a line."""

GAP = 1.5
"""Points between letters that are of two words."""

NUMBER = re.compile(r"\d{1,3}")


@dataclass(frozen=True)
class Letter:
    """A sign on a page: its place in points from the left, and in the page's height from above.

    A sign beyond Unicode's first plane comes as its two halves, in one place.
    """

    sign: str
    left: float
    right: float
    top: float
    bottom: float


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
    return [list(_lines(page)) for page in pypdfium2.PdfDocument(made)]


def _lines(page: Any) -> Iterator[Text]:
    rows: list[list[Letter]] = []
    for letter in sorted(_letters(page), key=lambda letter: letter.top):
        if rows and letter.top - rows[-1][-1].top <= CLOSE:
            rows[-1].append(letter)
        else:
            rows.append([letter])
    found = [Text(_words(row), max(letter.bottom for letter in row)) for row in rows]
    yield from found[:-1] if found and NUMBER.fullmatch(found[-1].words) else found


def _letters(page: Any) -> Iterator[Letter]:
    text, height = page.get_textpage(), page.get_height()
    for k in range(text.count_chars()):
        sign = chr(pypdfium2.raw.FPDFText_GetUnicode(text, k))
        if sign.strip() and sign.isprintable() | ("\ud800" <= sign <= "\udfff"):
            left, bottom, right, top = text.get_charbox(k, loose=True)
            yield Letter(sign, left, right, 1 - top / height, 1 - bottom / height)


def _words(row: Sequence[Letter]) -> str:
    """The letters from left to right, apart where the page has them apart."""
    text, end = "", float("inf")
    for letter in sorted(row, key=lambda letter: letter.left):
        text += " " * (letter.left - end > GAP) + letter.sign
        end = letter.right
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16")
    return unicodedata.normalize("NFKC", whole).strip()


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


# left sides of the lines of a display, and which lines stay with the next
KEPT = [
    ("s---", "x-x-"),
    ("s--------s", "x-------x-"),
    ("s---s", "x--x-"),
    ("abcdef", "x---x-"),
    ("a-b-c-d-", "x-x-x-x-"),
    ("a", "-"),
]


@pytest.mark.parametrize(("lefts", "kept"), KEPT)
def test_a_long_chain_may_be_parted_and_an_entry_of_a_list_not(lefts: str, kept: str) -> None:
    lines = tuple(Line(Math(left.strip("-")), Math("="), Math("1")) for left in lefts)
    rows = Display(lines, "").rows
    assert "".join("x" if stays else "-" for _, stays in rows) == kept
