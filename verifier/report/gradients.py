"""A backward pass in words: its symbols, and what each of its quantities is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from verifier.language.adjoint import ADJOINT, AHEAD, BACK, DELTA, owner
from verifier.language.tree import Name, names
from verifier.notation.paper import on_paper
from verifier.notation.symbols import Symbol, SymbolKind
from verifier.problem import Problem
from verifier.problem.backward import is_timed, is_zero
from verifier.problem.loss import LOSS, NEW, RATE
from verifier.report.words import Prose

if TYPE_CHECKING:
    from verifier.report.scribe import Line, Scribe

    Lines = tuple[Line, ...]

PREFIXES: Mapping[str, SymbolKind] = {BACK: "back", AHEAD: "ahead", DELTA: "delta", NEW: "new"}
LETTERS = ("L", "J", "E", "loss")
"""What a loss is called: the first that nothing else is."""


def symbols(problem: Problem) -> dict[str, Symbol]:
    """The symbols of a problem's names, those left out that the problem spells itself."""
    if problem.backward is None:
        return {}
    found = {name: _symbol(problem, name) for name in problem.cell.equation}
    own = problem.notation.names
    return {name: made for name, made in found.items() if made is not None and name not in own}


def _symbol(problem: Problem, name: str) -> Symbol | None:
    assert problem.backward is not None
    task = problem.backward.task.cell.equation
    if name.startswith(ADJOINT):
        of = name.removeprefix(ADJOINT)
        return Symbol("gradient" if is_timed(of, problem.backward.task) else "sum", of)
    for prefix, kind in PREFIXES.items():
        of = name.removeprefix(prefix)
        if of == name:
            continue
        return Symbol(kind, *owner(name, task)) if kind == "delta" else Symbol(kind, of)
    return None


def spellings(problem: Problem) -> dict[str, str]:
    """How the loss and the rate are spelled, where the problem does not say it."""
    if problem.backward is None:
        return {}
    known = {problem.cell.names.get(n, n) for n in problem.backward.task.shapes}
    known |= {*problem.notation.names.values(), *problem.parameters, *problem.inputs}
    letter = next(letter for letter in LETTERS if letter not in known or letter == "loss")
    return {LOSS: letter, **({} if known & {"eta", "η"} else {RATE: "eta"})}


def legend(scribe: Scribe) -> Iterator[Prose]:
    """How the equations of a backward pass are read."""
    problem, words = scribe.problem, scribe.words
    if problem.backward is None:
        return
    yield counted(scribe, "gradient.counted")
    known = symbols(problem)
    for name, symbol in known.items():
        if symbol.kind in ("back", "ahead"):
            yield _passed(scribe, name, symbol)
        elif symbol.kind == "delta":
            yield _derivative(scribe, name)
    some = next((name for name, symbol in known.items() if symbol.kind == "sum"), None)
    if some:
        yield words("gradient.sum", symbol=_general(scribe, some), whole=scribe.symbol(some, 1))


def counted(scribe: Scribe, key: str) -> Prose:
    """At which steps the loss counts."""
    problem, words = scribe.problem, scribe.words
    assert problem.backward is not None
    loss, steps = scribe.bare(LOSS), problem.backward.loss.steps(problem.steps)
    if len(steps) == problem.steps:
        every = {
            "gradient.counted": "gradient.counted.all",
            "gradient.summed": "gradient.summed.all",
        }
        return words(every[key], loss=loss)
    shown: list[Prose] = [(scribe.number(str(step)),) for step in steps]
    return words(key, len(steps), loss=loss, steps=words.join(shown))


def parted(scribe: Scribe) -> tuple[Lines, list[tuple[Prose, Lines]]]:
    """The lines of a cell's equations, and those of a backward pass with their sentences."""
    lines, behind = tuple(scribe.equations()), scribe.problem.backward
    if behind is None:
        return lines, []
    count = len(behind.task.cell.equations)
    last = len(lines) - sum(name.startswith(NEW) for name in scribe.problem.cell.equation)
    words = scribe.words
    return lines[:count], [
        (words("gradient.loss"), lines[count : count + 1]),
        (words("gradient.backwards"), lines[count + 1 : last]),
        (words("gradient.then"), lines[last:]),
    ]


def _general(scribe: Scribe, name: str) -> Prose:
    return (scribe.math(Name(name, 0)),)


def _passed(scribe: Scribe, name: str, symbol: Symbol) -> Prose:
    offset = -1 if symbol.kind == "back" else 1
    state = scribe.math(Name(symbol.of, offset))
    return scribe.words(f"gradient.{symbol.kind}", symbol=_general(scribe, name), state=state)


def _derivative(scribe: Scribe, name: str, step: int | None = None) -> Prose:
    """By which term of an equation a delta is the derivative."""
    assert scribe.problem.backward is not None
    tree = on_paper(scribe.problem.backward.terms[name], scribe.problem.shapes)
    symbol, term = scribe.math(Name(name, 0), step), scribe.math(tree, step)
    return scribe.words("gradient.delta", symbol=symbol, loss=scribe.bare(LOSS), term=term)


def sentence(scribe: Scribe, step: int, name: str) -> Prose:
    """What a quantity of a backward pass is, and what it follows from."""
    words, symbol = scribe.words, symbols(scribe.problem).get(name)
    parts = words.join([(scribe.math(part, step),) for part in _used(scribe, step, name)])
    own = scribe.symbol(name, step)
    if symbol is None:
        return words("quantity.plain", symbol=own, parts=parts)
    of = symbol.of
    if symbol.kind == "delta":
        told = _derivative(scribe, name, step)
    elif symbol.kind in ("back", "ahead"):
        offset = -1 if symbol.kind == "back" else 1
        state = scribe.math(Name(of, offset), step)
        told = words(f"gradient.{symbol.kind}", symbol=own, state=state)
    elif symbol.kind == "new":
        return words("gradient.new", symbol=own, old=scribe.bare(of))
    else:
        return words("quantity.plain", symbol=own, parts=parts)
    return (*told, " ", *words("quantity.plain", symbol=own, parts=parts))


def _used(scribe: Scribe, step: int, name: str) -> list[Name]:
    tree = scribe.problem.cell.equation[name].at(step)
    assert tree is not None
    return list(dict.fromkeys(part for part in names(tree) if part.offset is not None))


def zeros(scribe: Scribe, step: int, quantities: tuple[str, ...]) -> list[str]:
    """The adjoints of a step that are zero by their form."""
    equation = scribe.problem.cell.equation
    return [n for n in quantities if n.startswith(ADJOINT) and is_zero(equation[n].at(step))]
