"""Rounding: every mode against Python's `decimal`, on ties and beside them."""

from __future__ import annotations

import decimal
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.work import calls
from verifier import effort
from verifier.errors import ProblemError
from verifier.language.operations import MOVES
from verifier.rounding import (
    MODES,
    POLICIES,
    Mode,
    Policy,
    Rounding,
    decide,
    decimal_text,
    exact_places,
    exponent,
    outwards,
    power,
    round_integer,
)

# What a mode makes of the ties ±0.5, ±1.5, ±2.5, of their neighbours, and of whole numbers.
VALUES = "0 0.5 1.5 2.5 -0.5 -1.5 -2.5 0.49 0.51 -0.49 -0.51 7 -7 0.01 -0.01 0.99 -0.99"
BY_MODE = {
    "half-even": "0 0 2 2 0 -2 -2 0 1 0 -1 7 -7 0 0 1 -1",
    "half-up": "0 1 2 3 -1 -2 -3 0 1 0 -1 7 -7 0 0 1 -1",
    "half-down": "0 0 1 2 0 -1 -2 0 1 0 -1 7 -7 0 0 1 -1",
    "up": "0 1 2 3 -1 -2 -3 1 1 -1 -1 7 -7 1 -1 1 -1",
    "down": "0 0 1 2 0 -1 -2 0 0 0 0 7 -7 0 0 0 0",
    "ceiling": "0 1 2 3 0 -1 -2 1 1 0 0 7 -7 1 0 1 0",
    "floor": "0 0 1 2 -1 -2 -3 0 0 -1 -1 7 -7 0 -1 0 -1",
}


@pytest.mark.parametrize("mode", MODES)
def test_mode(mode: Mode) -> None:
    texts = [Rounding(0, mode).text(Fraction(value)) for value in VALUES.split()]
    assert texts == BY_MODE[mode].split()


def quantized(value: Decimal, places: int, mode: str) -> str:
    """What Python's `decimal` writes, zero without a sign."""
    name = "ROUND_" + mode.upper().replace("-", "_")
    with decimal.localcontext(prec=400):
        found = value.quantize(Decimal(1).scaleb(-places), rounding=getattr(decimal, name))
        return f"{found if found else abs(found):f}"


DECIMALS = st.builds(
    lambda units, scale: Decimal(units).scaleb(-scale),
    st.integers(-(10**12), 10**12),
    st.integers(0, 14),
)


@given(DECIMALS, st.sampled_from(MODES), st.integers(0, 50))
@settings(max_examples=300, deadline=None)
def test_mode_is_that_of_decimal(value: Decimal, mode: Mode, places: int) -> None:
    assert Rounding(places, mode).text(Fraction(value)) == quantized(value, places, mode)


@given(
    st.integers(-(10**6), 10**6),
    st.integers(0, 50),
    st.sampled_from([-1, 0, 1]),
    st.sampled_from(MODES),
)
@settings(max_examples=300, deadline=None)
def test_ties_and_their_neighbours(units: int, places: int, side: int, mode: Mode) -> None:
    with decimal.localcontext(prec=400):
        tie = (Decimal(2 * units + 1) / 2).scaleb(-places)
        value = tie + Decimal(side).scaleb(-places - 60)
    assert Rounding(places, mode).text(Fraction(value)) == quantized(value, places, mode)


FIGURES: list[tuple[str, int, Mode, str]] = [
    ("9.995", 3, "half-even", "10.0"),
    ("9.995", 3, "down", "9.99"),
    ("-9.995", 3, "half-up", "-10.0"),
    ("0.09996", 3, "half-even", "0.100"),
    ("0.00012345", 3, "half-even", "0.000123"),
    ("0.00012345", 4, "half-even", "0.0001234"),
    ("0.00012345", 4, "half-up", "0.0001235"),
    ("12345", 2, "half-even", "12000"),
    ("12345", 5, "half-even", "12345"),
    ("12345", 6, "half-even", "12345.0"),
    ("12500", 2, "half-even", "12000"),
    ("12500", 2, "half-up", "13000"),
    ("99999", 2, "half-even", "100000"),
    ("-12345", 2, "ceiling", "-12000"),
    ("-12345", 2, "floor", "-13000"),
    ("1/3", 3, "half-even", "0.333"),
    ("1/3", 3, "up", "0.334"),
    ("2/3", 1, "half-even", "0.7"),
    ("1", 4, "half-even", "1.000"),
    ("10", 1, "half-even", "10"),
    ("0", 4, "half-even", "0.000"),
    ("0", 1, "half-even", "0"),
    ("0.1", 4, "half-even", "0.1000"),
    ("1e-400", 2, "half-even", "0." + "0" * 399 + "10"),
]


