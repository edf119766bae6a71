"""Certified rounding against the exact decision, and margins against brute force."""

from __future__ import annotations

import warnings
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from flint import arb, fmpq
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests import random_problems
from verifier import cells, effort
from verifier.arithmetic.ball import enclosure, exact_value
from verifier.certify import (
    PLAIN,
    _unclear,
    certify,
    cheaper,
    fine,
    first_precision,
    grown_steps,
    margin,
    rounded,
    two_figures,
)
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.rounding import MODES, Mode, Policy, PolicyKind, Rounding, power
from verifier.solution import Solution, solve

SEED = 7


def inline(equations: str, rule: Rounding, kind: str = "final", **values: str) -> Problem:
    """A problem of one step whose names are scalar parameters."""
    numbers = {name: Numbers.typed(text) for name, text in values.items()}
    cell = cells.from_text(equations)
    policy = Policy(kind)  # type: ignore[arg-type]
    return Problem(cell, numbers, {}, steps=1, rounding=rule, policy=policy)


def ball(middle: Fraction, radius: Fraction) -> arb:
    """A ball of 53 bits that holds middle ± radius."""
    whole = arb(fmpq(middle.numerator, middle.denominator))
    return whole + arb(0, float(radius))


@st.composite
def near_boundary(draw: st.DrawFn) -> tuple[arb, Rounding]:
    """A ball whose middle is near (or on) a rounding boundary, and the rule."""
    places = draw(st.integers(0, 20))
    rule = Rounding(places, draw(st.sampled_from(MODES)))
    half = Fraction(draw(st.sampled_from([0, 1])), 2)
    most = draw(st.sampled_from([0, 3, 10**6, 10**12]))
    units = draw(st.integers(-most, most)) + half
    size = Fraction(1, 2 ** draw(st.integers(0, 70)))
    nudge = draw(st.integers(-4, 4)) * size
    radius = draw(st.integers(0, 6)) * size
    unit = power(-places)
    return ball((units + nudge) * unit, radius * unit), rule


@settings(max_examples=600)
@given(near_boundary())
@example((ball(Fraction(1, 2), Fraction(0)), Rounding(0, "half-up")))
def test_the_filter_never_clears_what_is_undecided(case: tuple[arb, Rounding]) -> None:
    entry, rule = case
    ends = enclosure(entry)
    assert ends is not None
    if rule.round(ends[0]) != rule.round(ends[1]):
        assert list(_unclear([entry], rule)) == [0]
        assert rounded(entry, rule) is None
    else:
        assert rounded(entry, rule) == rule.text(ends[0])


def test_the_filter_clears_what_is_clear_and_leaves_ties_to_the_exact_rounding() -> None:
    clear, tie = ball(Fraction(3, 10), Fraction(1, 10**9)), ball(Fraction(1, 2), Fraction(1, 10**9))
    found = [fmpq(1, 2), clear, tie]
    assert list(_unclear(found, Rounding(0))) == [0, 2]
    assert rounded(fmpq(1, 2), Rounding(0)) == "0"
    assert list(_unclear(found, Rounding(10))) == [1, 2]


@pytest.mark.parametrize("text", ["1e400", "-1e400", "1e-400", "1e305"])
def test_the_filter_is_silent_beyond_floats(text: str) -> None:
    problem = inline("y[t] = a * exp(1)", Rounding(10), a=text)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        certified = certify(problem)
    (entry,) = certified.trace.entries(1, "y")
    assert not certified.undecided
    assert rounded(entry, Rounding(10)) is not None


@pytest.mark.parametrize("entry", [arb("nan"), arb("inf"), arb(0, "inf")])
def test_balls_without_bounds_are_undecided(entry: arb) -> None:
    assert list(_unclear([entry], Rounding(4))) == [0]
    assert rounded(entry, Rounding(4)) is None
    assert margin(entry, Rounding(4)) is None


# Margins: every point within the margin prints the same; beyond the nearest boundary it does not.

RULES = st.one_of(
    st.builds(Rounding, st.integers(0, 6), st.sampled_from(MODES)),
    st.builds(lambda n, m: Rounding(None, m, n), st.integers(1, 5), st.sampled_from(MODES)),
)
POINTS = st.one_of(
    st.fractions(-20, 20, max_denominator=10**6),
    st.builds(  # on both sides of powers of ten, and of zero
        lambda p, k, s: s * (power(p) + k * power(p - 4) / 7),
        st.integers(-3, 3),
        st.integers(-9, 9),
        st.sampled_from([-1, 1]),
    ),
    st.builds(lambda k: Fraction(k, 10**7), st.integers(-9, 9)),
)
TINY = Fraction(1, 2**90)


def narrow(value: Fraction) -> arb:
    """A ball of radius 2^-90 or so around a value."""
    middle = arb((int(value * 2**100), -100))
    return middle + arb(0, 2.0**-90)


def last_place(text: str, rule: Rounding) -> Fraction:
    """The unit of the last place of a printed number, read off its text."""
    if "." in text:
        return power(-len(text.split(".")[1]))
    if rule.places is not None:
        return Fraction(1)
    return power(len(text.lstrip("-")) - rule.count)


