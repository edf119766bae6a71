"""Answers in Markdown: tables as our sheets print them, and lines such as `$z_1$ = 0.5381`."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from verifier.check.answers.collect import Collector
from verifier.check.answers.prints import PERSON, add_prints
from verifier.check.answers.tables import Record, add_table
from verifier.check.answers.tex import lines
from verifier.check.answers.texts import add_lines
from verifier.errors import Place


def add_markdown(text: str, file: str, into: Collector) -> None:
    """Take in the answers of a Markdown text."""
    source = text.splitlines()
    tokens = MarkdownIt("commonmark").enable("table").parse(text)

    def place(line: int) -> Place:
        return Place(file, line + 1, 1, source[line][:300] if line < len(source) else "")

    for table in _tables(tokens):
        add_table([Record(cells, place(line)) for line, cells in table], {"": into})
    for line, block in _paragraphs(tokens):
        _paragraph(block, line, place, into)
    for line, block in _shown(tokens):
        said = [(line + k, text) for k, text in enumerate(block.splitlines())]
        add_lines(said, {"": into}, place)


def _tables(tokens: Sequence[Token]) -> Iterator[list[tuple[int, list[str]]]]:
    """The tables: rows of cells, each with its line from 0."""
    rows: list[tuple[int, list[str]]] = []
    inside = False
    for token in tokens:
        if token.type == "tr_open":
            rows.append(((token.map or [0])[0], []))
        elif token.type in ("td_open", "th_open", "td_close", "th_close"):
            inside = token.type.endswith("open")
        elif token.type == "inline" and inside:
            rows[-1][1].append(html.unescape(token.content))
        elif token.type == "table_close":
            yield rows
            rows = []


def _paragraphs(tokens: Sequence[Token]) -> Iterator[tuple[int, str]]:
    for before, token in pairwise(tokens):
        if token.type == "inline" and before.type == "paragraph_open":
            yield (token.map or [0])[0], html.unescape(token.content)


def _shown(tokens: Sequence[Token]) -> Iterator[tuple[int, str]]:
    """What stands in blocks of code that are no program: what one printed."""
    for token in tokens:
        if token.type == "code_block" or (token.type == "fence" and token.info.strip() in PRINTED):
            yield (token.map or [0])[0] + (token.type == "fence"), token.content


PRINTED = ("", "text", "txt", "console", "output", "out", "none", "plain", "plaintext")
LINE = re.compile(r"[\s*\-]*(?P<label>\$[^$]+\$|[^\W\d]\w*(?:\[[^\]]*\])*)\s*[=:≈]")
VALUE = re.compile(r"[=≈][\s\d.,;…\[\](){}eE+\-−·^]*+$")
FORMULA = re.compile(r"\s*+(?P<label>[^=≈]{1,100})[=≈]")


def _paragraph(block: str, line: int, place: Callable[[int], Place], into: Collector) -> None:
    for k, text in enumerate(block.splitlines()):
        if who := PERSON.match(text):
            into.named(who[1])
        found = LINE.match(text)
        if found and (found["label"][0] == "$" or into.labels.read(found["label"])):
            here = partial(place, line + k)
            add_prints(text, lambda at, here=here: here(), into)  # type: ignore[misc]
    if "$" in block or "\\(" in block:
        _formulas(block, line, place, into)


def _formulas(block: str, line: int, place: Callable[[int], Place], into: Collector) -> None:
    """Equations in LaTeX, for what no table and no line gives; their last links count."""
    for k, text in lines(block):
        found = FORMULA.match(text)
        label = into.labels.read(found["label"].strip()) if found else None
        named = label is not None and label.name is not None and VALUE.search(text)
        if label is not None and named and (label.index or not into.has(label)):
            here = partial(place, line + k)
            add_prints(text, lambda at, here=here: here(), into)  # type: ignore[misc]
