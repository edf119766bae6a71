"""Answers in Markdown: tables as our sheets print them, and lines such as `$z_1$ = 0.5381`.

A row of a table is read by its content: a step (unless the name has it), a name, and then numbers,
a box an entry or all in one box. The tables of a worked solution are of this form too.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from verifier.check.answers.collect import Collector
from verifier.check.answers.fit import holds_several
from verifier.check.answers.grammar import Items, Leaf, Piece, Tree
from verifier.check.answers.labels import Label
from verifier.check.answers.numerals import is_blank
from verifier.check.answers.prints import PERSON, add_prints
from verifier.errors import Place


def add_markdown(text: str, file: str, into: Collector) -> None:
    """Take in the answers of a Markdown text."""
    lines = text.splitlines()
    tokens = MarkdownIt("commonmark").enable("table").parse(text)

    def place(line: int) -> Place:
        return Place(file, line + 1, 1, lines[line][:300] if line < len(lines) else "")

    heads: list[Label | None] = []
    for line, cells, is_head in _rows(tokens):
        if is_head and not any(re.search(r"\d[.,]\d", cell) for cell in cells):
            heads = [into.labels.read(cell.strip()) for cell in cells]
        elif not _across(cells, heads, place(line), into):
            _row(cells, place(line), into)
    for line, block in _paragraphs(tokens):
        if not block.startswith("$$"):
            _paragraph(block, line, place, into)


def _across(
    cells: Sequence[str], heads: Sequence[Label | None], place: Place, into: Collector
) -> bool:
    """Take in a row of a table whose columns are quantities, or steps; False for another table."""
    labels = [into.labels.read(cell.strip()) for cell in cells]
    row = next((label for label in labels[:2] if label is not None), Label())
    used = False
    for cell, head in zip(cells, heads, strict=False):
        if head is not None and (head.name or row.name) and head.name != row.name:
            label = row.then(head) if row.name is None else head.then(row)
            if label.name is not None and label.step is not None:
                into.take(label, Leaf(cell.strip()), lambda at: place)
                used = True
    return used


def _rows(tokens: Sequence[Token]) -> Iterator[tuple[int, list[str], bool]]:
    """The rows of all tables, each with its line from 0, and whether it is a head."""
    line, cells = 0, list[str]()
    inside = head = False
    for token in tokens:
        if token.type in ("thead_open", "tbody_open"):
            head = token.type == "thead_open"
        elif token.type == "tr_open":
            line, cells, inside = (token.map or [line])[0], [], True
        elif token.type == "tr_close":
            yield line, cells, head
            inside = False
        elif token.type == "inline" and inside:
            cells.append(html.unescape(token.content))


def _paragraphs(tokens: Sequence[Token]) -> Iterator[tuple[int, str]]:
    for before, token in pairwise(tokens):
        if token.type == "inline" and before.type == "paragraph_open":
            yield (token.map or [0])[0], html.unescape(token.content)


def _row(cells: Sequence[str], place: Place, into: Collector) -> None:
    labels = [into.labels.read(cell.strip()) for cell in cells]
    k = next((k for k, label in enumerate(labels) if label and label.name), None)
    if k is None:
        numbers = [cell for cell in cells[2:] if re.search(r"\d", cell)]
        if len(cells) > 2 and cells[0].strip().isdigit() and numbers and cells[1].strip():
            into.unknown(cells[1], lambda at: place)
        return
    boxes = [Leaf(cell.strip()) for cell in cells[k + 1 :]]
    while boxes and is_blank(boxes[-1].text):
        boxes.pop()
    if not boxes:
        return
    steps = [cell.strip() for cell in cells[:k] if cell.strip().isdigit()]
    value: Tree = boxes[0] if len(boxes) == 1 else Items(tuple(boxes))
    names = [*steps[:1], cells[k].strip()]
    into.add(Piece(tuple(names), _boxed(value, names, into), lambda at: place))


def _boxed(value: Tree, names: Sequence[str], into: Collector) -> Tree:
    """The boxes of a row; those at the end that were left blank are there as well."""
    label = into.labels.read(names[-1])
    if label is None or label.name is None or label.index:
        return value
    size = into.problem.size(label.name)
    parts = value.parts if isinstance(value, Items) else (value,)
    if len(parts) > size or (len(parts) == 1 and (size == 1 or holds_several(parts[0]))):
        return value
    return Items((*parts, *[Leaf("")] * (size - len(parts))))


LINE = re.compile(r"[\s*\-]*(?P<label>\$[^$]+\$|[^\W\d]\w*(?:\[[^\]]*\])*)\s*[=:≈]")


def _paragraph(block: str, line: int, place: Callable[[int], Place], into: Collector) -> None:
    for k, text in enumerate(block.splitlines()):
        if who := PERSON.match(text):
            into.named(who[1])
        found = LINE.match(text)
        if found and (found["label"][0] == "$" or into.labels.read(found["label"])):
            here = partial(place, line + k)
            add_prints(text, lambda at, here=here: here(), into)  # type: ignore[misc]
