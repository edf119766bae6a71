"""Many problems of one form solved at once: sequences of one cell, or problems with other numbers.

Float64 with proven radii decides nearly all entries of all lanes in one walk; a lane in which it
leaves an entry open is solved alone, with balls. Long sequences are proven along their steps, those
of many in the same walks. So the digits are those that each would get alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from verifier.along.cost import along_is_cheaper
from verifier.arithmetic import lanes as lane
from verifier.arithmetic.enclosed import Enclosed, Floats, exactly, nearly, sound
from verifier.arithmetic.protocol import Arithmetic, Origin, QuantityAt
from verifier.arithmetic.wrap.rounded import Rounded
from verifier.errors import VerifierError
from verifier.evaluate import evaluate, shown_steps
from verifier.lane_rows import LaneRows
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.solution import Solution
from verifier.solution.rows import each_quantity

SECTIONS = ("parameters", "inputs", "initial", "final")
LANES = 4096
"""Problems that are worked at once: beyond, arrays leave the processor's cache."""

STEPS = 2**13
"""Steps of long sequences that are worked at once, about."""


@dataclass(frozen=True)
class ManyRow:
    """One entry of one of many problems, which are counted from zero."""

    sequence: int
    step: int
    name: str
    index: tuple[int, ...]
    rounded: str | None
    lower: str | None
    upper: str | None
    status: str
    margin: str | None


@dataclass(frozen=True, eq=False)
class SideBySide:
    """Problems side by side: one of them, what its numbers are in all, and each by itself.

    Those of `long` sequences are proven along their steps.
    """

    problem: Problem
    values: Mapping[Numbers, Enclosed]
    alone: Callable[[int], Problem]
    count: int
    long: bool = False


@dataclass(frozen=True, eq=False)
class Many:
    """Solved problems in batches of lanes."""

    problem: Problem
    batches: Sequence[SideBySide]

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(batch.count for batch in self.batches)

    def rows(self) -> Iterator[ManyRow]:
        """The rows of each problem, one problem after the other."""
        before = 0
        for lanes in self.batches:
            solved = _solved(lanes)
            for k in range(lanes.count):
                yield from solved.rows(k, before + k)
            before += lanes.count

    def digits(self) -> Iterator[tuple[str | None, ...]]:
        """The digits of each problem in the order of its rows."""
        for lanes in self.batches:
            solved = _solved(lanes)
            yield from (solved.digits(k) for k in range(lanes.count))

    @property
    def open(self) -> int:
        """How many problems are solved alone, since radii leave an entry open."""
        return sum(int((~_solved(lanes).sure).sum()) for lanes in self.batches)


@dataclass(frozen=True, eq=False)
class _Entry:
    """An entry in all lanes: in full precision, and as it is carried and printed."""

    site: QuantityAt
    index: tuple[int, ...]
    full: LaneRows
    carried: LaneRows


