"""From view data to a document: a template arranges it, and what a format needs compiles it."""

from __future__ import annotations

from typing import Protocol

from verifier.errors import MissingExtraError
from verifier.report.render import render
from verifier.report.style import STYLES, Style
from verifier.report.words import Words


class View(Protocol):
    """The view data of a kind of document, which has a template of its own."""

    @property
    def words(self) -> Words:
        """The words of the document's language."""


def made(template: str, format: str, style: Style, view: View) -> str | bytes:
    """The document of a format that a template arranges; a PDF is bytes."""
    return compiled(render(template, style, **vars(view)), format, style, view.words)


def compiled(source: str, format: str, style: Style, words: Words) -> str | bytes:
    """The document that a source gives; what compiles it is imported only when it is wanted."""
    if format == "docx":
        from verifier.report.docx import docx

        return docx(source, words.language)
    if format != "pdf":
        return source
    if style is STYLES["tex"]:
        from verifier.report.latex import latex_pdf

        return latex_pdf(source)
    try:
        from verifier.report.pdf import pdf
    except ImportError:
        raise MissingExtraError(
            "a PDF needs the package typst",
            accepted="pip install typst, or --engine latex with a TeX installation",
        ) from None
    return pdf(source, words.language)
