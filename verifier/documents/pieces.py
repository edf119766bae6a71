"""Pieces of a solution for notes: mathematics without delimiters, or wrapped on request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sized
from dataclasses import replace

from verifier.derive.chain import Chain, Link, chain, to_the_left
from verifier.derive.figures import Figures, given
from verifier.documents.passages import passage
from verifier.documents.source import Source, sourced
from verifier.errors import DocumentError, shown
from verifier.formats import (
    OF_A_NUMBER,
    PIECES,
    Format,
    Wrap,
    in_width,
    load,
    piece_formats,
    wraps_of,
)
from verifier.language.tree import Name, Number
from verifier.report.means import means, words_of
from verifier.report.render import formula
from verifier.report.scribe import Line, Scribe
from verifier.report.selection import Piece, checked, label_of, parse
from verifier.report.words import Math
from verifier.solution import Solution

__all__ = ["Piece", "label_of", "parse", "piece_text"]

NARROWEST = 20
"""Lines of fewer digits than this hold no equation."""


def piece_text(
    source: Solution | Source,
    piece: Piece | str,
    format: str,
    *,
    wrap: Wrap = "none",
    label: str | None = None,
    width: int | None = None,
) -> str:
    """A piece of a solution in a format of `verifier.formats.PIECES`, without a last newline.

    What people handed in, and the formats of an audit, are the source's.
    `wrap` says what stands around mathematics (WRAPS); a numbered wrap takes `label`, by default
    the stable one of `label_of`, and none at all when it is empty. `width` is how many digits fit
    on a line (two columns of LaTeX: about 40). Larger pieces (`given`, `table`, `step`, `solution`,
    …) bring their own delimiters, and open no section of the host's document.
    Errors: DocumentError that lists the choices.
    """
    _known(format, wrap, width)
    source, piece = chosen(source, piece)
    solution = source.solution
    problem = solution.problem
    style = load(PIECES[format])
    style = in_width(style, width) if width else style
    scribe = Scribe(problem, style, words_of(problem))
    if piece.whole:
        return _passage(source, piece, scribe, wrap)
    label = label_of(problem.stem, piece) if label is None else _label(label)
    text = tidy(_framed(solution, piece, scribe, wrap, label))
    return style.in_line(text) if wrap == "none" or piece.kind == "number" else text


def chosen(source: Solution | Source, piece: Piece | str) -> tuple[Source, Piece]:
    """The piece, held against the problem, and what it is made from.

    Errors: DocumentError that lists the choices.
    """
    source = sourced(source)
    piece = parse(piece) if isinstance(piece, str) else piece
    piece = checked(source.solution.problem, piece)
    solution = piece.of(source.solution)
    return (source if solution is source.solution else replace(source, solution=solution)), piece


def _passage(source: Source, piece: Piece, scribe: Scribe, wrap: Wrap) -> str:
    # Sentences need the letters of a language, mathematics does not.
    means(scribe.words.language, scribe.style.name)
    if wrap != "none":
        raise DocumentError(f"{piece} brings its own delimiters", accepted="--wrap none")
    return passage(source, piece, scribe)


def _framed(solution: Solution, piece: Piece, scribe: Scribe, wrap: Wrap, label: str) -> str:
    """The mathematics of a piece with what stands around it."""
    style = scribe.style
    frame = style.wraps[wrap]
    if piece.kind == "number":
        if wrap not in OF_A_NUMBER:
            raise DocumentError("a number is not numbered", accepted=", ".join(OF_A_NUMBER))
        number = _number(solution, piece, scribe)
        return _filled(frame.inline or frame.shown, str(number), number.spoken, style)
    lines = tuple(_lines(solution, piece, scribe))
    body = formula("rows", style, lines, label) if frame.rows else formula("lines", style, lines)
    spoken = "; ".join(line.spoken for line in lines)
    around = frame.numbered if label and frame.numbered else frame.shown
    return _filled(around, body.strip(), spoken, style, label)


def _filled(frame: str, body: str, spoken: str, style: Format, label: str = "") -> str:
    """The frame with its parts, which are put in once, whatever they hold."""
    parts = {
        "{body}": body,
        "{spoken}": style.quote(spoken),
        "{label}": label,
        "{label-}": label.replace(":", "-"),
    }
    return re.sub("|".join(map(re.escape, parts)), lambda found: parts[found[0]], frame)


def _label(label: str) -> str:
    """A label that all hosts take as it is."""
    if label and not re.fullmatch(r"[\w:.-]{1,200}", label):
        accepted = "letters, digits, and the signs : . - _"
        raise DocumentError(f"the label {shown(label)}", accepted=accepted)
    return label


def _known(format: str, wrap: str, width: int | None) -> None:
    if format not in piece_formats():
        accepted = ", ".join(piece_formats())
        raise DocumentError(f"{format!r} is no format of pieces", accepted=accepted)
    if wrap not in wraps_of(format):
        accepted = ", ".join(wraps_of(format))
        raise DocumentError(f"{format} is not wrapped in {wrap!r}", accepted=accepted)
    if width is not None and width < NARROWEST:
        raise DocumentError(f"lines of {width} digits", accepted=f"a width from {NARROWEST}")


def tidy(text: str) -> str:
    """The text without blank lines, which would end a formula, and spaces behind its lines."""
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip())


def _lines(solution: Solution, piece: Piece, scribe: Scribe) -> Iterator[Line]:
    name = piece.name
    if piece.general or piece.step is None:
        from verifier.report.in_general import general_lines

        yield from general_lines(scribe, piece)
        return
    if piece.kind == "chain":
        yield from scribe.chain(chain(solution, piece.step, name))
        return
    worked = chain(solution, piece.step, name, "full")
    if piece.kind == "terms":
        _there(piece, worked.products, "matrix product of a vector", ("chain",))
        for product in worked.products:
            yield from scribe.product(product, piece.step)
        return
    links = list(_alone(worked, piece.kind))
    _there(piece, links, f"{piece.kind} line", dict.fromkeys(link.kind for link in worked.links))
    for k, link in enumerate(links):
        left, bare = Name(name, 0), k > 0 and not link.restart
        yield scribe.line(left, link.relation, link.tree, piece.step, bare=bare)


def _there(piece: Piece, found: Sized, what: str, others: Iterable[str]) -> None:
    if not found:
        where = f"{piece.name} at step {piece.step}"
        raise DocumentError(f"{where} has no {what}", accepted=", ".join(others))


def _alone(worked: Chain, kind: str) -> Iterator[Link]:
    """The links of a kind, as they follow from the left-hand side itself."""
    return (link for link in to_the_left(worked.links) if link.kind == kind)


def _number(solution: Solution, piece: Piece, scribe: Scribe) -> Math:
    figures = _figures(solution, piece)
    if not piece.index or len(piece.index) != len(figures.shape):
        return scribe.math(figures.tree(), piece.step)
    return scribe.shown(figures.at(*piece.index))


def _figures(solution: Solution, piece: Piece) -> Figures:
    """The numbers of a name: typed ones as they are, computed ones as the solution prints them."""
    problem, name, step = solution.problem, piece.name, piece.step
    if step is None:
        return given(problem.parameters[name])
    if not 1 <= step <= problem.steps:
        return given(problem.end(name, step))
    if name in problem.inputs:
        return given(problem.inputs[name].row(step - 1))
    texts = solution.digits(problem.policy.kind)[step, name]
    return Figures(problem.shapes[name], lambda k: Number(texts[k] or "?", False))
