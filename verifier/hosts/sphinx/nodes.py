"""The nodes of a document tree that the directives make; all builders know their base classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from docutils import nodes

from verifier.documents.pieces import Piece, piece_text
from verifier.solution import Solution


class Formula(nodes.math_block):
    """Displayed mathematics, as LaTeX; the attribute `mathml` holds the same for browsers."""


class Inline(nodes.math):
    """Mathematics in a line, as LaTeX; the attribute `mathml` holds the same for browsers."""


class Folded(nodes.General, nodes.Element):
    """What a reader may fold away: the attribute `summary` stays, `open` says how it begins."""


def _nothing(translator: Any, node: nodes.Node) -> None:
    """Pages that do not fold show what is inside."""


passed: tuple[Callable[..., None], Callable[..., None]] = (_nothing, _nothing)


def formula(solution: Solution, piece: Piece) -> Formula:
    """A piece of mathematics, displayed."""
    latex = piece_text(solution, piece, "tex")
    return Formula(
        latex, latex, mathml=piece_text(solution, piece, "html"), number=None, label=None
    )


def inline(solution: Solution, piece: Piece) -> Inline:
    """A piece of mathematics in a line."""
    latex = piece_text(solution, piece, "tex")
    return Inline(latex, latex, mathml=piece_text(solution, piece, "html"))


def passage(texts: dict[str, str]) -> list[nodes.Node]:
    """Ready markup, of which each builder takes its own: html, latex or text."""
    return [nodes.raw("", text, format=format) for format, text in texts.items()]


def fault(text: str) -> nodes.Node:
    """What stands in the page in place of something that could not be made."""
    message = nodes.inline(text, f"[verifier: {text}]", classes=["verifier-fault"])
    return nodes.paragraph("", "", message)
