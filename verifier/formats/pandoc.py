"""Markdown for pandoc, Quarto, MyST and Jupyter, with LaTeX mathematics as it is written."""

from __future__ import annotations

from verifier.formats import Format, Frame
from verifier.formats import tex as latex
from verifier.formats.md import DOLLARS, escape, one_line
from verifier.notation.latex import LatexPrinter

FORMAT = Format(
    "pandoc",
    "markdown",
    "md",
    LatexPrinter(),
    84,
    escape,
    wraps={
        **latex.WRAPS,
        "quarto": Frame(DOLLARS.shown, DOLLARS.shown + " {#{label-}}"),
        "myst": Frame(DOLLARS.shown, DOLLARS.shown + " ({label})"),
    },
    in_line=one_line,
    ending="pandoc.md",
)
