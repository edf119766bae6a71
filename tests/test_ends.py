"""Digits, bounds and margins from integers are those of fractions."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st

from verifier.arithmetic.ball import enclosure
from verifier.arithmetic.ends import (
    Ends,
    decimals_around,
    digits_in,
    ends_of,
    margin_in,
    two_figures_of,
)
from verifier.certify import _boundary
from verifier.rounding import MODES, Mode, Rounding, decide, outwards, power

whole = st.integers(-(10**12), 10**12)
small = st.integers(0, 10**6)


@given(whole, st.integers(-60, 20), small, st.integers(-80, 0))
def test_the_ends_are_those_of_the_ball(middle: int, at: int, radius: int, by: int) -> None:
    ball = arb(arb((middle, at)), arb((radius, by)))
    ends = ends_of(ball)
    assert ends is not None
    lower, upper = ends.fractions
    centre = Fraction(middle) * Fraction(2) ** at
    assert lower <= centre - radius * Fraction(2) ** by
    assert upper >= centre + radius * Fraction(2) ** by
    assert enclosure(ball) == (lower, upper)
    assert ends.exact is (lower == upper) is (radius == 0)


@given(whole, st.integers(1, 10**9))
def test_a_rational_has_one_end(top: int, bottom: int) -> None:
    ends = ends_of(fmpq(top, bottom))
    assert ends is not None
    assert ends.fractions == (Fraction(top, bottom),) * 2
    assert ends.exact


@pytest.mark.parametrize("ball", [arb("nan"), arb(0, float("inf")), arb((1, 2**17))])
def test_what_is_too_large_has_no_ends(ball: arb) -> None:
    assert ends_of(ball) is None


@given(
    whole,
    st.integers(0, 10**5),
    st.integers(1, 10**9),
    st.integers(0, 9),
    st.sampled_from(MODES),
)
def test_digits_bounds_and_margins_are_those_of_fractions(
    lower: int, wide: int, over: int, places: int, mode: Mode
) -> None:
    ends, rule = Ends(lower, lower + wide, over), Rounding(places, mode)
    low, high = ends.fractions
    found = decide(low, high, rule)
    text = digits_in(ends, rule)
    assert text == (None if found is None else rule.text(found))
    assert decimals_around(ends, places + 8) == outwards(low, high, places + 8)
    if text is not None:
        near = min(low - _boundary(low, rule, -1), _boundary(high, rule, 1) - high)
        top, bottom = margin_in(ends, rule)
        assert Fraction(top, bottom) == near * power(places)
        assert two_figures_of(top, bottom) == figures_of(Fraction(top, bottom))


def figures_of(value: Fraction) -> str:
    """A number to two figures, rounded down by the rule of all others."""
    return Rounding(None, "down", 2).text(value) if value >= power(-12) else "0"


@given(st.integers(0, 10**20), st.integers(1, 10**25))
def test_two_figures_are_rounded_down(top: int, bottom: int) -> None:
    if top < 10 * bottom:
        assert two_figures_of(top, bottom) == figures_of(Fraction(top, bottom))
