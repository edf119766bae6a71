"""Documents: view data, templates, and the files they become."""

from __future__ import annotations

from verifier.report.contract import solution_json
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
