"""View data of the general derivation of a cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from verifier.cells import Cell
from verifier.derive.general import general, skeleton
from verifier.language.operations import Shape
from verifier.report.scribe import Line, Scribe
from verifier.report.style import Style
from verifier.report.view import Section
from verifier.report.words import Math, Prose, Words, capital


@dataclass(frozen=True)
class Derivation:
    """A cell's equations, in general and entry by entry."""

    title: str
    summary: str
    source: str
    t: Math
    equations: tuple[Line, ...]
    sizes: Prose
    sections: tuple[Section, ...]
    words: Words


def derivation(cell: Cell, shapes: Mapping[str, Shape], style: Style, words: Words) -> Derivation:
    """The view data for parameters and inputs of these shapes."""
    problem = skeleton(cell, shapes)
    scribe = Scribe(problem, style, words)
    return Derivation(
        title=cell.title or words.text("untitled"),
        summary=cell.summary,
        source=cell.source,
        t=Math("t"),
        equations=tuple(scribe.equations()),
        sizes=_sizes(scribe),
        sections=tuple(_sections(scribe, shapes)),
        words=words,
    )


def _sizes(scribe: Scribe) -> Prose:
    problem, words = scribe.problem, scribe.words
    vectors = [n for n in (*problem.cell.roles.inputs, *problem.cell.equation) if problem.shapes[n]]
    parts = [
        words("derive.size", problem.shapes[name][-1], symbol=scribe.symbol(name, None))
        for name in vectors
    ]
    return words.join(parts)


def _sections(scribe: Scribe, shapes: Mapping[str, Shape]) -> Iterator[Section]:
    cell, words = scribe.problem.cell, scribe.words
    entries = list(general(cell, shapes))
    for name in cell.equation:
        known, symbol = cell.words.get(name), scribe.symbol(name, None)
        heading = words("quantity.unnamed", symbol=symbol)
        if known:
            heading = words("quantity.heading", name=known.name, symbol=symbol)
        lines = [scribe.line(e.left, "=", e.right, None) for e in entries if e.name == name]
        whole = [
            line
            for line, eq in zip(scribe.equations(), cell.equations, strict=True)
            if eq.name == name
        ]
        does = words("quantity.first", does=known.does) if known and known.does else ()
        yield Section(capital(heading), does, tuple(whole), tuple(lines))
