"""A program's outputs beside the truth and the bound for every order of summation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from verifier.arithmetic.floats.deployed import FORMATS
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.protocol import QuantityAt
from verifier.audit.implementations import Outputs
from verifier.audit.measure import audit
from verifier.audit.model import Array, Measured, in_ulps
from verifier.audit.truth import Truth, truths
from verifier.audit.views import STRAIGHT, Piece, View
from verifier.evaluate import sites
from verifier.problem import Problem
from verifier.solution import Solution


@dataclass(frozen=True, eq=False)
class Held:
    """A quantity of one step: what the program gave, how far it is `off`, and its `limit`.

    Both are absolute numbers; `error` and `bound` are the same in ulps. `ulp` and `vanishes` are as
    in `Measured`.
    """

    step: int
    name: str
    computed: Array
    off: Array
    limit: Array
    ulp: Array
    vanishes: Array

    @cached_property
    def error(self) -> Array:
        """The error in ulps."""
        return in_ulps(self.off, self.ulp)

    @cached_property
    def bound(self) -> Array:
        """The bound in ulps."""
        return in_ulps(self.limit, self.ulp)

    @property
    def finite(self) -> Any:
        """Which entries are finite numbers."""
        return np.isfinite(np.ravel(self.computed).astype(np.float64))

    @property
    def inside(self) -> Any:
        """Which entries keep the bound; what is not finite keeps none."""
        return self.finite & (self.off <= self.limit)

    @property
    def unseen(self) -> Any:
        """How far each entry could change without leaving the bound, as absolute numbers."""
        with np.errstate(all="ignore"):
            left = np.where(self.inside, self.limit - self.off, 0.0)
        return np.where(np.isinf(self.limit), np.inf, left)


def held_of(solution: Solution, outputs: Outputs, view: View = STRAIGHT) -> tuple[Held, ...]:
    """The outputs beside the truth that a view of the quantities shows in their place."""
    problem, format = solution.problem, FORMATS[outputs.float]
    model = Ieee(outputs.float, logistic=outputs.accuracy.logistic[format.functions])
    measured = audit(solution, (model,), outputs.accuracy.allowed, ()).measured
    truth = truths(problem, format, rounded=False)
    rows = []
    for step, name in (site for site in sites(problem) if site in outputs.values):
        pieces, value = view.pieces(step, name), outputs.values[step, name]
        own = [measured[outputs.float, *piece.site] for piece in pieces]
        off = distance(truth, pieces, value)
        limit = _joined([row.absolute["bound_any_order"] for row in own], pieces)
        limit = np.where(np.isnan(limit), np.inf, limit)
        rows.append(Held(step, name, value, off, limit, *_sizes(own, pieces)))
    return tuple(rows)


def _sizes(own: Sequence[Measured], pieces: Sequence[Piece]) -> tuple[Array, Array]:
    return (
        _joined([row.ulp for row in own], pieces),
        _joined([row.vanishes for row in own], pieces),
    )


def distance(truth: Mapping[QuantityAt, Truth], pieces: Sequence[Piece], value: Array) -> Array:
    """How far an output is from the true values that pieces of quantities have."""
    flat, found, start = np.ravel(value).astype(np.float64), [], 0
    for piece in pieces:
        own = truth[piece.site]
        width = len(own.high[piece.entries])
        part = np.zeros_like(own.high)
        part[piece.entries] = flat[start : start + width]
        with np.errstate(all="ignore"):
            found.append(own.distance(part)[piece.entries])
        start += width
    return np.concatenate(found)


def _joined(rows: Sequence[Array], pieces: Sequence[Piece]) -> Array:
    return np.concatenate([row[p.entries] for row, p in zip(rows, pieces, strict=True)])


def near_truth(
    problem: Problem, outputs: Outputs, held: Sequence[Held], view: View = STRAIGHT
) -> bool:
    """Whether all outputs lie within given bounds of the true values of another problem."""
    truth = truths(problem, FORMATS[outputs.float], rounded=False)
    return all(
        bool((distance(truth, view.pieces(row.step, row.name), row.computed) <= row.limit).all())
        for row in held
    )
