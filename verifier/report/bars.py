"""Counts as bars: a small picture in SVG, drawn without a library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from verifier.markup import Svg

LABEL, WIDE, HIGH, GAP = 260, 300, 16, 5
"""The widths of labels and of the longest bar, the height of a bar and the space between two."""

MOST_LETTERS = 34
INK = "#0072B2"


def bars(counts: Sequence[tuple[str, int]]) -> Svg:
    """A bar for each label, as long as its count; a longer label is cut."""
    most = max((count for _, count in counts), default=1) or 1
    height = len(counts) * (HIGH + GAP) + GAP
    inside = "".join(part for row in enumerate(counts) for part in _bar(*row, most))
    size = f'viewBox="0 0 {LABEL + WIDE + 60} {height}" width="{LABEL + WIDE + 60}"'
    style = 'font-family="sans-serif" font-size="11"'
    return Svg(f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{inside}</svg>')


def _bar(k: int, row: tuple[str, int], most: int) -> Iterator[str]:
    (label, count), top = row, GAP + k * (HIGH + GAP)
    cut = label if len(label) <= MOST_LETTERS else label[: MOST_LETTERS - 1] + "…"
    long, base = round(WIDE * count / most, 1), top + HIGH - 4
    text = Markup('<text x="{}" y="{}"{}>{}</text>')
    yield text.format(LABEL - 8, base, Markup(' text-anchor="end"'), cut)
    yield f'<rect x="{LABEL}" y="{top}" width="{long}" height="{HIGH}" fill="{INK}"/>'
    yield text.format(LABEL + long + 6, base, Markup(""), count)
