"""Exact products by float64: against Python's integers, and in the balls that use them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.arithmetic import matrices
from verifier.arithmetic.ball import Ball, exact_value
from verifier.arithmetic.limbs import MOST, Limbs, width_for
from verifier.arithmetic.protocol import Site
from verifier.numbers import Numbers

SITE = Site(1, "y", (0,))


def exactly(array: Any) -> list[list[Fraction]]:
    return [[Fraction(float(x)) for x in row] for row in array.tolist()]


@given(st.data())
def test_products_are_those_of_integers(data: st.DataObject) -> None:
    rows, inner, columns = (data.draw(st.integers(1, 5)) for _ in range(3))
    width = width_for(inner)
    size = data.draw(st.integers(1, MOST * width))
    entries = st.integers(-(2**size) + 1, 2**size - 1)
    left, right = (
        data.draw(st.lists(entries, min_size=n, max_size=n))
        for n in (rows * inner, inner * columns)
    )
    first = Limbs.of_integers(left, (rows, inner), width)
    second = Limbs.of_integers(right, (inner, columns), width)
    assert first is not None
    assert second is not None
    a, b = np.array(left, object).reshape(rows, inner), np.array(right, object).reshape(inner, -1)
    assert first @ second == (a @ b).ravel().tolist()


@pytest.mark.parametrize("terms", [1, 2, 511, 512, 513, 4096, 10**6])
def test_sums_of_the_largest_parts_are_exact(terms: int) -> None:
    assert terms * (2 ** width_for(terms) - 1) ** 2 < 2**53


def test_the_largest_entries() -> None:
    terms = 512
    width = width_for(terms)
    most = 2 ** (MOST * width) - 1
    row = Limbs.of_integers([most] * terms, (terms,), width)
    assert row is not None
    assert row @ row == [terms * most**2]
    assert Limbs.of_integers([most + 1] * terms, (terms,), width) is None


@given(st.data())
def test_floats_are_integers_over_a_power_of_two(data: st.DataObject) -> None:
    size = data.draw(st.sampled_from([16, 32, 64]))
    floats = st.floats(width=size, allow_nan=False, allow_infinity=False)
    values = data.draw(st.lists(floats, min_size=1, max_size=6))
    found = Limbs.of_floats(np.array(values, f"f{size // 8}"), width=22)
    if found is None:  # 8 parts of 22 bits: only numbers far apart, or far from 1, are longer
        sizes = [abs(x) for x in values if x]
        assert max(sizes) / min(sizes) > 2.0 ** (8 * 22 - 53 - 23) or max(*sizes, 1) > 2.0**120
        return
    limbs, shift = found
    parts = [part.tolist() for part in limbs.parts]
    sums = [sum(int(x) << 22 * k for k, x in enumerate(row)) for row in zip(*parts, strict=True)]
    assert [Fraction(x, 2**shift) for x in sums] == list(map(Fraction, values))


def spread(dice: Any, *shape: int) -> Any:
    return (dice.standard_normal(shape) * 2.0 ** dice.integers(-9, 9, shape)).astype(np.float32)


@pytest.mark.parametrize("kind", ["row", "column", "turned", "matrix", "zeros", "wide", "long"])
def test_balls_multiply_large_matrices_exactly(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever way a product takes, each rational entry is the sum of the products."""
    monkeypatch.setattr(matrices, "MANY", 12)
    dice = np.random.default_rng(5)
    matrix = spread(dice, 4, 6)
    if kind == "wide":  # its integers have too many parts
        matrix[0, 0] = 1e-38
    other = spread(dice, *{"column": (6,), "matrix": (3, 4)}.get(kind, (4,)))
    texts = np.vectorize(lambda x: str(Fraction(float(x)) / 3))(other).tolist()
    if kind == "zeros":
        texts = ["0"] * 4
    if kind == "long":
        texts = [f"{x}/{10**90 + 1}" for x in range(1, 5)]
    arithmetic = Ball(64)
    with arithmetic.session():
        left, right = (
            arithmetic.given(Numbers.typed(texts)),
            arithmetic.given(Numbers.of_floats(matrix)),
        )
        if kind == "column":
            left, right = right, left
        if kind == "turned":
            left, right = arithmetic.apply("transpose", [right], SITE), left
        found = arithmetic.apply("matmul", [left, right], SITE)
    exact = np.array(exactly(matrix), object)
    known = np.vectorize(Fraction, otypes=[object])(np.array(texts))
    sides = (exact, known) if kind == "column" else (known, exact)
    expected = sides[0] @ sides[1]
    assert found.shape == expected.shape
    assert [exact_value(x) for x in found.flat] == expected.ravel().tolist()
