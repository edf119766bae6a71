"""Hostile texts in every kind of document and every format are text."""

from __future__ import annotations

import json
import re
import warnings
from typing import Any

import pytest
from markdown_it import MarkdownIt

from tests.conftest import ROOT, SEED, module
from tests.every_kind import every_kind
from verifier.errors import LetterWarning
from verifier.formats import load
from verifier.report.kinds import KINDS

HOSTILE = (
    r"\input{/etc/passwd} #eval(1) <script>alert(1)</script> {{ 7*7 }} ((( 7*7 ))) $x_1$ %c "
    r"& ~ ^ _a_ *b* `c` [d](e) | f \\ \end{document} 'single' \"double\" ]] +++pass+++ {attr} "
    r"image::x.png[] link:x[y] stem:[a] <<ref>> ((term)) a::b // -- ... (C)"
).replace('\\"', '"')
KINDS_WITH_TEXTS = sorted({*KINDS} - {"derivation"})
"""A general derivation is of a cell, and prints no text of a problem."""

SCRIPTS = [path.read_text("utf-8") for path in (ROOT / "templates" / "html").glob("*.js.j2")]
"""Our own, whose hashes the pages allow."""

FIELDS = ("title", "statement", "course", "author", "date")


def hostile() -> str:
    """The seed, with a hostile text in every field that is printed."""
    text = SEED.read_text("utf-8").split("\n", 2)[2]
    fields = "".join(f"{field} = {json.dumps(HOSTILE)}\n" for field in FIELDS)
    return fields + text


@pytest.fixture(scope="module")
def made() -> Any:
    def of(format: str) -> dict[str, Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", LetterWarning)
            return dict(every_kind(hostile(), format))

    return of


def shown(text: str) -> str:
    return re.sub(r"\s+", "", text)


def kept(text: str) -> None:
    """What was hostile stands there as it was written."""
    for part in ("#eval(1)", "<script>alert(1)</script>", "{{ 7*7 }}", "$x_1$", "*b*", "[d](e)"):
        assert shown(part) in shown(text)


@pytest.mark.parametrize("kind", KINDS_WITH_TEXTS)
def test_in_asciidoc(kind: str, made: Any) -> None:
    text = made("adoc")[kind]
    plain = module("pypandoc").convert_text(text, "plain", format="asciidoc")
    html = module("pypandoc").convert_text(text, "html", format="asciidoc", extra_args=["-s"])
    assert "<script" not in html.replace("<script>/*", "")
    assert "<img" not in html
    assert "<strong>b</strong>" not in html
    kept(plain if kind != "problem" and "#eval" in shown(plain) else html_text(html))


def html_text(html: str) -> str:
    import html as escapes

    return escapes.unescape(re.sub(r"<[^>]+>", "", html))


@pytest.mark.parametrize("kind", KINDS_WITH_TEXTS)
def test_in_html(kind: str, made: Any) -> None:
    text = made("html")[kind]
    for script in SCRIPTS:
        text = text.replace(f"<script>{script}</script>", "")
    assert "<script" not in text
    kept(html_text(text))


@pytest.mark.parametrize("kind", KINDS_WITH_TEXTS)
def test_in_markdown_of_github(kind: str, made: Any) -> None:
    html = MarkdownIt("commonmark").enable("table").render(made("md")[kind])
    assert "<script" not in html
    assert "<img" not in html
    assert "<em>a</em>" not in html
    kept(html_text(html))


@pytest.mark.parametrize("kind", KINDS_WITH_TEXTS)
def test_in_markdown_of_pandoc(kind: str, made: Any) -> None:
    text = made("pandoc")[kind]
    html = module("pypandoc").convert_text(text, "html", format="markdown", extra_args=["--mathml"])
    assert "<script" not in html
    assert "<em>a</em>" not in html
    kept(html_text(html))


@pytest.mark.parametrize("kind", KINDS_WITH_TEXTS)
def test_in_typst(kind: str, made: Any) -> None:
    """It compiles, as valid PDF/UA, and no code of a text is run."""
    from verifier.formats.typ import pdf

    assert pdf(made("typ")[kind], "en").startswith(b"%PDF")


@pytest.mark.parametrize("kind", KINDS_WITH_TEXTS)
def test_in_plain_text(kind: str, made: Any) -> None:
    kept(made("txt")[kind])


def test_in_latex(made: Any) -> None:
    escape = load("tex").escape
    for kind, text in made("tex").items():
        assert r"\input{/etc" not in text
        assert text.count(r"\end{document}") == 1
        assert kind == "derivation" or escape("{{ 7*7 }}") in text
