"""AsciiDoc, for Asciidoctor and Antora, with LaTeX mathematics."""

from __future__ import annotations

import re

from verifier.formats import Format, Frame
from verifier.letters import seen
from verifier.notation.latex import LatexPrinter

SIGNS = re.compile(
    r"[!#$&\'*+<-@\[-`{-~]"
    r"|^/|/(?=/)|(?<=/)/"
    r"|(?<!\w)-|-(?!\w)"  # lists, dashes and arrows; not what joins words
    r"|(?<!\S)\.|\.(?=\.)|(?<=\.)\.|^\w+\.(?=\s)"  # titles and lists of blocks, and an ellipsis
    r"|^:|:(?=\S)|(?<=:):|;(?!\s)|(?<=;);"  # attributes, macros and lists of terms
    r"|^\(|\((?=\(|C\)|R\)|TM\))|^(?:C|R|TM)?\)"  # terms of an index, and signs such as (C)
)
"""What may begin a block, a macro or a replacement, also where a text goes on behind another; signs
of plain sentences stay."""


def escape(text: str) -> str:
    """The text for AsciiDoc, signs of its syntax as character references."""
    return SIGNS.sub(lambda found: "".join(map(_sign, found[0])), seen(text))


def _sign(letter: str) -> str:
    return letter if letter.isalnum() else f"&#{ord(letter)};"


STEM = "stem:[{body}]"

FORMAT = Format(
    "adoc",
    "asciidoc",
    "adoc",
    LatexPrinter(),
    84,
    escape,
    STEM.replace("{body}", "{}"),
    wraps={
        "none": Frame(),
        "equation": Frame(
            "[stem]\n++++\n{body}\n++++", "[stem#{label}]\n++++\n{body}\n++++", inline=STEM
        ),
    },
)
