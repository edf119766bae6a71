"""Enclosures of exp, tanh, sigmoid and log1p against FLINT's balls at 200 bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flint import arb, ctx

from verifier.arithmetic.floats import enclose


def arguments(function: str, rng: Any) -> Any:
    if function == "log1p":
        return np.concatenate([rng.uniform(0, 1.01, 3000), 2.0 ** -rng.uniform(0, 1074, 3000)])
    spread = rng.standard_normal(3000) * 2.0 ** rng.integers(-1074, 3, 3000).astype(float)
    edges = [0.0, 0.175, -0.175, 0.17500001, 5e-324, -5e-324, 1e308, -1e308, 709.78, -745.1]
    return np.concatenate([rng.uniform(-760, 720, 3000), rng.standard_normal(3000), spread, edges])


def holds(function: str, x: float, low: float, high: float) -> bool:
    near = max(-1e5, min(1e5, x))  # beyond, all are at their limits in float64
    true = enclose.BALLS[function](arb(near))
    return bool(arb(low) <= true and (high == np.inf or true <= arb(high)))


@pytest.mark.parametrize("sharp", [False, True])
@pytest.mark.parametrize("function", enclose.BALLS)
def test_enclosures_hold_the_function(function: str, sharp: bool) -> None:
    x = arguments(function, np.random.default_rng(3))
    low, high = enclose.enclosed(function, x, sharp)
    with ctx.workprec(200):
        ends = zip(x.tolist(), low.tolist(), high.tolist(), strict=True)
        assert not [triple for triple in ends if not holds(function, *triple)]


@pytest.mark.parametrize("function", enclose.BALLS)
def test_the_formulas_are_better_than_they_promise(function: str) -> None:
    x = arguments(function, np.random.default_rng(4))
    with np.errstate(all="ignore"):
        near = enclose._FORMULAS[function](x)
    for value, found in zip(x.tolist(), near.tolist(), strict=True):
        if np.isfinite(found) and abs(found) > 2.0**-1000:
            with ctx.workprec(200):
                true = enclose.BALLS[function](arb(value))
                assert abs(arb(found) / true - 1) < enclose.LOSS[function] / 4, value


def test_limits() -> None:
    x = np.array([800.0, -800.0, np.inf, -np.inf])
    for sharp in (False, True):
        low, high = enclose.enclosed("exp", x, sharp)
        assert list(low == 0) == [False, True, False, True]
        assert list(np.isinf(high)) == [True, False, True, False]
        assert np.isnan(enclose.enclosed("tanh", np.array([np.nan]), sharp)).all()
