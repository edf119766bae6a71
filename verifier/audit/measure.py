"""An audit: errors of several formats, measured and bounded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby
from typing import Any

import numpy as np

from verifier.arithmetic.floatset import Accuracy
from verifier.arithmetic.ieee import Ieee
from verifier.audit.bounds import bounds
from verifier.audit.model import Audit, Measured
from verifier.audit.truth import Truth, Truths, truths
from verifier.errors import VerifierError
from verifier.evaluate import evaluate
from verifier.language.tree import Number, nodes
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.solution import Solution

Site = tuple[int, str]


def audit(solution: Solution, models: Sequence[Ieee], accuracy: Accuracy) -> Audit:
    """The errors of a problem in each model's arithmetic; formats must differ.

    `accuracy` says how many ulps exp, tanh and log1p may err, by (format, function).
    """
    names = [model.float for model in models]
    if len(set(names)) < len(names):
        raise VerifierError("a format twice in one audit", accepted="each format once")
    problem = solution.problem
    finest = max((model.format for model in models), key=lambda format: format.precision)
    truth = truths(problem, finest, rounded=False)
    measured: dict[tuple[str, int, str], Measured] = {}
    for _, group in groupby(sorted(models, key=_settings), _settings):
        measured |= _together(problem, list(group), truth, accuracy)
    order = {name: k for k, name in enumerate(names)}
    return Audit(
        solution,
        tuple(models),
        dict(sorted(measured.items(), key=lambda item: order[item[0][0]])),
    )


def _settings(model: Ieee) -> str:
    """What models have in common that are bounded together: all but the format."""
    wide = bool(model.accumulator)
    return f"{replace(model, float='float64', accumulator='')} {wide}"


def _together(
    problem: Problem, models: list[Ieee], truth: Truths, accuracy: Accuracy
) -> dict[tuple[str, int, str], Measured]:
    able = [model for model in models if _fits(problem, model)]
    exact = [_exactly(problem, model, truth) for model in able]
    found = bounds(problem, able, exact, accuracy) if able else ()
    rows = {model.float: k for k, model in enumerate(able)}
    measured: dict[tuple[str, int, str], Measured] = {}
    for model in models:
        computed = evaluate(problem, model).values
        k = rows.get(model.float)
        for site, true in truth.items():
            own = None if k is None else exact[k][site]
            limits = [None if k is None else each[site][k] for each in found]
            measured[model.float, *site] = _measured(model, site, computed[site], true, own, limits)
    return measured


def _exactly(problem: Problem, model: Ieee, truth: Truths) -> Truths:
    """The exact results of the rounded numbers; the truth itself where rounding changes nothing."""
    same = all(_is_exact(numbers, model) for numbers in _given(problem))
    return truth if same else truths(problem, model.format, rounded=True)


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
def _measured(
    model: Ieee,
    site: Site,
    computed: Any,
    truth: Truth,
    exact: Truth | None,
    limits: Sequence[Any],
) -> Measured:
    """All sizes in ulps of the truth."""
    format, flat = model.format, np.ravel(computed)
    ulp, values = format.ulps(truth.high), flat.astype(np.float64)
    infinite = np.full_like(ulp, np.inf)
    if exact is None or limits[0] is None:
        error = truth.distance(values) / ulp
        return Measured(model.float, *site, flat, ulp, error, *(infinite for _ in range(6)))
    representation = np.abs((exact.high - truth.high) + (exact.low - truth.low))
    slack = (exact.radius + truth.radius) * 2 + representation * 2.0**-50
    arithmetic = [limit / ulp for limit in limits]
    total = [(limit + representation + slack) * (1 + 2.0**-50) / ulp for limit in limits]
    return Measured(
        model.float,
        *site,
        flat,
        ulp,
        truth.distance(values) / ulp,
        representation / ulp,
        exact.distance(values) / ulp,
        *total,
        *arithmetic,
    )
