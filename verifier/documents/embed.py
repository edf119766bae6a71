"""Pieces into the files of notes: all are made before the first is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from verifier.documents.pieces import piece_text
from verifier.documents.source import Source
from verifier.errors import VerifierError
from verifier.problem import load
from verifier.report.listing import Listed, Listing
from verifier.report.templating import templates
from verifier.solution import Solution, solve

STYLE_FILE = "verifier.sty"


def solutions_of(listing: Listing) -> dict[str, Solution]:
    """The solutions of the list's problems by their short names, which labels bear.

    Errors: VerifierError in the problem's own file, or in the list where there is no such file.
    """
    used = {entry.problem for entry in listing.entries}
    found: dict[str, Solution] = {}
    for name, path in listing.problems.items():
        if name in used:
            try:
                found[name] = solve(replace(load(path), stem=name))
            except VerifierError as error:
                raise listing.placed(error, ("problems", name)) from None
    return found


def embedded(listing: Listing, solutions: Mapping[str, Solution]) -> Iterator[tuple[Path, str]]:
    """Every file of the list with its content; the style file last.

    Errors: VerifierError at the piece's place in the list.
    """
    sources = {
        entry.source: Source(solutions[entry.problem], entry.answers, entry.floats)
        for entry in listing.entries
    }
    for entry in listing.entries:
        try:
            yield entry.path, _content(entry, sources[entry.source])
        except VerifierError as error:
            raise listing.placed(error, (*entry.key, "piece")) from None
    if listing.sty:
        style = templates() / "latex" / STYLE_FILE
        yield listing.file.parent / STYLE_FILE, style.read_text("utf-8")


def _content(entry: Listed, source: Source) -> str:
    text = piece_text(
        source,
        entry.piece,
        entry.format,
        wrap=entry.wrap,
        label=entry.label,
        width=entry.width,
    )
    if entry.profile:
        text = f'::: {{.content-visible when-profile="{entry.profile}"}}\n\n{text}\n\n:::'
    return filed(text, entry.format)


def filed(text: str, format: str) -> str:
    """The piece as a file holds it; in LaTeX the last line's end is no space in the host's text."""
    return text + ("%\n" if format == "tex" else "\n")
