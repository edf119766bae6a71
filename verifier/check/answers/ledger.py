"""What one person gave: numbers by entry, what could not be read, and what steps count from."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from typing import Any

from verifier import effort
from verifier.check.answers.counts import from_zero
from verifier.check.answers.grammar import Locate
from verifier.check.answers.labels import Label
from verifier.check.model import Complaint
from verifier.outcomes.model import Entry, Given
from verifier.problem import Problem


class Ledger:
    """Numbers and complaints while they come in.

    `later_counts` says that of two prints of one number that agree, the later one stands. Step 0
    is kept until all is read: it is an initial state, or the first step of those who count from 0.
    """

    def __init__(self, problem: Problem, later_counts: bool = False) -> None:
        self.problem, self.later_counts = problem, later_counts
        self.given: dict[Entry, Given] = {}
        self.complaints: list[Complaint] = []
        self.count = 0
        self._asides: list[tuple[int, Label, Complaint]] = []
        self._refused: set[Entry] = set()
        self._named: defaultdict[str, set[int]] = defaultdict(set)
        self._zeroth: dict[str, tuple[Locate, Any]] = {}

    def complain(
        self, what: str, place: Locate, at: Any = None, entry: Entry | None = None
    ) -> None:
        """Note what could not be read; of very many, the places are not looked for any more."""
        self.count += 1
        if len(self.complaints) < effort.COMPLAINTS:
            self.complaints.append(Complaint(what, place(at), entry))

    def aside(self, label: Label, what: str, place: Locate, at: Any = None) -> None:
        """Note what could not be read, to be told if nothing else gives the quantity."""
        name, step = label.name or "", label.step
        step = self.only_step(name) if step is None else step
        if name not in self.problem.cell.equation or not 0 <= (step or 1) <= self.problem.steps:
            return
        if len(self._asides) < effort.COMPLAINTS:
            entry = None if step is None else (step, name, label.index)
            label = Label(step, name, label.index)
            self._asides.append((len(self.complaints), label, Complaint(what, place(at), entry)))

    def told(self) -> tuple[Complaint, ...]:
        """The complaints in order, with those of quantities that nothing gives."""
        found = list(self.complaints)
        entries = {*self.given, *self._refused}
        for k, label, complaint in reversed(self._asides):
            if not any(_is_of(entry, label) for entry in entries):
                found.insert(k, complaint)
        left = self.count - len(self.complaints)
        more = (Complaint(f"and {left} more that could not be read"),) if left else ()
        return (*found, *more)

    def only_step(self, name: str) -> int | None:
        """The step at which a name without one is meant, if there is only one to mean.

        The gradient by a parameter is the whole one, which stands at step 1.
        """
        whole = name.startswith("d_") and name.removeprefix("d_") in self.problem.parameters
        return 1 if self.problem.steps == 1 or (self.problem.backward and whole) else None

    def note(self, name: str, step: int | None) -> None:
        """Note that a quantity was named at a step, be it for a blank."""
        if step is not None:
            self._named[name].add(step)

    def begins(self, name: str, place: Locate, at: Any) -> None:
        """Note where a quantity at step 0 stands."""
        self._zeroth.setdefault(name, (place, at))

    def put(self, entry: Entry, number: Given, place: Locate, at: Any) -> None:
        """Take in a number; of two that differ, neither stands."""
        before = self.given.get(entry)
        if entry in self._refused:
            return
        if before is None or (self.later_counts and agree(before, number)):
            self.given[entry] = number
        elif (before.value, before.places) != (number.value, number.places):
            what = f"{entry_text(entry)} has two values, {before.text} and {number.text}"
            self.complain(what, place, at, entry)
            self._refused.add(entry)
            del self.given[entry]

    def settle_steps(self) -> None:
        """Count steps from 1, where a sheet that is read whole counted them from 0."""
        if any(0 in steps for steps in self._named.values()):
            self._shift(from_zero(self._named, self.given, self.problem))
        self._named.clear()
        self._zeroth.clear()

    def _shift(self, shifted: set[str]) -> None:
        """Move steps that were counted from 0; elsewhere step 0 has initial states alone."""
        states = self.problem.cell.roles.initial

        def moved(entry: Entry) -> Entry:
            return (entry[0] + (entry[1] in shifted), *entry[1:])

        def kept(entry: Entry | None) -> bool:
            return entry is None or entry[0] > 0

        given = {moved(entry): number for entry, number in self.given.items()}
        self.given = {entry: number for entry, number in given.items() if kept(entry)}
        self._refused = set(map(moved, self._refused))
        told = [replace(c, entry=c.entry and moved(c.entry)) for c in self.complaints]
        self.complaints = [complaint for complaint in told if kept(complaint.entry)]
        self.count -= len(told) - len(self.complaints)
        asides = [(k, _moved(label, shifted), c) for k, label, c in self._asides]
        self._asides = [a for a in asides if a[1].step != 0 or a[1].name not in states]
        for name, (place, at) in self._zeroth.items():
            if name not in states and name not in shifted:
                self.complain(no_step(name, 0, self.problem), place, at)


def no_step(name: str, step: int, problem: Problem) -> str:
    """What is said of a step that is none."""
    return f"{name} at step {step}: the steps are 1 to {problem.steps}"


def _is_of(entry: Entry, label: Label) -> bool:
    """Whether an entry is of the quantity that a label means."""
    step, name, index = entry
    same = name == label.name and label.step in (None, step)
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


def _moved(label: Label, shifted: set[str]) -> Label:
    """A label of a quantity whose steps may have been counted from 0."""
    counted = label.step is not None and label.name in shifted
    return replace(label, step=label.step + 1) if counted else label  # type: ignore[operator]
