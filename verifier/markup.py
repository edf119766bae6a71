"""What a line of a document is made of: plain texts, mathematics, and what stands out in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar


class Math(str):
    """Markup of a printer, which templates leave as it is and set as mathematics.

    `spoken` is the same in words, for those who hear the document; empty where no one asked.
    """

    spoken: str

    def __new__(cls, markup: str, spoken: str = "") -> Math:
        """Markup with its spoken words."""
        math = super().__new__(cls, markup)
        math.spoken = spoken
        return math


class Svg(str):
    """A picture that was drawn here: markup that HTML takes as it is."""


Prose = tuple[str, ...]
"""A sentence in parts: plain texts, and `Math`."""


@dataclass(frozen=True)
class Strong:
    """A part of a line that stands out."""

    kind: ClassVar = "strong"
    text: Prose


@dataclass(frozen=True)
class Link:
    """A text that leads to a file beside the document."""

    kind: ClassVar = "link"
    text: str
    to: str


@dataclass(frozen=True)
class Figure:
    """An entry of a table of results, and what is known of it beyond its digits."""

    number: Math
    plain: str
    facts: tuple[Prose, ...] = ()


@dataclass(frozen=True)
class Figures:
    """Entries side by side; `id` is unlike those of all others of a document."""

    kind: ClassVar = "figures"
    entries: tuple[Figure, ...]
    between: Prose
    id: str


@dataclass(frozen=True)
class Room:
    """Room to write into: a cell's, or a line's.

    The label is spoken. Where an entry is asked for, its place is as files have it, with an empty
    index for the whole quantity; else it is the room for a person's name.
    """

    kind: ClassVar = "room"
    line: bool = False
    label: str = ""
    step: int = 0
    name: str = ""
    index: str = ""


Inline = tuple[str | Strong | Link | Figures | Room, ...]
"""A line, or what a cell of a table holds."""


def shares(rows: Sequence[Sequence[Inline]], least: Sequence[int]) -> tuple[str, ...]:
    """How much of a page's width each column takes: the longest word in it, which does not break.

    `least` is how many letters each has room for, whatever it holds.
    """
    columns = zip(*rows, least, strict=True)
    sizes = [max(*(max(_words(cell), default=0) for cell in own), few) + 1 for *own, few in columns]
    return tuple(f"{size / sum(sizes):.3f}" for size in sizes)


def _words(cell: Inline) -> Iterator[int]:
    """The lengths of the words in a cell, mathematics as it is spoken."""
    for part in cell:
        match part:
            case Math():
                yield from map(len, part.spoken.split())
            case str() | Link():
                yield from map(len, (part if isinstance(part, str) else part.text).split())
            case Strong():
                yield from _words(part.text)
