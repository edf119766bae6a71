"""Documents: view data, templates, and the files they become."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from verifier.cells import Cell
from verifier.derive.chain import chains
from verifier.language.operations import Shape
from verifier.report.contract import solution_json
from verifier.report.derivation import derivation
from verifier.report.render import render
from verifier.report.style import STYLES
from verifier.report.view import document
from verifier.report.words import Words
from verifier.solution import Solution

FORMATS = (*STYLES, "json")


def solution_texts(solution: Solution, formats: Iterable[str], digits: int = 0) -> dict[str, str]:
    """The worked solution in each of the formats "md", "tex" and "json".

    With `digits`, md and tex show every entry to so many significant digits as well.
    """
    styles = {format: STYLES[format] for format in formats if format in STYLES}
    worked = chains(solution) if styles else {}
    texts = {
        format: render(
            "solution", style, **vars(document(solution, worked, style, Words(), digits))
        )
        for format, style in styles.items()
    }
    return {f: texts[f] if f in texts else solution_json(solution) for f in formats}


def solution_text(solution: Solution, format: str, digits: int = 0) -> str:
    """The worked solution in one format."""
    return solution_texts(solution, [format], digits)[format]


def derivation_text(cell: Cell, shapes: Mapping[str, Shape], format: str) -> str:
    """The general derivation of a cell in a format, "md" or "tex"."""
    style = STYLES[format]
    return render("derivation", style, **vars(derivation(cell, shapes, style, Words())))
