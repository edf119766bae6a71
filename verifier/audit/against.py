"""A program's outputs held against the truth, and against the bound for every order of summation.

What lies outside is a bug, or follows another convention: the known ones are tried, alone and in
pairs, and those that bring all outputs inside are named.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from verifier.arithmetic.ieee import BINARY, FORMATS, Format, Ieee
from verifier.audit.explain import Explanation, explained, own_steps
from verifier.audit.held import Held, held_of
from verifier.audit.implementations import Outputs
from verifier.audit.model import Array, Ulps, in_ulps
from verifier.audit.nonfinite import NonFinite, origin
from verifier.audit.power import Power, power
from verifier.problem import Problem
from verifier.solution import Solution

COARSER = ("float64", "float32", "tf32", "float16", "bfloat16")
"""Formats whose accuracy outputs may have that are stated to be in a finer one."""


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
    inside: each one convention, or two or three of them; empty where all are inside, where some
    are not finite, and where nothing known explains them; then `own_steps` has the
    steps that are off where each is worked from the program's own states, if others are not, or
    `coarser` names a coarser format in whose bound all outputs lie. `lost`
    says why the first of
    these is not finite in the format's own arithmetic either, with NumPy's products, if so.
    """

    problem: Problem
    outputs: Outputs
    held: tuple[Held, ...]
    explanations: tuple[Explanation, ...] = ()
    lost: NonFinite | None = None
    own_steps: tuple[int, ...] = ()
    coarser: str = ""

    @cached_property
    def power(self) -> Power:
        """What the comparison can tell apart."""
        return power(self.problem, self.held)

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
    held = held_of(solution.problem, outputs)
    found = Comparison(solution.problem, outputs, held)
    if found.not_finite:
        return replace(found, lost=_lost(found))
    if found.inside:
        return found
    named = tuple(explained(solution, outputs, held))
    if named:
        return replace(found, explanations=named)
    coarser = _coarser(solution.problem, outputs)
    steps = () if coarser else own_steps(solution.problem, outputs, held)
    return replace(found, own_steps=steps, coarser=coarser)


def _coarser(problem: Problem, outputs: Outputs) -> str:
    """One of some coarser formats in whose bound all outputs lie; none where none is.

    The coarsest whose numbers all outputs are, else the finest.
    """
    stated = FORMATS[outputs.float]
    names = COARSER[COARSER.index(outputs.float) + 1 :] if outputs.float in COARSER else ()
    kept = [name for name in names[::-1] if name in BINARY]
    own = [name for name in kept if _are_numbers_of(FORMATS[name], outputs)]
    for name in dict.fromkeys((*own, *names)):
        format = FORMATS[name]
        if format.functions in outputs.accuracy.logistic and format.least >= stated.least:
            held = held_of(problem, replace(outputs, float=name))
            if all(bool((row.inside & np.isfinite(row.limit)).all()) for row in held):
                return name
    return ""


def _are_numbers_of(format: Format, outputs: Outputs) -> bool:
    values = [np.ravel(value).astype(np.float64) for value in outputs.values.values()]
    return all(bool((format.rounded(value) == value).all()) for value in values)


def _lost(found: Comparison) -> NonFinite | None:
    """What makes the first entry that is not finite so in the format's own arithmetic, too."""
    outputs, entry = found.outputs, found.first_not_finite
    formula = outputs.accuracy.logistic[FORMATS[outputs.float].functions]
    model = Ieee(outputs.float, order="numpy", logistic=formula)
    return origin(found.problem, model, (entry.step, entry.name), entry.index)


def _ratio(error: Any, bound: Any) -> Any:
    with np.errstate(all="ignore"):
        return np.nan_to_num(error / bound, nan=0.0, posinf=np.inf)
