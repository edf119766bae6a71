"""Bounds over small boxes: at points they are sums of half ulps, and no program breaks them."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import numpy as np
import pytest

from tests import ranges_campaign
from tests.test_over import HALF, SINGLE, unit
from verifier.arithmetic.floats.affine import Lane
from verifier.audit.branch import Branches, influence
from verifier.problem import loads

Errors = tuple[Any, Any]
"""Values in rows, and what they may be off."""


def half(x: Any) -> Any:
    """Half an ulp of float32."""
    return np.where(x == 0, 0.0, np.ldexp(1.0, np.frexp(np.abs(x))[1] - 25))


def in_turn(x: Any, matrix: Any) -> Errors:
    """A product whose sums are rounded term by term, and what that errs."""
    found = x[:, :1] * matrix[0]
    error = half(found)
    for k in range(1, len(matrix)):
        term = x[:, k : k + 1] * matrix[k]
        found = found + term
        error = error + half(term) + half(found)
    return found, error


def of_sums(x: Errors, y: Errors, more: Any = 0.0) -> Errors:
    found = x[0] + y[0]
    return found, x[1] + y[1] + half(found) + more


def by_hand(weights: dict[str, Any], points: Any) -> Any:
    """What all roundings of a GRU step add up to in s, to first order."""
    x, s = points[:, :2], points[:, 2:]

    def gate(name: str) -> Errors:
        at, off = of_sums(in_turn(x, weights[f"U_{name}"]), in_turn(s, weights[f"W_{name}"]))
        value = 1 / (1 + np.exp(-at))
        return value, value * (1 - value) * off + half(value)

    (z, off_z), (r, off_r) = gate("z"), gate("r")
    matrix = weights["W_h"]
    shared = half(s * r) @ np.abs(matrix) + np.abs(s @ matrix) * off_r
    at, off = of_sums(in_turn(x, weights["U_h"]), in_turn(s * r, matrix), shared)
    h = np.tanh(at)
    off_h = (1 - h * h) * off + half(h)
    one_less = np.where(z >= 0.5, 0.0, half(1 - z))
    terms = (1 - z) * h, z * s
    own = one_less * np.abs(h) + half(terms[0]) + half(terms[1]) + half(terms[0] + terms[1])
    return np.abs(s - h) * off_z + (1 - z) * off_h + own


def test_bounds_of_points_are_the_sums_of_half_ulps() -> None:
    """No path is counted twice and none is left out, whatever goes with a sum."""
    problem, wanted = unit(), ((1, "s"),)
    search = Branches(problem, Lane(SINGLE, False), HALF, wanted, influence(problem, wanted))
    points = np.random.default_rng(1).uniform(-1, 1, (300, 5)).astype(np.float32) * 1.0
    weights = {
        name: part.doubles.astype(np.float32) * 1.0 for name, part in problem.parameters.items()
    }
    found = search.bounds(points, points)[:, 3:]
    expected = by_hand(weights, points)
    share = found / expected
    assert np.all(share >= 1 - 1e-6)
    assert np.median(share) <= 1 + 1e-4
    assert np.quantile(share, 0.97) <= 1.05  # where a bound goes beyond a power of two


@pytest.mark.parametrize(
    "equations",
    [
        "y[t] = tanh(concat(x[t] * 0.3, tanh(x[t]) + a[t], x[t] - 0.1 * x[t]))",
        "y[t] = (x[t] - 0.7 * x[t]) + (a[t] * 0.3 - (a[t] - 1))",
        "y[t] = (0.1 * a[t] - (a[t] + 0.3)) * x[t] - (-(x[t] * x[t]) + a[t])",
        "y[t] = softmax(x[t] - 0.3 * x[t]) * (a[t] + 0.7) ** 3",
        "u[t] = a[t] * 0.3 + x[t]\ny[t] = mean(u[t] - u[t] * 0.9) + u[t] * u[t]",
    ],
)
def test_errors_that_go_with_sums_are_none_too_small(equations: str) -> None:
    given = '[inputs]\nx = [["[-1, 1]", "0.3 ± 0.2", 0.7]]\na = ["[-2, 0.5]"]\n'
    problem = loads(f'equations = """{equations}"""\n{given}', intervals=True)
    rng, counted = Random(equations), Counter[str]()
    for _ in range(6):
        assert not ranges_campaign.check_bounds(problem, rng, counted)
    assert counted["errors"] > 100
    assert counted["errors without a bound"] < counted["errors"]
