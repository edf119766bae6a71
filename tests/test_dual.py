"""Dual numbers over balls: rules, kinks, enclosures against an independent witness."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any

import flint
import mpmath
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import random_problems
from verifier import cells
from verifier.arithmetic.ball import Ball, enclosure
from verifier.arithmetic.dual import Dual, DualNumber
from verifier.arithmetic.protocol import Origin
from verifier.evaluate import evaluate
from verifier.numbers import Numbers
from verifier.problem import Problem

MP = mpmath.MPContext()
MP.dps = 60
X = Origin("input", "x", 1)


def slope(equation: str, x: str, **parameters: Any) -> tuple[Fraction, Fraction]:
    """The ends of the derivative of y[t] by x[t]."""
    problem = Problem(
        cells.from_text(equation),
        {name: Numbers.typed(value) for name, value in parameters.items()},
        {"x": Numbers.typed([x])},
    )
    entry = evaluate(problem, Dual(200, {X: 0})).entries(1, "y")[0]
    ends = enclosure(entry.derivative(0))
    assert ends is not None
    return ends


def real(value: Fraction) -> Any:
    return MP.mpf(value.numerator) / value.denominator


SMOOTH: list[tuple[str, Callable[[Any], Any]]] = [
    ("x[t] + x[t]", lambda x: x + x),
    ("3 - x[t]", lambda x: 3 - x),
    ("-x[t]", lambda x: -x),
    ("x[t] * x[t] * 0.25", lambda x: x * x / 4),
    ("1 / (2 + x[t])", lambda x: 1 / (2 + x)),
    ("x[t] / (x[t] * x[t] + 1)", lambda x: x / (x * x + 1)),
    ("exp(x[t])", MP.exp),
    ("tanh(x[t] * 2)", lambda x: MP.tanh(2 * x)),
    ("sigmoid(x[t])", lambda x: 1 / (1 + MP.exp(-x))),
    ("sigmoid(-x[t]) * tanh(x[t])", lambda x: MP.tanh(x) / (1 + MP.exp(x))),
    ("softplus(x[t])", lambda x: MP.log(1 + MP.exp(x))),
    ("softsign(x[t])", lambda x: x / (1 + abs(x))),
    ("relu(x[t]) * x[t]", lambda x: max(x, 0) * x),
    ("leaky_relu(x[t], 0.1)", lambda x: x if x > 0 else x / 10),
    ("hard_sigmoid(x[t])", lambda x: min(max(x / 5 + MP.mpf("0.5"), 0), 1)),
    ("hard_sigmoid_relu6(x[t])", lambda x: min(max(x + 3, 0), 6) / 6),
    ("hard_tanh(x[t])", lambda x: min(max(x, -1), 1)),
    ("clip(x[t], -0.5, 0.5)", lambda x: min(max(x, MP.mpf(-1) / 2), MP.mpf(1) / 2)),
    ("identity(x[t])", lambda x: x),
]


@pytest.mark.parametrize("x", ["0.3", "-0.3", "1.7", "-4.25"])
@pytest.mark.parametrize(("term", "function"), SMOOTH, ids=[term for term, _ in SMOOTH])
def test_every_operation_has_the_slope_of_its_function(
    term: str, function: Callable[[Any], Any], x: str
) -> None:
    low, high = slope(f"y[t] = {term}", x)
    expected = MP.diff(function, MP.mpf(x), h=MP.mpf(10) ** -20)
    assert real(low) - MP.mpf(10) ** -15 <= expected <= real(high) + MP.mpf(10) ** -15
    assert high - low < Fraction(1, 10**50)


KINKS = [
    ("relu(x[t])", "0", 0, 1),
    ("leaky_relu(x[t], 0.25)", "0", 0.25, 1),
    ("hard_tanh(x[t])", "1", 0, 1),
    ("clip(x[t], -1, 1)", "-1", 0, 1),
    ("relu(x[t])", "1e-90", 1, 1),
    ("relu(x[t])", "-1e-90", 0, 0),
]


@pytest.mark.parametrize(("term", "x", "least", "most"), KINKS)
def test_a_kink_has_all_its_slopes(term: str, x: str, least: float, most: float) -> None:
    low, high = slope(f"y[t] = {term}", x)
    assert low <= least
    assert most <= high
    assert high - low < 4


def test_exact_values_have_exact_slopes() -> None:
    assert slope("y[t] = x[t] * x[t] + 3 * x[t]", "0.5") == (4, 4)
    assert slope("y[t] = x[t] * a", "0.5", a="1/3") == (Fraction(1, 3),) * 2


def test_constants_do_not_vary() -> None:
    entry = DualNumber(fmpq(3))
    assert entry.derivative(0) == 0
    assert (entry * entry - entry / entry).tangents == {}
    assert entry == 3
    assert DualNumber(fmpq(3), {0: fmpq(1)}) == entry


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_values_are_those_of_the_ball(seed: int) -> None:
    """And the derivatives those of mpmath's difference quotients, in every direction."""
    rng = Random(seed)
    cell, numbers = random_problems.draw(rng, most=(2, 2, 2))
    problem = random_problems.problem(cell, numbers)
    name = problem.cell.roles.initial[0]
    start = problem.end(name, 0)
    texts = tuple(random_problems.decimal(rng) for _ in range(problem.size(name)))
    begin = Numbers(start.shape, texts)
    begun = _with(problem, name, begin)
    trace = evaluate(begun, Dual(160, {Origin("end", name, 0): 0}))
    plain = evaluate(begun, Ball(160))
    for site, value in plain.values.items():
        for dual, ball in zip(trace.entries(*site), value.flat, strict=True):
            assert enclosure(dual.value) is not None
            assert (dual.value == ball) or flint.arb(dual.value).overlaps(flint.arb(ball))
    k = rng.randrange(len(texts))
    step = Fraction(1, 10**12)
    ends = [
        evaluate(_with(problem, name, _moved(begin, k, sign * step)), Ball(300)) for sign in (-1, 1)
    ]
    for site in plain.values:
        rows = zip(trace.entries(*site), *(end.entries(*site) for end in ends), strict=True)
        for dual, low, high in rows:
            quotient = (_middle(high) - _middle(low)) / (2 * step)
            found = enclosure(dual.derivative(k))
            assert found is not None
            assert found[0] - Fraction(1, 10**15) <= quotient <= found[1] + Fraction(1, 10**15)


