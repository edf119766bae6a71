"""What a document format needs: a printer, the width of its lines, and how text is escaped."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape

from verifier.notation.accents import Accent, clusters, dressed
from verifier.notation.latex import LatexPrinter, MarkdownPrinter
from verifier.notation.mathml import MathmlPrinter
from verifier.notation.printer import Printer, in_columns
from verifier.notation.spelling import LETTERS
from verifier.notation.text import TextPrinter
from verifier.notation.typst import TypstPrinter
from verifier.problem import Problem
from verifier.report.alike import told_apart


@dataclass(frozen=True, eq=False)
class Style:
    """A document format; `width` is how many digits fit on a line of mathematics."""

    extension: str
    folder: str
    printer: Printer
    width: int
    escape: Callable[[str], str]
    inline: str = "${}$"
    quote: Callable[[str], str] = str  # escapes text between quotes
    speaks: bool = False  # whether mathematics carries its spoken words
    facts: bool = False  # whether numbers carry what is known of them


def escape_latex(text: str) -> str:
    """The text for LaTeX: nothing in it is a command; letters without a font show their code."""
    return "".join(_latex_letter(*found) for found in clusters(_plain(text), "NFC"))


def _latex_letter(letter: str, accents: tuple[Accent, ...]) -> str:
    sign = _LATEX.get(letter) or (letter if _printable(letter) else _code(letter))
    if not accents:
        return sign
    return "\\ensuremath{" + dressed(rf"\text{{{sign}}}", "latex", accents) + "}"


def escape_markdown(text: str) -> str:
    """The text for Markdown, signs of its syntax as character references."""
    return re.sub(r"[\\`*_{}\[\]<>#|$~&]", lambda m: f"&#{ord(m[0])};", _plain(text))


def escape_typst(text: str) -> str:
    """The text for Typst, as a string of its code: nothing in it is markup."""
    return f'#"{typst_string(text)}";'


def typst_string(text: str) -> str:
    """What stands between the quotes of a Typst string."""
    return _plain(text).replace("\\", "\\\\").replace('"', '\\"')


def escape_html(text: str) -> str:
    """The text for HTML, in elements and in attributes."""
    return escape(_plain(text), quote=True)


HTML_INLINE = '<math alttext="{spoken}">{}</math>'
TYPST_INLINE = '#math.equation(alt: "{spoken}", ${}$)'


def _plain(text: str) -> str:
    """The text in one line, without control characters."""
    return re.sub(
        r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+", " ", text
    )


def _printable(char: str) -> bool:
    return ord(char) < 0x180 or char in "‘’“”„–—…•"


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
    "∂": r"\ensuremath{\partial}",
} | {letter: rf"\ensuremath{{\{name}}}" for letter, name in LETTERS.items() if name != "omicron"}


STYLES = {
    "md": Style("md", "markdown", MarkdownPrinter(), 98, escape_markdown),
    "docx": Style("md", "markdown", LatexPrinter(), 84, escape_markdown),
    "tex": Style("tex", "latex", LatexPrinter(), 84, escape_latex, r"\({}\)"),
    "html": Style(
        "html", "html", MathmlPrinter(), 76, escape_html, HTML_INLINE, escape_html, True, True
    ),
    "typ": Style(
        "typ", "typst", TypstPrinter(), 84, escape_typst, TYPST_INLINE, typst_string, True
    ),
    "txt": Style("txt", "text", TextPrinter(), 90, _plain, "{}"),
}
"""The formats by the name that --format takes."""


def printer_for(problem: Problem, style: Style, decimal: str) -> Printer:
    """The style's printer in the problem's notation and orientation of vectors."""
    trees = [equation.expression for equation in problem.cell.equations]
    spellings = {**problem.cell.names, **problem.notation.names}
    told_apart(problem, spellings)
    return replace(
        style.printer,
        names=spellings,
        hadamard=problem.notation.hadamard,
        columns=in_columns(trees, problem.shapes),
        decimal=decimal,
    )
