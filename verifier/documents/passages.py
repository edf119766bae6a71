"""Larger pieces for notes: they hold sentences, and bring their own delimiters.

A kind of document is a piece as it is, by the blocks that its builder makes; a section of it is a
cut of these by its name. A few parts that no document has by itself stand in a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module

from verifier.arithmetic.protocol import QuantityAt
from verifier.derive.chain import chain
from verifier.derive.marks import recomputed
from verifier.documents.blocks import Block, Heading, Slide, Together
from verifier.documents.posed import bullets, given
from verifier.documents.printing import part
from verifier.documents.source import Source
from verifier.documents.worked import results, worked
from verifier.errors import DocumentError, nearest, shown
from verifier.evaluate import sites
from verifier.report.head import head
from verifier.report.kinds import KINDS
from verifier.report.notes import notes
from verifier.report.scribe import Scribe
from verifier.report.selection import Piece
from verifier.report.view import Worked, in_sections, results_of
from verifier.solution import Solution

Make = Callable[[Source, Piece, Scribe], Iterable[Block]]


def passage(source: Source, piece: Piece, scribe: Scribe) -> str:
    """The text of a piece of a whole problem or of one step, which opens no section."""
    return part(passage_blocks(source, piece, scribe), scribe.style)


def passage_blocks(source: Source, piece: Piece, scribe: Scribe) -> tuple[Block, ...]:
    """The blocks of a piece of a whole problem or of one step.

    Errors: DocumentError for a section that a document does not have, with those that it has.
    """
    if piece.kind in _PARTS:
        return tuple(_PARTS[piece.kind](source, piece, scribe))
    found = _of_kind(piece.kind, source, scribe)
    return _cut(tuple(found), piece) if piece.section else tuple(found)


def _of_kind(kind: str, source: Source, scribe: Scribe) -> Iterable[Block]:
    """What the builder of a kind of document makes, without the page around it."""
    module = import_module(f"verifier.documents.{KINDS[kind].module}")
    found: Iterable[Block] = module.blocks(source, scribe)
    return found


def _cut(blocks: Sequence[Block], piece: Piece) -> tuple[Block, ...]:
    """The section of a name: from its heading to the next one of its level."""
    found, own = dict[str, list[Block]](), ""
    for block in _loose(blocks):
        if isinstance(block, Slide) or (isinstance(block, Heading) and block.level == 1):
            own = block.name
        found.setdefault(own, []).append(block)
    if piece.section in found:
        return tuple(found[piece.section])
    names = [name for name in found if name]
    what = f"{piece.kind} has no section {shown(piece.section)}{nearest(piece.section, names)}"
    raise DocumentError(what, accepted=", ".join(f"{piece.kind}:{name}" for name in names))


def _loose(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, and what stays together one by one."""
    for block in blocks:
        yield from block.blocks if isinstance(block, Together) else (block,)


def _given(source: Source, piece: Piece, scribe: Scribe) -> Iterable[Block]:
    return given(head(scribe).given, scribe.words)


def _table(source: Source, piece: Piece, scribe: Scribe) -> Iterable[Block]:
    found = [r for r in results_of(source.solution, scribe) if piece.step in (None, r.step)]
    return [results(found, scribe.words)]


def _notes(source: Source, piece: Piece, scribe: Scribe) -> Iterable[Block]:
    return [bullets(notes(source.solution, scribe, head(scribe).rule))]


def _worked(solution: Solution, own: Iterable[QuantityAt]) -> Worked:
    return recomputed(solution, {site: chain(solution, *site) for site in own})


def _step(source: Source, piece: Piece, scribe: Scribe) -> Iterable[Block]:
    own = [site for site in sites(source.solution.problem) if site[0] == piece.step]
    steps = in_sections(_worked(source.solution, own), scribe)
    return worked(steps, scribe.words)


def _backward(source: Source, piece: Piece, scribe: Scribe) -> Iterable[Block]:
    """Of a step, what is passed back in it; else the whole backward pass."""
    if piece.step is None:
        return _of_kind("solution", source, scribe)
    behind = source.solution.problem.backward
    assert behind is not None
    own = [site for site in sites(source.solution.problem) if site[0] == piece.step]
    own = [site for site in own if site[1] not in behind.task.cell.equation]
    steps = in_sections(_worked(source.solution, own), scribe)
    return worked(steps, scribe.words)


_PARTS: dict[str, Make] = {
    "given": _given,
    "table": _table,
    "notes": _notes,
    "step": _step,
    "backward": _backward,
}
