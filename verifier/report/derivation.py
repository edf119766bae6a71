"""View data of the general derivation of a cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from verifier.cells import Cell
from verifier.derive.general import general, skeleton
from verifier.language.operations import Shape
from verifier.report.head import Head, head
from verifier.report.scribe import Scribe
from verifier.report.style import Style
from verifier.report.view import Section, heading
from verifier.report.words import Prose, Words


@dataclass(frozen=True)
class Derivation:
    """A cell's equations, in general and entry by entry."""

    head: Head
    sizes: Prose
    sections: tuple[Section, ...]
    words: Words


def derivation(cell: Cell, shapes: Mapping[str, Shape], style: Style, words: Words) -> Derivation:
    """The view data for parameters and inputs of these shapes."""
    scribe = Scribe(skeleton(cell, shapes), style, words)
    begin = replace(head(scribe), given=())  # the numbers of a skeleton are symbols
    return Derivation(begin, _sizes(scribe), tuple(_sections(scribe, shapes)), words)


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
    for name, whole in zip(cell.equation, scribe.equations(), strict=True):
        known = scribe.called(name)
        lines = [scribe.line(e.left, "=", e.right, None) for e in entries if e.name == name]
        does = words("quantity.first", does=known.does) if known and known.does else ()
        yield Section(heading(scribe, name, None), does, (whole,), tuple(lines))
