"""A program's outputs held against the truth, and against the bound for every order of summation.

What lies outside is a bug, or follows another convention: the known ones are tried, alone and in
pairs, and those that bring all outputs inside are named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier.arithmetic.floats.binary import FORMATS
from verifier.arithmetic.ieee import Ieee
from verifier.audit.implementations import Outputs
from verifier.audit.measure import audit
from verifier.audit.model import Array, Ulps
from verifier.audit.truth import truths
from verifier.certify import total_products
from verifier.evaluate import evaluate
from verifier.problem import Problem
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
    """A quantity of one step: what the program gave, its error and the bound in ulps."""

    step: int
    name: str
    computed: Array
    error: Array
    bound: Array

    @property
    def inside(self) -> Any:
        """Which entries keep the bound."""
        return self.error <= self.bound


@dataclass(frozen=True)
class Convention:
    """A change of the cell: the rewrite's id, and the names that it is about by their kind."""

    rule: str
    about: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Entry:
    """One entry of an output, with its error and its bound."""

    step: int
    name: str
    index: tuple[int, ...]
    computed: Any
    error: Ulps
    bound: Ulps


@dataclass(frozen=True, eq=False)
class Comparison:
    """Outputs beside the truth.

    `explanations` holds what would bring all outputs inside: each one convention, or a pair of
    them; empty where all are inside, and where nothing known explains them.
    """

    problem: Problem
    outputs: Outputs
    held: tuple[Held, ...]
    explanations: tuple[tuple[Convention, ...], ...] = ()

    @property
    def inside(self) -> bool:
        """Whether every entry keeps the bound."""
        return all(bool(row.inside.all()) for row in self.held)

    @property
    def outside(self) -> int:
        """How many entries do not."""
        return sum(int((~row.inside).sum()) for row in self.held)

    @property
    def first(self) -> Entry:
        """The first entry outside by steps; where none is, the nearest to its bound."""
        ratios = [_ratio(row.error, row.bound) for row in self.held]
        outside = [k for k, row in enumerate(self.held) if not row.inside.all()]
        k = outside[0] if outside else int(np.argmax([ratio.max() for ratio in ratios]))
        return self._entry(self.held[k], int(np.argmax(ratios[k])))

    @property
    def worst(self) -> Entry:
        """The entry with the largest error."""
        row = max(self.held, key=lambda row: float(row.error.max()))
        return self._entry(row, int(np.argmax(row.error)))

    def _entry(self, row: Held, k: int) -> Entry:
        shape = self.problem.shapes[row.name]
        index = tuple(int(i) for i in np.unravel_index(k, shape)) if shape else ()
        parts = float(row.error[k]), float(row.bound[k])
        return Entry(row.step, row.name, index, np.ravel(row.computed)[k], *parts)


def against(solution: Solution, outputs: Outputs) -> Comparison:
    """The outputs held against the truth, and what explains those that are outside.

    The bound is that for every order of summation, under what is assumed of the program's exp and
    tanh.
    """
    held = _held(solution, outputs)
    found = Comparison(solution.problem, outputs, held)
    if found.inside:
        return found
    return Comparison(solution.problem, outputs, held, tuple(_explained(solution, outputs, held)))


def _held(solution: Solution, outputs: Outputs) -> tuple[Held, ...]:
    problem, format = solution.problem, FORMATS[outputs.float]
    model = Ieee(outputs.float, logistic=outputs.accuracy.logistic[outputs.float])
    bounds = audit(solution, (model,), outputs.accuracy.allowed, ()).measured
    truth = truths(problem, format, rounded=False)
    rows = []
    for step, name in sorted(outputs.values, key=_in_order(problem)):
        value, true = outputs.values[step, name], truth[step, name]
        row = bounds[outputs.float, step, name]
        with np.errstate(all="ignore"):
            error = true.distance(np.ravel(value).astype(np.float64)) / row.ulp
        bound = np.where(np.isnan(row.bound_any_order), np.inf, row.bound_any_order)
        rows.append(Held(step, name, value, error, bound))
    return tuple(rows)


def _in_order(problem: Problem) -> Any:
    order = {name: k for k, name in enumerate(problem.cell.equation)}
    return lambda site: (site[0], order[site[1]])


def _ratio(error: Any, bound: Any) -> Any:
    with np.errstate(all="ignore"):
        return np.nan_to_num(error / bound, nan=0.0, posinf=np.inf)


def _explained(
    solution: Solution, outputs: Outputs, held: tuple[Held, ...]
) -> Iterator[tuple[Convention, ...]]:
    """Single conventions that explain the outputs; pairs only where no single one does."""
    scale = _scale(outputs, held)
    single: list[Path] = [(found,) for found in variants(solution.problem, "convention")]
    for paths in (single, _pairs(single, outputs)):
        ranked = sorted(_near(paths, outputs, scale), key=lambda pair: pair[0])
        explaining = [path for _, path in ranked[: 4 * MOST_NAMED] if _explains(path, outputs)]
        yield from (_named(path) for path in explaining[:MOST_NAMED])
        if explaining:
            return


def _pairs(single: list[Path], outputs: Outputs) -> Iterator[Path]:
    """Two conventions at once, each pair in the order in which it is found first."""
    cost = max(1, total_products(single[0][0].problem)) if single else 1
    left = min(MOST_PAIRS, PAIR_PRODUCTS // cost)
    order = {path[0].key: k for k, path in enumerate(single)}
    for (first,) in single:
        for second in variants(first.problem, "convention"):
            if order.get(second.key, len(order)) <= order[first.key]:
                continue
            if not left:
                return
            left -= 1
            yield first, second


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
    format = FORMATS[outputs.float]
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
