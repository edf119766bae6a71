"""Larger pieces of a solution for notes: they hold sentences, and bring their own delimiters."""

from __future__ import annotations

from verifier.report.scribe import Scribe
from verifier.report.selection import Piece
from verifier.solution import Solution


def passage(solution: Solution, piece: Piece, scribe: Scribe) -> str:
    """The text of a piece of a whole problem or of one step."""
    raise NotImplementedError
