"""View data of the general derivation of a cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from verifier.arithmetic.ball import Ball
from verifier.cells import Cell
from verifier.derive.general import general, skeleton
from verifier.derive.jacobian import Derivative, Jacobian, in_pairs
from verifier.derive.unroll import unrolled
from verifier.errors import ProblemError
from verifier.formats import Format
from verifier.language.operations import Shape
from verifier.language.tree import Call, Name, nodes
from verifier.problem import Problem
from verifier.report.head import Head, head
from verifier.report.in_general import confirmed
from verifier.report.kinks import kinks
from verifier.report.scribe import Line, Scribe
from verifier.report.view import heading
from verifier.report.words import Prose, Words, capital


@dataclass(frozen=True)
class Parts:
    """What a general derivation holds: entries written out, steps unrolled, derivatives."""

    expand: bool = True
    unroll: int = 0
    jacobian: bool = False


PLAIN = Parts()


@dataclass(frozen=True)
class Passage:
    """Lines of mathematics below a heading, and the same entry by entry."""

    heading: Prose
    sentence: Prose
    lines: tuple[Line, ...]
    entries: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Slopes:
    """The derivatives of a cell, by pairs of quantities."""

    remarks: tuple[Prose, ...]
    partial: tuple[Passage, ...]
    total: tuple[Passage, ...]


@dataclass(frozen=True)
class Derivation:
    """A cell's equations in general; parts that are not wanted are empty."""

    head: Head
    sizes: Prose
    sections: tuple[Passage, ...]
    unroll: int
    unrolled: tuple[Passage, ...]
    slopes: Slopes | None
    words: Words


def derivation(
    cell: Cell,
    shapes: Mapping[str, Shape],
    style: Format,
    words: Words,
    parts: Parts = PLAIN,
    problem: Problem | None = None,
) -> Derivation:
    """The view data for parameters and inputs of these shapes.

    Errors: VerifierError where a part would be too long; see `derive.unroll` and `derive.jacobian`.
    """
    plain = skeleton(cell, shapes)
    behind = problem.backward if problem else None
    scribe = Scribe(replace(plain, backward=behind), style, words)
    begin = replace(head(scribe), given=())  # the numbers of a skeleton are symbols
    return Derivation(
        begin,
        _sizes(scribe),
        tuple(_sections(scribe, shapes)) if parts.expand else (),
        parts.unroll,
        tuple(_unrolled(scribe, shapes, parts.unroll)) if parts.unroll else (),
        _slopes(scribe, problem) if parts.jacobian else None,
        words,
    )


def _sizes(scribe: Scribe) -> Prose:
    problem, words = scribe.problem, scribe.words
    names = (*problem.cell.roles.inputs, *problem.cell.equation)
    vectors = [n for n in names if problem.shapes[n] and n not in scribe.printer.symbols]
    parts = [
        words("derive.size", problem.shapes[name][-1], symbol=scribe.symbol(name, None))
        for name in vectors
    ]
    return words.join(parts)


def _sections(scribe: Scribe, shapes: Mapping[str, Shape]) -> Iterator[Passage]:
    cell, words = scribe.problem.cell, scribe.words
    entries = list(general(cell, shapes))
    for name, whole in zip(cell.equation, scribe.equations(), strict=True):
        known = scribe.called(name)
        lines = [scribe.line(e.left, "=", e.right, None) for e in entries if e.name == name]
        does = words("quantity.first", does=known.does) if known and known.does else ()
        yield Passage(heading(scribe, name, None), does, (whole,), tuple(lines))


def _unrolled(scribe: Scribe, shapes: Mapping[str, Shape], steps: int) -> Iterator[Passage]:
    for state in unrolled(scribe.problem.cell, shapes, steps):
        left = Name(state.name, 0)
        lines = (
            scribe.line(left, "=", tree, state.step, bare=k > 0)
            for k, tree in enumerate(state.trees)
        )
        yield Passage(heading(scribe, state.name, state.step), (), tuple(lines))


def _slopes(scribe: Scribe, problem: Problem | None) -> Slopes:
    words, found = scribe.words, confirmed(scribe)
    count = len(found.partial) + len(found.total)
    remarks = [words("derive.jacobian.rules"), words("derive.jacobian.checked", count)]
    if _has_step(found):
        remarks.insert(1, words("derive.jacobian.step"))
    met = [] if problem is None else _met(problem, scribe)
    remarks += [words("kinks.numbers"), *met] if met else []
    return Slopes(
        tuple(remarks), tuple(_pairs(scribe, found.partial)), tuple(_pairs(scribe, found.total))
    )


def _met(problem: Problem, scribe: Scribe) -> list[Prose]:
    """Where the numbers of a problem meet kinks; nothing where they have no results."""
    with suppress(ProblemError):
        own = Scribe(problem, scribe.style, scribe.words)
        return [capital(sentence) for sentence in kinks(own, Ball())]
    return []


def _has_step(found: Jacobian) -> bool:
    trees = (node for one in (*found.partial, *found.total) for _, node in nodes(one.right))
    return any(isinstance(node, Call) and node.operation == "step" for node in trees)


def _pairs(scribe: Scribe, found: Iterable[Derivative]) -> Iterator[Passage]:
    for (of, by), derivatives in in_pairs(found):
        title = scribe.words("derive.jacobian.pair", of=scribe.shown(of), by=scribe.shown(by))
        lines = tuple(scribe.line(one.left, "=", one.right, None) for one in derivatives)
        yield Passage(title, (), lines)
