"""Proven bounds of |computed − exact result of the rounded numbers|, by two methods.

Sets of possible floats are tight over few steps; affine forms hold over many. Each quantity has the
smaller bound, and the forms go on from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from verifier.arithmetic.floats.accuracy import Accuracy
from verifier.arithmetic.floats.affine import Affine, Known, Lane
from verifier.arithmetic.floats.anyorder import AnyOrder
from verifier.arithmetic.floats.floatset import FloatSet, Span
from verifier.arithmetic.floats.recurrences import Recurrences
from verifier.arithmetic.floats.summation import finite
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.protocol import QuantityAt
from verifier.audit.truth import Truth, Truths
from verifier.certify import total_products
from verifier.evaluate import evaluate
from verifier.language.schedule import circles
from verifier.language.tree import Equation, names
from verifier.problem import Problem

SETS_PRODUCTS = 20_000
"""Beyond so many scalar products sets of floats are left out: they lose from step to step."""

Bounds = Mapping[QuantityAt, Any]
"""By (step, name), a row for each model; infinite where nothing is known."""

Sets = Mapping[QuantityAt, Span]


def bounds(
    problem: Problem,
    models: Sequence[Ieee],
    exact: Sequence[Truths],
    accuracy: Accuracy,
    stated: bool = True,
) -> tuple[Bounds, Bounds]:
    """The bounds for models that differ in format only; `exact` holds one trace a model.

    First those for the stated order, then those for every order of summation, with fused products
    or without. What NumPy's own product does, and deployed models, are bounded as every order is;
    so is the stated order where `stated` is false.
    """
    kinds = (False, True) if stated else (True,)
    lanes = [
        Lane(model, any_order or model.order == "numpy" or bool(model.format.kind))
        for any_order in kinds
        for model in models
    ]
    sets = [_set(problem, lane, accuracy) for lane in lanes]
    known = known_of(problem, [*exact] * len(kinds), sets)
    forms = Affine(recurrences(problem), lanes, accuracy, known, _heaviest(problem))
    evaluate(problem, forms, forget=True)
    rows = {site: found.reshape(len(lanes), -1) for site, found in forms.bounds.items()}
    free = {site: row[-len(models) :] for site, row in rows.items()}
    # What holds for every order holds for the stated one too.
    return {site: np.minimum(rows[site][: len(models)], free[site]) for site in rows}, free


def _heaviest(problem: Problem) -> float:
    """The size of the largest entry of all matrices that are given as parameters."""
    matrices = (numbers for numbers in problem.parameters.values() if len(numbers.shape) > 1)
    return max((float(np.abs(x.doubles).max(initial=0.0)) for x in matrices), default=0.0)


def recurrences(problem: Problem) -> Recurrences:
    """What of a problem carries deviations on from step to step."""
    ends = {*problem.cell.roles.initial, *problem.cell.roles.final}
    states = [name for name in problem.cell.equation if name in ends]
    equations = problem.cell.equations
    needs = {eq.name: _needed(eq, problem) for eq in equations}
    return Recurrences(problem.shapes, states, circles(equations), needs)


def _needed(equation: Equation, problem: Problem) -> set[str]:
    """The quantities that an equation needs."""
    return {name.name for name in names(equation.expression)} & problem.cell.equation.keys()


def known_of(
    problem: Problem, exact: Sequence[Truths], sets: Sequence[Sets | None]
) -> Mapping[QuantityAt, Known]:
    """What affine forms go on from: certified values, and bounds by sets where there are any."""
    return {site: _known(problem, site, exact, sets) for site in exact[0]}


def _set(problem: Problem, lane: Lane, accuracy: Accuracy) -> Sets | None:
    if lane.model.format.kind or total_products(problem) > SETS_PRODUCTS:
        return None
    kind = AnyOrder if lane.any_order else FloatSet
    return evaluate(problem, kind(lane.model, accuracy)).values


def _known(
    problem: Problem, site: QuantityAt, exact: Sequence[Truths], sets: Sequence[Sets | None]
) -> Known:
    own = [truths[site] for truths in exact]
    shape = (len(own), *problem.shapes[site[1]])
    center = np.stack([truth.high for truth in own]).reshape(shape)
    radius = np.stack([truth.slack for truth in own]).reshape(shape)
    if all(spans is None for spans in sets):
        return Known(center, radius, np.full(shape, np.inf))
    pairs = zip(own, sets, strict=True)
    caps = [_cap(truth, None if spans is None else spans[site]) for truth, spans in pairs]
    return Known(center, radius, np.stack(caps).reshape(shape))


@np.errstate(all="ignore")
def _cap(truth: Truth, span: Span | None) -> Any:
    """The distance from the exact result to the further end of the set."""
    if span is None:
        return np.full_like(truth.high, np.inf)
    ends = (np.ravel(end).astype(np.float64) for end in (span.low, span.high))
    return finite(np.maximum(*(truth.furthest(end) for end in ends)))
