"""The numbers of one person gathered from pieces: every value finds its entry, or a complaint."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import prod
from typing import Any

from verifier import effort
from verifier.check.answers.chains import single
from verifier.check.answers.fit import fitted, leaves, opened, squeezed
from verifier.check.answers.grammar import Items, Leaf, Piece, Table, Tree
from verifier.check.answers.labels import Label, Labels
from verifier.check.answers.marks import unmarked
from verifier.check.answers.numerals import given, is_blank
from verifier.check.model import Answers, Complaint
from verifier.errors import Place, ProblemError, shown
from verifier.language.operations import Shape
from verifier.outcomes.model import Entry, Given

PLAINLY = re.compile(r"[\s\d.,;…\[\](){}eE+\-−–≈~/%_?*]*+")
"""What is a number or a list of them, with nothing around it."""

Locate = Callable[[Any], Place]


NAMELESS = "; a result without a name is called ans: write z_1 = … before it"
"""What MATLAB and Octave call what was given no name; it is near no other name."""


class Collector:
    """Gathers entries; what cannot be used is complained of, and the rest still counts.

    `strict` says that every name should be one of the problem's; in what a program prints, other
    names are no surprise. `later_counts` says that of two prints of one number that agree, the
    later one stands.
    """

    def __init__(self, labels: Labels, *, strict: bool = True, later_counts: bool = False) -> None:
        self.labels, self.problem = labels, labels.problem
        self.strict, self.later_counts = strict, later_counts
        self.person = self.question = ""
        self.also: tuple[str, ...] = ()
        self.given: dict[Entry, Given] = {}
        self.complaints: list[Complaint] = []
        self.count = 0
        self._asides: list[tuple[int, Label, Complaint]] = []
        self._refused: set[Entry] = set()

    def named(self, person: str) -> None:
        """Note whose the answers are; a line of blanks names nobody."""
        if not is_blank(person):
            self.person = " ".join(person.split())[: effort.PERSON]

    def has(self, label: Label) -> bool:
        """Whether a quantity has its first entry at a step, or all it has if no step is named."""
        first = (0,) * len(self.problem.shapes[label.name or ""])
        return (label.step or 1, label.name or "", first) in self.given

    def answers(self, person: str, file: str) -> Answers:
        """What was gathered."""
        left = self.count - len(self.complaints)
        more = (Complaint(f"and {left} more that could not be read"),) if left else ()
        complaints = (*self._told(), *more)
        who = self.person or person
        return Answers(who, file, dict(self.given), complaints, self.question, self.also)

    def complain(
        self, what: str, place: Locate, at: Any = None, entry: Entry | None = None
    ) -> None:
        """Note what could not be read; of very many, the places are not looked for any more."""
        self.count += 1
        if len(self.complaints) < effort.COMPLAINTS:
            self.complaints.append(Complaint(what, place(at), entry))

    def aside(self, label: Label, what: str, place: Locate, at: Any = None) -> None:
        """Note what could not be read, to be told if nothing else gives the quantity."""
        name, step = label.name or "", label.step or self._only_step(label.name or "")
        if name not in self.problem.cell.equation or not 1 <= (step or 1) <= self.problem.steps:
            return
        if len(self._asides) < effort.COMPLAINTS:
            entry = None if step is None else (step, name, label.index)
            label = Label(step, name, label.index)
            self._asides.append((len(self.complaints), label, Complaint(what, place(at), entry)))

    def _told(self) -> list[Complaint]:
        """The complaints in order, with those of quantities that nothing gives."""
        found = list(self.complaints)
        entries = {*self.given, *self._refused}
        for k, label, complaint in reversed(self._asides):
            if not any(_is_of(entry, label) for entry in entries):
                found.insert(k, complaint)
        return found

    def add(self, piece: Piece) -> None:
        """Take a value in; its labels stand from the outside in."""
        self.take(self.labels.within(piece.labels), piece.value, piece.place)

    def row(self, step: str, name: str, index: str, value: Tree, place: Locate) -> None:
        """Take in a row of a table: step, name, index and value."""
        label = self.labels.read(name)
        if label is None or label.name is None:
            self.unknown(name, place)
            return
        number = self.labels.read(step) if step.strip() else None
        if step.strip() and (number is None or number.step is None):
            self.complain(f"{shown(step.strip())} is no step", place)
            return
        label = label if number is None else replace(label, step=number.step)
        parts = index.translate(str.maketrans("[](),;", "      ")).split()
        if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
            self.complain(f"{shown(index)} is no index; indices count from 0", place)
            return
        self.take(replace(label, index=(*label.index, *map(int, parts))), value, place)

    def take(self, label: Label, tree: Tree, place: Locate) -> None:
        """Take in a value whose label is known."""
        match tree:
            case Table(pairs):
                for key, value in pairs:
                    self._pair(label, key, value, place)
            case _ if label.name is not None:
                self._quantity(label, label.name, tree, place)
            case Items(parts) if any(isinstance(part, Table) for part in parts):
                self._tables(label, parts, place)
            case _ if self.strict:
                self.complain("it is not said which quantity this is", place, tree.at)

    def _tables(self, label: Label, parts: tuple[Tree, ...], place: Locate) -> None:
        """A list of tables: rows of a table, or one table a step."""
        for k, part in enumerate(parts):
            if not isinstance(part, Table):
                self.complain("a value between tables", place, part.at)
            elif "name" in (row := dict(part.pairs)) and (value := _value(row)) is not None:
                texts = {key: _text(row.get(key)) for key in ("step", "name", "index")}
                self.row(texts["step"], texts["name"], texts["index"], value, _at(place, part))
            else:
                step = label.step if label.step is not None else k + 1
                self.take(replace(label, step=step), part, place)

    def placed(self, label: Label, place: Locate) -> None:
        """Note where the number of one entry stands."""
        entry = (label.step or 0, label.name or "", label.index)
        if entry in self.given:
            self.given[entry] = replace(self.given[entry], place=place(None))

    def _pair(self, label: Label, key: str, value: Tree, place: Locate) -> None:
        inner = self.labels.read(key)
        if inner is not None:
            self.take(label.then(inner), value, place)
        elif isinstance(value, Table | Items) and label.name is None and _holds_tables(value):
            self.take(label, value, place)  # a table around tables: its name says nothing
        elif not self.labels.given(key):
            self.unknown(key, place, value.at)

    def unknown(self, name: str, place: Locate, at: Any = None) -> None:
        """Complain of a name that the problem does not have."""
        hint = NAMELESS if name.strip() == "ans" else self.labels.nearest(name)
        known = ", ".join(self.labels.names)
        self.complain(
            f"the problem has no quantity {shown(name.strip())}{hint or f'; it has {known}'}",
            place,
            at,
        )

    def _quantity(self, label: Label, name: str, tree: Tree, place: Locate) -> None:
        problem, step = self.problem, label.step
        try:
            tree = self._written(label, tree)
        except ProblemError as error:
            entry = None if step is None else (step, name, ())
            self.complain(f"{name}: {error.what}", place, tree.at, entry)
            return
        blank = isinstance(tree, Leaf) and is_blank(tree.text)
        if name not in problem.cell.equation or blank:
            return
        shape = problem.shapes[name]
        if step is None:
            step = self._only_step(name)
        if step is None:
            self._all_steps(name, shape, label, tree, place)
        elif 1 <= step <= problem.steps:
            self._at_step(step, name, label.index, tree, place)
        elif step not in (0, problem.steps + 1) or name not in (
            *problem.cell.roles.initial,
            *problem.cell.roles.final,
        ):
            what = f"{name} at step {step}: the steps are 1 to {problem.steps}"
            self.complain(what, place, tree.at)

    def _written(self, label: Label, tree: Tree) -> Tree:
        """A value without what was written around it. Errors: ProblemError for several values."""
        if not isinstance(tree, Leaf) or PLAINLY.fullmatch(tree.text):
            return tree
        if len(tree.text) > effort.LINE:
            raise ProblemError(f"an answer of {len(tree.text)} characters")
        return Leaf(single(unmarked(tree.text), self.labels, label), tree.at)

    def _only_step(self, name: str) -> int | None:
        """The step at which a name without one is meant, if there is only one to mean.

        The gradient by a parameter is the whole one, which stands at step 1.
        """
        whole = name.startswith("d_") and name.removeprefix("d_") in self.problem.parameters
        return 1 if self.problem.steps == 1 or (self.problem.backward and whole) else None

    def _all_steps(self, name: str, shape: Shape, label: Label, tree: Tree, place: Locate) -> None:
        """A quantity without a step: one row a step, else nobody can tell which step it is."""
        steps = self.problem.steps
        inner = squeezed(opened(tree))
        rows = inner.parts if isinstance(inner, Items) else ()
        if len(rows) == steps and not label.index:
            sizes = {len(list(leaves(row))) for row in rows}
            if sizes == {prod(shape)}:
                for k, row in enumerate(rows):
                    self._at_step(k + 1, name, (), row, place)
                return
        accepted = f"{name}_1 for step 1, or one row for each of the {steps} steps"
        self.complain(f"at which step {name} is meant is not said ({accepted})", place, tree.at)

    def _at_step(
        self, step: int, name: str, index: tuple[int, ...], tree: Tree, place: Locate
    ) -> None:
        shape = self.problem.shapes[name]
        try:
            found = dict(fitted(opened(tree), shape, index))
        except ProblemError as error:
            entry = (step, name, ())
            self.complain(f"{name} at step {step}: {error.what}", place, tree.at, entry)
            return
        for where, leaf in found.items():
            self._leaf((step, name, where), leaf, place)

    def _leaf(self, entry: Entry, leaf: Leaf, place: Locate) -> None:
        if is_blank(leaf.text):
            return
        step, name, index = entry
        try:
            text = self._written(Label(step, name, index), leaf).text  # type: ignore[union-attr]
            number = given(text)
        except ProblemError as error:
            self.complain(f"{entry_text(entry)}: {error.what}", place, leaf.at, entry)
            return
        self._take(entry, number, place, leaf)

    def _take(self, entry: Entry, number: Given, place: Locate, leaf: Leaf) -> None:
        before = self.given.get(entry)
        if entry in self._refused:
            return
        if before is None or (self.later_counts and agree(before, number)):
            self.given[entry] = number
        elif (before.value, before.places) != (number.value, number.places):
            what = f"{entry_text(entry)} has two values, {before.text} and {number.text}"
            self.complain(what, place, leaf.at, entry)
            self._refused.add(entry)
            del self.given[entry]


def _is_of(entry: Entry, label: Label) -> bool:
    """Whether an entry is of the quantity that a label means."""
    step, name, index = entry
    same = name == label.name and step == (label.step or step)
    return same and index[: len(label.index)] == label.index


def entry_text(entry: Entry) -> str:
    """An entry as files and options name it: z at step 1, h[2] at step 1."""
    step, name, index = entry
    where = f"[{', '.join(map(str, index))}]" if index else ""
    return f"{name}{where} at step {step}"


def agree(first: Given, second: Given) -> bool:
    """Whether two prints of a number differ by rounding only: less than a unit of the coarser."""
    places = [number.places for number in (first, second) if number.places is not None]
    return abs(first.value - second.value) < Fraction(1, 10 ** min(places, default=30))


def _value(row: dict[str, Tree]) -> Tree | None:
    """The value of a row: our own solution's is `rounded`, that of a check is `given`."""
    return next((row[key] for key in ("value", "given", "rounded") if key in row), None)


def _text(tree: Tree | None) -> str:
    match tree:
        case Leaf(text):
            return text
        case Items(parts):
            return " ".join(map(_text, parts))
    return ""


def _at(place: Locate, part: Tree) -> Locate:
    return lambda at: place(part.at if at is None else at)


def _holds_tables(tree: Tree) -> bool:
    if isinstance(tree, Table):
        return True
    return isinstance(tree, Items) and any(isinstance(part, Table) for part in tree.parts)
