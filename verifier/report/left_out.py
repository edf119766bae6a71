"""What a document says of the results that it does not show."""

from __future__ import annotations

from collections.abc import Iterator

from verifier import effort
from verifier.problem.only import Only, runs
from verifier.report.scribe import Scribe
from verifier.report.words import Prose


def left_out(scribe: Scribe, key: str = "only.asked") -> Iterator[Prose]:
    """What is shown of a solution or a sheet, and that the rest is left out; nothing of a whole."""
    problem = scribe.problem
    if problem.shown.everything:
        return
    yield from asked(scribe, key) if not problem.only.everything else _summarised(scribe)


def asked(scribe: Scribe, key: str = "only.asked") -> Iterator[Prose]:
    """What was asked for, where something was."""
    only = scribe.problem.only
    if not only.everything:
        yield scribe.words(key, what=_asked_for(scribe, only), when=_when(scribe, only))


def fed(scribe: Scribe) -> tuple[list[int], Prose]:
    """The steps whose inputs are printed, and what is said of them: all, unless they are many."""
    problem, words = scribe.problem, scribe.words
    steps = list(range(1, problem.steps + 1))
    many = sum(numbers.size for numbers in problem.inputs.values()) > effort.SHOWN
    kept = [step for step in steps if not many or problem.shown.at(step)]
    if len(kept) == len(steps):
        return steps, words("given.inputs", len(steps))
    listed = ", ".join(runs(kept))
    return kept, words("only.inputs", len(kept), steps=listed, all=str(len(steps)))


def _summarised(scribe: Scribe) -> Iterator[Prose]:
    problem, words, only = scribe.problem, scribe.words, scribe.problem.shown
    each = sum(problem.size(name) for name in problem.cell.equation)
    cut = [len(entries) for entries in (only.entries or {}).values() if entries is not None]
    what = words("only.first", max(cut) - 1) if cut else words("only.every")
    yield words("only.large", all=str(problem.steps * each), what=what, when=_when(scribe, only))


def _asked_for(scribe: Scribe, only: Only) -> Prose:
    """The quantities and entries at the general step: h_t and y_{t,4}."""
    if only.entries is None:
        return scribe.words("only.every")
    parts: list[Prose] = []
    for name in only.entries:
        chosen = only.chosen(name)
        if chosen is None:
            parts.append((scribe.symbol(name, None),))
        parts += [(scribe.entry(name, None, k),) for k in chosen or ()]
    return scribe.words.join(parts)


def _when(scribe: Scribe, only: Only) -> Prose:
    if only.steps is None:
        return scribe.words("only.steps.all")
    return scribe.words("only.steps", len(only.steps), steps=", ".join(runs(only.steps)))
