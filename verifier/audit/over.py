"""Bounds over a box: how far a program may be off, whatever the given numbers in their intervals.

Two bounds of each result. `total` holds against the exact result of the given numbers, any number
of an interval being rounded first; `arithmetic` against that of the rounded numbers, those of the
intervals being floats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from verifier import effort
from verifier.arithmetic import enclosed as own
from verifier.arithmetic.boxes import Boxes
from verifier.arithmetic.enclosed import Enclosed
from verifier.arithmetic.floats.accuracy import Accuracy
from verifier.arithmetic.floats.affine import Lane
from verifier.arithmetic.floats.ranged import Ranged, known_of
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.protocol import LITERAL, Origin, QuantityAt
from verifier.audit.bounds import recurrences
from verifier.audit.branch import Branches, influence
from verifier.audit.findings import cpu_features
from verifier.audit.functions import Accuracy as Hypotheses
from verifier.audit.functions import accuracy as accuracy_of
from verifier.evaluate import Trace, evaluate, sites
from verifier.numbers import Numbers
from verifier.problem import Problem

SIGNED_STEPS = 8
"""Steps over which the errors of given numbers keep their signs."""

MOST_DECIMALS = 400
"""More decimals than any float of a format has that is not zero."""

Floats = Any
Bounds = Mapping[QuantityAt, Floats]
"""By (step, name): a row for the stated order and one for any, then the entries."""


@dataclass(frozen=True, eq=False)
class Over:
    """The bounds of a problem in the format of a model; infinite where nothing is proven.

    `ranges` are the exact results of the given numbers.
    """

    model: Ieee
    ranges: Mapping[QuantityAt, Enclosed]
    total: Bounds
    arithmetic: Bounds


@dataclass(frozen=True, eq=False)
class Boxed:
    """The bounds of a problem over the box of its intervals, with what they rest on."""

    problem: Problem
    found: tuple[Over, ...]
    accuracy: Hypotheses
    numpy: str = np.__version__
    features: tuple[str, ...] = field(default_factory=cpu_features)


def boxed(problem: Problem, models: Sequence[Ieee]) -> Boxed:
    """The bounds over a box under what is assumed of NumPy's functions.

    Errors: ProblemError where a divisor may vanish within the box.
    """
    assumed = accuracy_of("numpy")
    return Boxed(problem, over(problem, models, assumed.allowed), assumed)


def decimals(bound: float) -> int | None:
    """How many decimals a bound promises: it is less than half a unit of the last of them.

    None where it promises none, not even whole numbers; a bound of zero promises `MOST_DECIMALS`.

    >>> decimals(4e-5), decimals(6e-5), decimals(0.5), decimals(0.3)
    (4, 3, None, 0)
    """
    if not bound < 0.5:
        return None
    exact, count = 2 * Fraction(bound), 0
    while count < MOST_DECIMALS and exact * 10 ** (count + 1) < 1:
        count += 1
    return count


def useful(bound: Floats, exact: Enclosed) -> Any:
    """Where a bound says something: it is less than the size of what it bounds, or than 1."""
    size = (np.abs(exact.middle) + exact.radius).reshape(-1)
    return bound < np.maximum(1.0, np.where(np.isfinite(size), size, 0.0))


def over(
    problem: Problem, models: Sequence[Ieee], accuracy: Accuracy, most: int = effort.BRANCHES
) -> tuple[Over, ...]:
    """The bounds over the box of a problem's intervals in each model's arithmetic.

    The box is split into `most` smaller ones, if there are few intervals.
    Errors: ProblemError where a divisor may vanish within the box.
    """
    evaluate(problem, Boxes(strict=True))
    wanted = tuple(sites(problem))
    count = sum(problem.size(name) for _, name in wanted)
    few = 1 <= problem.intervals <= effort.BRANCHED and count <= effort.BRANCHED_ENTRIES
    weights = influence(problem, wanted) if few and most > 1 else None
    return tuple(_over(problem, model, accuracy, most, weights) for model in models)


def _over(
    problem: Problem, model: Ieee, accuracy: Accuracy, most: int, weights: Floats | None
) -> Over:
    given, rounded = (Exact(problem, model, kind) for kind in (True, False))
    total, arithmetic = (quick(problem, model, accuracy, exact) for exact in (given, rounded))
    if weights is not None:
        found = branched(problem, model, accuracy, most, weights)
        total, arithmetic = least(total, found[0]), least(arithmetic, found[1])
    return Over(model, given.quantities, total, arithmetic)


def least(one: Bounds, other: Bounds) -> Bounds:
    """The smaller bounds; what holds for every order holds for the stated one too."""
    both = {site: np.fmin(one[site], other[site]) for site in one}
    return {site: np.stack([found.min(axis=0), found[1]]) for site, found in both.items()}


@dataclass(frozen=True, eq=False)
class Exact:
    """The ranges of exact results: of the given numbers, or of what a format rounds them to."""

    problem: Problem
    model: Ieee
    from_given: bool

    @cached_property
    def trace(self) -> Trace:
        """Every quantity and term over the whole box."""
        known = Boxes() if self.from_given else Boxes(self.rounded)
        return evaluate(self.problem, known, terms=True)

    @property
    def quantities(self) -> Mapping[QuantityAt, Enclosed]:
        """The ranges of all quantities."""
        return self.trace.values

    def rounded(self, numbers: Numbers, origin: Origin = LITERAL) -> Enclosed:
        """The floats that given numbers are rounded to."""
        low, high = (
            np.asarray(self.model.given(end)).astype(np.float64)[None]
            for end in (numbers.low, numbers.high)
        )
        return own.between(low, high) if numbers.intervals else own.exactly(low)


def branched(
    problem: Problem, model: Ieee, accuracy: Accuracy, most: int, weights: Floats
) -> tuple[Bounds, Bounds]:
    """The total and the arithmetic bounds by branch and bound; `weights` as `influence`."""
    wanted = tuple(sites(problem))
    searches = [
        Branches(problem, Lane(model, any_order), accuracy, wanted, weights)
        for any_order in (model.order == "numpy", True)
    ]
    found = [one.searched(min(most, effort.BRANCH_WORK // one.directions**2)) for one in searches]
    total, arithmetic = (
        {site: np.stack([rows[site][kind] for rows in found]) for site in wanted} for kind in (0, 1)
    )
    return total, arithmetic


def quick(problem: Problem, model: Ieee, accuracy: Accuracy, exact: Exact) -> Bounds:
    """The bounds by affine forms over the whole box, and by grids over sums."""
    lanes = [Lane(model, any_order or model.order == "numpy") for any_order in (False, True)]
    forms = Ranged(
        recurrences(problem),
        lanes,
        accuracy,
        known_of(exact.quantities, len(lanes)),
        ranges=exact.trace.terms,
        from_given=exact.from_given,
        signed=problem.steps <= SIGNED_STEPS,
    )
    evaluate(problem, forms, forget=True)
    # What holds for every order holds for the stated one too.
    return {
        site: np.stack([np.minimum(found[0], found[1]), found[1]]).reshape(2, -1)
        for site, found in forms.bounds.items()
    }
