"""Pieces of the general derivation: equations, entries, derivatives, unrolled quantities."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from verifier.derive.agreement import disagreements
from verifier.derive.general import general
from verifier.derive.jacobian import Derivative, Jacobian, jacobian
from verifier.derive.unroll import unrolled_at
from verifier.errors import DocumentError
from verifier.language.tree import Name
from verifier.report.scribe import Line, Scribe
from verifier.report.selection import Piece


def general_lines(scribe: Scribe, piece: Piece) -> Iterator[Line]:
    """The lines of a piece that is of the cell, not of its numbers."""
    return _LINES[piece.kind](scribe, piece)


def equations(scribe: Scribe, piece: Piece) -> Iterator[Line]:
    """The equation of a quantity at the general step; of no quantity, all of them."""
    listed = zip(scribe.problem.cell.equation, scribe.equations(), strict=True)
    return (line for name, line in listed if piece.name in (name, ""))


def _entries(scribe: Scribe, piece: Piece) -> Iterator[Line]:
    problem = scribe.problem
    for entry in general(problem.cell, problem.shapes):
        if entry.name == piece.name:
            yield scribe.line(entry.left, "=", entry.right, piece.step)


def _partial(scribe: Scribe, piece: Piece) -> Iterator[Line]:
    return _derivatives(scribe, piece, confirmed(scribe).partial)


def _total(scribe: Scribe, piece: Piece) -> Iterator[Line]:
    return _derivatives(scribe, piece, confirmed(scribe).total)


def _derivatives(scribe: Scribe, piece: Piece, found: tuple[Derivative, ...]) -> Iterator[Line]:
    own = [one for one in found if one.pair[0].name == piece.name]
    if not own:
        known = dict.fromkeys(one.pair[0].name for one in found)
        raise DocumentError(f"{piece.name} has no {piece.kind}", accepted=", ".join(known))
    return (scribe.line(one.left, "=", one.right, piece.step) for one in own)


def confirmed(scribe: Scribe) -> Jacobian:
    """The derivatives of the scribe's cell, each of which a dual number has confirmed.

    Errors: VerifierError for cells without states or too large; see `derive.jacobian`.
    """
    cell, shapes = scribe.problem.cell, scribe.problem.shapes
    found = jacobian(cell, shapes)
    for wrong in disagreements(cell, shapes, found):
        raise DocumentError(f"the derivative of {wrong.of} by {wrong.by} could not be confirmed")
    return found


def _unrolled(scribe: Scribe, piece: Piece) -> Iterator[Line]:
    problem, step = scribe.problem, piece.step or 1
    state = unrolled_at(problem.cell, problem.shapes, problem.steps, step, piece.name)
    for k, tree in enumerate(state.trees):
        yield scribe.line(Name(piece.name, 0), "=", tree, step, bare=k > 0)


_LINES: dict[str, Callable[[Scribe, Piece], Iterator[Line]]] = {
    "cell": equations,
    "equation": equations,
    "entries": _entries,
    "partial": _partial,
    "jacobian": _total,
    "unrolled": _unrolled,
}
