"""Printed documents in their real hosts: the PDF's tags and text, the page in Chromium with axe."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, SEED, module, node, pdflatex, tool
from tests.sizes import SIZES, problem_of
from tests.test_documents import HOSTILE, Golden, titled
from verifier.documents.sheet import sheet_documents
from verifier.documents.solution import solution_documents
from verifier.errors import DocumentError, MissingExtraError
from verifier.problem import Problem, load, loads
from verifier.solution import solve

LANGUAGES = ("en", "de", "zh")


def spoken(language: str, **texts: str) -> Problem:
    data = "".join(
        f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in texts.items()
    )
    return loads(f'language = "{language}"\n{data}' + SEED.read_text())


def document(problem: Problem, format: str, template: str = "solution") -> Any:
    if template == "sheet":
        return sheet_documents(problem, [format])[format]
    return solution_documents(solve(problem), [format])[format]


def read(made: bytes, folder: Path, *options: str, program: str = "pdftotext") -> str:
    path = folder / "document.pdf"
    path.write_bytes(made)
    end = ["-"] if program == "pdftotext" else []
    command = [tool(program), *options, str(path), *end]
    done = subprocess.run(command, capture_output=True, check=True)
    return done.stdout.decode(errors="replace")


@pytest.mark.parametrize("format", ["typ", "html"])
def test_the_seeds_key_in_print(format: str, golden: Golden) -> None:
    made = document(load(SEED), format)
    golden(ROOT / "output" / "hw10_question2" / f"solution.{format}", made)


@pytest.mark.parametrize("format", ["md", "tex", "typ", "html"])
@pytest.mark.parametrize("blank", ["table", "lines", "none"])
def test_the_seeds_sheet(format: str, blank: Any, golden: Golden) -> None:
    made = sheet_documents(load(SEED), [format], blank)[format]
    assert isinstance(made, str)
    golden(ROOT / "tests" / "golden" / f"sheet_{blank}.{format}", made)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_pdf_is_valid_pdf_ua(size: tuple[Any, ...]) -> None:
    """The compiler refuses what breaks the standard, equations without a text among it."""
    made = document(problem_of(*size), "pdf")
    assert made.startswith(b"%PDF-1.7")
    assert b"pdfuaid" in made


def test_the_pdf_is_tagged_and_read_in_order(tmp_path: Path) -> None:
    made = document(load(SEED), "pdf")
    tags = read(made, tmp_path, "-struct-text", program="pdfinfo")
    for tag in ("H1 ", "H2 ", "H3 ", "Formula", "Table", "TH", "TD", "LI"):
        assert tag in tags
    text = read(made, tmp_path)
    places = [
        text.index(part) for part in ("The cell", "What is given", "Step 1", "Step 2", "Notes on")
    ]
    assert places == sorted(places)
    assert "Rounding each equation first gives 0.0382" in " ".join(text.split())


def test_every_equation_has_its_own_words() -> None:
    source = document(load(SEED), "typ")
    alts = re.findall(r'\balt: "((?:[^"\\]|\\.)*)"', source)
    in_lines, own = source.count("(left: $"), source.count("#math.equation(")
    assert len(alts) == in_lines + own > 100
    assert all(alts)
    assert "z at step 1 equals sigmoid of x 1 times U z plus s 0 times W z" in alts
    assert any(alt.startswith("equals sigmoid of") for alt in alts)


def test_the_same_bytes_on_every_run() -> None:
    assert document(load(SEED), "pdf") == document(load(SEED), "pdf")
    assert document(spoken("de"), "pdf") == document(spoken("de"), "pdf")


@pytest.mark.parametrize("template", ["solution", "sheet"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_languages(language: str, template: str, tmp_path: Path) -> None:
    problem = spoken(language, statement="One.\n\nTwo.", course="C 1", author="A", date="today")
    text = read(document(problem, "pdf", template), tmp_path)
    assert {"en": "The cell", "de": "Die Zelle", "zh": "单元"}[language] in text
    assert {"en": "0.35", "de": "0,35", "zh": "0.35"}[language] in text
    assert all(part in text for part in ("One.", "Two.", "C 1", "today"))
    page = document(problem, "html", template)
    assert f'<html lang="{language}">' in page


def test_hostile_texts_are_text_in_typst_and_html(tmp_path: Path) -> None:
    problem = titled(HOSTILE.replace("\U0001f600", ""))
    text = " ".join(read(document(problem, "pdf"), tmp_path).split())
    assert "#eval(1)" in text
    assert "<script>alert(1)</script>" in text
    page = document(problem, "html")
    assert page.count("<script") == 1  # our own, whose hash the page names
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Real Chromium, driven headless."""
    webdriver = module("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = tool("chromium")
    for word in (
        "headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run",
        "disable-background-networking", "disable-component-update", "disable-sync",
        f"user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):  # fmt: skip
        options.add_argument(f"--{word}")
    service = webdriver.ChromeService(tool("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    driver.set_script_timeout(180)  # a hang, on a machine with other work
    yield driver
    driver.quit()


PAGES = [
    *((size, "solution") for size in (SIZES[0], SIZES[2], SIZES[4], SIZES[7])),
    (SIZES[2], "sheet"),
]


@pytest.mark.parametrize(("size", "template"), PAGES, ids=str)
def test_pages_in_chromium(
    size: tuple[Any, ...], template: str, browser: Any, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    path.write_text(document(problem_of(*size), "html", template), encoding="utf-8")
    look_at(browser, path)


@pytest.mark.parametrize("name", ["feedback_en", "feedback_de", "class_de"])
def test_checked_answers_in_chromium(name: str, browser: Any) -> None:
    look_at(browser, ROOT / "tests" / "golden" / "check" / f"{name}.html")


def look_at(browser: Any, path: Path) -> None:
    """Hold a page against the width of phones and screens, and against the rules of axe."""
    browser.get(path.as_uri())
    axe = node("axe-core", "axe.min.js").read_text("utf-8")
    for open_all in (False, True):
        browser.execute_script(
            "document.querySelectorAll('details').forEach(d => d.open = arguments[0])", open_all
        )
        for width in (360, 1280):
            browser.execute_cdp_cmd(
                "Emulation.setDeviceMetricsOverride",
                {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
            )
            wide = browser.execute_script("return document.documentElement.scrollWidth")
            assert wide <= width
        browser.execute_script(axe)
        found = browser.execute_async_script(
            "const done = arguments[0];"
            "axe.run(document)"
            ".then(done, e => done({violations: [String(e)]}))"
        )
        assert found["violations"] == []


def test_numbers_tell_more_when_they_are_focused(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(document(load(SEED), "html"), encoding="utf-8")
    browser.get(path.as_uri())
    figure = browser.find_element("css selector", ".figure")
    facts = figure.find_element("css selector", ".facts")
    assert not facts.is_displayed()
    browser.execute_script("arguments[0].focus()", figure.find_element("tag name", "button"))
    assert facts.is_displayed()
    assert "0.538051284385" in facts.text
    assert "0.012" in facts.text


def test_the_page_prints_everything_on_few_pages(browser: Any, tmp_path: Path) -> None:
    import base64

    path = tmp_path / "page.html"
    path.write_text(document(load(SEED), "html"), encoding="utf-8")
    browser.get(path.as_uri())
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    text = read(base64.b64decode(printed["data"]), tmp_path)
    assert "0.1525" in text  # from inside a fold that is closed on the screen
    info = read(base64.b64decode(printed["data"]), tmp_path, program="pdfinfo")
    assert 4 <= int(re.findall(r"Pages:\s+(\d+)", info)[0]) <= 9


def test_word_documents_have_native_equations(tmp_path: Path) -> None:
    import io
    import zipfile

    module("pypandoc")
    for template in ("solution", "sheet"):
        made = document(load(SEED), "docx", template)
        text = zipfile.ZipFile(io.BytesIO(made)).read("word/document.xml").decode()
        assert text.count("<m:oMath>") > 10
        assert "<m:m>" in text  # a matrix
        assert "aligned" not in text  # TeX that was left as it is
        assert "eqArr" not in text  # whose alignment LibreOffice shows as an error


def test_the_latex_engine(tmp_path: Path) -> None:
    pdflatex()
    made = solution_documents(solve(load(SEED)), ["pdf"], engine="latex")["pdf"]
    assert isinstance(made, bytes)
    assert "0.0383" in read(made, tmp_path)


def test_chinese_latex_is_refused() -> None:
    with pytest.raises(DocumentError, match="Chinese"):
        document(spoken("zh"), "tex")
    with pytest.raises(DocumentError, match="Chinese"):
        sheet_documents(spoken("zh"), ["pdf"], engine="latex")


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.formats.tex.shutil.which", lambda name: None)
    with pytest.raises(MissingExtraError, match="no TeX is installed"):
        solution_documents(solve(load(SEED)), ["pdf"], engine="latex")
    monkeypatch.setitem(sys.modules, "pypandoc", None)
    with pytest.raises(MissingExtraError, match="pandoc"):
        document(load(SEED), "docx")
