"""What documents are made of: a tree of a dozen kinds of block, ready markup in each.

A format has one macro a kind, in its template `blocks`. `opened` is what stands in place of a
block in formats that have none of its kind: what never folds prints what is inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from verifier.markup import Inline, Math, Prose, Svg
from verifier.report.scribe import Line


@dataclass(frozen=True)
class Block:
    """A part of a document that stands by itself."""

    kind: ClassVar[str]

    @property
    def opened(self) -> Sequence[Block]:
        """What stands for the block where a format has none of its kind."""
        return (self,)


@dataclass(frozen=True)
class Heading(Block):
    """The heading of a section (1), a quantity (2)."""

    kind = "heading"
    text: Prose
    level: int = 1


@dataclass(frozen=True)
class Paragraph(Block):
    """Sentences; a `lead` introduces what follows, and does not end a page."""

    kind = "paragraph"
    sentences: tuple[Inline, ...]
    role: Literal["", "byline", "source", "score"] = ""
    lead: bool = False


@dataclass(frozen=True)
class Display(Block):
    """Lines of mathematics below each other; the label says what they are."""

    kind = "display"
    lines: tuple[Line, ...]
    label: str


@dataclass(frozen=True)
class Fold(Block):
    """Blocks behind a title that opens them; where nothing folds, a lead introduces them.

    What is `closed` is seen where they fold, and says less.
    """

    kind = "fold"
    title: Prose
    blocks: tuple[Block, ...]
    lead: Prose = ()
    closed: tuple[Block, ...] = ()

    @property
    def opened(self) -> Sequence[Block]:
        """The lead, and what is inside."""
        return (*([Paragraph((self.lead,), lead=True)] if self.lead else []), *self.blocks)


@dataclass(frozen=True)
class Column:
    """A column; one with a share of the width breaks its lines, the `last` takes what is left."""

    head: Prose
    align: Literal["left", "right"] = "left"
    digits: bool = False
    share: str = ""
    names: bool = False  # its cells say what the rows are about
    last: bool = False


@dataclass(frozen=True)
class Row:
    """A row of a table; the role is what a page's style knows it by."""

    cells: tuple[Inline, ...]
    role: str = ""


@dataclass(frozen=True)
class Table(Block):
    """A table; the caption is printed, the label spoken; one that does not scroll shows either."""

    kind = "table"
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    label: str
    caption: Prose = ()
    size: Literal["", "small", "tiny"] = ""
    wide: bool = False
    scrolls: bool = True  # what opens over its cells would be cut off


@dataclass(frozen=True)
class Picture(Block):
    """A figure as SVG, with what it shows in words."""

    kind = "picture"
    svg: Svg
    alt: str


@dataclass(frozen=True)
class Bullets(Block):
    """A list of sentences."""

    kind = "bullets"
    items: tuple[Inline, ...]


@dataclass(frozen=True)
class Verbatim(Block):
    """Lines as they are, below what they are of."""

    kind = "verbatim"
    name: Math
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Field(Block):
    """A line for the name of who fills in the sheet."""

    kind = "field"
    label: Prose


@dataclass(frozen=True)
class Answer:
    """A quantity to fill in: of the boxes beside it, those for its entries are open."""

    step: int
    symbol: Math
    boxes: tuple[bool, ...]


@dataclass(frozen=True)
class Blanks(Block):
    """Room for the answers: a table with a box an entry, or a line a quantity."""

    kind = "blanks"
    style: Literal["table", "lines"]
    heads: tuple[Prose, ...]  # of the step, of the quantity, of the value
    answers: tuple[Answer, ...]
    share: str  # of the width, for a box
    label: str


@dataclass(frozen=True)
class Page:
    """A document: its title, its blocks, and what stands below a rule at the end."""

    kind: str
    title: str
    blocks: tuple[Block, ...]
    footer: tuple[Paragraph, ...]
    language: str