@pytest.mark.parametrize(("value", "figures", "mode", "text"), FIGURES)
def test_figures(value: str, figures: int, mode: Mode, text: str) -> None:
    assert Rounding(None, mode, figures).text(Fraction(value)) == text


PLACES: list[tuple[str, int, Mode, str]] = [
    ("0.07", 4, "half-even", "0.0700"),
    ("-0.00001", 4, "half-even", "0.0000"),
    ("-0.00001", 4, "ceiling", "0.0000"),
    ("-0.00001", 4, "floor", "-0.0001"),
    ("-0.00005", 4, "half-even", "0.0000"),
    ("-0.4", 0, "half-up", "0"),
    ("9.99995", 4, "half-up", "10.0000"),
    ("1/3", 0, "up", "1"),
    ("123456789", 2, "half-even", "123456789.00"),
    ("2/3", 50, "half-even", "0." + "6" * 49 + "7"),
    ("0.03825394", 4, "half-even", "0.0383"),
]


@pytest.mark.parametrize(("value", "places", "mode", "text"), PLACES)
def test_places(value: str, places: int, mode: Mode, text: str) -> None:
    assert Rounding(places, mode).text(Fraction(value)) == text


FRACTIONS = st.fractions(max_denominator=10**7) | st.builds(
    lambda value, scale: value * power(scale), st.fractions(), st.integers(-30, 30)
)
RULES = st.builds(Rounding, st.integers(0, 30), st.sampled_from(MODES)) | st.builds(
    Rounding, st.none(), st.sampled_from(MODES), st.integers(1, 30)
)


@given(FRACTIONS, RULES)
@settings(deadline=None)
def test_rounded_is_within_one_unit(value: Fraction, rule: Rounding) -> None:
    error, unit = abs(rule.round(value) - value), power(-rule.places_of(value))
    assert error < unit
    if rule.mode.startswith("half"):
        assert 2 * error <= unit


@given(FRACTIONS, FRACTIONS, RULES)
@settings(deadline=None)
def test_rounding_is_monotone(one: Fraction, other: Fraction, rule: Rounding) -> None:
    low, high = sorted((one, other))
    assert rule.round(low) <= rule.round(high)


@given(FRACTIONS, RULES)
@settings(deadline=None)
def test_rounding_twice_changes_nothing(value: Fraction, rule: Rounding) -> None:
    assert rule.round(rule.round(value)) == rule.round(value)


@given(FRACTIONS, RULES)
@settings(deadline=None)
def test_text_reads_back_and_has_the_digits_asked_for(value: Fraction, rule: Rounding) -> None:
    text = rule.text(value)
    assert Fraction(text) == rule.round(value)
    assert text[:1] != "-" or Fraction(text) < 0
    if rule.places is not None:
        assert len(text.partition(".")[2]) == rule.places
    elif Fraction(text):
        digits = text.lstrip("-").replace(".", "").lstrip("0")
        assert len(digits) >= rule.count
        assert not digits[rule.count :].strip("0")


@given(FRACTIONS, st.fractions(0, 1), st.integers(0, 30), RULES)
@settings(max_examples=300, deadline=None)
def test_decide_speaks_for_all_points_between(
    low: Fraction, part: Fraction, scale: int, rule: Rounding
) -> None:
    width = Fraction(1, 10**scale)
    decided = decide(low, low + width, rule)
    inner = rule.round(low + part * width)
    if decided is None:
        assert rule.round(low) != rule.round(low + width)
    else:
        assert decided == inner


def test_decide_on_the_edges() -> None:
    rule, edge = Rounding(1, "half-even"), Fraction("0.25")
    assert decide(edge, edge, rule) == Fraction("0.2")
    assert decide(edge, edge + Fraction(1, 10**50), rule) is None
    assert decide(edge - Fraction(1, 10**50), edge, rule) == Fraction("0.2")
    assert decide(Fraction("-0.04"), Fraction("0.04"), rule) == 0
    assert decide(Fraction("-0.04"), Fraction("0.04"), Rounding(1, "floor")) is None


def test_negative_symmetry() -> None:
    pairs = {"floor": "ceiling", "ceiling": "floor"}
    for mode in MODES:
        for units in range(-40, 41):
            value = Fraction(units, 8)
            other: Any = pairs.get(mode, mode)
            assert round_integer(value, mode) == -round_integer(-value, other)


@given(FRACTIONS, st.integers(0, 40))
@settings(deadline=None)
def test_outwards_encloses(value: Fraction, places: int) -> None:
    lower, upper = outwards(value, value, places)
    assert Fraction(lower) <= value <= Fraction(upper)
    assert Fraction(upper) - Fraction(lower) in (0, power(-places))


