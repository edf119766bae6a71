"""A program's outputs held against the truth, and against the bound for every order of summation.

What lies outside is a bug, or follows another convention: the known ones are tried, alone and in
pairs, and those that bring all outputs inside are named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from verifier.arithmetic.floats.binary import BINARY
from verifier.arithmetic.ieee import Ieee
from verifier.audit.implementations import Outputs
from verifier.audit.measure import audit
from verifier.audit.model import Array, Ulps, in_ulps
from verifier.audit.nonfinite import NonFinite, origin
from verifier.audit.truth import truths
from verifier.certify import total_products
from verifier.errors import VerifierError
from verifier.evaluate import evaluate, sites
from verifier.problem import Problem
from verifier.problem.backward import backward
from verifier.rewrites.catalogue import variants
from verifier.rewrites.model import Variant
from verifier.solution import Solution

Site = tuple[int, str]
Path = tuple[Variant[Problem], ...]
"""Rewrites, one after the other; the last one's problem has them all."""

CLOSE = 16.0
"""Conventions are tried in earnest where float64 comes this near, in bounds of the problem itself;
where nothing does, it is none of them."""

MOST_NAMED = 3
MOST_PAIRS, PAIR_PRODUCTS = 4000, 20_000_000
"""Pairs of conventions are tried up to so many, and up to so many scalar products in all."""


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


@dataclass(frozen=True)
class Convention:
    """A change of the cell: the rewrite's id, and the names that it is about by their kind."""

    rule: str
    about: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Deviation:
    """How far an entry of an output is off; `unseen` is how far it could change inside."""

    step: int
    name: str
    index: tuple[int, ...]
    computed: Any
    off: float
    limit: float
    unseen: float
    ulp: float
    vanishes: bool

    @property
    def error(self) -> Ulps:
        """The error in ulps."""
        return float(in_ulps(np.float64(self.off), np.float64(self.ulp)))

    @property
    def bound(self) -> Ulps:
        """The bound in ulps."""
        return float(in_ulps(np.float64(self.limit), np.float64(self.ulp)))


@dataclass(frozen=True, eq=False)
class Comparison:
    """Outputs beside the truth.

    `held` stands in the order of evaluation. `explanations` holds what would bring all outputs
    inside: each one convention, or a pair of them; empty where all are inside, where some are not
    finite, and where nothing known explains them. `lost` says why the first of
    these is not finite in the format's own arithmetic either, with NumPy's products, if so.
    """

    problem: Problem
    outputs: Outputs
    held: tuple[Held, ...]
    explanations: tuple[tuple[Convention, ...], ...] = ()
    lost: NonFinite | None = None

    @property
    def inside(self) -> bool:
        """Whether every entry keeps the bound."""
        return all(bool(row.inside.all()) for row in self.held)

    @property
    def outside(self) -> int:
        """How many entries do not."""
        return sum(int((~row.inside).sum()) for row in self.held)

    @property
    def not_finite(self) -> int:
        """How many entries are infinite or nan."""
        return sum(int((~row.finite).sum()) for row in self.held)

    @property
    def unbounded(self) -> int:
        """How many finite entries have an infinite bound, which all numbers keep."""
        return sum(int((row.finite & np.isinf(row.limit)).sum()) for row in self.held)

    @property
    def first(self) -> Deviation:
        """The first entry outside in the order of evaluation; where none is, the nearest to its
        bound."""
        for row in self.held:
            if not row.inside.all():
                return self._entry(row, int(np.argmin(row.inside)))
        return self._largest(lambda row: _ratio(row.off, row.limit))

    @property
    def first_not_finite(self) -> Deviation:
        """The first entry that is infinite or nan in the order of evaluation."""
        row = next(row for row in self.held if not row.finite.all())
        return self._entry(row, int(np.argmin(row.finite)))

    @property
    def worst(self) -> Deviation:
        """The entry with the largest error in ulps, where the true value vanishes nowhere else."""
        if all(row.vanishes.all() for row in self.held):
            return self._largest(lambda row: row.off)
        return self._largest(lambda row: np.where(row.vanishes, -1.0, row.error))

    @property
    def worst_vanishing(self) -> Deviation | None:
        """The entry with the largest error of those whose true value vanishes."""
        if not any(row.vanishes.any() for row in self.held):
            return None
        return self._largest(lambda row: np.where(row.vanishes, row.off, -1.0))

    @property
    def blindest(self) -> Deviation:
        """The entry that could change most, as an absolute number, without leaving its bound."""
        return self._largest(lambda row: row.unseen)

    def _largest(self, size: Callable[[Held], Array]) -> Deviation:
        row = max(self.held, key=lambda row: float(size(row).max()))
        return self._entry(row, int(np.argmax(size(row))))

    def _entry(self, row: Held, k: int) -> Deviation:
        shape = self.problem.shapes[row.name]
        index = tuple(int(i) for i in np.unravel_index(k, shape)) if shape else ()
        off, limit, unseen, ulp = (x[k].item() for x in (row.off, row.limit, row.unseen, row.ulp))
        computed, vanishes = np.ravel(row.computed)[k], bool(row.vanishes[k])
        return Deviation(row.step, row.name, index, computed, off, limit, unseen, ulp, vanishes)


