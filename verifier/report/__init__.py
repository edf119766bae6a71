"""Documents: view data, templates, and the files they become."""

from __future__ import annotations

from collections.abc import Mapping

from verifier.cells import Cell
from verifier.language.operations import Shape
from verifier.report.contract import solution_json
from verifier.report.derivation import derivation
from verifier.report.render import render
from verifier.report.style import STYLES
from verifier.report.view import document
from verifier.report.words import Words
from verifier.solve import Solution

FORMATS = (*STYLES, "json")


def solution_text(solution: Solution, format: str, digits: int = 0) -> str:
    """The worked solution in a format: "md", "tex" or "json".

    With `digits`, md and tex show every entry to so many significant digits as well.
    """
    if format == "json":
        return solution_json(solution)
    style = STYLES[format]
    view = document(solution, style, Words(), digits)
    return render("solution", style, **vars(view))


def derivation_text(cell: Cell, shapes: Mapping[str, Shape], format: str) -> str:
    """The general derivation of a cell in a format, "md" or "tex"."""
    style = STYLES[format]
    return render("derivation", style, **vars(derivation(cell, shapes, style, Words())))
