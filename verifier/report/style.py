"""What a document format needs: a printer, the width of its lines, and how text is escaped."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape

from verifier.errors import shown
from verifier.notation.accents import Accent, clusters, dressed
from verifier.notation.latex import LatexPrinter, MarkdownPrinter
from verifier.notation.mathml import MathmlPrinter
from verifier.notation.paper import in_columns
from verifier.notation.printer import Printer
from verifier.notation.spelling import LETTERS
from verifier.notation.text import TextPrinter
from verifier.notation.typst import TypstPrinter
from verifier.problem import Problem
from verifier.report.alike import told_apart
from verifier.report.letters import JOINERS, code, named, seen, warn


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
    """The text for LaTeX: nothing in it is a command; what it cannot set shows its code."""
    line = re.sub(f"[{JOINERS}]", "", seen(text))
    found = clusters(line, "NFC")
    unset = [letter for letter, _ in found if letter not in _LATEX and not _printable(letter)]
    if unset:
        warn(f"LaTeX cannot set {named(unset)}: {shown(line)} shows [U+…] instead")
    return "".join(_latex_letter(*part) for part in found)


def _latex_letter(letter: str, accents: tuple[Accent, ...]) -> str:
    sign = _LATEX.get(letter) or (letter if _printable(letter) else _code(letter))
    if not accents:
        return sign
    return "\\ensuremath{" + dressed(rf"\text{{{sign}}}", "latex", accents) + "}"


def escape_markdown(text: str) -> str:
    """The text for Markdown, signs of its syntax as character references."""
    return re.sub(r"[\\`*_{}\[\]<>#|$~&]", lambda m: f"&#{ord(m[0])};", seen(text))


def escape_typst(text: str) -> str:
    """The text for Typst, as a string of its code: nothing in it is markup."""
    return f'#"{typst_string(text)}";'


def typst_string(text: str) -> str:
    """What stands between the quotes of a Typst string."""
    return seen(text).replace("\\", "\\\\").replace('"', '\\"')


def escape_html(text: str) -> str:
    """The text for HTML, in elements and in attributes."""
    return escape(seen(text), quote=True)


HTML_INLINE = '<math alttext="{spoken}">{}</math>'
TYPST_INLINE = '#math.equation(alt: "{spoken}", ${}$)'


def _printable(char: str) -> bool:
    return (char < "\u0180" and char not in "ĦħĸĿŀŉŦŧſ") or char in LATEX_MORE


LATEX_MORE = "ǍǎǦǧǨǩǪǫȘșȚțẞ‘’“”„‚‹›–—―•…†‡‰€™№←↑→↓"
"""What the T1 encoding and its companion have beyond U+017F."""


def _code(char: str) -> str:
    return rf"\texttt{{{code(char)}}}"


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
    "txt": Style("txt", "text", TextPrinter(), 90, seen, "{}"),
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