def _with(problem: Problem, name: str, value: Numbers) -> Problem:
    initial = {**problem.initial, name: value}
    return Problem(problem.cell, problem.parameters, problem.inputs, initial)


def _moved(numbers: Numbers, k: int, by: Fraction) -> Numbers:
    texts = list(numbers.texts)
    moved = Fraction(texts[k]) + by
    texts[k] = f"{moved.numerator}/{moved.denominator}"
    return Numbers(numbers.shape, tuple(texts))


def _middle(entry: Any) -> Fraction:
    low, high = enclosure(entry)  # type: ignore[misc]
    return (low + high) / 2


def test_matrices_layouts_and_softmax() -> None:
    text = "y[t] = softmax(concat(x[t] @ A, A.T @ x[t]))"
    matrix = [["0.1", "-0.4"], ["0.7", "0.2"]]
    problem = Problem(
        cells.from_text(text),
        {"A": Numbers.typed(matrix)},
        {"x": Numbers.typed([["0.5", "-0.25"]])},
    )
    entries = evaluate(problem, Dual(200, {X: 0})).entries(1, "y")
    with Ball(200).session():
        total = flint.arb(sum((entry.derivative(0) for entry in entries), fmpq(0)))
    assert total.contains(0)  # softmax sums to one wherever it is taken
    assert total.rad() < 1e-50


def test_the_precision_is_restored() -> None:
    before = flint.ctx.prec
    slope("y[t] = tanh(x[t])", "0.5")
    assert flint.ctx.prec == before