def test_working_places_may_exceed_the_limit() -> None:
    third = Fraction(1, 3)
    assert outwards(third, third, effort.PLACES + 8)[0] == "0." + "3" * (effort.PLACES + 8)
    assert Rounding(effort.PLACES).finer(20).text(third) == "0." + "3" * (effort.PLACES + 20)
    assert Rounding(None, "half-even", effort.PLACES).finer(8).count == effort.PLACES + 8


def test_finer_cuts_off() -> None:
    assert Rounding(2, "half-up").finer(2).text(Fraction("0.99999")) == "0.9999"
    assert Rounding(None, "half-up", 2).finer(1).text(Fraction("0.09999")) == "0.0999"


@given(FRACTIONS)
@settings(deadline=None)
def test_exponent_brackets_the_value(value: Fraction) -> None:
    assume(value)
    assert power(exponent(value)) <= abs(value) < power(exponent(value) + 1)


@pytest.mark.parametrize("number", [-5000, -999, -400, -1, 0, 1, 400, 999, 5000])
def test_exponent_at_powers_of_ten(number: int) -> None:
    edge = power(number)
    assert exponent(edge) == number
    assert exponent(edge * Fraction(10**20 - 1, 10**20)) == number - 1
    assert exponent(-edge * 9) == number


def test_exponent_of_zero() -> None:
    assert exponent(Fraction(0)) == 0


def test_numbers_beyond_the_digits_that_python_prints() -> None:
    assert Rounding(4).text(power(20_000)) == "1" + "0" * 20_000 + ".0000"
    assert Rounding(None, "half-even", 3).text(power(-20_000)) == "0." + "0" * 19_999 + "100"
    assert calls(lambda: Rounding(4).text(power(20_000))) < 100  # blocks of digits, not digits


def test_decimal_text() -> None:
    assert decimal_text(Fraction(7, 100), 4) == "0.0700"
    assert decimal_text(Fraction(-1, 2), 1) == "-0.5"
    assert decimal_text(Fraction(12), 0) == "12"
    with pytest.raises(ValueError, match="more than 1 places"):
        decimal_text(Fraction(1, 100), 1)


@pytest.mark.parametrize(
    ("value", "places"),
    [
        ("1/3", None),
        ("1/8", 3),
        ("1/5", 1),
        ("1/80", 4),
        ("7", 0),
        ("0", 0),
        ("1/6", None),
        ("0.10", 1),
    ],
)
def test_exact_places(value: str, places: int | None) -> None:
    assert exact_places(Fraction(value)) == places


BAD: list[tuple[dict[str, Any], str]] = [
    ({"places": -1}, "places = -1"),
    ({"places": 4.0}, "places = 4.0"),
    ({"places": True}, "places = True"),
    ({"places": -(10**6000)}, "places = a number of very many digits"),
    ({"places": None, "figures": 0}, "figures = 0"),
    ({"places": 4, "figures": 4}, "places and figures together"),
    ({"mode": "half_even"}, "mode = 'half_even'; did you mean 'half-even'?"),
    ({"mode": ["up"]}, "mode = a list"),
    ({"mode": None}, "mode = None"),
]


@pytest.mark.parametrize(("settings", "message"), BAD)
def test_bad_rule(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ProblemError) as raised:
        Rounding(**settings)
    assert raised.value.what == message
    assert raised.value.accepted


def test_rules_are_values() -> None:
    assert Rounding() == Rounding(4, "half-even")
    assert hash(Rounding(2)) == hash(Rounding(2))
    assert Rounding(2) != Rounding(3)
    assert Rounding(4).count == Rounding(None, "up", 4).count == 4


# kind: rounded at the root of an equation; at an operation, a product; at a sign inside
POLICY_TABLE = [
    ("final", False, False, False, False),
    ("equation", True, False, False, False),
    ("operation", True, True, True, False),
]


@pytest.mark.parametrize(("kind", "root", "operation", "product", "sign"), POLICY_TABLE)
def test_policy(kind: Any, root: bool, operation: bool, product: bool, sign: bool) -> None:
    policy = Policy(kind)
    assert policy.rounds((), "add") is root
    assert policy.rounds((0,), "sigmoid") is operation
    assert policy.rounds((0, 1), "matmul") is product
    for operation_that_moves in MOVES:
        assert policy.rounds((1,), operation_that_moves) is sign
        assert policy.rounds((), operation_that_moves) is root


def test_what_moves_numbers() -> None:
    layouts = {"transpose", "concat", "slice", "pad", "fill"}
    assert {"negate", "identity"} | layouts == MOVES


def test_unknown_policy() -> None:
    with pytest.raises(ProblemError, match="did you mean 'equation'"):
        Policy("equations")  # type: ignore[arg-type]
    assert POLICIES == ("final", "equation", "operation")
