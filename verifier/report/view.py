"""Plain view data of a solution: markup ready to be arranged, nothing left to compute."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from verifier.arithmetic.ball import enclosure
from verifier.arithmetic.protocol import QuantityAt
from verifier.certify import two_figures
from verifier.derive.chain import Chain, parts
from verifier.derive.marks import Mark, Recomputed
from verifier.evaluate import in_steps, shown_steps
from verifier.formats import Format
from verifier.language.tree import names
from verifier.markup import Figure
from verifier.problem.loss import NEW
from verifier.problem.only import Only
from verifier.report import gradients
from verifier.report.digits import all_digits
from verifier.report.gradients import zeros
from verifier.report.head import Head, head, spaced
from verifier.report.left_out import left_out
from verifier.report.notes import Place, notes, reading
from verifier.report.scribe import Line, Scribe
from verifier.report.words import Math, Prose, Words, capital
from verifier.rounding import POLICIES
from verifier.solution import Solution, outside

Worked = Mapping[QuantityAt, Recomputed]
"""Chains by step and name, whose lines were computed again."""

MOST_MARKS = 6
"""How many marked numbers of a chain are explained one by one."""


@dataclass(frozen=True)
class Part:
    """Lines of a derivation, and the products that stand before them."""

    lines: tuple[Line, ...]
    products: tuple[Line, ...]


@dataclass(frozen=True)
class Section:
    """The derivation of one quantity."""

    heading: Prose
    sentence: Prose
    parts: tuple[Part, ...]
    result: tuple[Line, ...]
    marks: tuple[Prose, ...] = ()
    height: int = 1  # lines of text that its result takes

    @property
    def worked(self) -> bool:
        """Whether there is more than the result."""
        return sum(len(part.lines) for part in self.parts) > 1


@dataclass(frozen=True)
class Step:
    """All quantities of one step."""

    heading: Prose
    note: Prose
    sections: tuple[Section, ...]
    name: str  # such as step-1, alike in all languages


@dataclass(frozen=True)
class Result:
    """A row of the table of results: a quantity, or a row of a matrix."""

    step: int
    quantity: Prose
    entries: tuple[Figure, ...]


@dataclass(frozen=True)
class Document:
    """A worked solution."""

    head: Head
    reading: tuple[Prose, ...]
    steps: tuple[Step, ...]
    results: tuple[Result, ...]
    notes: tuple[Prose, ...]
    digits: tuple[tuple[Math, tuple[str, ...]], ...]
    digit_count: int
    words: Words


def document(
    solution: Solution, worked: Worked, style: Format, words: Words, digit_count: int = 0
) -> Document:
    """The view data of a solution in a format, from its chains."""
    scribe = Scribe(solution.problem, style, words)
    begin = head(scribe)
    return Document(
        head=begin,
        reading=(*left_out(scribe), *reading(solution, scribe)),
        steps=tuple(in_sections(worked, scribe)),
        results=tuple(results_of(solution, scribe, solution.problem.shown)),
        notes=tuple(notes(solution, scribe, begin.rule)),
        digits=tuple(all_digits(solution, scribe, digit_count)) if digit_count else (),
        digit_count=digit_count,
        words=words,
    )


def in_sections(worked: Worked, scribe: Scribe) -> Iterator[Step]:
    """The steps, a section for each quantity whose chain is among those that are worked."""
    seen: set[str] = set()
    turns = _turns(scribe)
    for step, quantities in in_steps(scribe.problem):
        sections = []
        here = [name for name in quantities if (step, name) in worked]
        dead = zeros(scribe, step, tuple(here)) if scribe.problem.backward else []
        for name in (name for name in here if name not in dead):
            sections.append(_section(scribe, worked[step, name], name not in seen))
            seen.add(name)
        if not here:
            continue
        notes = [turns.get((step, quantities[0]), ())]
        if dead:
            shown: list[Prose] = [(scribe.symbol(name, step),) for name in dead]
            notes.append(scribe.words("gradient.zero", len(dead), names=scribe.words.join(shown)))
        title = _title(scribe, quantities)
        yield Step(
            scribe.words(title, step=step),
            spaced(list(filter(None, notes))),
            tuple(sections),
            f"{NAMES[title]}-{step}",
        )


NAMES = {"step.heading": "step", "gradient.step": "backward", "gradient.descent": "descent"}
"""What the sections of a step are called in pieces, by the keys of their headings."""


def _title(scribe: Scribe, quantities: tuple[str, ...]) -> str:
    """The heading of a step, which a backward pass takes twice."""
    behind = scribe.problem.backward
    if behind is not None and all(name.startswith(NEW) for name in quantities):
        return "gradient.descent"
    forwards = behind is None or any(n in behind.task.cell.equation for n in quantities)
    return "step.heading" if forwards else "gradient.step"


def _turns(scribe: Scribe) -> dict[QuantityAt, Prose]:
    """What to say where time turns round: at the first quantity of such a block."""
    found: dict[QuantityAt, Prose] = {}
    before = 1
    for block in scribe.problem.cell.blocks:
        if block.direction != before and _title(scribe, block.names) == "step.heading":
            first = block.steps(scribe.problem.steps)[0]
            word = "step.backwards" if block.direction < 0 else "step.forwards"
            found[first, block.names[0]] = scribe.words(word)
        before = block.direction
    return found


def heading(scribe: Scribe, name: str, step: int | None) -> Prose:
    """What a quantity is called, with its symbol."""
    known, symbol = scribe.called(name), scribe.symbol(name, step)
    if known is None:
        return scribe.words("quantity.unnamed", symbol=symbol)
    return capital(scribe.words("quantity.heading", name=known.name, symbol=symbol))


def _section(scribe: Scribe, worked: Recomputed, first: bool) -> Section:
    step, name = worked.chain.step, worked.chain.name
    found = tuple(_part(scribe, own) for own in parts(worked.shown))
    lines = [line for part in found for line in (*part.products, *part.lines)]
    return Section(
        heading(scribe, name, step),
        _sentence(scribe, step, name, first),
        found,
        (scribe.result(worked.chain),),
        tuple(_marks(scribe, worked.marks)) if _bear(scribe, lines) else (),
        _height(scribe, name),
    )


def _height(scribe: Scribe, name: str) -> int:
    """How many lines of text the numbers of a quantity take below each other."""
    shape = scribe.problem.shapes[name]
    return shape[0] if len(shape) == 2 or (shape and scribe.printer.columns) else 1


def _part(scribe: Scribe, own: Chain) -> Part:
    products = (line for part in own.products for line in scribe.product(part, own.step))
    return Part(tuple(scribe.chain(own)), tuple(products))


def _bear(scribe: Scribe, lines: Iterable[Line]) -> bool:
    """Whether any line shows a mark; a marked number may stand behind dots."""
    sign = scribe.printer.mark()
    return any(sign in line.right for line in lines)


def _marks(scribe: Scribe, found: Sequence[Mark]) -> Iterator[Prose]:
    """What the marks of a chain stand for: the first ones are told, the others counted."""
    words, sign = scribe.words, Math(scribe.printer.mark(), scribe.words.text("say.note"))
    for mark in found[:MOST_MARKS]:
        short = mark.terms and scribe.width(mark.terms) < scribe.style.width / 2
        terms = scribe.shown(mark.terms) if mark.terms and short else None
        texts: dict[str, Any] = {
            "gives": scribe.number(mark.gives),
            "printed": scribe.number(mark.printed),
        }
        key = "open" if "?" in (mark.gives, mark.printed) else "terms" if terms else "whole"
        yield words(f"marks.{key}", mark=sign, terms=terms or "", **texts)
    if len(found) > MOST_MARKS:
        yield words("marks.more", len(found) - MOST_MARKS, mark=sign)


def _sentence(scribe: Scribe, step: int, name: str, first: bool) -> Prose:
    behind = scribe.problem.backward
    if behind is not None and name not in behind.task.cell.equation:
        return gradients.sentence(scribe, step, name)
    words, known = scribe.words, scribe.called(name)
    if known and known.does and first:
        return words("quantity.first", does=known.does)
    tree = scribe.problem.cell.equation[name].at(step)
    assert tree is not None
    used = dict.fromkeys(part for part in names(tree) if part.offset is not None)
    parts = words.join([(scribe.math(part, step),) for part in used])
    if not parts:
        return ()
    if known:
        return words("quantity.again", name=known.name, step=step, parts=parts)
    return words("quantity.plain", symbol=scribe.symbol(name, step), parts=parts)


def results_of(solution: Solution, scribe: Scribe, only: Only | None = None) -> Iterator[Result]:
    """The rows of the table of results; single entries that are chosen have rows of their own."""
    problem = solution.problem
    only = problem.only if only is None else only
    for step, quantities in shown_steps(problem, only):
        for name in quantities:
            chosen = only.chosen(name)
            if chosen is None:
                size = range(problem.size(name))
                entries = [_figure(solution, scribe, (step, name, k)) for k in size]
                yield from _in_rows(scribe, step, name, entries)
            for k in chosen or ():
                symbol = scribe.entry(name, step, k)
                yield Result(step, (symbol,), (_figure(solution, scribe, (step, name, k)),))


def _in_rows(scribe: Scribe, step: int, name: str, entries: list[Figure]) -> Iterator[Result]:
    """One row of the table, for a matrix one for each of its rows."""
    shape, symbol = scribe.problem.shapes[name], scribe.symbol(name, step)
    if len(shape) < 2 or shape[0] == 1:
        yield Result(step, (symbol,), tuple(entries))
        return
    for row in range(shape[0]):
        own = entries[row * shape[1] : (row + 1) * shape[1]]
        yield Result(step, scribe.words("results.row", symbol=symbol, row=row + 1), tuple(own))


def _figure(solution: Solution, scribe: Scribe, place: Place) -> Figure:
    step, name, k = place
    text = solution.digits(solution.problem.policy.kind)[step, name][k]
    facts = tuple(_facts(solution, scribe, place))
    return Figure(scribe.number(text), scribe.plain_number(text or "?"), facts)


def _facts(solution: Solution, scribe: Scribe, place: Place) -> Iterator[Prose]:
    """What a reader may ask of a number: where it lies, how close the call was, other policies."""
    if not scribe.style.facts:
        return
    words, (step, name, k) = scribe.words, place
    entry, rule = solution.full.trace.entries(step, name)[k], solution.problem.rule(name)
    lower, upper = outside(enclosure(entry), rule)
    least = solution.margin(*place)
    if lower is not None and upper is not None:
        low, high = scribe.plain_number(lower), scribe.plain_number(upper)
        if low == high:
            yield words("html.exact", value=low)
        else:
            yield words("html.enclosure", lower=low, upper=high)
    if least is not None:
        yield words("html.margin", margin=scribe.plain_number(two_figures(least)))
    for kind in POLICIES if solution.with_policies else ():
        text = solution.digits(kind)[step, name][k]
        yield words(f"html.policy.{kind}", text=scribe.plain_number(text or "?"))
