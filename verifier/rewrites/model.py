"""What a rewrite is: a small named change of a problem, and the changed problems that it gives.

A rewrite knows nothing of files and documents: it takes whatever has a cell, numbers and shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, Generic, Literal, Protocol, TypeVar

from verifier.arithmetic.protocol import Arithmetic, QuantityAt
from verifier.errors import VerifierError
from verifier.language.operations import Shape
from verifier.language.schedule import roles
from verifier.language.shapes import shape_of
from verifier.language.tree import Equation, names
from verifier.numbers import Numbers
from verifier.rewrites.copies import Kind, Spread, kinds, representatives

ChangeKind = Literal["tree", "values", "schedule", "operations"]
Tag = Literal["mistake", "convention", "reading"]
Given = Mapping[str, Numbers]
About = tuple[tuple[str, tuple[str, ...]], ...]
Key = tuple[str, About, int]
Wrap = Callable[[Arithmetic], Arithmetic]


class Task(Protocol):
    """What a rewrite asks of a problem."""

    @property
    def cell(self) -> Any:
        """The cell; a dataclass with `equations` and `equation`."""

    @property
    def parameters(self) -> Given:
        """The numbers that are the same at every step."""

    @property
    def inputs(self) -> Given:
        """One row a step."""

    @property
    def initial(self) -> Given:
        """What stands before the first step."""

    @property
    def final(self) -> Given:
        """What stands after the last step."""

    @property
    def notation(self) -> Any:
        """How names print."""

    @property
    def steps(self) -> int:
        """How many steps there are."""

    @property
    def shapes(self) -> Mapping[str, Shape]:
        """The shape of every name."""

    def end(self, name: str, step: int) -> Numbers:
        """The value before the first or after the last step."""


P = TypeVar("P", bound=Task)


def unwrapped(arithmetic: Arithmetic) -> Arithmetic:
    """The arithmetic itself: most changes are made to the problem."""
    return arithmetic


@dataclass(frozen=True, eq=False)
class Variant(Generic[P]):
    """A changed problem, ready for any arithmetic: `evaluate(v.problem, v.wrap(arithmetic))`.

    `rule` is the rewrite's id; `about` says by kind of part (quantities, gate, parameters, …) the
    names that it is about; `touches` holds the quantities whose own computation is changed, from
    step `first` on, or at `sites` alone; `equations` are those that read otherwise now.
    """

    rule: str
    problem: P
    about: About
    touches: frozenset[str]
    equations: tuple[Equation, ...] = ()
    wrap: Wrap = unwrapped
    first: int = 1
    nth: int = 1  # of several changes of a rule that are about the same
    change: Change | None = None
    sites: frozenset[QuantityAt] | None = None

    def changes(self, site: QuantityAt) -> bool:
        """Whether a quantity is computed otherwise at a step, whatever stands before it."""
        step, name = site
        here = step >= self.first if self.sites is None else site in self.sites
        return here and name in self.touches

    @property
    def key(self) -> Key:
        """What finds the same change in another problem."""
        return self.rule, self.about, self.nth


@dataclass(frozen=True)
class Change:
    """A change before it is known to fit: what `made` turns into a variant."""

    about: Mapping[str, Sequence[str]]
    equations: Mapping[str, Equation] = field(default_factory=dict)
    parameters: Given = field(default_factory=dict)
    inputs: Given = field(default_factory=dict)
    initial: Given = field(default_factory=dict)
    final: Given = field(default_factory=dict)
    touches: frozenset[str] = frozenset()
    wrap: Wrap = unwrapped
    first: int = 1

    @property
    def of_equations(self) -> bool:
        """Whether equations alone are changed."""
        numbers = (self.parameters, self.inputs, self.initial, self.final)
        return bool(self.equations) and not any(numbers) and self.wrap is unwrapped


Changes = Callable[[Any], Iterator[Change]]


@dataclass(frozen=True)
class Rewrite:
    """A rule of the catalogue: its id, what it changes, what it is for, and how it is applied."""

    id: str
    kind: ChangeKind
    tags: frozenset[Tag]
    changes: Changes

    def variants(self, problem: P, wanted: Collection[Key] | None = None) -> Iterator[Variant[P]]:
        """Every changed problem that this rule gives and that fits together.

        With `wanted`, those of these keys only: to make a changed problem takes time.
        """
        seen: dict[About, list[Any]] = {}
        for change in chain(self.changes(problem), whole_model(self.changes, problem)):
            same, what = seen.setdefault(named(change), []), sorted(change.equations.items())
            if what in same:
                continue
            same.append(what)
            if wanted is None or (self.id, named(change), len(same)) in wanted:
                found = made(self.id, problem, change)
                if found is not None:
                    yield replace(found, nth=len(same))


def whole_model(changes: Changes, problem: Task) -> Iterator[Change]:
    """The changes made to a cell in all layers and directions; none where it stands there once.

    Of a bidirectional stack: in all layers, then in those alone that read the same kind of vector.
    """
    equations = problem.cell.equations
    found = {_grouped(group): group for group in (kinds(equations, True), kinds(equations))}
    for group in filter(None, found.values()):
        yield from _spread(changes, problem, group)


def _grouped(found: Sequence[Kind]) -> object:
    """Which copies are those of one cell."""
    return tuple(tuple(copy.equations[0].name for copy in kind) for kind in found)


def _spread(changes: Changes, problem: Task, found: tuple[Kind, ...]) -> Iterator[Change]:
    spread = Spread(found, problem.steps)
    for change in changes(reduced(problem, found)):
        if change.of_equations:
            about = spread.about(change.about)
            new = spread.equations(change.equations)
            if len(new) > len(change.equations):
                yield replace(change, equations=new, about=about, touches=frozenset(new))


def reduced(problem: P, found: Sequence[Kind]) -> P:
    """The problem with the first copy of each cell alone: for rules, not for evaluation."""
    equations = representatives(problem.cell.equations, found)
    return _reworded(problem, equations, Change({}))


def named(change: Change) -> About:
    """What a change is about, as its variant says it."""
    return tuple((key, tuple(names)) for key, names in change.about.items())


def made(rule: str, problem: P, change: Change) -> Variant[P] | None:
    """The variant of a change; None where shapes, or the order of evaluation, do not allow it."""
    own = problem.cell.equations
    equations = tuple(change.equations.get(eq.name, eq) for eq in own)
    differ = tuple(new for new, old in zip(equations, own, strict=True) if new != old)
    try:
        if _plain(problem, differ, change):
            changed = _reworded(problem, equations, change)
            same = _fit(changed.shapes, differ)
        else:
            changed = _replaced(problem, equations, change)
            same = all(changed.shapes[eq.name] == problem.shapes[eq.name] for eq in own)
    except VerifierError:
        return None
    if not same:
        return None
    touches = change.touches or frozenset(eq.name for eq in differ)
    about = named(change)
    sites, first = _reading(problem, change), change.first
    return Variant(rule, changed, about, touches, differ, change.wrap, first, 1, change, sites)


def _reading(problem: Task, change: Change) -> frozenset[QuantityAt] | None:
    """The quantities at the steps at which they read a number that is changed of a sequence.

    An input is read at its own step, what stands at an end next to it; None where more is changed.
    """
    if change.equations or change.parameters or change.wrap is not unwrapped:
        return None
    other = {*_rows(problem, change), *_ends(problem, change)}
    return frozenset(
        (step - name.offset, eq.name)
        for eq in problem.cell.equations
        for name in names(eq.expression)
        for step in range(problem.steps + 2)
        if name.offset is not None and (step, name.name) in other
    )


def _rows(problem: Task, change: Change) -> Iterator[QuantityAt]:
    """The inputs that are changed, by their steps."""
    for name, new in change.inputs.items():
        own, wide = problem.inputs[name].fractions, new.size // problem.steps
        for step in range(1, problem.steps + 1):
            row = slice((step - 1) * wide, step * wide)
            if new.fractions[row] != own[row]:
                yield step, name


def _ends(problem: Task, change: Change) -> Iterator[QuantityAt]:
    """What stands before the first step or after the last, where it is changed."""
    for step, given in ((0, change.initial), (problem.steps + 1, change.final)):
        for name, new in given.items():
            if new.fractions != problem.end(name, step).fractions:
                yield step, name


def _plain(problem: Task, differ: Sequence[Equation], change: Change) -> bool:
    """Whether names keep their shapes, and no equation needs a quantity that it did not need."""
    if change.initial or change.final or any(name in problem.shapes for name in change.parameters):
        return False
    known = {*problem.parameters, *change.parameters}
    return all(
        name.name in known if name.offset is None else name in own
        for equation in differ
        for own in ({*names(problem.cell.equation[equation.name].expression)},)
        for name in names(equation.expression)
    ) and all(new.shape == problem.inputs[name].shape for name, new in change.inputs.items())


def _fit(shapes: Mapping[str, Shape], differ: Sequence[Equation]) -> bool:
    """Whether equations give their quantities the shapes that they have."""
    return all(shape_of(eq.expression, shapes) == shapes[eq.name] for eq in differ)


def _reworded(problem: P, equations: tuple[Equation, ...], change: Change) -> P:
    """The problem with other equations; what was checked and inferred of it stays as it is.

    Most changes are of this kind, and thousands of them are made for one sheet.
    """
    cell = replace(problem.cell, equations=equations)
    cell.__dict__["blocks"] = problem.cell.blocks  # no quantity needs more than before
    found = copy(problem)
    new = {name: numbers.shape for name, numbers in change.parameters.items()}
    found.__dict__["shapes"] = {**problem.shapes, **new}
    parts = {"parameters": change.parameters, "inputs": change.inputs}
    for part, given in parts.items():
        object.__setattr__(found, part, {**getattr(problem, part), **given})
    object.__setattr__(found, "cell", cell)
    return found


def _replaced(problem: P, equations: tuple[Equation, ...], change: Change) -> P:
    """The problem with other equations and numbers, without those that nothing uses any more."""
    used = roles(equations)
    cell = replace(problem.cell, equations=equations)
    parts: dict[str, Any] = {
        "parameters": _kept({**problem.parameters, **change.parameters}, used.parameters),
        "inputs": _kept({**problem.inputs, **change.inputs}, used.inputs),
        "initial": _kept({**problem.initial, **change.initial}, used.initial),
        "final": _kept({**problem.final, **change.final}, used.final),
    }
    known = {*used.defined, *used.parameters, *used.inputs, *cell.names}
    names = {key: text for key, text in problem.notation.names.items() if key in known}
    parts["notation"] = replace(problem.notation, names=names)
    return replace(problem, cell=cell, **parts)  # type: ignore[type-var]


def _kept(given: Given, used: Sequence[str]) -> Given:
    return {name: numbers for name, numbers in given.items() if name in used}


def fresh(problem: Task, name: str) -> str:
    """The name, or one made from it that the problem does not have."""
    taken = {*problem.shapes, *problem.cell.equation}
    while name in taken:
        name += "_"
    return name
