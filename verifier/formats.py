"""What documents can be written in, and how: named here once for the library and the command."""

from __future__ import annotations

from typing import Literal, get_args

FORMATS = ("md", "tex", "html", "typ", "pdf", "docx", "json")
"""A PDF is made from the Typst or the LaTeX document, a Word document from Markdown."""

SOLVED = ("md", "tex", "pdf")
"""What `solve` makes unless it is told otherwise, as far as the machine can."""

DERIVED = ("md", "tex", "html", "typ", "pdf", "docx", "txt")
"""The formats of general derivations."""

Engine = Literal["typst", "latex"]
ENGINES: tuple[Engine, ...] = get_args(Engine)

Blank = Literal["table", "lines", "none"]
BLANKS: tuple[Blank, ...] = get_args(Blank)

CHECK_FORMATS = (*FORMATS, "csv")
FAIRNESS_FORMATS = ("md", "html", "typ", "pdf", "json")
"""What feedback, and the report on a question, can be written in."""

Wrap = Literal["none", "dollars", "brackets", "equation", "align", "quarto", "myst"]
WRAPS: tuple[Wrap, ...] = get_args(Wrap)
"""What stands around a piece of mathematics in notes; the last two number it in the host's way."""

OF_A_NUMBER: tuple[Wrap, ...] = ("none", "dollars", "brackets")
"""What may stand around a single number."""

WRAPS_OF: dict[str, tuple[Wrap, ...]] = {
    "md": WRAPS,
    "gfm": ("none", "dollars"),
    "tex": ("none", "dollars", "brackets", "equation", "align"),
    "typ": ("none", "dollars", "equation"),
    "html": ("none", "equation"),
    "txt": ("none",),
}
"""The formats of pieces, and what each knows to put around them.

Markdown is that of pandoc, Quarto, MyST and Jupyter; GitHub needs another, which these cannot read.
"""

AUDIT_FORMATS = ("md", "html", "typ", "pdf", "json", "svg", "png")
"""Of the report of an audit; svg and png are the figure of drift alone."""