class _Solved:
    """A batch of lanes, worked."""

    def __init__(self, lanes: SideBySide) -> None:
        self.lanes = lanes
        self.final = lanes.problem.policy.kind == "final"

    @cached_property
    def entries(self) -> list[_Entry]:
        problem, full = self.lanes.problem, self._walk(lane.Lanes(self._known))
        carried = full
        if not self.final:
            carried = self._walk(Rounded(lane.Lanes(self._known), problem.policy, problem.rule))
        return [entry for site in _sites(problem) for entry in self._of(site, full, carried)]

    def _of(
        self, site: QuantityAt, full: Mapping[Any, Enclosed], carried: Mapping[Any, Enclosed]
    ) -> Iterator[_Entry]:
        problem, lanes = self.lanes.problem, self.lanes.count
        rule, name = problem.rule(site[1]), site[1]
        indices, chosen = list(np.ndindex(problem.shapes[name])), problem.only.chosen(name)
        one, other = (walked[site].flat().spread(lanes) for walked in (full, carried))
        for k in range(len(indices)) if chosen is None else chosen:
            yield _Entry(site, indices[k], LaneRows(one[k], rule), LaneRows(other[k], rule))

    def _known(self, numbers: Numbers, origin: Origin) -> Enclosed | None:
        return self.lanes.values.get(numbers)

    def _walk(self, arithmetic: Arithmetic) -> Mapping[QuantityAt, Enclosed]:
        return evaluate(self.lanes.problem, arithmetic).values

    @cached_property
    def sure(self) -> Floats:
        """The lanes in which every entry is decided, and enclosed."""
        found = np.ones(self.lanes.count, dtype=bool)
        for entry in self.entries:
            found &= entry.carried.sure & np.isfinite(entry.full.value.radius)
        return found

    def digits(self, k: int) -> tuple[str | None, ...]:
        """The digits of a lane."""
        if not self.sure[k]:
            return tuple(row.rounded for row in self._alone(k).rows)
        return tuple(entry.carried.texts[k] for entry in self.entries)

    def rows(self, k: int, sequence: int) -> Iterator[ManyRow]:
        """The rows of a lane."""
        if self.sure[k]:
            yield from (self._row(entry, k, sequence) for entry in self.entries)
            return
        yield from _rows(self._alone(k), sequence)

    def _row(self, entry: _Entry, k: int, sequence: int) -> ManyRow:
        margin = entry.full.margins[k] if self.final else None
        place, (low, high) = (sequence, *entry.site, entry.index), entry.full.ends
        return ManyRow(*place, entry.carried.texts[k], low[k], high[k], "certified", margin)

    def _alone(self, k: int) -> Solution:
        return Solution(self.lanes.alone(k), exact=False, policies=False)


class _Long:
    """Long sequences, proven along their steps."""

    def __init__(self, lanes: SideBySide) -> None:
        self.problems = [lanes.alone(k) for k in range(lanes.count)]

    @cached_property
    def solutions(self) -> list[Solution]:
        """Each by itself, of enclosures that were made side by side, where there are some."""
        from verifier.along.beside import Known, traces

        found = traces(self.problems)
        if found is None:
            return [Solution(problem, exact=False, policies=False) for problem in self.problems]
        pairs = zip(self.problems, found, strict=True)
        return [Solution(problem, False, False, Known(trace)) for problem, trace in pairs]

    @cached_property
    def sure(self) -> Floats:
        """The sequences in which float64 decides every entry."""
        from verifier.along.certifier import FLOAT

        return np.array([solution.full.precisions == (FLOAT,) for solution in self.solutions])

    def digits(self, k: int) -> tuple[str | None, ...]:
        """The digits of a sequence."""
        solution, found = self.solutions[k], list[str | None]()
        for site, there in each_quantity(solution):
            texts = solution.digits("final")[site] if there is None else there.texts
            chosen = solution.problem.only.chosen(site[1])
            found += texts if chosen is None else [texts[at] for at in chosen]
        return tuple(found)

    def rows(self, k: int, sequence: int) -> Iterator[ManyRow]:
        """The rows of a sequence."""
        return _rows(self.solutions[k], sequence)


def _solved(lanes: SideBySide) -> _Solved | _Long:
    return _Long(lanes) if lanes.long else _Solved(lanes)


def _rows(solution: Solution, sequence: int) -> Iterator[ManyRow]:
    for row in solution.each_row():
        ends, place = (row.lower, row.upper), (sequence, row.step, row.name, row.index)
        yield ManyRow(*place, row.rounded, *ends, row.status, row.margin)


def _sites(problem: Problem) -> list[QuantityAt]:
    """Where rows stand, step by step in the order of the equations, as in a solution."""
    order = {name: k for k, name in enumerate(Solution(problem).order)}
    found = [(step, name) for step, names in shown_steps(problem, problem.only) for name in names]
    return sorted(found, key=lambda site: (site[0], order[site[1]]))