@settings(max_examples=600)
@given(POINTS, RULES)
@example(Fraction(9996, 1000), Rounding(None, "half-even", 3))
@example(Fraction(-10003, 1000), Rounding(None, "half-up", 3))
@example(Fraction(1, 3), Rounding(0, "down"))
@example(Fraction(-1, 3), Rounding(0, "down"))
@example(Fraction(-1, 3), Rounding(0, "ceiling"))
def test_margins_are_proven_and_sharp(value: Fraction, rule: Rounding) -> None:
    entry = narrow(value)
    ends, text = enclosure(entry), rounded(entry, rule)
    assert ends is not None
    assert ends[0] < ends[1]
    found = margin(entry, rule)
    if text is None:
        assert found is None
        return
    assert found is not None
    assert found >= 0
    reach = found * last_place(text, rule)
    shares = [Fraction(k, 7) for k in range(7)] + [1 - Fraction(1, 10**12)]
    for share in shares:
        assert rule.text(ends[0] - reach * share) == text
        assert rule.text(ends[1] + reach * share) == text
    beyond = reach + Fraction(1, 10**40) + 4 * TINY
    assert {rule.text(ends[0] - beyond), rule.text(ends[1] + beyond)} != {text}


def test_the_margin_of_the_seed() -> None:
    value = Fraction("0.538051284385")
    found = margin(narrow(value), Rounding(4))
    assert found is not None
    assert two_figures(found) == "0.012"


@pytest.mark.parametrize(
    ("value", "text"),
    [("0.0128438", "0.012"), ("0.5", "0.50"), ("0.0999", "0.099"), ("3.99", "3.9"), ("0", "0")],
)
def test_margins_print_rounded_down(value: str, text: str) -> None:
    assert two_figures(Fraction(value)) == text


def test_the_margin_counts_in_the_printed_last_place() -> None:
    """9.996 to three figures prints 10.0, whose digits change 0.001 below: 0.01 of its unit."""
    found = margin(narrow(Fraction("9.996")), Rounding(None, "half-even", 3))
    assert found is not None
    assert abs(found - Fraction(1, 100)) < Fraction(1, 10**12)


# Ties of rationals are decided by the mode; ties that nobody can decide are not guessed.

