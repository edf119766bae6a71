"""LaTeX as lines that one reader reads: matrices in brackets, rows of tables between tabs.

Nothing is expanded but what is named here; other commands stay as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from verifier.check.answers.collect import Collector
from verifier.check.answers.marks import unmarked
from verifier.check.answers.texts import add_lines
from verifier.check.answers.transcripts import Line
from verifier.errors import Place

WORDS: Final = {
    "approx": "≈", "cdot": "·", "times": "×", "ldots": "…", "dots": "…", "quad": "  ",
    "qquad": "  ", "left": "", "right": "", "boxed": "", "displaystyle": "", "item": "\n",
    "hline": "", "toprule": "", "midrule": "", "bottomrule": "", "noindent": "", "par": "\n",
    "bigl": "", "bigr": "", "big": "", "Big": "", "newline": "\n", "centering": "",
}  # fmt: skip
"""Commands that say something else than they are called, or nothing."""

DROPPED: Final = frozenset({"label", "tag", "caption", "cline", "cmidrule", "vspace", "hspace"})
"""Commands that say nothing, with what they are given."""

MATRICES: Final = frozenset(
    {"matrix", "pmatrix", "bmatrix", "vmatrix", "Bmatrix", "smallmatrix", "array"}
)
TABLES: Final = frozenset({"tabular", "tabular*", "tabularx", "longtable"})

TOKEN: Final = re.compile(
    r"\\(?P<edge>begin|end)\{(?P<room>[A-Za-z]{1,20}\*?)\}(?:\[[^\[\]\n]{0,20}\])?(?P<how>\{[^{}\n]{0,80}\})?"
    r"|(?P<row>\\cr\b|\\\\(?:\[[^\[\]\n]{0,20}\])?)"
    r"|\\(?P<head>(?:sub){0,2}section|paragraph|textbf|text|mbox)\*?\{(?P<said>[^{}\n]{0,200})\}"
    r"|\\(?P<word>[A-Za-z]{1,20})(?P<given>\*?\{[^{}\n]{0,200}\})?"
    r"|(?P<display>\$\$|\\\[|\\\])|(?P<inline>\$|\\\(|\\\))|(?P<comment>%[^\n]*+)"
    r"|(?P<escaped>\\[%&$#_{}])|(?P<thin>\\[,;:! ]|~)|(?P<next>&)|(?P<line>\n)"
)
PERCENT = re.compile(r"(?<!\\)%")
_BODY = re.compile(r"\\begin\{document\}")
_GOES_ON = re.compile(r"\s*[=≈]")


def add_tex(text: str, file: str, collectors: Mapping[str, Collector]) -> None:
    """Take in the answers of a LaTeX text."""
    source = text.split("\n")

    def place(line: int) -> Place:
        return Place(file, line + 1, 1, source[line][:300] if line < len(source) else "")

    add_lines(lines(text), collectors, place)


def lines(text: str) -> list[Line]:
    """The lines of the document that the text is, each with the number of its source's line."""
    text = unmarked(text)
    body = _BODY.search(text)
    reader = _Tex(text, body.end() if body else 0)
    return reader.lines()


def lines_of(text: str) -> list[Line]:
    """The lines of a text, with what is LaTeX in it as plain text; a % is no comment here."""
    if "$" not in text and "\\" not in text:
        return list(enumerate(text.split("\n")))
    return lines(PERCENT.sub(r"\\%", text))


class _Tex:
    """LaTeX while it is read: the rooms that are open, and the line that is being made."""

    def __init__(self, text: str, at: int) -> None:
        self.text, self.at = text, at
        self.number = self.begun = text.count("\n", 0, at)
        self.rooms: list[str] = []
        self.parts: list[str] = []
        self.found: list[tuple[int, list[str]]] = []

    def lines(self) -> list[Line]:
        """All lines; one that begins with an equals sign goes on the one before."""
        end = self.text.find(r"\end{document}", self.at)
        end = len(self.text) if end < 0 else end
        at = self.at
        for token in TOKEN.finditer(self.text, at, end):
            self.parts.append(self.text[at : token.start()])
            self.token(token)
            at = token.end()
        self.parts.append(self.text[at:end])
        self.ended()
        return [(number, " ".join(parts)) for number, parts in self.found]

    def token(self, token: re.Match[str]) -> None:
        """What a piece of LaTeX says."""
        kind = token.lastgroup
        if token["edge"]:
            self.room(token["edge"] == "begin", token["room"], token["how"] or "")
        elif token["row"]:
            self.row()
        elif token["head"]:
            self.said(token["head"], token["said"])
        elif token["word"]:
            self.word(token)
        elif kind == "display":
            self.ended()
        elif kind == "next":
            self.parts.append({"matrix": "; ", "table": "\t"}.get(self.inside, " "))
        elif kind == "escaped":
            self.parts.append(token[0][1:])
        elif kind == "line":
            self.newline()
        elif kind in ("inline", "thin"):
            self.parts.append(" ")

    @property
    def inside(self) -> str:
        """The kind of the innermost room: a matrix, a table, or another."""
        return self.rooms[-1] if self.rooms else ""

    def room(self, begins: bool, name: str, how: str) -> None:
        """An environment begins or ends."""
        kind = "matrix" if name.rstrip("*") in MATRICES else "table" if name in TABLES else ""
        if kind == "matrix":
            self.parts.append("[[" if begins else "]]")
        else:
            self.ended()
        if not begins:
            if self.rooms:
                self.rooms.pop()
            return
        self.rooms.append(kind)
        if how and not kind:
            self.parts.append(how[1:-1])

    def row(self) -> None:
        """A line of a display, a table or a matrix ends."""
        if self.inside == "matrix":
            self.parts.append("], [")
        else:
            self.ended()

    def said(self, command: str, text: str) -> None:
        """A heading stands on a line of its own; words in a formula stay in it."""
        if command in ("text", "mbox", "textbf") and self.inside:
            self.parts.append(text)
            return
        heading = "section" in command or command == "paragraph"
        if heading:
            self.ended()
        self.parts.append(text)
        if heading:
            self.ended()

    def word(self, token: re.Match[str]) -> None:
        """A command: what it says instead, nothing, or itself."""
        word, given = token["word"], token["given"] or ""
        if word in DROPPED:
            return
        self.parts.append(WORDS[word] + given if word in WORDS else token[0])
        if "\n" in self.parts[-1]:
            self.ended()

    def newline(self) -> None:
        """A line of the source ends: a line, but inside of a matrix, a table or a display."""
        self.number += 1
        if self.rooms and self.inside:
            self.parts.append(" ")
        else:
            self.ended()

    def ended(self) -> None:
        """A line is made of the parts."""
        text = "".join(self.parts).strip(" \n")
        self.parts = []
        if text and self.found and _GOES_ON.match(text):
            self.found[-1][1].append(text)
        elif text:
            self.found.append((self.begun, [text]))
        self.begun = self.number