def solve_many(problem: Problem, data: Mapping[str, Any]) -> Many:
    """A problem's cell over many sequences: each input an array, sequences along the first axis.

    Errors: VerifierError for arrays that do not fit the problem or each other.
    """
    arrays = {name: _array(problem, name, data) for name in problem.inputs}
    for name in data:
        if name not in arrays:
            raise VerifierError(f"{name} is no input", accepted=", ".join(problem.inputs))
    lengths = {name: len(array) for name, array in arrays.items()}
    if not lengths:
        raise VerifierError("a problem without inputs has no sequences", accepted="inputs")
    if len({*lengths.values()}) > 1:
        said = ", ".join(f"{name} has {count}" for name, count in lengths.items())
        raise VerifierError(f"as many sequences of every input: {said}")
    if problem.loss is not None:
        raise VerifierError("sequences of a problem with a loss", accepted="one without")
    count = next(iter(lengths.values()))
    first = _sequences(problem, arrays, 0, 1).problem
    long = first.policy.exact and along_is_cheaper(first)
    few = max(1, STEPS // first.steps) if long else LANES
    batches = [
        replace(_sequences(problem, arrays, k, min(k + few, count)), long=long)
        for k in range(0, count, few)
    ]
    return Many(batches[0].problem, batches)


def _array(problem: Problem, name: str, data: Mapping[str, Any]) -> Floats:
    if name not in data:
        raise VerifierError(f"no sequences of {name}", accepted=f"an array named {name}")
    array = np.asarray(data[name])
    inner = problem.inputs[name].shape[1:]
    if array.ndim < 2 or array.shape[2:] != inner or not array.size:
        wanted = "×".join(["sequences", "steps", *map(str, inner)])
        what = f"the sequences of {name} have shape {array.shape}"
        raise VerifierError(what, accepted=f"{wanted}: sequences along the first axis")
    if array.dtype.kind in "iu":
        array = array.astype(np.float64)
    if array.dtype.kind != "f" or array.dtype.itemsize > 8 or not np.isfinite(array).all():
        what = f"the sequences of {name} are {array.dtype}, or not all finite"
        raise VerifierError(what, accepted="finite floats of at most 64 bits")
    return array


def _sequences(problem: Problem, arrays: Mapping[str, Floats], start: int, stop: int) -> SideBySide:
    def alone(k: int) -> Problem:
        inputs = {name: Numbers.of_floats(array[start + k]) for name, array in arrays.items()}
        return replace(problem, inputs=inputs, steps=0)

    first = alone(0)
    values = {}
    for name, array in arrays.items():
        values[first.inputs[name]] = exactly(array[start:stop].astype(np.float64))
    return SideBySide(first, values, alone, stop - start)


def solve_problems(problems: Sequence[Problem]) -> Many:
    """Problems of the same equations and shapes, whose numbers differ.

    Errors: VerifierError for none, and for one of another form.
    """
    if not problems:
        raise VerifierError("no problems", accepted="at least one")
    for problem in problems[1:]:
        if form(problem) != form(problems[0]):
            what = "problems of other equations, shapes or rounding side by side"
            raise VerifierError(what, accepted="problems that differ in their numbers alone")
    batches = [_beside(problems[k : k + LANES]) for k in range(0, len(problems), LANES)]
    return Many(problems[0], batches)


def form(problem: Problem) -> tuple[Any, ...]:
    """What problems side by side have in common."""
    given = {s: {n: x.shape for n, x in getattr(problem, s).items()} for s in SECTIONS}
    rules = problem.rounding, problem.rules, problem.policy, problem.only
    return tuple(eq.expression for eq in problem.cell.equations), given, rules


def _beside(problems: Sequence[Problem]) -> SideBySide:
    first, values = problems[0], {}
    for section in SECTIONS:
        for name, numbers in getattr(first, section).items():
            middle = np.stack([getattr(p, section)[name].doubles for p in problems])
            near = nearly(middle)
            values[numbers] = sound(middle, np.where(middle == 0, 0.0, near.radius))
    return SideBySide(first, values, lambda k: problems[k], len(problems))
