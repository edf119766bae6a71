"""What the report of an audit is made of: parts with sentences, tables and figures."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.report.head import Head
from verifier.report.words import Prose, Svg, Words


@dataclass(frozen=True)
class Table:
    """A table; the first `texts` columns hold texts, the others numbers."""

    caption: Prose
    columns: tuple[Prose, ...]
    rows: tuple[tuple[Prose, ...], ...]
    texts: int


@dataclass(frozen=True)
class Figure:
    """A figure as SVG, with what it shows in words."""

    svg: Svg
    alt: str


@dataclass(frozen=True)
class Part:
    """A part of the report under a heading."""

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
