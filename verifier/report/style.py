"""What a document format needs: a printer, the width of its lines, and how text is escaped."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from html import escape

from verifier.errors import DocumentError, shown
from verifier.notation.latex import LatexPrinter, MarkdownPrinter
from verifier.notation.mathml import MathmlPrinter
from verifier.notation.printer import Printer, in_columns
from verifier.notation.spelling import LETTERS, Spelling, spelled
from verifier.notation.text import TextPrinter
from verifier.notation.typst import TypstPrinter
from verifier.problem import Problem
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
    line = re.sub(f"[{JOINERS}]", "", unicodedata.normalize("NFC", seen(text)))
    unset = [c for c in line if c not in _LATEX and not _printable(c)]
    if unset:
        warn(f"LaTeX cannot set {named(unset)}: {shown(line)} shows [U+…] instead")
    return "".join(_LATEX.get(c) or (c if _printable(c) else _code(c)) for c in line)


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
    _told_apart(problem, spellings)
    return replace(
        style.printer,
        names=spellings,
        hadamard=problem.notation.hadamard,
        columns=in_columns(trees, problem.shapes),
        decimal=decimal,
    )


def _told_apart(problem: Problem, spellings: Mapping[str, str]) -> None:
    """Refuse names that would print alike, such as the parameter x_1 beside x at step 1."""
    seen: dict[Spelling, str] = {}
    timed = set(problem.shapes) - set(problem.parameters)
    for name in sorted(problem.shapes, key=lambda name: name not in timed):
        spelling = spelled(spellings.get(name, name))
        first = seen.setdefault(spelling, name)
        step = spelling.subscript == "t" or spelling.subscript.isdigit()
        twin = seen.get(replace(spelling, subscript="")) if step else None
        if first != name or (name not in timed and twin in timed):
            other = first if first != name else f"{twin} at a step"
            raise DocumentError(
                f"the names {other} and {name} would print alike",
                accepted=f'another spelling under [notation.names], such as {name} = "{name[0]}^a"',
            )
