"""Plain view data of a solution: markup ready to be arranged, nothing left to compute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from verifier import __version__
from verifier.derive.chain import Chain, Chains
from verifier.evaluate import sites
from verifier.language.tree import Name, names
from verifier.report.digits import all_digits
from verifier.report.notes import notes, reading, rule
from verifier.report.scribe import Line, Scribe
from verifier.report.style import Style
from verifier.report.words import Math, Prose, Words, capital
from verifier.solution import Solution


@dataclass(frozen=True)
class Section:
    """The derivation of one quantity."""

    heading: Prose
    sentence: Prose
    lines: tuple[Line, ...]
    products: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Step:
    """All quantities of one step."""

    heading: Prose
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Result:
    """A row of the table of results."""

    step: int
    symbol: Math
    entries: tuple[Math, ...]


@dataclass(frozen=True)
class Block:
    """A sentence and the lines of mathematics below it."""

    sentence: Prose
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Document:
    """A worked solution."""

    title: str
    summary: str
    source: str
    equations: tuple[Line, ...]
    t: Math
    given: tuple[Block, ...]
    rule: tuple[Prose, ...]
    reading: tuple[Prose, ...]
    steps: tuple[Step, ...]
    results: tuple[Result, ...]
    notes: tuple[Prose, ...]
    digits: tuple[tuple[Math, tuple[str, ...]], ...]
    digit_count: int
    footer: Prose
    words: Words = field(repr=False)


def document(
    solution: Solution, worked: Chains, style: Style, words: Words, digit_count: int = 0
) -> Document:
    """The view data of a solution in a format, from its chains."""
    problem = solution.problem
    scribe = Scribe(problem, style, words)
    return Document(
        title=problem.title.strip() or problem.cell.title.capitalize() or words.text("untitled"),
        summary=problem.cell.summary,
        source=problem.cell.source,
        equations=tuple(scribe.equations()),
        t=Math("t"),
        given=tuple(_given(scribe)),
        rule=tuple(rule(solution, scribe)),
        reading=tuple(reading(solution, scribe)),
        steps=tuple(_steps(solution, worked, scribe)),
        results=tuple(_results(solution, scribe)),
        notes=tuple(notes(solution, scribe)),
        digits=tuple(all_digits(solution, scribe, digit_count)) if digit_count else (),
        digit_count=digit_count,
        footer=words("footer", digest=problem.sha256[:16], version=__version__),
        words=words,
    )


def _given(scribe: Scribe) -> Iterator[Block]:
    problem, words = scribe.problem, scribe.words
    roles = problem.cell.roles
    fixed = [(Name(name), problem.parameters[name], None) for name in roles.parameters]
    yield Block(words("given.parameters"), tuple(scribe.numbers(fixed)))
    fed = [
        (Name(name, 0), problem.inputs[name].row(step - 1), step)
        for step in range(1, problem.steps + 1)
        for name in roles.inputs
    ]
    yield Block(words("given.inputs", problem.steps), tuple(scribe.numbers(fed)))
    for key, used, step in (
        ("initial", roles.initial, 0),
        ("final", roles.final, problem.steps + 1),
    ):
        ends = [(Name(name, 0), problem.end(name, step), step) for name in used]
        yield Block(words(f"given.{key}"), tuple(scribe.numbers(ends)))


def _steps(solution: Solution, worked: Chains, scribe: Scribe) -> Iterator[Step]:
    seen: set[str] = set()
    for step, quantities in in_steps(solution):
        sections = []
        for name in quantities:
            sections.append(_section(scribe, worked[step, name], name not in seen))
            seen.add(name)
        yield Step(scribe.words("step.heading", step=step), tuple(sections))


def in_steps(solution: Solution) -> list[tuple[int, list[str]]]:
    """The steps with their quantities, in the order in which they are worked out."""
    found: list[tuple[int, list[str]]] = []
    for step, name in sites(solution.problem):
        if not found or found[-1][0] != step:
            found.append((step, []))
        found[-1][1].append(name)
    return found


def _section(scribe: Scribe, worked: Chain, first: bool) -> Section:
    step, name = worked.step, worked.name
    words, known = scribe.words, scribe.problem.cell.words.get(name)
    symbol = scribe.symbol(name, step)
    heading = words("quantity.unnamed", symbol=symbol)
    if known:
        heading = words("quantity.heading", name=known.name, symbol=symbol)
    return Section(
        capital(heading),
        _sentence(scribe, step, name, first),
        tuple(scribe.chain(worked)),
        tuple(scribe.product(product, step) for product in worked.products),
    )


def _sentence(scribe: Scribe, step: int, name: str, first: bool) -> Prose:
    words, known = scribe.words, scribe.problem.cell.words.get(name)
    if known and known.does and first:
        return words("quantity.first", does=known.does)
    tree = scribe.problem.cell.equation[name].expression
    used = dict.fromkeys(part for part in names(tree) if part.offset is not None)
    parts = words.join([(scribe.math(part, step),) for part in used])
    if not parts:
        return ()
    if known:
        return words("quantity.again", name=known.name, step=step, parts=parts)
    return words("quantity.plain", symbol=scribe.symbol(name, step), parts=parts)


def _results(solution: Solution, scribe: Scribe) -> Iterator[Result]:
    digits = solution.digits(solution.problem.policy.kind)
    for step, quantities in in_steps(solution):
        for name in quantities:
            entries = [Math(scribe.printer.number(text or "?")) for text in digits[step, name]]
            yield Result(step, scribe.symbol(name, step), tuple(entries))
