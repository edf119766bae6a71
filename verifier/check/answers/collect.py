"""The numbers of one person gathered from pieces: every value finds its entry, or a complaint."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from math import prod
from typing import Any

from verifier import effort
from verifier.check.answers.chains import single
from verifier.check.answers.columns import of_row
from verifier.check.answers.counts import Counted, first_of, index_of
from verifier.check.answers.edges import crossed
from verifier.check.answers.fit import (
    by_step,
    fitted,
    holds_several,
    holds_tables,
    leaves,
    opened,
    squeezed,
    texts_of,
    value_of,
)
from verifier.check.answers.grammar import Items, Leaf, Locate, Piece, Table, Tree
from verifier.check.answers.labels import Label, Labels
from verifier.check.answers.ledger import Ledger, entry_text, no_step
from verifier.check.answers.marks import unmarked
from verifier.check.answers.numerals import given, is_blank
from verifier.check.model import Answers
from verifier.errors import ProblemError, shown
from verifier.language.operations import Shape
from verifier.outcomes.model import Entry

PLAINLY = re.compile(r"[\s\d.,;…\[\](){}eE+\-−–≈~/%_?*]*+")
"""What is a number or a list of them, with nothing around it."""

WHOLE = re.compile(r"\.0+$")
"""What a program prints behind whole numbers of a column that has blanks."""

UNSET = ("nan", "<na>")
"""What a program prints where nothing stands in a column of numbers."""

BRACKETS = str.maketrans("[](),;", "      ")

NAMELESS = "; a result without a name is called ans: write z_1 = … before it"
"""What MATLAB and Octave call what was given no name; it is near no other name."""


class Collector(Ledger):
    """Gathers entries; what cannot be used is complained of, and the rest still counts.

    `strict` says that every name should be one of the problem's; in what a program prints, other
    names are no surprise. `later_counts` says that of two prints of one number that agree, the
    later one stands.
    """

    def __init__(self, labels: Labels, *, strict: bool = True, later_counts: bool = False) -> None:
        super().__init__(labels.problem, later_counts)
        self.labels, self.strict = labels, strict
        self.person = self.question = ""
        self.also: tuple[str, ...] = ()
        self._counted: defaultdict[str, list[Counted]] = defaultdict(list)

    def named(self, person: str) -> None:
        """Note whose the answers are; a line of blanks names nobody."""
        if not is_blank(person):
            self.person = " ".join(person.split())[: effort.PERSON]

    def has(self, label: Label) -> bool:
        """Whether a quantity has its first entry at a step, or all it has if no step is named."""
        name, step = label.name or "", 1 if label.step is None else label.step
        first = (0,) * len(self.problem.shapes[name])
        waits = any(one.label.step == step for one in self._counted.get(name, ()))
        return waits or (step, name, first) in self.given

    def answers(self, person: str, file: str) -> Answers:
        """What was gathered."""
        self._settle()
        who, complaints = self.person or person, self.told()
        return Answers(who, file, dict(self.given), complaints, self.question, self.also)

    def add(self, piece: Piece) -> None:
        """Take a value in; its labels stand from the outside in."""
        self.take(self.labels.within(piece.labels), piece.value, piece.place)

    def row(
        self,
        said: Mapping[str, str],
        value: Tree,
        place: Locate,
        *,
        indexed: bool = True,
    ) -> None:
        """Take in a row of a table that says step, name and index; see `Counted` for `indexed`."""
        step, name, index = (WHOLE.sub("", said.get(k, "")) for k in ("step", "name", "index"))
        label = self.labels.read(name)
        if label is None or label.name is None:
            self.unknown(name, place)
            return
        number = self.labels.read(step) if step.strip() else None
        if step.strip() and (number is None or number.step is None):
            self.complain(f"{shown(step.strip())} is no step", place)
            return
        label = label if number is None else replace(label, step=number.step)
        none = is_blank(index) or index.casefold() in UNSET
        parts = [] if none else index.translate(BRACKETS).split()
        if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
            self.complain(f"{shown(index)} is no index; indices count from 0", place)
            return
        if parts:
            self.counted(Counted(label, tuple(map(int, parts)), value, place, indexed))
        else:
            self.take(label, value, place)

    def counted(self, one: Counted) -> None:
        """Take in a value whose entry was counted, once it is known from where."""
        self._counted[one.label.name or ""].append(one)

    def take(self, label: Label, tree: Tree, place: Locate) -> None:
        """Take in a value whose label is known."""
        match tree:
            case Table(pairs) if label == Label() and crossed(pairs, self.labels):
                for key, value in pairs:
                    self._steps_of(key, value, place)
            case Table(pairs):
                for key, value in pairs:
                    self._pair(label, key, value, place)
            case _ if label.name is not None:
                self._quantity(label, label.name, tree, place)
            case Items(parts) if any(isinstance(part, Table) for part in parts):
                self._tables(label, parts, place)
            case _ if self.strict:
                self.complain("it is not said which quantity this is", place, tree.at)

    def _steps_of(self, key: str, value: Tree, place: Locate) -> None:
        """Take in a table by steps whose key is a name, perhaps with the number of an entry."""
        inner = self.labels.read(key)
        if inner is None or not isinstance(value, Table):
            self._pair(Label(), key, value, place)
            return
        for step, part in value.pairs:
            self.take(Label(int(step)).then(inner), part, place)

    def _tables(self, label: Label, parts: tuple[Tree, ...], place: Locate) -> None:
        """A list of tables: rows of a table, or one table a step."""
        for k, part in enumerate(parts):
            if not isinstance(part, Table):
                self.complain("a value between tables", place, part.at)
            elif "name" in (row := _row(part)) and (value := value_of(row)) is not None:
                said = {key: texts_of(row.get(key)) for key in ("step", "name", "index")}
                self.row(said, value, _at(place, part))
            else:
                at = self.labels.read(texts_of(row.get("step"))) or Label()
                steps = (at.step, label.step, k + 1)
                step = next(step for step in steps if step is not None)
                pairs = tuple(pair for pair in part.pairs if of_row(pair[0]) != "step")
                self.take(replace(label, step=step), replace(part, pairs=pairs), place)

    def placed(self, label: Label, place: Locate) -> None:
        """Note where the number of one entry stands."""
        entry = (label.step or 0, label.name or "", label.index)
        if entry in self.given:
            self.given[entry] = replace(self.given[entry], place=place(None))

    def _pair(self, label: Label, key: str, value: Tree, place: Locate) -> None:
        inner = self.labels.read(key)
        if inner is not None and inner.numbers(label):
            self.counted(Counted(label, (inner.step or 0,), value, place, indexed=True))
        elif inner is not None:
            self.take(label.then(inner), value, place)
        elif isinstance(value, Table | Items) and label.name is None and holds_tables(value):
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
        if name not in problem.cell.equation:
            return
        blank = isinstance(tree, Leaf) and is_blank(tree.text)
        if self._counts(label, tree):
            whole, number = replace(label, step=label.above, above=None), (step or 0,)
            if not blank:
                self.counted(Counted(whole, number, tree, place))
            return
        step = self.only_step(name) if step is None else step
        self.note(name, step)
        if not blank:
            self._placed(step, name, label, tree, place)

    def _placed(self, step: int | None, name: str, label: Label, tree: Tree, place: Locate) -> None:
        """Take in the value of a quantity at a step, or at all of them."""
        problem = self.problem
        if step is None:
            self._all_steps(name, problem.shapes[name], label, tree, place)
        elif 0 <= step <= problem.steps:
            self._at_step(step, name, label.index, tree, place)
        elif step != problem.steps + 1 or name not in problem.cell.roles.final:
            self.complain(no_step(name, step, problem), place, tree.at)

    def _counts(self, label: Label, tree: Tree) -> bool:
        """Whether the number behind a name is that of an entry: the step is said elsewhere."""
        several = self.problem.size(label.name or "") > 1
        return label.above is not None and several and not label.index and not holds_several(tree)

    def _settle(self) -> None:
        """Take in what was counted, now that it is known from where."""
        while self._counted:
            waiting, self._counted = self._counted, defaultdict(list)
            for name, found in waiting.items():
                shape = self.problem.shapes[name]
                first = first_of(found, shape)
                for one in found:
                    index = (*one.label.index, *index_of(one, first, shape))
                    self.take(replace(one.label, index=index), one.tree, one.place)
        self.settle_steps()

    def _written(self, label: Label, tree: Tree) -> Tree:
        """A value without what was written around it. Errors: ProblemError for several values."""
        if not isinstance(tree, Leaf) or PLAINLY.fullmatch(tree.text):
            return tree
        if len(tree.text) > effort.LINE:
            raise ProblemError(f"an answer of {len(tree.text)} characters")
        return Leaf(single(unmarked(tree.text), self.labels, label), tree.at)

    def _all_steps(self, name: str, shape: Shape, label: Label, tree: Tree, place: Locate) -> None:
        """A quantity without a step: one row a step, else nobody can tell which step it is."""
        steps = self.problem.steps
        inner = squeezed(opened(tree))
        rows = by_step(inner, steps, prod(shape))
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
        if step == 0:
            self.begins(name, place, tree.at)
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
        self.put(entry, number, place, leaf.at)


def _row(table: Table) -> dict[str, Tree]:
    """The parts of a row by what their keys say, in any of the languages, and by the keys."""
    return {of_row(key) or key: part for key, part in table.pairs} | dict(table.pairs)


def _at(place: Locate, part: Tree) -> Locate:
    return lambda at: place(part.at if at is None else at)