def against(solution: Solution, outputs: Outputs) -> Comparison:
    """The outputs held against the truth, and what explains those that are outside.

    The bound is that for every order of summation, under what is assumed of the program's exp and
    tanh.
    """
    held = _held(solution, outputs)
    found = Comparison(solution.problem, outputs, held)
    if found.not_finite:
        return replace(found, lost=_lost(found))
    if found.inside:
        return found
    return replace(found, explanations=tuple(_explained(solution, outputs, held)))


def _lost(found: Comparison) -> NonFinite | None:
    """What makes the first entry that is not finite so in the format's own arithmetic, too."""
    outputs, entry = found.outputs, found.first_not_finite
    model = Ieee(outputs.float, order="numpy", logistic=outputs.accuracy.logistic[outputs.float])
    return origin(found.problem, model, (entry.step, entry.name), entry.index)


def _held(solution: Solution, outputs: Outputs) -> tuple[Held, ...]:
    problem, format = solution.problem, BINARY[outputs.float]
    model = Ieee(outputs.float, logistic=outputs.accuracy.logistic[outputs.float])
    bounds = audit(solution, (model,), outputs.accuracy.allowed, ()).measured
    truth = truths(problem, format, rounded=False)
    rows = []
    for step, name in (site for site in sites(problem) if site in outputs.values):
        value, true = outputs.values[step, name], truth[step, name]
        row = bounds[outputs.float, step, name]
        with np.errstate(all="ignore"):
            off = true.distance(np.ravel(value).astype(np.float64))
        limit = row.absolute["bound_any_order"]
        limit = np.where(np.isnan(limit), np.inf, limit)
        rows.append(Held(step, name, value, off, limit, row.ulp, row.vanishes))
    return tuple(rows)


def _ratio(error: Any, bound: Any) -> Any:
    with np.errstate(all="ignore"):
        return np.nan_to_num(error / bound, nan=0.0, posinf=np.inf)


def _explained(
    solution: Solution, outputs: Outputs, held: tuple[Held, ...]
) -> Iterator[tuple[Convention, ...]]:
    """Single conventions that explain the outputs; pairs only where no single one does."""
    scale = _scale(outputs, held)
    single: list[Path] = [(found,) for found in _variants(solution.problem)]
    for paths in (single, _pairs(single, outputs)):
        ranked = sorted(_near(paths, outputs, scale), key=lambda pair: pair[0])
        explaining = [path for _, path in ranked[: 4 * MOST_NAMED] if _explains(path, outputs)]
        yield from (_named(path) for path in explaining[:MOST_NAMED])
        if explaining:
            return


def _variants(problem: Problem) -> Iterator[Variant[Problem]]:
    """The conventions; those of a backward pass are its problem's, passed back anew."""
    if problem.backward is None:
        yield from variants(problem, "convention")
        return
    for found in variants(problem.backward.task, "convention"):
        with suppress(VerifierError):  # a loss that no longer fits
            yield replace(found, problem=backward(found.problem, uniform=True, descent=False))


def _pairs(single: list[Path], outputs: Outputs) -> Iterator[Path]:
    """Two conventions at once, each pair in the order in which it is found first."""
    cost = max(1, total_products(single[0][0].problem)) if single else 1
    left = min(MOST_PAIRS, PAIR_PRODUCTS // cost)
    order = {path[0].key: k for k, path in enumerate(single)}
    for (one,) in single:
        for second in _variants(one.problem):
            if order.get(second.key, len(order)) <= order[one.key]:
                continue
            if not left:
                return
            left -= 1
            yield one, second


def _near(
    paths: Iterable[Path], outputs: Outputs, scale: Mapping[Site, Any]
) -> Iterator[tuple[float, Path]]:
    """Those near which the outputs lie in float64, with their distances in bounds."""
    for path in paths:
        with np.errstate(all="ignore"):
            values = evaluate(path[-1].problem, Ieee("float64")).values
            far = max(
                float(
                    np.max(
                        np.abs(np.ravel(outputs.values[site].astype(np.float64) - values[site]))
                        / wide
                    )
                )
                for site, wide in scale.items()
            )
        if far <= CLOSE:
            yield far, path


def _scale(outputs: Outputs, held: tuple[Held, ...]) -> dict[Site, Any]:
    """How far outputs may be off, roughly: the bounds as absolute numbers, and no less than 4 u."""
    format = BINARY[outputs.float]
    found = {}
    for row in held:
        size = np.abs(np.ravel(row.computed).astype(np.float64))
        bound = np.where(np.isfinite(row.bound), row.bound, 0.0)
        found[row.step, row.name] = np.maximum(
            bound * format.ulps(size), 2.0 ** (3 - format.precision)
        )
    return found


def _explains(path: Path, outputs: Outputs) -> bool:
    held = _held(Solution(path[-1].problem), outputs)
    return all(bool(row.inside.all()) for row in held)


def _named(path: Path) -> tuple[Convention, ...]:
    return tuple(Convention(variant.rule, variant.about) for variant in path)
