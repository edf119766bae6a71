"""What the report of an audit is made of: parts with sentences, tables and figures."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.report.head import Head
from verifier.report.words import Math, Prose, Svg, Words


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
        sizes = [
            max(*map(_unbroken, (self.columns[k], *(row[k] for row in self.rows))), 3) + 1
            for k in range(len(self.columns))
        ]
        return tuple(f"{size / sum(sizes):.3f}" for size in sizes)


def _unbroken(prose: Prose) -> int:
    """The length of the longest word."""
    plain = "".join(part.spoken if isinstance(part, Math) else part for part in prose)
    return max(map(len, plain.split()), default=0)


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
