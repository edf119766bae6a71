"""An audit: errors of several formats, measured and bounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby
from typing import Any

import numpy as np

from verifier.arithmetic.floats.accuracy import Accuracy
from verifier.arithmetic.floats.affine import Known, Lane
from verifier.arithmetic.floats.binary import BINARY
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.protocol import QuantityAt
from verifier.audit.attribute import attribute, worst
from verifier.audit.bounds import bounds, known_of
from verifier.audit.model import SIZES, Audit, Measured, Size
from verifier.audit.truth import Truths, truths
from verifier.errors import ProblemError, VerifierError
from verifier.evaluate import evaluate
from verifier.language.tree import Number, nodes
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.solution import Solution

Floats = Any
"""A float64 array of one axis."""


def audit(
    solution: Solution,
    models: Sequence[Ieee],
    accuracy: Accuracy,
    entries: Sequence[tuple[int, str, int]] | None = None,
) -> Audit:
    """The errors of a problem in each model's arithmetic; formats must differ.

    `accuracy` says how far exp, tanh and others may err, by (format, function). The errors of
    `entries` (step, name, number of the entry) are attributed; None takes the worst of each step.
    """
    names = [model.float for model in models]
    if len(set(names)) < len(names):
        raise VerifierError("a format twice in one audit", accepted="each format once")
    problem = solution.problem
    known = limits(problem, models, accuracy)
    computed = {model.float: evaluate(problem, model).values for model in models}
    measured = {
        (model.float, *site): _measured(model, site, computed[model.float][site], known)
        for model in models
        for site in known.truth
    }
    found = Audit(solution, tuple(models), measured, truth=known.truth)
    attributions = (
        attribute(found, model, worst(found, model) if entries is None else entries)
        for model in models
    )
    return replace(found, attributions=tuple(part for each in attributions for part in each))


@dataclass(frozen=True, eq=False)
class Limits:
    """What is proven of a problem in several formats, by (step, name).

    `truth` is the problem's own; `exact` the exact results of its rounded numbers, by format;
    `stated` and `any_order` bound |computed − exact|, by format. A format in which a given number
    overflows, or in which the rounded numbers have no exact results, has none of the three.
    """

    truth: Truths
    exact: Mapping[str, Truths]
    stated: Mapping[str, Mapping[QuantityAt, Floats]]
    any_order: Mapping[str, Mapping[QuantityAt, Floats]]

    def representation(self, float: str, site: QuantityAt) -> Floats:
        """The sizes of errors that are there before anything is computed."""
        truth, exact = self.truth[site], self.exact[float][site]
        return np.abs((exact.high - truth.high) + (exact.low - truth.low))

    def from_truth(self, float: str, site: QuantityAt, limit: Floats) -> Floats:
        """A bound of the distance from the truth, from one of that from the exact results."""
        representation = self.representation(float, site)
        radius = self.exact[float][site].radius + self.truth[site].radius
        slack = radius * 2 + representation * 2.0**-50
        return (limit + representation + slack) * (1 + 2.0**-50)


def limits(
    problem: Problem, models: Sequence[Ieee], accuracy: Accuracy, stated: bool = True
) -> Limits:
    """The certified values and the bounds for models of different formats.

    Without `stated`, the bounds for every order stand for the stated order, too.
    """
    finest = max((model.format for model in models), key=lambda format: format.precision)
    truth = truths(problem, finest, rounded=False)
    exactly: dict[str, Truths] = {}
    proven: tuple[dict[str, Mapping[QuantityAt, Floats]], ...] = ({}, {})

    def together(model: Ieee) -> tuple[str, bool]:
        return _settings(model), (model.format.functions, "sigmoid") in accuracy

    for model in models:
        own = _of_rounded(problem, model, truth)
        if own is not None:
            exactly[model.float] = own
    able = sorted((model for model in models if model.float in exactly), key=together)
    for _, group in groupby(able, together):
        alike = list(group)
        exact = [exactly[model.float] for model in alike]
        both = bounds(problem, alike, exact, accuracy, stated)
        for k, model in enumerate(alike):
            for found, each in zip(proven, both, strict=True):
                found[model.float] = {site: row[k] for site, row in each.items()}
    return Limits(truth, exactly, *proven)


def certified(problem: Problem, lanes: Sequence[Lane]) -> Mapping[QuantityAt, Known]:
    """The certified values of a problem for affine forms alone, without sets of floats."""
    truth = truths(problem, BINARY["float64"], rounded=False)
    exact = [_exactly(problem, lane.model, truth) for lane in lanes]
    return known_of(problem, exact, [None] * len(lanes))


def _settings(model: Ieee) -> str:
    """What models have in common that are bounded together: all but the format.

    Deployed models are bounded alone.
    """
    wide, alone = bool(model.accumulator), model.float if model.format.kind else ""
    return f"{replace(model, float='float64', accumulator='')} {wide} {alone}"


def _exactly(problem: Problem, model: Ieee, truth: Truths) -> Truths:
    """The exact results of the rounded numbers; the truth itself where rounding changes nothing."""
    same = all(_is_exact(numbers, model) for numbers in _given(problem))
    return truth if same else truths(problem, model.format, rounded=True)


def _of_rounded(problem: Problem, model: Ieee, truth: Truths) -> Truths | None:
    """As `_exactly`; None where rounded numbers overflow, or make a divisor or a logarithm's
    argument zero, say, which those of the problem do not."""
    with suppress(ProblemError):
        return _exactly(problem, model, truth) if _fits(problem, model) else None
    return None


def _is_exact(numbers: Numbers, model: Ieee) -> bool:
    near = np.asarray(model.given(numbers)).astype(np.float64)
    if numbers.floats is not None:
        return bool((near == numbers.floats.astype(np.float64)).all())
    return tuple(map(Fraction, near.ravel().tolist())) == numbers.fractions


def _given(problem: Problem) -> Iterator[Numbers]:
    """Every given number, those in equations too."""
    for section in (problem.parameters, problem.inputs, problem.initial, problem.final):
        yield from section.values()
    for equation in problem.cell.equations:
        for _, node in nodes(equation.expression):
            if isinstance(node, Number):
                yield Numbers.typed(node.text)


def _fits(problem: Problem, model: Ieee) -> bool:
    """Whether every given number has a finite float nearest to it."""
    found = (np.asarray(model.given(numbers)).astype(np.float64) for numbers in _given(problem))
    return all(np.isfinite(values).all() for values in found)


@np.errstate(all="ignore")
def _measured(model: Ieee, site: QuantityAt, computed: Any, known: Limits) -> Measured:
    """The errors of a quantity, and their bounds."""
    truth, flat = known.truth[site], np.ravel(computed)
    ulp, vanishes = model.format.ulps(truth.size), truth.size < model.format.smallest
    sizes = _sizes(model.float, site, flat.astype(np.float64), known)
    absolute = dict(zip(SIZES, sizes, strict=True))
    bounded = dict(_bounded(model.float, site, flat.astype(np.float64), known))
    return Measured(model.float, *site, flat, ulp, vanishes, absolute, bounded)


def _bounded(
    float: str, site: QuantityAt, values: Floats, known: Limits
) -> Iterator[tuple[Size, Floats]]:
    """Where errors are told by a bound, since the truth is not known well enough."""
    yield "error", ~known.truth[site].resolved(values)
    if float in known.exact:
        yield "arithmetic", ~known.exact[float][site].resolved(values)


def _sizes(float: str, site: QuantityAt, values: Floats, known: Limits) -> Iterator[Floats]:
    """Absolute sizes, in their order."""
    truth = known.truth[site]
    yield truth.told(values)
    if float not in known.exact:
        yield from (np.full_like(values, np.inf) for _ in SIZES[1:])
        return
    yield known.representation(float, site)
    yield known.exact[float][site].told(values)
    arithmetic = [each[float][site] for each in (known.stated, known.any_order)]
    yield from (known.from_truth(float, site, limit) for limit in arithmetic)
    yield from arithmetic
