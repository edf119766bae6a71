"""Documents: view data, templates, and the files they become."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from verifier.cells import Cell
from verifier.derive.chain import Chains, chains
from verifier.errors import DocumentError
from verifier.language.operations import Shape
from verifier.problem import Problem
from verifier.report.contract import solution_json
from verifier.report.derivation import derivation
from verifier.report.render import render
from verifier.report.sheet import Blank, Sheet, sheet
from verifier.report.style import STYLES, Style
from verifier.report.view import Document, document
from verifier.report.words import Words
from verifier.solution import Solution

FORMATS = ("md", "tex", "html", "typ", "pdf", "json")


def solution_documents(
    solution: Solution, formats: Iterable[str], digits: int = 0
) -> dict[str, str | bytes]:
    """The worked solution in each of the formats of `FORMATS`; a PDF is bytes.

    With `digits`, all but json show every entry to so many significant digits as well.
    """
    made: dict[str, str | bytes] = {}
    worked: Chains = {}
    for format in formats:
        if format == "json":
            made[format] = solution_json(solution)
            continue
        worked = worked or chains(solution)
        style, words = _means(solution.problem, format)
        made[format] = _made("solution", format, document(solution, worked, style, words, digits))
    return made


def sheet_documents(
    problem: Problem, formats: Iterable[str], blank: Blank = "table"
) -> dict[str, str | bytes]:
    """The question sheet in each of the formats but json, with blanks to fill in."""
    return {
        format: _made("sheet", format, sheet(problem, *_means(problem, format), blank))
        for format in formats
    }


def _means(problem: Problem, format: str) -> tuple[Style, Words]:
    """The style of a format and the words of the problem's language."""
    language = problem.texts.language
    if format == "tex" and language == "zh":
        raise DocumentError(
            "LaTeX documents in Chinese are not made",
            accepted="md, html, typ or pdf, or language en, de",
        )
    return STYLES["typ" if format == "pdf" else format], Words(language)


def _made(template: str, format: str, view: Document | Sheet) -> str | bytes:
    text = render(template, STYLES["typ" if format == "pdf" else format], **vars(view))
    return _pdf(text) if format == "pdf" else text


def _pdf(source: str) -> bytes:
    from verifier.report.pdf import pdf

    return pdf(source)


def solution_text(solution: Solution, format: str, digits: int = 0) -> str:
    """The worked solution in one of the text formats."""
    text = solution_documents(solution, [format], digits)[format]
    return text if isinstance(text, str) else text.decode("latin-1")


def derivation_text(cell: Cell, shapes: Mapping[str, Shape], format: str) -> str:
    """The general derivation of a cell in a format, "md" or "tex"."""
    style = STYLES[format]
    return render("derivation", style, **vars(derivation(cell, shapes, style, Words())))
