"""What a document format needs: a printer, the width of its lines, and how text is escaped."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from verifier.notation.latex import LatexPrinter, MarkdownPrinter
from verifier.notation.printer import Printer, in_columns
from verifier.notation.spelling import LETTERS
from verifier.problem import Problem


@dataclass(frozen=True)
class Style:
    """A document format; `width` is how many digits fit on a line of mathematics."""

    extension: str
    folder: str
    printer: Printer
    width: int
    escape: Callable[[str], str]
    inline: str = "${}$"


def escape_latex(text: str) -> str:
    """The text for LaTeX: nothing in it is a command; letters without a font show their code."""
    return "".join(_LATEX.get(c) or (c if _printable(c) else _code(c)) for c in _plain(text))


def escape_markdown(text: str) -> str:
    """The text for Markdown, signs of its syntax as character references."""
    return re.sub(r"[\\`*_{}\[\]<>#|$~&]", lambda m: f"&#{ord(m[0])};", _plain(text))


def _plain(text: str) -> str:
    """The text in one line, without control characters."""
    return re.sub(
        r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+", " ", text
    )


def _printable(char: str) -> bool:
    return ord(char) < 0x180 or char in "‘’“”–—…•"


def _code(char: str) -> str:
    return rf"\texttt{{[U+{ord(char):04X}]}}"


_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "…": r"\ldots{}",
    "·": r"\textperiodcentered{}",
    "−": r"\ensuremath{-}",
    "×": r"\ensuremath{\times}",
    "∘": r"\ensuremath{\circ}",
    "⊙": r"\ensuremath{\odot}",
} | {letter: rf"\ensuremath{{\{name}}}" for letter, name in LETTERS.items() if name != "omicron"}


STYLES = {
    "md": Style("md", "markdown", MarkdownPrinter(), 98, escape_markdown),
    "tex": Style("tex", "latex", LatexPrinter(), 84, escape_latex, r"\({}\)"),
}
"""The formats by the name that --format takes."""


def printer_for(problem: Problem, style: Style) -> Printer:
    """The style's printer in the problem's notation and orientation of vectors."""
    trees = [equation.expression for equation in problem.cell.equations]
    return replace(
        style.printer,
        names={**problem.cell.names, **problem.notation.names},
        hadamard=problem.notation.hadamard,
        columns=in_columns(trees, problem.shapes),
    )
