"""Larger pieces of a solution for notes: they hold sentences, and bring their own delimiters."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from verifier.derive.chain import chain, chains
from verifier.derive.marks import recomputed
from verifier.documents.blocks import Block
from verifier.documents.posed import bullets, given, posed
from verifier.documents.sheet import asked
from verifier.documents.solution import solved
from verifier.documents.worked import results, worked
from verifier.evaluate import sites
from verifier.report.head import head
from verifier.report.notes import notes
from verifier.report.render import fragment
from verifier.report.scribe import Scribe
from verifier.report.selection import Piece
from verifier.report.sheet import sheet
from verifier.report.view import Worked, document, in_sections, results_of
from verifier.solution import Solution

Site = tuple[int, str]
Make = Callable[[Solution, Piece, Scribe], Iterable[Block]]


def passage(solution: Solution, piece: Piece, scribe: Scribe) -> str:
    """The text of a piece of a whole problem or of one step, which opens no section."""
    return tidied(fragment(passage_blocks(solution, piece, scribe), scribe.style))


def passage_blocks(solution: Solution, piece: Piece, scribe: Scribe) -> tuple[Block, ...]:
    """The blocks of a piece of a whole problem or of one step."""
    return tuple(_BLOCKS[piece.kind](solution, piece, scribe))


def tidied(text: str) -> str:
    """The text without spaces behind its lines, and with at most one blank line at a place."""
    lines = [line.rstrip() for line in text.strip("\n").splitlines()]
    kept = (line for k, line in enumerate(lines) if line or lines[k - 1])
    return "\n".join(kept)


def _given(solution: Solution, piece: Piece, scribe: Scribe) -> Iterable[Block]:
    return given(head(scribe).given, scribe.words)


def _table(solution: Solution, piece: Piece, scribe: Scribe) -> Iterable[Block]:
    found = [r for r in results_of(solution, scribe) if piece.step in (None, r.step)]
    return [results(found, scribe.words)]


def _notes(solution: Solution, piece: Piece, scribe: Scribe) -> Iterable[Block]:
    return [bullets(notes(solution, scribe, head(scribe).rule))]


def _worked(solution: Solution, own: Iterable[Site]) -> Worked:
    return recomputed(solution, {site: chain(solution, *site) for site in own})


def _step(solution: Solution, piece: Piece, scribe: Scribe) -> Iterable[Block]:
    own = [site for site in sites(solution.problem) if site[0] == piece.step]
    steps = in_sections(_worked(solution, own), scribe)
    return worked(steps, scribe.words)


def _backward(solution: Solution, piece: Piece, scribe: Scribe) -> Iterable[Block]:
    """Of a step, what is passed back in it; else the whole backward pass."""
    if piece.step is None:
        return _solution(solution, piece, scribe)
    behind = solution.problem.backward
    assert behind is not None
    own = [site for site in sites(solution.problem) if site[0] == piece.step]
    own = [site for site in own if site[1] not in behind.task.cell.equation]
    steps = in_sections(_worked(solution, own), scribe)
    return worked(steps, scribe.words)


def _problem(solution: Solution, piece: Piece, scribe: Scribe) -> Iterable[Block]:
    return posed(head(scribe))


def _solution(solution: Solution, piece: Piece, scribe: Scribe) -> Iterable[Block]:
    return solved(
        document(solution, recomputed(solution, chains(solution)), scribe.style, scribe.words)
    )


def _sheet(solution: Solution, piece: Piece, scribe: Scribe) -> Iterable[Block]:
    return asked(sheet(solution.problem, scribe.style, scribe.words, "table"))


def _derivation(solution: Solution, piece: Piece, scribe: Scribe) -> Iterable[Block]:
    from verifier.documents.derivation import derived
    from verifier.report.derivation import derivation

    problem = solution.problem
    return derived(derivation(problem.cell, problem.shapes, scribe.style, scribe.words))


_BLOCKS: dict[str, Make] = {
    "given": _given,
    "table": _table,
    "notes": _notes,
    "step": _step,
    "problem": _problem,
    "solution": _solution,
    "sheet": _sheet,
    "derivation": _derivation,
    "backward": _backward,
}
