"""A problem: a cell, exact numbers, and the rule by which results are rounded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod
from pathlib import Path

from verifier import effort
from verifier.cells import Cell
from verifier.errors import Place, nearest, shown
from verifier.language.operations import Shape, describe
from verifier.language.shapes import infer
from verifier.language.tree import Expression, Name, names
from verifier.numbers import Numbers
from verifier.problem import loss as losses
from verifier.problem.keyed import KeyedError
from verifier.problem.locate import Written
from verifier.problem.loss import Loss
from verifier.problem.only import EVERYTHING, Only, readable
from verifier.problem.settings import Detail, Notation, Scoring, Texts
from verifier.problem.varied import Vary
from verifier.rounding import Policy, Rounding

Given = Mapping[str, Numbers]
Key = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Backward:
    """What a backward pass is of: a problem, its loss, and the term that each delta is of."""

    task: Problem
    loss: Loss
    terms: Mapping[str, Expression]


@dataclass(frozen=True, eq=False)
class Problem:
    """A cell with its numbers; `inputs` have one row a step.

    Errors: KeyedError for names that are missing or unused, shapes that do not fit, and sizes
    beyond the limits; EquationError where the equations do not fit.
    """

    cell: Cell
    parameters: Given
    inputs: Given
    initial: Given = field(default_factory=dict)
    final: Given = field(default_factory=dict)
    steps: int = 0
    past: int = 0  # steps of its sequence that come before the first one
    title: str = ""
    stem: str = "problem"
    rounding: Rounding = field(default_factory=Rounding)
    rules: Mapping[str, Rounding] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    carry: int | None = None  # the places (or figures) at least that the question says to carry
    notation: Notation = field(default_factory=Notation)
    detail: Detail = "full"
    only: Only = EVERYTHING  # which results are asked for
    texts: Texts = field(default_factory=Texts)
    scoring: Scoring = field(default_factory=Scoring)
    states_ties: bool = False  # whether the question says how ties are rounded
    sha256: str = ""
    files: tuple[Path, ...] = ()  # what the problem was read from
    written: Written | None = field(default=None, repr=False)
    known: Mapping[str, Shape] = field(default_factory=dict)  # shapes of quantities, if any are
    vary: Vary | None = None
    loss: Loss | None = None
    backward: Backward | None = None  # set where the equations are those of a backward pass

    def __post_init__(self) -> None:
        optional = self.cell.optional - frozenset(self.parameters)
        object.__setattr__(self, "cell", self.cell.without(optional))
        self._check_names()
        self._check_sizes()
        self._check_places()
        object.__setattr__(self, "steps", self._steps())
        _ = self.cell.blocks, self.shapes
        self._check_ends()
        if self.loss is not None:
            losses.check(self, self.loss)

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The shape of every name, in one step."""
        given = dict(self.known)
        given |= {name: numbers.shape for name, numbers in self.parameters.items()}
        given |= {name: numbers.shape[1:] for name, numbers in self.inputs.items()}
        for ends in (self.initial, self.final):
            for name, numbers in ends.items():
                if given.setdefault(name, numbers.shape) != numbers.shape:
                    here, elsewhere = describe(numbers.shape), describe(given[name])
                    raise KeyedError(
                        f"{name} is {here} here, elsewhere {elsewhere}",
                        ("initial" if ends is self.initial else "final", name),
                    )
        return infer(self.cell.equations, given)

    def renumbered(self, **sections: Mapping[str, Numbers]) -> Problem:
        """The problem with other numbers, which have the same names and shapes in each section.

        What was checked and inferred stays as it is: a class has thousands of such problems.
        """
        found = copy(self)
        for section, numbers in sections.items():
            own = getattr(self, section)
            if {n: x.shape for n, x in own.items()} != {n: x.shape for n, x in numbers.items()}:
                raise ValueError(f"{section} with other names or shapes")
            object.__setattr__(found, section, numbers)
        return found

    @cached_property
    def intervals(self) -> int:
        """How many of the given numbers are intervals."""
        sections = (self.parameters, self.inputs, self.initial, self.final)
        return sum(len(numbers.intervals) for given in sections for numbers in given.values())

    @cached_property
    def shown(self) -> Only:
        """Which results documents show: those that are asked for, else as many as can be read."""
        if not self.only.everything:
            return self.only
        return readable(self.steps, {name: self.size(name) for name in self.cell.equation})

    def needs(self, name: str, step: int) -> bool:
        """Whether an equation uses the value of a name at a step."""
        equations = self.cell.equations
        if not any(equation.cases for equation in equations):
            return True
        places = [(step - k, Name(name, k)) for k in (-1, 0, 1) if 1 <= step - k <= self.steps]
        trees = ((eq.at(at), used) for at, used in places for eq in equations)
        return any(tree is not None and used in names(tree) for tree, used in trees)

    def end(self, name: str, step: int) -> Numbers:
        """The value of a quantity before the first or after the last step; zeros by default."""
        ends = self.initial if step < 1 else self.final
        return ends.get(name) or Numbers.zeros(self.shapes[name])

    def size(self, name: str) -> int:
        """How many entries a quantity has."""
        return prod(self.shapes[name])

    def entry(self, name: str, index: tuple[int, ...]) -> int:
        """The number of the entry at an index, among those of its quantity, row by row."""
        shape = self.shapes[name]
        return sum(i * prod(shape[axis + 1 :]) for axis, i in enumerate(index))

    def place(self, name: str) -> Place | None:
        """Where the equation of a quantity stands: in the problem's file, where it has one.

        What a backward pass adds follows from the loss.
        """
        place = self.cell.equation[name].place
        if self.written is None:
            return place
        if self.backward is not None and name not in self.backward.task.cell.equation:
            return self.written.key("loss")
        return self.written.place(place)

    def rule(self, name: str) -> Rounding:
        """The rounding of a quantity."""
        return self.rules.get(name, self.rounding)

    def line_rule(self, name: str, path: tuple[int, ...] = ()) -> Rounding:
        """How a number on the way to a result prints: a term of a quantity, or the whole of it.

        What the policy has rounded has no digits but those that are asked for.
        """
        own, kind = self.rule(name), self.policy.kind
        rounded = kind == "operation" or (kind == "equation" and not path)
        return own if rounded else own.longer(self.notation.guard)

    def rounded_by(
        self, rounding: Rounding | None = None, policy: Policy | None = None, **changes: object
    ) -> Problem:
        """The problem under another rule; one for all quantities replaces those of single ones."""
        if rounding is not None:
            changes |= {"rounding": rounding, "rules": {}}
        if policy is not None:
            changes["policy"] = policy
        if (policy or self.policy).kind != "final" or self._finer_than_carried(rounding):
            changes["carry"] = None  # what was said of it does not fit the other rule
        return replace(self, **changes)  # type: ignore[arg-type]

    def _finer_than_carried(self, rule: Rounding | None) -> bool:
        own = self.rounding
        if rule is None or self.carry is None:
            return False
        return (rule.places is None) != (own.places is None) or rule.count > self.carry

    def ruled(self, rounding: Rounding, rules: Mapping[str, Rounding]) -> Problem:
        """The problem under other rules; what was checked and inferred of it stays as it is."""
        found = copy(self)
        object.__setattr__(found, "rounding", rounding)
        object.__setattr__(found, "rules", rules)
        found._check_places()
        return found

    def _check_names(self) -> None:
        roles = self.cell.roles
        ends = {*roles.initial}, {*roles.final}
        sections: list[tuple[str, Given, set[str], set[str]]] = [
            ("parameters", self.parameters, {*roles.parameters}, {*roles.parameters}),
            ("inputs", self.inputs, {*roles.inputs}, {*roles.inputs}),
            ("initial", self.initial, ends[0], ends[0] & {*roles.inputs}),
            ("final", self.final, ends[1], ends[1] & {*roles.inputs}),
        ]
        for section, given, usable, needed in sections:
            for name in given:
                if name not in usable:
                    _unused((section, name), usable)
            for name in sorted(needed - set(given)):
                raise KeyedError(
                    f"{name} is missing", (section,), f"a value for {name}: the equations use it"
                )

    def _check_sizes(self) -> None:
        total = 0
        for section, given in (
            ("parameters", self.parameters),
            ("inputs", self.inputs),
            ("initial", self.initial),
            ("final", self.final),
        ):
            for name, numbers in given.items():
                total += prod(numbers.shape)
                axes = numbers.shape[1:] if section == "inputs" else numbers.shape
                most = 3 if section == "inputs" else 2
                if len(numbers.shape) > most or max(axes, default=0) > effort.SIDE:
                    raise KeyedError(
                        f"an array of shape {numbers.shape}",
                        (section, name),
                        f"scalars, vectors and matrices with sides up to {effort.SIDE}",
                    )
                if len(axes) > 1 and section == "inputs" and not self.cell.batch:
                    raise KeyedError(
                        f"{self.cell.name} takes one sequence at a time",
                        (section, name),
                        "a vector a step",
                    )
        if total > effort.ENTRIES:
            raise KeyedError(f"{total} numbers", ("parameters",), f"at most {effort.ENTRIES}")

    def _check_places(self) -> None:
        own = [((name,), rule) for name, rule in self.rules.items()]
        rules: list[tuple[Key, Rounding | Policy]] = [((), self.rounding), *own, ((), self.policy)]
        for key, rule in rules:
            kind = "figures" if rule.places is None else "places"
            count = getattr(rule, kind)
            if count is not None and count > effort.PLACES:
                raise KeyedError(
                    f"{kind} = {shown(count)}",
                    ("rounding", *key, kind),
                    f"a whole number up to {effort.PLACES}",
                )

    def _steps(self) -> int:
        lengths = {name: (n.shape or (0,))[0] for name, n in self.inputs.items()}
        for name, numbers in self.inputs.items():
            if not numbers.shape:
                raise KeyedError(f"{name} is a single number", ("inputs", name), "one row a step")
            first = next(iter(lengths))
            if lengths[name] != lengths[first]:
                raise KeyedError(
                    f"{name} has {lengths[name]} steps, {first} has {lengths[first]}",
                    ("inputs", name),
                    "as many rows in every input",
                )
        count = next(iter(lengths.values()), self.steps)
        if lengths and self.steps not in (0, count):
            raise KeyedError(
                f"steps = {self.steps}, but the inputs have {count} rows",
                ("steps",),
                "the number of rows, or no steps at all",
            )
        if not 1 <= count <= effort.STEPS:
            key = ("inputs", next(iter(lengths))) if lengths else ("steps",)
            hint = "" if lengths else ": steps = N, because the equations use no input"
            raise KeyedError(f"{count} steps", key, f"from 1 to {effort.STEPS}{hint}")
        return count

    def _check_ends(self) -> None:
        quantities, known = {*self.cell.equation}, {*self.shapes, *self.cell.names}
        keys: list[tuple[Key, Iterable[str], set[str]]] = [
            (("rounding",), self.rules, quantities),
            (("scoring", "points"), self.scoring.points, quantities),
            (("notation", "names"), self.notation.names, known),
            (("vary",), self.vary.own if self.vary else (), self._numbered),
            (("vary", "numbers"), (self.vary and self.vary.numbers) or (), self._numbered),
        ]
        for key, used, there in keys:
            for name in used:
                if name not in there and not self._later(name):
                    _unused((*key, name), there)

    @property
    def _numbered(self) -> set[str]:
        """The sections of numbers, and the names in them."""
        sections = ("parameters", "inputs", "initial", "final")
        return {*sections, *(name for section in sections for name in getattr(self, section))}

    def _later(self, name: str) -> bool:
        """Whether a name may be one of the backward pass, which is there once it is asked for."""
        if self.loss is None:
            return False
        return losses.is_own(name) or name in self.loss.inputs or name in self.loss.parameters


def _unused(key: tuple[str, ...], usable: Iterable[str]) -> None:
    names = sorted(usable)
    raise KeyedError(
        f"no equation uses {shown(key[-1])} here{nearest(key[-1], names)}",
        key,
        ", ".join(names) or "nothing: the equations use none",
    )
