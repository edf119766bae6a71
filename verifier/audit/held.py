"""A program's outputs beside the truth and the bound for every order of summation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from verifier.arithmetic.floats.deployed import FORMATS
from verifier.arithmetic.floats.summation import finite
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.protocol import QuantityAt
from verifier.audit.implementations import Outputs
from verifier.audit.measure import Limits, limits
from verifier.audit.model import Array, in_ulps
from verifier.audit.truth import Truth, truths
from verifier.audit.views import STRAIGHT, Piece, View
from verifier.evaluate import sites
from verifier.problem import Problem


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


def held_of(problem: Problem, outputs: Outputs, view: View = STRAIGHT) -> tuple[Held, ...]:
    """The outputs beside the truth that a view of the quantities shows in their place."""
    functions = FORMATS[outputs.float].functions
    model = Ieee(outputs.float, logistic=outputs.accuracy.logistic[functions])
    known = limits(problem, (model,), outputs.accuracy.allowed, stated=False)
    shown = (site for site in sites(problem) if site in outputs.values)
    return tuple(_held(known, site, outputs, view) for site in shown)


def _held(known: Limits, site: QuantityAt, outputs: Outputs, view: View) -> Held:
    pieces, value, format = view.pieces(*site), outputs.values[site], FORMATS[outputs.float]
    size = _joined([_size(known, piece) for piece in pieces], pieces)
    limit = _joined([_limit(known, format.name, piece) for piece in pieces], pieces)
    off = distance(known.truth, pieces, value)
    return Held(*site, value, off, limit, format.ulps(size), size < format.smallest)


def _size(known: Limits, piece: Piece) -> Array:
    return known.truth[piece.site].size if piece.given is None else np.abs(piece.given)


@np.errstate(all="ignore")
def _limit(known: Limits, float: str, piece: Piece) -> Array:
    """The bound of the distance from the truth; infinite where nothing is known.

    A given number is rounded once, to a format and from a double that stands for it.
    """
    if piece.given is not None:
        return FORMATS[float].ulps(np.abs(piece.given))
    site = piece.site
    if float not in known.exact:
        return np.full_like(known.truth[site].high, np.inf)
    return finite(known.from_truth(float, site, known.any_order[float][site]))


def distance(truth: Mapping[QuantityAt, Truth], pieces: Sequence[Piece], value: Array) -> Array:
    """How far an output is from the true values that pieces of quantities have."""
    flat, found, start = np.ravel(value).astype(np.float64), [], 0
    for piece in pieces:
        own = truth[piece.site].high if piece.given is None else np.array(piece.given)
        width = len(own[piece.entries])
        found.append(_apart(truth, piece, flat[start : start + width], own))
        start += width
    return np.concatenate(found)


@np.errstate(all="ignore")
def _apart(truth: Mapping[QuantityAt, Truth], piece: Piece, value: Array, own: Array) -> Array:
    if piece.given is not None:
        return np.abs(value - own[piece.entries])
    part = np.zeros_like(own)
    part[piece.entries] = value
    return truth[piece.site].distance(part)[piece.entries]


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
