"""Documents: view data, templates, and the files they become."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from verifier.cells import Cell
from verifier.derive.chain import Chains, chains
from verifier.language.operations import Shape
from verifier.report.contract import solution_json
from verifier.report.derivation import derivation
from verifier.report.render import render
from verifier.report.style import STYLES
from verifier.report.view import document
from verifier.report.words import Words
from verifier.solution import Solution

FORMATS = ("md", "tex", "typ", "pdf", "json")


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
        style = STYLES["typ" if format == "pdf" else format]
        view = document(solution, worked, style, Words(solution.problem.texts.language), digits)
        text = render("solution", style, **vars(view))
        made[format] = _pdf(text) if format == "pdf" else text
    return {format: made[format] for format in formats}


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
