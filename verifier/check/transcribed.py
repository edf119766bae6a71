"""Right numbers that were written down wrongly: elsewhere, in another order, or as percent.

Each way is a row: where the right number of each entry stands that it moves, and by what it is
multiplied. One way must explain every number that is wrong, so it is told once for a sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import combinations

from verifier.arithmetic.protocol import QuantityAt
from verifier.outcomes.honest import Question
from verifier.outcomes.mistakes import MOST_CHANCE
from verifier.outcomes.model import Entry, Explanation, Given
from verifier.outcomes.tried import agreement

Numbers = Sequence[tuple[Entry, Given]]
Moves = Mapping[Entry, Entry]
PERCENT = 100
MOST_ROWS = 32
"""Of a matrix with more rows, the first ones are exchanged."""
MOST_EXCHANGED = 2000
"""Exchanges of two entries are tried up to so many."""


@dataclass(frozen=True)
class Moved:
    """A way to write numbers down: for each entry that it moves, the entry whose number stands."""

    id: str
    quantities: tuple[str, ...]
    source: Moves
    factor: int = 1

    @property
    def explanation(self) -> Explanation:
        """The slip, and the quantities with which it was made."""
        return Explanation("slip", self.id, (("quantities", self.quantities),))


def transcribed(question: Question, given: Numbers, wrong: Numbers) -> Moved | None:
    """The way that explains all wrong numbers, and contradicts none of the given ones."""
    known, entries, tried = dict(given), [entry for entry, _ in wrong], 0
    fitting: list[Moved] = []
    for moved in ways(question):
        tried += 1
        if all(entry in moved.source for entry in entries) and _fits(question, moved, known):
            fitting.append(moved)
    best = min(fitting, key=lambda moved: len(moved.source), default=None)
    if best is None or _chance(question, best, wrong, tried) > MOST_CHANCE:
        return None
    return replace(best, quantities=tuple(_spoken_of(best, known)))


def _spoken_of(moved: Moved, known: Mapping[Entry, Given]) -> Iterator[str]:
    """Those of the quantities of which a given number is, or where it belongs."""
    met = {
        name for at, source in moved.source.items() if at in known for name in (at[1], source[1])
    }
    return (name for name in moved.quantities if name in met)


def _fits(question: Question, moved: Moved, known: Mapping[Entry, Given]) -> bool:
    """Whether every number that was moved is the one that belongs elsewhere."""
    return all(
        abs(float(known[entry].value) - moved.factor * _right(question, source))
        <= _slack(question, moved, entry, known[entry])
        for entry, source in moved.source.items()
        if entry in known
    )


def _right(question: Question, entry: Entry) -> float:
    return float(question.honest[0, question.number[entry]])


def _slack(question: Question, moved: Moved, entry: Entry, number: Given) -> float:
    source = moved.source[entry]
    spread = float(question.spread[question.number[source]])
    unit = 10.0 ** -question.asked_places(source)
    written = 0.0 if number.places is None else 10.0**-number.places
    return 1.001 * max(written, moved.factor * max(unit, spread))


def _chance(question: Question, moved: Moved, wrong: Numbers, tried: int) -> Fraction:
    """How likely one of so many ways agrees with the wrong numbers by coincidence."""
    odds = Fraction(tried)
    for entry, number in wrong:
        far = abs(float(number.value) - _right(question, entry))
        odds *= agreement(2 * _slack(question, moved, entry, number), far)
    return min(Fraction(1), odds)


def ways(question: Question) -> Iterator[Moved]:
    """Every way that is tried, the plainest first."""
    for rule in (_percent, _copied, _steps_exchanged, _reversed, _items, _quantities, _entries):
        yield from rule(question)


def _names(question: Question) -> Iterator[tuple[str, ...]]:
    """Each quantity alone, and all together."""
    every = tuple(question.solution.order)
    yield from ((name,) for name in every)
    if len(every) > 1:
        yield every


def _of(question: Question, names: Sequence[str], move: Callable[[Entry], Entry | None]) -> Moves:
    """Where the numbers of some quantities stand that a rule moves to another entry."""
    found = {entry: move(entry) for entry in question.entries if entry[1] in names}
    there = question.number
    return {e: s for e, s in found.items() if s is not None and s != e and s in there}


def _moved(id: str, names: tuple[str, ...], source: Moves) -> Iterator[Moved]:
    if source:
        yield Moved(id, names, source)


def _percent(question: Question) -> Iterator[Moved]:
    """53.81 for 0.5381."""
    for names in _names(question):
        own = {entry: entry for entry in question.entries if entry[1] in names}
        yield Moved("percent", names, own, PERCENT)


def _copied(question: Question) -> Iterator[Moved]:
    """The numbers of the step before, at one step or at all later ones."""
    steps = range(2, question.problem.steps + 1)
    others = [{at: at - 1} for at in steps] + [dict.fromkeys(steps, 1)]
    for names in _names(question):
        for other in others:
            yield from _moved("step-copied", names, _of(question, names, partial(_step, other)))


def _steps_exchanged(question: Question) -> Iterator[Moved]:
    """The numbers of two steps exchanged, or those of all steps in reverse order."""
    steps = range(1, question.problem.steps + 1)
    others = [{a: b, b: a} for a, b in combinations(steps, 2)]
    others += [dict(zip(steps, steps[::-1], strict=True))]
    for names in _names(question):
        for other in others:
            yield from _moved("steps-exchanged", names, _of(question, names, partial(_step, other)))


def _step(other: Mapping[int, int], entry: Entry) -> Entry | None:
    """The same entry at another step."""
    return (other[entry[0]], *entry[1:]) if entry[0] in other else None


def _reversed(question: Question) -> Iterator[Moved]:
    """The entries of vectors from the last to the first, at all steps or at one."""
    for names in _names(question):
        source = _of(question, names, partial(_turned, question, None))
        yield from _moved("entries-reversed", names, source)
    for site in dict.fromkeys(entry[:2] for entry in question.entries):
        source = _of(question, site[1:], partial(_turned, question, site[0]))
        yield from _moved("entries-reversed", site[1:], source)


def _turned(question: Question, at: int | None, entry: Entry) -> Entry | None:
    """The entry as far from the end as this one is from the beginning."""
    if at not in (None, entry[0]):
        return None
    ends = zip(question.problem.shapes[entry[1]], entry[2], strict=True)
    return (*entry[:2], tuple(side - 1 - k for side, k in ends))


def _items(question: Question) -> Iterator[Moved]:
    """Two rows of matrices exchanged, as of two items of a batch: of one quantity, and of all."""
    shapes = question.problem.shapes
    for names in _names(question):
        wide = [name for name in names if len(shapes[name]) == 2]
        rows = {shapes[name][0] for name in wide}
        if wide and len(rows) == 1:
            for one, two in combinations(range(min(*rows, MOST_ROWS)), 2):
                rule = partial(_row, {one: two, two: one})
                yield from _moved("items-exchanged", tuple(wide), _of(question, wide, rule))


def _row(other: Mapping[int, int], entry: Entry) -> Entry | None:
    """The same entry of another row."""
    row, *rest = entry[2]
    return (*entry[:2], (other[row], *rest)) if row in other else None


def _quantities(question: Question) -> Iterator[Moved]:
    """The numbers of two quantities exchanged, at all steps or at one."""
    shapes, steps = question.problem.shapes, range(1, question.problem.steps + 1)
    for one, two in combinations(question.solution.order, 2):
        if shapes[one] == shapes[two]:
            for at in (None, *steps):
                source = _of(question, (one, two), partial(_named, {one: two, two: one}, at))
                yield from _moved("quantities-exchanged", (one, two), source)


def _named(other: Mapping[str, str], at: int | None, entry: Entry) -> Entry | None:
    """The same entry of another quantity."""
    return (entry[0], other[entry[1]], entry[2]) if at in (None, entry[0]) else None


def _entries(question: Question) -> Iterator[Moved]:
    """Two entries of one vector exchanged."""
    sites: dict[QuantityAt, list[Entry]] = {}
    for entry in question.entries:
        sites.setdefault(entry[:2], []).append(entry)
    left = MOST_EXCHANGED
    for site, own in sites.items():
        for one, two in combinations(own, 2):
            if left:
                left -= 1
                yield Moved("entries-exchanged", site[1:], {one: two, two: one})
