"""What every document begins with: the title, who and when, the cell, and what is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from verifier.language.tree import Name
from verifier.problem import Problem
from verifier.report import gradients
from verifier.report.left_out import fed
from verifier.report.legend import legend, question
from verifier.report.scribe import Line, Scribe
from verifier.report.words import Math, Prose, Words
from verifier.rounding import Rounding
from verifier.version import __version__


@dataclass(frozen=True)
class Block:
    """A sentence and the lines of mathematics below it."""

    sentence: Prose
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Head:
    """The problem as it is posed."""

    title: str
    byline: tuple[str, ...]
    statement: tuple[str, ...]  # paragraphs
    summary: str
    source: str
    t: Math
    equations: tuple[Line, ...]
    more: tuple[Block, ...]  # of a backward pass: the loss, what is passed back, the descent
    legend: Prose
    given: tuple[Block, ...]
    rule: tuple[Prose, ...]
    footer: Prose
    words: Words


def head(scribe: Scribe) -> Head:
    """The head of a document on the scribe's problem."""
    problem, words = scribe.problem, scribe.words
    equations, more = gradients.parted(scribe)
    return Head(
        title=titled(scribe),
        byline=tuple(_byline(scribe)),
        statement=paragraphs(problem),
        summary=scribe.cell_text("summary", problem.cell.summary),
        source=problem.cell.source,
        t=scribe.shown(Name("t")),
        equations=equations,
        more=tuple(Block(*part) for part in more if part[1]),
        legend=spaced(list(legend(scribe))),
        given=tuple(part for part in _given(scribe) if part.lines),
        rule=rules(scribe),
        footer=footer(scribe),
        words=words,
    )


def posed(scribe: Scribe) -> Head:
    """The head of a question, which does not say how the loss is differentiated."""
    found = head(scribe)
    if scribe.problem.backward is None:
        return found
    return replace(found, more=found.more[:1], legend=spaced(list(question(scribe))))


def spaced(sentences: Sequence[Prose]) -> Prose:
    """Sentences one behind the other."""
    return tuple(part for sentence in sentences for part in (*sentence, " "))[:-1]


def titled(scribe: Scribe) -> str:
    """The title of the problem, else what its cell is called."""
    problem = scribe.problem
    title = problem.title.strip() or scribe.cell_text("title", problem.cell.title)
    return title[:1].upper() + title[1:] or scribe.words.text("untitled")


def paragraphs(problem: Problem) -> tuple[str, ...]:
    """What the author says of the problem."""
    return tuple(filter(None, map(str.strip, problem.texts.statement.split("\n\n"))))


def rules(scribe: Scribe) -> tuple[Prose, ...]:
    """The rounding rule in words."""
    return tuple(_rules(scribe))


def footer(scribe: Scribe) -> Prose:
    """What made the document, and from which problem."""
    digest = scribe.problem.sha256[:16]
    return scribe.words("footer", digest=digest, version=__version__)


def _byline(scribe: Scribe) -> Iterator[str]:
    texts = scribe.problem.texts
    yield from filter(None, (texts.course, texts.author, texts.date))
    if texts.points:
        yield scribe.words.text("points.many", points=scribe.plain_number(texts.points))


def _given(scribe: Scribe) -> Iterator[Block]:
    problem, words = scribe.problem, scribe.words
    roles = problem.cell.roles
    fixed = [(Name(name), problem.parameters[name], None) for name in roles.parameters]
    yield Block(words("given.parameters"), tuple(scribe.numbers(fixed)))
    steps, sentence = fed(scribe)
    rows = [
        (Name(name, 0), problem.inputs[name].row(step - 1), step)
        for step in steps
        for name in roles.inputs
        if problem.needs(name, step)
    ]
    yield Block(sentence, tuple(scribe.numbers(rows)))
    for key, used, step in (
        ("initial", roles.initial, 0),
        ("final", roles.final, problem.steps + 1),
    ):
        ends = [
            (Name(name, 0), problem.end(name, step), step)
            for name in used
            if problem.needs(name, step)
        ]
        yield Block(words(f"given.{key}"), tuple(scribe.numbers(ends)))


def _rules(scribe: Scribe) -> Iterator[Prose]:
    problem = scribe.problem
    yield _rule(scribe, problem.rounding, "reading")
    for name, own in problem.rules.items():
        if name not in problem.cell.equation:
            continue
        yield _rule(scribe, own, "reading.own", name=scribe.symbol(name, None))
    if problem.carry is not None:
        unit = "figures" if problem.rounding.places is None else "places"
        yield scribe.words(f"reading.carry.{unit}", problem.carry)


def _rule(scribe: Scribe, rule: Rounding, prefix: str, **values: str) -> Prose:
    mode = scribe.words.text(f"mode.{rule.mode}")
    unit = "figures" if rule.places is None else "places"
    return scribe.words(f"{prefix}.{unit}", rule.count, mode=mode, **values)
