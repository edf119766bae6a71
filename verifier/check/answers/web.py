"""Answers in HTML, as editors of learning systems save them: tables, and lines as in any text.

Tags are read one after the other; nothing is fetched or run. What is struck out, hidden or a
program says nothing; a picture is told, since what stands in it is not read. Python's own parser
is not used: it takes the square of tags that do not end, seconds for 16 kB.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Final

from verifier.check.answers.collect import Collector
from verifier.check.answers.prints import HEADING
from verifier.check.answers.records import Record
from verifier.check.answers.tables import add_table
from verifier.check.answers.tex import lines_of
from verifier.check.answers.texts import add_lines
from verifier.check.answers.transcripts import Line
from verifier.errors import Place

TAG: Final = re.compile(
    r"<!--|<(?P<close>/?)(?P<tag>[A-Za-z][A-Za-z0-9:-]{0,30})(?P<with>[^<>]{0,10000})>|<[!?][^<>]{0,1000}>"
)
HIDDEN: Final = re.compile(r"aria-hidden\s{0,4}=\s{0,4}[\"']?true", re.IGNORECASE)
SPACE: Final = re.compile(r"\s+")
_BLOCKS = (
    "p div br li ul ol dl dt dd h1 h2 h3 h4 h5 h6 pre hr section article blockquote figure form "
    "body html header footer main caption"
)
BLOCKS: Final = frozenset(_BLOCKS.split())
"""Elements that begin and end a line."""

_SILENT = "script style head title template svg s del strike annotation object noscript"
SILENT: Final = frozenset(_SILENT.split())
"""Elements that say nothing, with all that is in them."""

VOID: Final = frozenset(("br", "hr", "img", "input", "meta", "link", "wbr", "col", "source"))
RAISED: Final = {"sub": "_{", "sup": "^{"}
PICTURE: Final = "a picture is not read (accepted: numbers as text)"


def add_web(text: str, file: str, collectors: Mapping[str, Collector]) -> None:
    """Take in the answers of a page."""
    source = text.split("\n")

    def place(line: int) -> Place:
        return Place(file, line + 1, 1, source[line][:300] if line < len(source) else "")

    page = _Page(text)
    for line in page.pictures:
        collectors[""].complain(PICTURE, place, line)
    for heading, rows in zip(page.headings, page.tables, strict=True):
        add_table([Record(cells, place(line)) for line, cells in rows], collectors, heading)
    said = [(number, part) for number, line in page.lines for _, part in lines_of(line)]
    add_lines(said, collectors, place)


class _Page:
    """A page while it is read: its lines, the rows of its tables, and its pictures."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines: list[Line] = []
        self.tables: list[list[tuple[int, list[str]]]] = []
        self.headings: list[str] = []
        self.pictures: list[int] = []
        self.parts: list[str] = []
        self.silent: list[str] = []
        self.heading = ""
        self.number = self.begun = self.depth = self.kept = 0
        at = 0
        for start, end, tag in self._tags():
            self.said(self.text[at:start])
            if tag["tag"]:
                self.tag(tag["tag"].lower(), bool(tag["close"]), tag["with"])
            self.number += self.text.count("\n", start, end)
            at = end
        self.said(self.text[at:])
        self.ended()

    def _tags(self) -> Iterator[tuple[int, int, re.Match[str]]]:
        """Every tag and comment, from where to where; a comment without end is the rest."""
        at = 0
        while found := TAG.search(self.text, at):
            at = found.end()
            if found[0] == "<!--":
                close = self.text.find("-->", at)
                at = len(self.text) if close < 0 else close + len("-->")
            yield found.start(), at, found

    def said(self, text: str) -> None:
        """Text between tags; a line of it ends a line only where spaces are kept."""
        for k, line in enumerate(text.split("\n")):
            if k:
                self.number += 1
                if self.kept:
                    self.ended()
                self.write(" ")
            self.write(line if self.kept else SPACE.sub(" ", line))

    def write(self, text: str) -> None:
        """Write to the line, where it is not silent."""
        if not self.silent and text:
            if not any(map(str.strip, self.parts)):
                self.begun = self.number
            self.parts.append(html.unescape(text).replace("\xa0", " "))

    def tag(self, name: str, closes: bool, attributes: str) -> None:
        """An element begins or ends."""
        if self.silent:
            self.within_silence(name, closes)
        elif not closes and name not in VOID and (name in SILENT or HIDDEN.search(attributes)):
            self.silent = [name]
        elif name == "img":
            self.pictures.append(self.number)
        elif name in RAISED:
            self.write("}" if closes else RAISED[name])
        elif name in ("td", "th", "tr", "table"):
            self.cell(name, closes)
        elif name in BLOCKS:
            self.kept = max(0, self.kept + (-1 if closes else 1)) if name == "pre" else self.kept
            self.ended()

    def within_silence(self, name: str, closes: bool) -> None:
        """An element inside of one that says nothing: it may be of the same name."""
        if name == self.silent[0]:
            self.silent = self.silent[1:] if closes else [*self.silent, name]

    def cell(self, name: str, closes: bool) -> None:
        """A table, a row or a cell begins or ends; a table inside of a cell is text of it."""
        if name == "table":
            if self.depth == int(closes):
                self.ended()
                if not closes:
                    self.tables.append([])
                    self.headings.append(self.heading)
            self.depth = max(0, self.depth + (-1 if closes else 1))
        elif self.depth != 1:
            self.write(" ")
        else:
            self.ended()
            if name == "tr" and not closes:
                self.tables[-1].append((self.number, []))
            elif not closes and self.tables[-1]:
                self.tables[-1][-1][1].append("")

    def ended(self) -> None:
        """A line is made of the parts, in a cell of a table or outside."""
        text = "".join(self.parts)
        self.parts = []
        text = text if self.kept else text.strip()
        rows = self.tables[-1] if self.depth and self.tables else []
        if self.depth and rows and rows[-1][1]:
            cells = rows[-1][1]
            cells[-1] = f"{cells[-1]}\n{text}".strip()
        elif text.strip():
            self.lines.append((self.begun, text))
            if found := HEADING.match(text):
                self.heading = found[1] or ""