TIES = {
    "half-even": "0.152",
    "half-up": "0.153",
    "half-down": "0.152",
    "up": "0.153",
    "down": "0.152",
    "ceiling": "0.153",
    "floor": "0.152",
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sign", ["", "-"])
def test_a_rational_tie_is_rounded_exactly(mode: Mode, sign: str) -> None:
    cell = cells.from_text("a[t] = x[t] @ U\ny[t] = sigmoid(a[t])")
    numbers = Numbers.typed([[sign + "0.35"], [sign + "0.6"]])
    inputs = Numbers.typed([["0.23", "0.12"]])
    problem = Problem(cell, {"U": numbers}, {"x": inputs}, rounding=Rounding(3, mode))
    row = solve(problem).rows[0]
    swapped = {"ceiling": "floor", "floor": "ceiling"}.get(mode, mode) if sign else mode
    assert row.rounded == sign + TIES[swapped]
    assert (row.status, row.margin, row.exact) == ("exact", None, sign + "61/400")
    assert row.lower == row.upper == sign + "0.15250000000"


TIE = "y[t] = (sigmoid(a) + sigmoid(-a)) * 0.00005\n"


def test_what_nobody_can_decide_is_undecided_and_soon() -> None:
    solution = solve(inline(TIE + "w[t] = y[t] + a", Rounding(4), a="0.3"))
    row, after = solution.rows
    precisions = certify(solution.problem).precisions
    assert len(precisions) < 12
    assert all(second <= 2 * first for first, second in pairwise(precisions))
    assert precisions[-1] == max(4 * precisions[0], effort.BITS)
    assert (row.rounded, row.status, row.margin) == (None, "undecided", None)
    assert row.lower is not None
    assert row.upper is not None
    assert Fraction(row.lower) <= Fraction("0.00005") <= Fraction(row.upper)
    assert row.policies["final"] is None
    assert row.policies["equation"] is None
    assert not solution.complete
    assert after.policies["final"] is None
    assert after.policies["equation"] is None


def test_what_follows_from_the_undecided_is_undecided() -> None:
    equations = TIE + "w[t] = tanh(y[t] + a)"
    solution = solve(inline(equations, Rounding(4), "equation", a="0.3"))
    first, second = solution.rows
    assert first.rounded is None
    assert second.rounded is None
    assert (1, "w", 0) in solution.carried.undecided
    assert (second.status, second.policies["final"]) == ("certified", "0.2914")


def test_the_same_tie_is_decided_in_modes_that_do_not_need_it() -> None:
    up = solve(inline("y[t] = (sigmoid(a) + sigmoid(-a)) * 0.00005", Rounding(4, "up"), a="0.3"))
    assert up.rows[0].rounded == "0.0001"
    assert up.rows[0].status == "certified"


def test_exact_entries_have_one_value() -> None:
    assert exact_value(fmpq(1, 3)) == Fraction(1, 3)
    assert exact_value(arb(2)) == 2
    assert exact_value(arb(2).exp()) is None


# The first precision: one pass is the rule, and the enclosure is as tight as is promised.


def test_one_pass_suffices_and_enclosures_are_tight() -> None:
    passes = tight = total = 0
    count = 300
    for problem in random_problems.problems(count, SEED):
        certified = certify(problem)
        assert not certified.undecided
        passes += len(certified.precisions) == 1
        for step, name in certified.trace.values:
            places = problem.rule(name).count + 8
            for entry in certified.trace.entries(step, name):
                ends = enclosure(entry)
                assert ends is not None
                total += 1
                tight += (ends[1] - ends[0]) * power(places) <= Fraction(1, 10)
                assert exact_value(entry) is None or ends[0] == ends[1]
    print(f"one pass: {passes / count:.3f}; tight: {tight / total:.5f}")
    assert passes > 0.98 * count
    assert tight > 0.99 * total


# Cheap passes first: narrow states over many steps lose far less than is predicted.


def narrow_problem(hidden: int, steps: int, gain: str = "0.5", places: int = 4) -> Problem:
    """A GRU whose numbers are the same everywhere but for the inputs."""
    side = [[gain] * hidden] * hidden
    weights = {f"{kind}_{gate}": side for kind in "UW" for gate in "zrh"}
    x = [[f"{(7 * t + 3 * k) % 19 / 19 - 0.5:.3f}" for k in range(hidden)] for t in range(steps)]
    numbers = {name: Numbers.typed(value) for name, value in weights.items()}
    return Problem(cells.load("gru"), numbers, {"x": Numbers.typed(x)}, rounding=Rounding(places))


@pytest.mark.parametrize(
    ("problem", "most"),
    [
        (narrow_problem(1, 1000), 65),
        (narrow_problem(1, 1000, places=40), 185),
        (narrow_problem(2, 400), 90),
        (narrow_problem(3, 300, "0.3"), 90),
        (narrow_problem(1, 500, "0.5").rounded_by(policy=Policy("equation")), 65),
    ],
)
def test_narrow_states_take_few_bits(problem: Problem, most: int) -> None:
    found = certify(problem, problem.policy)
    assert not found.undecided
    assert found.precisions[-1] <= most < first_precision(problem) / 2


@given(random_problems.any_problem(rounded=True))
def test_short_problems_have_one_first_pass(problem: Problem) -> None:
    first = first_precision(problem, grown_steps(problem, problem.policy))
    assert certify(problem, problem.policy).precisions[0] == first


@pytest.mark.parametrize("kind", ["equation", "operation"])
def test_steps_that_round_by_hand_take_the_bits_of_one(kind: PolicyKind) -> None:
    """What is carried on is exact, so that nothing grows over the steps, however wide they are."""
    policy, used = Policy(kind), []
    for steps in (2, 60):
        found = certify(narrow_problem(13, steps), policy)
        assert not found.undecided
        used.append(found.precisions)
    assert used[0] == used[1]
    assert used[0][0] < first_precision(narrow_problem(13, 60)) / 2


def test_what_is_not_rounded_grows_over_all_steps() -> None:
    problem = narrow_problem(13, 60)
    for policy in (Policy(), Policy("equation", only=frozenset({"z"}))):
        assert grown_steps(problem, policy) == 60


def test_wide_states_are_not_tried() -> None:
    problem = narrow_problem(13, 400)
    assert first_precision(problem) > 800
    assert not list(cheaper(problem, 40))


def test_tries_end_early_and_take_less_than_a_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where balls grow as predicted, all tries together look at fewer steps than one pass."""
    problem = narrow_problem(1, 400, "4")
    seen: list[int] = []

    def look(problem: Problem, step: int, name: str, value: Any) -> None:
        seen.append(step)
        fine(problem, step, name, value)

    monkeypatch.setattr("verifier.certify.fine", look)
    found = certify(problem)
    assert len(found.precisions) > 2
    assert found.precisions[-1] == first_precision(problem)
    assert len(seen) < 400 * len(problem.cell.equation)


@pytest.mark.parametrize("kind", ["final", "equation"])
@pytest.mark.parametrize(
    ("hidden", "gain", "places"), [(1, "0.7", 3), (1, "-0.9", 6), (2, "0.35", 4), (3, "0.2", 12)]
)
def test_cheap_passes_give_the_digits_of_the_predicted_one(
    hidden: int, gain: str, places: int, kind: PolicyKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every digit: of the values, of both ends, and of margins."""
    problem = narrow_problem(hidden, 300, gain, places).rounded_by(policy=Policy(kind))
    cheap = Solution(problem, False, False, PLAIN)
    assert cheap.full.precisions[0] < first_precision(problem)
    rows = cheap.rows
    monkeypatch.setattr("verifier.certify.ALLOWED", 10**9)
    dear = Solution(problem, False, False, PLAIN)
    assert dear.full.precisions[0] == first_precision(problem)
    assert rows == dear.rows
