"""Markdown for GitHub, which reads Markdown before mathematics."""

from __future__ import annotations

import re

from verifier.formats import Format, Frame
from verifier.letters import seen
from verifier.notation.latex import MarkdownPrinter


def escape(text: str) -> str:
    """The text for Markdown, signs of its syntax as character references."""
    return re.sub(r"[\\`*_{}\[\]<>#|$~&]", lambda m: f"&#{ord(m[0])};", seen(text))


def in_line(text: str) -> str:
    r"""Mathematics on one line, where \cr ends a row: two backslashes would be eaten there."""
    return one_line(text.replace(MarkdownPrinter.newline, r"\cr "))


def one_line(text: str) -> str:
    """The text on one line, so that it fits into a table."""
    return " ".join(text.split("\n"))


DOLLARS = Frame("$$\n{body}\n$$", inline="${body}$")

FORMAT = Format(
    "md",
    "markdown",
    "md",
    MarkdownPrinter(),
    98,
    escape,
    wraps={"none": Frame(), "dollars": DOLLARS},
    in_line=in_line,
)
