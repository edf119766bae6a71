"""States that are not carried, taken at another step, or mixed up with another quantity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from verifier.language.schedule import circles
from verifier.language.tree import Equation, Expression, Name, names
from verifier.language.tree import replace as replaced
from verifier.numbers import Numbers
from verifier.rewrites.copies import kinds
from verifier.rewrites.model import Change, Task, fresh
from verifier.rewrites.walk import is_gate


def not_carried(problem: Task) -> Iterator[Change]:
    """s_0 used again at every step: by all equations, and by one."""
    if problem.steps < 2:
        return
    for state in _states(problem):
        end = 0 if state.offset == -1 else problem.steps + 1
        start = fresh(problem, f"{state.name}_{end}")
        given = {start: problem.end(state.name, end)}
        for changed in _everywhere_and_each(problem, state, Name(start)):
            about = {"quantities": tuple(changed), "state": (state.name,)}
            first = 2 if state.offset == -1 else 1
            yield Change(about, changed, parameters=given, first=first)


def initial_ignored(problem: Task) -> Iterator[Change]:
    """Zeros before the first step, or behind the last one: for one state, and for all."""
    found = [state for state in _states(problem) if any(_end(problem, state).fractions)]
    for some in (*([state] for state in found), found):
        if some is not found or len(found) > 1:
            zeros = {name: Numbers.zeros(problem.shapes[name.name]) for name in some}
            yield _started(problem, zeros)


def initial_exchanged(problem: Task) -> Iterator[Change]:
    """What stands before the first step of two states exchanged."""
    for one, other in combinations(_states(problem), 2):
        same = problem.shapes[one.name] == problem.shapes[other.name]
        if same and any(any(_end(problem, state).fractions) for state in (one, other)):
            yield _started(problem, {one: _end(problem, other), other: _end(problem, one)})
    yield from _of_copies_exchanged(problem)


def _of_copies_exchanged(problem: Task) -> Iterator[Change]:
    """All that stands at the ends of two layers or directions exchanged; directions in all layers.

    The states of a stack are stacked layer by layer in one program, by directions in another.
    """
    own, turned = {state.name: state for state in _states(problem)}, dict[Name, Numbers]()
    for kind in kinds(problem.cell.equations, joined=True):
        for one, other in combinations(kind, 2):
            pairs = [
                (own[name], own[other.names[token]])
                for token, name in one.names.items()
                if name in own and problem.shapes[name] == problem.shapes[other.names[token]]
            ]
            new = {a: _end(problem, b) for pair in pairs for a, b in (pair, pair[::-1])}
            beside = kind.index(other) == kind.index(one) + 1 and one.sign > other.sign
            turned |= new if beside else {}
            if len(pairs) > 1 and any(any(numbers.fractions) for numbers in new.values()):
                yield _started(problem, new)
    if any(any(numbers.fractions) for numbers in turned.values()):
        yield _started(problem, turned)


def turned(problem: Task) -> Iterator[Change]:
    """A recurrence that runs through the steps the other way, from what stands at its end."""
    for circle in circles(problem.cell.equations):
        states = [state for state in _states(problem) if state.name in circle]
        if problem.steps > 1 and states and not _read_elsewhere(problem, circle):
            new = {name: Name(name.name, -(name.offset or 0)) for name in states}
            having = [eq for eq in problem.cell.equations if {*names(eq.expression)} & new.keys()]
            given = {s.name: _end(problem, s) for s in states if any(_end(problem, s).fractions)}
            about = {"quantities": tuple(state.name for state in states)}
            change = Change(about, {eq.name: renamed(eq, new) for eq in having})
            backwards = states[0].offset == 1
            yield replace(change, initial=given) if backwards else replace(change, final=given)


def _read_elsewhere(problem: Task, circle: Sequence[str]) -> bool:
    """Whether an equation outside of a circle needs one of its quantities at another step."""
    others = (eq for eq in problem.cell.equations if eq.name not in circle)
    return any(
        name.offset and name.name in circle for eq in others for name in names(eq.expression)
    )


def _end(problem: Task, state: Name) -> Numbers:
    return problem.end(state.name, 0 if state.offset == -1 else problem.steps + 1)


def _started(problem: Task, given: Mapping[Name, Numbers]) -> Change:
    """Other numbers before the first step, and behind the last."""
    forwards = {name.name: numbers for name, numbers in given.items() if name.offset == -1}
    back = {name.name: numbers for name, numbers in given.items() if name.offset == 1}
    readers = frozenset(
        eq.name for eq in problem.cell.equations if any(n in given for n in names(eq.expression))
    )
    about = {"state": tuple(name.name for name in given)}
    return Change(about, initial=forwards, final=back, touches=readers)


def _states(problem: Task) -> tuple[Name, ...]:
    used = (name for eq in problem.cell.equations for name in names(eq.expression))
    defined = problem.cell.equation
    return tuple(dict.fromkeys(name for name in used if name.offset and name.name in defined))


def _everywhere_and_each(
    problem: Task, old: Name, new: Expression
) -> Iterator[dict[str, Equation]]:
    having = [eq for eq in problem.cell.equations if old in set(names(eq.expression))]
    changed = {eq.name: renamed(eq, {old: new}) for eq in having}
    yield changed
    if len(changed) > 1:
        yield from ({name: equation} for name, equation in changed.items())


def renamed(equation: Equation, new: Mapping[Name, Expression]) -> Equation:
    """The equation with trees in place of names."""

    def rule(node: Expression, _: object) -> Expression | None:
        return new.get(node) if isinstance(node, Name) else None

    return replace(equation, expression=replaced(equation.expression, rule))


def confused(problem: Task) -> Iterator[Change]:
    """Another quantity of the same shape, no gate, used for the previous state."""
    for state in _states(problem):
        for other in problem.cell.equation:
            same = problem.shapes[other] == problem.shapes[state.name]
            if same and other != state.name and not is_gate(Name(other, 0), problem):
                for offset in (state.offset, 0):
                    yield from _as(problem, state, Name(other, offset))


def _as(problem: Task, state: Name, other: Name) -> Iterator[Change]:
    given: dict[str, Numbers] = {}
    if other.offset == -1 and other.name not in problem.initial:
        given = {other.name: problem.end(state.name, 0)}
    for changed in _everywhere_and_each(problem, state, other):
        about = {"quantities": tuple(changed), "state": (state.name,), "other": (other.name,)}
        about["form"] = ("now",) if other.offset == 0 else ("before",)
        yield Change(about, changed, initial=given)


def other_step(problem: Task) -> Iterator[Change]:
    """s_t used for s_{t−1}, or the other way round, where the order of evaluation allows it."""
    for equation in problem.cell.equations:
        for name in dict.fromkeys(names(equation.expression)):
            if name.offset is None or name.name not in problem.cell.equation:
                continue
            moved = Name(name.name, 0 if name.offset else -1)
            about = {"quantities": (equation.name,), "state": (name.name,)}
            about["form"] = ("now",) if name.offset else ("before",)
            yield Change(about, {equation.name: renamed(equation, {name: moved})})


def forwards(problem: Task) -> Iterator[Change]:
    """The states of what runs backwards taken from the step before, as if it ran forwards."""
    if problem.steps < 2:
        return
    back = [state for state in _states(problem) if state.offset == 1]
    moved = {state: Name(state.name, -1) for state in back}
    given = {state.name: _end(problem, state) for state in back}
    equations = {eq.name: renamed(eq, moved) for eq in problem.cell.equations}
    changed = {
        eq.name: equations[eq.name] for eq in problem.cell.equations if equations[eq.name] != eq
    }
    if changed:
        about = {"state": tuple(state.name for state in back)}
        yield Change(about, changed, initial=given)


def returned(problem: Task) -> Iterator[Change]:
    """A quantity that the equation reads given as its result, as c for o ∘ tanh(c)."""
    for equation in problem.cell.equations:
        for name in dict.fromkeys(names(equation.expression)):
            if (
                name.offset == 0
                and name.name in problem.cell.equation
                and name != equation.expression
            ):
                about = {"quantities": (equation.name,), "other": (name.name,)}
                yield Change(about, {equation.name: replace(equation, expression=name)})
