"""What the report of an audit is made of: parts with sentences, tables and figures."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.markup import shares
from verifier.report.head import Head
from verifier.report.words import Prose, Svg, Words


@dataclass(frozen=True)
class Table:
    """A table; the first `texts` columns hold texts, the others numbers."""

    caption: Prose
    columns: tuple[Prose, ...]
    rows: tuple[tuple[Prose, ...], ...]
    texts: int

    @property
    def shares(self) -> tuple[str, ...]:
        """How much of a page's width each column takes: what it holds that does not break."""
        return shares((self.columns, *self.rows), [3] * len(self.columns))


@dataclass(frozen=True)
class Figure:
    """A figure as SVG, with what it shows in words."""

    svg: Svg
    alt: str


@dataclass(frozen=True)
class Part:
    """A part of the report under a heading."""

    name: str  # of the section, for pieces
    heading: Prose
    sentences: tuple[Prose, ...] = ()
    tables: tuple[Table, ...] = ()
    figure: Figure | None = None


@dataclass(frozen=True)
class Report:
    """The report of an audit, the summary first."""

    head: Head
    parts: tuple[Part, ...]
    words: Words
