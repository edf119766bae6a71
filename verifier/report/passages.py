"""Larger pieces of a solution for notes: they hold sentences, and bring their own delimiters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from verifier.derive.chain import chain, chains
from verifier.evaluate import sites
from verifier.report.head import head
from verifier.report.notes import notes
from verifier.report.render import render
from verifier.report.scribe import Scribe
from verifier.report.selection import Piece
from verifier.report.sheet import sheet
from verifier.report.view import document, in_sections, results_of
from verifier.solution import Solution

Data = dict[str, Any]


def passage(solution: Solution, piece: Piece, scribe: Scribe) -> str:
    """The text of a piece of a whole problem or of one step, which opens no section."""
    data = {"words": scribe.words, **_DATA[piece.kind](solution, piece, scribe)}
    return tidied(render("passage", scribe.style, kind=piece.kind, inner=True, **data))


def tidied(text: str) -> str:
    """The text without spaces behind its lines, and with at most one blank line at a place."""
    lines = [line.rstrip() for line in text.strip("\n").splitlines()]
    kept = (line for k, line in enumerate(lines) if line or lines[k - 1])
    return "\n".join(kept)


def _begin(solution: Solution, piece: Piece, scribe: Scribe) -> Data:
    return {"head": head(scribe)}


def _table(solution: Solution, piece: Piece, scribe: Scribe) -> Data:
    found = results_of(solution, scribe)
    return {"results": [row for row in found if piece.step in (None, row.step)]}


def _notes(solution: Solution, piece: Piece, scribe: Scribe) -> Data:
    return {"notes": list(notes(solution, scribe, head(scribe).rule))}


def _step(solution: Solution, piece: Piece, scribe: Scribe) -> Data:
    own = [site for site in sites(solution.problem) if site[0] == piece.step]
    worked = {site: chain(solution, *site) for site in own}
    return {"steps": list(in_sections(worked, scribe))}


def _solution(solution: Solution, piece: Piece, scribe: Scribe) -> Data:
    return vars(document(solution, chains(solution), scribe.style, scribe.words))


def _sheet(solution: Solution, piece: Piece, scribe: Scribe) -> Data:
    return vars(sheet(solution.problem, scribe.style, scribe.words, "table"))


def _derivation(solution: Solution, piece: Piece, scribe: Scribe) -> Data:
    from verifier.report.derivation import derivation

    problem = solution.problem
    return vars(derivation(problem.cell, problem.shapes, scribe.style, scribe.words))


_DATA: dict[str, Callable[[Solution, Piece, Scribe], Data]] = {
    "given": _begin,
    "table": _table,
    "notes": _notes,
    "step": _step,
    "solution": _solution,
    "sheet": _sheet,
    "derivation": _derivation,
}
