"""Formats, casts and fused products against exact fractions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from verifier.arithmetic.floats.binary import BINARY, Format
from verifier.arithmetic.floats.fused import fused
from verifier.arithmetic.ieee import FORMATS, Ieee
from verifier.numbers import Numbers

ALL = pytest.mark.parametrize("format", BINARY.values(), ids=BINARY)


def near_ties(format: Format, rng: Any, count: int = 500) -> Any:
    """Float64 numbers next to the middle of two numbers of the format, in all binades."""
    exponents = rng.integers(format.least - format.precision - 2, format.most + 1, count)
    steps = rng.integers(0, 2 ** min(format.precision, 30), count) + rng.choice([0, 0.5], count)
    middle = np.ldexp(steps, np.maximum(exponents - format.precision, -1070))
    return middle * rng.choice([1, 1 + 2.0**-50, 1 - 2.0**-50, 1 + 2.0**-40], count)


@ALL
def test_casts_round_once(format: Format) -> None:
    for value in near_ties(format, np.random.default_rng(1)).tolist():
        assert float(format.cast(value)) == float(format.nearest(Fraction(value))), value


@pytest.mark.parametrize("name", FORMATS)
def test_given_floats_round_once(name: str) -> None:
    format = FORMATS[name].stored
    floats = near_ties(format, np.random.default_rng(4))
    found = np.asarray(Ieee(name).given(Numbers.of_floats(floats))).astype(float)
    for value, near in zip(floats.tolist(), found.tolist(), strict=True):
        assert near == float(format.cast(float(format.nearest(Fraction(value))))), value


def test_ml_dtypes_rounds_twice_where_the_cast_does_not() -> None:
    format, value = BINARY["bfloat16"], 1 + 2.0**-8 + 2.0**-40
    assert float(np.float64(value).astype(format.dtype)) == 1
    assert float(format.cast(value)) == 1 + 2.0**-7


@ALL
@pytest.mark.parametrize("scale", [0, -20, 20, -500, 400])
def test_fused_products_are_rounded_once(format: Format, scale: int) -> None:
    rng = np.random.default_rng(scale + 1000)
    x = format.cast(rng.standard_normal(300) * 2.0**scale)
    y = format.cast(rng.standard_normal(300))
    product = x.astype(float) * y.astype(float)
    nearly = 1 + rng.integers(-2, 3, 300) * 2.0 ** -rng.integers(5, 60, 300)
    z = format.cast(-product * nearly)
    found = fused(x, y, z, format)
    for a, b, c, result in zip(*(v.astype(float).tolist() for v in (x, y, z, found)), strict=True):
        if np.isfinite([a, b, c]).all():
            exact = Fraction(a) * Fraction(b) + Fraction(c)
            assert result == float(format.nearest(exact)), (a, b, c)


@ALL
def test_ulps_and_neighbours(format: Format) -> None:
    for value in near_ties(format, np.random.default_rng(2), 200).tolist():
        if abs(value) <= format.largest:
            assert float(format.ulps(np.float64(value))) == float(format.ulp(Fraction(value)))
            up, down = float(format.up(value)), float(format.down(value))
            assert down <= value <= up
            assert up - down <= format.ulps(np.float64(value))
            assert (up == down) == (float(format.cast(value)) == value)
    assert np.isinf(format.half_ulps(np.float64(format.largest * (1 + 2.0**-8))))
    assert format.half_ulps(np.float64(0)) == 0
