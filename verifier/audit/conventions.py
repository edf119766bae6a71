"""Conventions that a program may follow: made to all layers and directions at once, or to some.

One, two, or three of those that are usual together; thousands of them are worked as lanes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from verifier.audit.lane_batches import Lane
from verifier.problem import Problem
from verifier.rewrites.catalogue import CATALOGUE
from verifier.rewrites.copies import Kind, Spread, kinds
from verifier.rewrites.model import About, Change, Tag, made, named, reduced

NUMBERS = (
    "reshaped",
    "rows-exchanged",
    "gates-interleaved",
    "initial-ignored",
    "inputs-reversed",
)
"""Rules that change numbers: in a pair they come first."""

PAIRED = (
    *NUMBERS,
    "blend-swapped",
    "reset-after",
    "reset-after-with-bias",
    "reset-before",
    "recurrent-bias-outside",
    "recurrent-bias-inside",
    "biases-exchanged",
    "hard-sigmoid",
    "hard-sigmoid-relu6",
    "sigmoid-not-hard",
    "bias-dropped",
    "bias-doubled",
    "one-added",
    "transposed",
    "weight-left-out",
    "parts-exchanged",
    "gates-permuted",
    "state-not-carried",
    "layers-exchanged",
)
"""Rules that are tried two at once."""

ONE_BY_ONE = frozenset({"gates-permuted", "one-added"})
"""Rules of which every change is tried beside others; of the rest, those of as much as can be."""

RESETS = frozenset({"reset-after", "reset-after-with-bias", "reset-before"})

TRIPLES = tuple(
    frozenset(rules)
    for rules in (
        *(("blend-swapped", reset, "gates-permuted") for reset in sorted(RESETS)),
        *(("transposed", reset, "gates-permuted") for reset in sorted(RESETS)),
        ("blend-swapped", "transposed", "gates-permuted"),
        ("gates-permuted", "hard-sigmoid", "one-added"),
        ("gates-permuted", "transposed", "one-added"),
        ("gates-permuted", "transposed", "bias-dropped"),
        ("gates-permuted", "transposed", "bias-doubled"),
        ("reset-before", "blend-swapped", "bias-dropped"),
    )
)
"""Rules that are usual together, as when one framework's arrays are read as another's."""


@dataclass(frozen=True)
class Convention:
    """A change of the cell: the rewrite's id, and the names that it is about by their kind."""

    rule: str
    about: About


@dataclass(frozen=True, eq=False)
class Candidate:
    """One change or several of a problem, one after the other; `whole` where all copies have it."""

    steps: tuple[Convention, ...]
    problem: Problem
    change: Change
    whole: bool = True

    @property
    def rules(self) -> frozenset[str]:
        """The rules of its changes."""
        return frozenset(step.rule for step in self.steps)

    @cached_property
    def lane(self) -> Lane:
        """The change as a lane."""
        return Lane(self.change, self.problem.cell.blocks)


def singles(problem: Problem, tag: Tag) -> Iterator[Candidate]:
    """Every change of one rule: of the whole model first, then of single layers and directions."""
    found = list(_singles(problem, tag))
    yield from (one for one in found if one.whole)
    yield from (one for one in found if not one.whole)


def _singles(problem: Problem, tag: Tag) -> Iterator[Candidate]:
    copies = kinds(problem.cell.equations)
    for row in CATALOGUE.values():
        if tag not in row.tags:
            continue
        for variant in row.variants(problem):
            if variant.change is not None:
                step = Convention(variant.rule, variant.about)
                whole = _is_whole(copies, variant.change)
                yield Candidate((step,), variant.problem, variant.change, whole)


def _is_whole(copies: Sequence[Kind], change: Change) -> bool:
    """Whether all copies of a cell that are changed are changed alike in number."""
    if not change.equations:
        return True
    for kind in copies:
        counts = {sum(eq.name in change.equations for eq in copy.equations) for copy in kind}
        if len(counts) > 1:
            return False
    return True


def pairs(problem: Problem, firsts: Sequence[Candidate]) -> Iterator[Candidate]:
    """Two changes of the whole model at once."""
    for first in _broadest(firsts):
        yield from extended(problem, first, _after(first.steps[0].rule))


def _broadest(firsts: Sequence[Candidate]) -> Iterator[Candidate]:
    """Changes of the whole model that no other one of their rule contains."""
    for rule in PAIRED:
        own = [one for one in firsts if one.whole and one.steps[0].rule == rule]
        broad = broadest(rule, [one.change for one in own])
        yield from (one for one in own if one.change in broad)


def broadest(rule: str, changes: Sequence[Change]) -> list[Change]:
    """The changes whose equations are no part of those of another one; all, of some rules."""
    if rule in ONE_BY_ONE:
        return list(changes)
    sets = [frozenset(change.equations) for change in changes]
    return [
        change for change, own in zip(changes, sets, strict=True) if not any(own < s for s in sets)
    ]


def _after(rule: str) -> tuple[str, ...]:
    """The rules that are tried behind one, so that each pair is tried once."""
    left = [one for one in PAIRED[PAIRED.index(rule) + 1 :] if one not in NUMBERS]
    return tuple(one for one in left if not {one, rule} <= RESETS)


def triples(problem: Problem, twos: Sequence[Candidate]) -> Iterator[Candidate]:
    """Three changes at once that are usual together."""
    for two in twos:
        left = [rule for triple in TRIPLES if two.rules < triple for rule in triple - two.rules]
        wanted = [rule for rule in _after(two.steps[-1].rule) if rule in left]
        if wanted:
            yield from extended(problem, two, wanted)


def extended(problem: Problem, first: Candidate, rules: Sequence[str]) -> Iterator[Candidate]:
    """A candidate with one more change of the whole model, of one of these rules."""
    found = kinds(first.problem.cell.equations, joined=True)
    spread = Spread(found, problem.steps)
    within = reduced(first.problem, found) if found else first.problem
    for rule in rules:
        fitting = [one for one in CATALOGUE[rule].changes(within) if one.of_equations]
        for change in broadest(rule, fitting):
            about = named(replace(change, about=spread.about(change.about)))
            new = Change({}, spread.equations(change.equations))
            two = _joined(problem, first, Convention(rule, about), new)
            if two is not None:
                yield two


def _joined(problem: Problem, first: Candidate, step: Convention, new: Change) -> Candidate | None:
    """A candidate with further equations; None where nothing is left of it, or it does not fit."""
    base = problem.cell.equation
    equations = {**first.change.equations, **new.equations}
    differ = {name: eq for name, eq in equations.items() if eq != base[name]}
    found = made(step.rule, first.problem, new) if differ else None
    if found is None:
        return None
    change = replace(first.change, equations=differ)
    return Candidate((*first.steps, step), found.problem, change)
