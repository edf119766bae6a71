"""What documents can be written in, and how: named here once for the library and the command."""

from __future__ import annotations

from typing import Literal, get_args

FORMATS = ("md", "tex", "html", "typ", "pdf", "docx", "json")
"""A PDF is made from the Typst or the LaTeX document, a Word document from Markdown."""

Engine = Literal["typst", "latex"]
ENGINES: tuple[Engine, ...] = get_args(Engine)

Blank = Literal["table", "lines", "none"]
BLANKS: tuple[Blank, ...] = get_args(Blank)

CHECK_FORMATS = (*FORMATS, "csv")
FAIRNESS_FORMATS = ("md", "html", "typ", "pdf", "json")
"""What feedback, and the report on a question, can be written in."""

AUDIT_FORMATS = ("md", "html", "typ", "pdf", "json", "svg", "png")
"""Of the report of an audit; svg and png are the figure of drift alone."""
