"""Proven bounds of |computed − exact result of the rounded numbers|, by two methods.

Sets of possible floats are tight over few steps; affine forms hold over many. Each quantity has the
smaller bound, and the forms go on from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from verifier.arithmetic.affine import Affine, Known
from verifier.arithmetic.anyorder import AnyOrder
from verifier.arithmetic.floatset import Accuracy, FloatSet, Span
from verifier.arithmetic.ieee import Ieee
from verifier.audit.truth import Truth, Truths
from verifier.certify import total_products
from verifier.evaluate import evaluate
from verifier.problem import Problem

SETS_PRODUCTS = 20_000
"""Beyond so many scalar products sets of floats are left out: they lose from step to step."""

Bounds = Mapping[tuple[int, str], Any]
"""By (step, name), a row for each model; infinite where nothing is known."""


def bounds(
    problem: Problem,
    models: Sequence[Ieee],
    exact: Sequence[Truths],
    accuracy: Accuracy,
    any_order: bool,
) -> Bounds:
    """The bounds for models that differ in format only; `exact` holds one trace a model.

    With `any_order` they hold for every order of summation, with fused products or without.
    """
    any_order = any_order or models[0].order == "numpy"
    sets = _sets(problem, models, accuracy, any_order)
    known = {site: _known(problem, site, exact, sets) for site in exact[0]}
    forms = Affine(problem, models, accuracy, known, any_order)
    evaluate(problem, forms)
    return {site: found.reshape(len(models), -1) for site, found in forms.bounds.items()}


def _sets(
    problem: Problem, models: Sequence[Ieee], accuracy: Accuracy, any_order: bool
) -> list[Mapping[tuple[int, str], Span]]:
    if total_products(problem) > SETS_PRODUCTS:
        return []
    kind = AnyOrder if any_order else FloatSet
    return [evaluate(problem, kind(model, accuracy)).values for model in models]


def _known(
    problem: Problem,
    site: tuple[int, str],
    exact: Sequence[Truths],
    sets: Sequence[Mapping[tuple[int, str], Span]],
) -> Known:
    own = [truths[site] for truths in exact]
    shape = (len(own), *problem.shapes[site[1]])
    center = np.stack([truth.high for truth in own]).reshape(shape)
    radius = np.stack([np.abs(t.low) * (1 + 2.0**-50) + t.radius for t in own]).reshape(shape)
    caps = [_cap(truth, spans[site]) for truth, spans in zip(own, sets, strict=False)]
    cap = np.stack(caps).reshape(shape) if caps else np.full(shape, np.inf)
    return Known(center, radius, cap)


@np.errstate(all="ignore")
def _cap(truth: Truth, span: Span) -> Any:
    """The distance from the exact result to the further end of the set."""
    ends = (np.ravel(end).astype(np.float64) for end in (span.low, span.high))
    return np.maximum(*(truth.furthest(end) for end in ends))
