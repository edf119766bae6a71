"""Answers in Markdown: tables as our sheets print them, and lines such as `$z_1$ = 0.5381`."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from verifier.check.answers.collect import Collector
from verifier.check.answers.prints import HEADING, PERSON, add_prints
from verifier.check.answers.records import Record
from verifier.check.answers.tables import add_table
from verifier.check.answers.tex import lines_of
from verifier.check.answers.texts import add_lines, numbered
from verifier.errors import Place


def add_markdown(text: str, file: str, into: Collector) -> None:
    """Take in the answers of a Markdown text."""
    source = text.splitlines()
    tokens = MarkdownIt("commonmark").enable("table").parse(text)

    def place(line: int) -> Place:
        return Place(file, line + 1, 1, source[line][:300] if line < len(source) else "")

    for heading, table in _tables(tokens):
        add_table([Record(cells, place(line)) for line, cells in table], {"": into}, heading)
    said = [(line + k, text) for line, block in _blocks(tokens) for k, text in lines_of(block)]
    for prose in (False, True):  # what a line says counts before what is said in prose
        kept = [one for one in said if _is_head(one[1]) or prose is not _is_answer(one[1], into)]
        add_prints(*numbered(kept, place), into, prose=prose)
    for line, block in _shown(tokens):
        said = [(line + k, text) for k, text in enumerate(block.splitlines())]
        add_lines(said, {"": into}, place)


def _tables(tokens: Sequence[Token]) -> Iterator[tuple[str, list[tuple[int, list[str]]]]]:
    """The tables, and the step above each: rows of cells, each with its line from 0."""
    heading = ""
    rows: list[tuple[int, list[str]]] = []
    inside = False
    for token in tokens:
        if token.type == "tr_open":
            rows.append(((token.map or [0])[0], []))
        elif token.type in ("td_open", "th_open", "td_close", "th_close"):
            inside = token.type.endswith("open")
        elif token.type == "inline" and inside:
            rows[-1][1].append(html.unescape(token.content))
        elif token.type == "inline" and (found := HEADING.match(token.content)):
            heading = found[1] or ""
        elif token.type == "table_close":
            yield heading, rows
            rows = []


def _blocks(tokens: Sequence[Token]) -> Iterator[tuple[int, str]]:
    """The texts outside of tables, headings too, each with the line on which it begins."""
    for before, token in pairwise(tokens):
        if token.type == "inline" and before.type in ("paragraph_open", "heading_open"):
            yield (token.map or [0])[0], html.unescape(token.content)


def _shown(tokens: Sequence[Token]) -> Iterator[tuple[int, str]]:
    """What stands in blocks of code that are no program: what one printed."""
    for token in tokens:
        if token.type == "code_block" or (token.type == "fence" and token.info.strip() in PRINTED):
            yield (token.map or [0])[0] + (token.type == "fence"), token.content


PRINTED = ("", "text", "txt", "console", "output", "out", "none", "plain", "plaintext")
LINE = re.compile(r"[\s*\-]*(?P<label>\$[^$]+\$|[^\W\d]\w*(?:\[[^\]]*\])*)\s*[=:≈]")
"""A line that begins with a name."""


def _is_head(text: str) -> bool:
    """Whether a line says at which step the lines behind it are."""
    return HEADING.match(text) is not None


def _is_answer(text: str, into: Collector) -> bool:
    """Whether a line says whose the answers are, or begins with the name of what it gives."""
    if PERSON.match(text):
        return True
    found = LINE.match(text)
    return bool(found and (found["label"][0] == "$" or into.labels.read(found["label"])))
