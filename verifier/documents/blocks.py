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
    name: str = ""  # of the section, for pieces; alike in all languages


@dataclass(frozen=True)
class Paragraph(Block):
    """Sentences; a `lead` introduces what follows, and does not end a page."""

    kind = "paragraph"
    sentences: tuple[Inline, ...]
    role: Literal["", "byline", "source", "score", "room", "note", "name"] = ""
    lead: bool = False


@dataclass(frozen=True)
class Display(Block):
    """Lines of mathematics below each other; the label says what they are."""

    kind = "display"
    lines: tuple[Line, ...]
    label: str

    @property
    def rows(self) -> tuple[tuple[Line, bool], ...]:
        """The lines, and whether each stays on a page with the next.

        Neither the first nor the last stands alone; in a list, half of which begins with a left
        side, what has none goes on from the line before.
        """
        last = len(self.lines) - 1
        listed = 2 <= len(self.lines) <= 2 * sum(bool(line.left) for line in self.lines)
        bare = [not line.left for line in self.lines[1:]] + [False]
        return tuple(
            (line, k < last and (k in (0, last - 1) or (listed and bare[k])))
            for k, line in enumerate(self.lines)
        )


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
    align: Literal["left", "right", "center"] = "left"
    digits: bool = False
    share: str = ""
    names: bool = False  # its cells say what the rows are about
    last: bool = False


@dataclass(frozen=True)
class TableRow:
    """A row of a table; the role is what a page's style knows it by."""

    cells: tuple[Inline, ...]
    role: str = ""


@dataclass(frozen=True)
class Table(Block):
    """A table; the caption is printed, the label spoken; one that does not scroll shows either."""

    kind = "table"
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    label: str
    caption: Prose = ()
    size: Literal["", "small", "tiny"] = ""
    wide: bool = False
    grid: bool = False  # cells to write into
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
class Together(Block):
    """What stays on one page; the room that it takes is counted in lines of text."""

    kind = "together"
    blocks: tuple[Block, ...]
    room: int

    @property
    def opened(self) -> Sequence[Block]:
        """What is inside, where there are no pages."""
        return self.blocks


MOST_TOGETHER = 27
"""Lines that stay together: more would leave pages too empty."""


def together(blocks: Sequence[Block], height: float = 1.4) -> Sequence[Block]:
    """A table with what leads to it, on one page where that leaves none too empty.

    `height` is that of a row.
    """
    rows = sum(len(block.rows) for block in blocks if isinstance(block, Table))
    room = round(rows * height) + 4
    return (Together(tuple(blocks), room),) if room <= MOST_TOGETHER else blocks


@dataclass(frozen=True)
class Tools(Block):
    """Buttons of a page on which one can act, by what they do; a `question` comes before the last.

    They act on what belongs to a problem of this hash.
    """

    kind = "tools"
    buttons: tuple[tuple[str, str], ...]
    problem: str = ""
    question: str = ""

    @property
    def opened(self) -> Sequence[Block]:
        """Nothing on paper."""
        return ()


@dataclass(frozen=True)
class Slide(Block):
    """A slide: what stands on it, lines revealed one by one, and what is below the last."""

    kind = "slide"
    title: Prose
    blocks: tuple[Block, ...]
    display: Display
    below: tuple[Block, ...] = ()
    name: str = ""  # of the section that it belongs to

    @property
    def steps(self) -> tuple[Display, ...]:
        """The lines as they are revealed: the first, the first two, all."""
        lines, label = self.display.lines, self.display.label
        return tuple(Display(lines[: k + 1], label) for k in range(len(lines)))

    @property
    def opened(self) -> Sequence[Block]:
        """A section, where there are no slides."""
        return (Heading(self.title, name=self.name), *self.blocks, self.display, *self.below)


@dataclass(frozen=True)
class Leaf(Block):
    """What is handed out by itself, of several in one document: all but the first on a new page."""

    kind = "leaf"
    title: str
    blocks: tuple[Block, ...]
    first: bool = False

    @property
    def opened(self) -> Sequence[Block]:
        """A section, where there are no pages."""
        return (Heading((self.title,)), *self.blocks)


@dataclass(frozen=True)
class Page:
    """A document: its title, its blocks, and what stands below a rule at the end."""

    kind: str
    title: str
    blocks: tuple[Block, ...]
    footer: tuple[Paragraph, ...]
    language: str
