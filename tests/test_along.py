"""Digits proven after the fact: bounds hold, and digits are those of balls."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
from flint import arb

from tests import random_problems
from verifier.along import Along, _along, _states, _Work, enclosures
from verifier.arithmetic.ball import Ball
from verifier.arithmetic.context import flint_bits
from verifier.arithmetic.enclosed import exactly
from verifier.arithmetic.ieee import Ieee
from verifier.cells import from_text
from verifier.certify import PLAIN, rounded
from verifier.evaluate import evaluate
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.rounding import Policy, Rounding
from verifier.solution import Solution


def drawn(seed: int, cell: str, bias: str | None = None, steps: int = 40) -> Problem:
    """A random problem of so many steps; `bias` is that of the gate which remembers."""
    rng = Random(seed)
    numbers = random_problems.data(
        rng, cell, hidden=rng.randint(1, 4), inputs=rng.randint(1, 3), steps=steps
    )
    if bias is not None:
        gate = {"gru": "z", "lstm": "f"}[cell]
        width = len(numbers["parameters"]["W_" + gate][0])
        numbers["parameters"]["b_" + gate] = [bias] * width
    return random_problems.problem(cell, numbers)


CASES = [("gru", None), ("lstm", None), ("rnn", None), ("gru", "3"), ("gru", "6"), ("lstm", "5")]


@pytest.mark.parametrize(("cell", "bias"), CASES)
@pytest.mark.parametrize("seed", range(4))
def test_truth_lies_in_the_bounds(cell: str, bias: str | None, seed: int) -> None:
    problem = drawn(seed, cell, bias)
    found = enclosures(problem)
    if found is None:
        return  # no bound closes; which do is the next test's concern
    truth = evaluate(problem, Ball(700))
    with flint_bits(900):
        for site in truth.values:
            for wide, true in zip(found.entries(*site), truth.entries(*site), strict=True):
                assert arb(wide).contains(arb(true).mid()), site


def test_bounds_hold_for_a_bad_guess_too() -> None:
    problem = drawn(2, "gru")
    work = _Work(problem, evaluate(problem, Ieee("float64")), _states(problem))
    work.path[1:] += np.random.default_rng(1).uniform(-1e-7, 1e-7, work.path[1:].shape)
    truth = evaluate(problem, Ball(300))
    for first, last, found in work.parts():
        for t in range(first, last):
            for name, value in found.items():
                true = np.array([float(x) for x in truth.entries(t, name)])
                off = np.abs(true - value.middle[t - first].ravel())
                assert (off <= value.radius[t - first].ravel() + 1e-15).all(), (t, name)


def test_cells_that_remember_are_bounded() -> None:
    for cell, bias in CASES[3:]:
        found = enclosures(drawn(1, cell, bias, 300))
        assert found is not None
        last = [float(x.rad()) for (t, _), v in found.values.items() if t == 300 for x in v.flat]
        assert max(last) < 1e-8


@pytest.mark.parametrize(("cell", "bias"), CASES)
def test_floats_decide_four_places(cell: str, bias: str | None) -> None:
    assert Along().certified(drawn(1, cell, bias), Policy()).precisions == (53,)


@pytest.mark.parametrize("seed", range(12))
def test_rows_are_those_of_balls(seed: int) -> None:
    rng = Random(seed)
    cell, bias = rng.choice(CASES)
    problem = drawn(seed, cell, bias, 12).rounded_by(Rounding(rng.choice([2, 4, 8, 10])))
    plain, own = (Solution(problem, certifier=which) for which in (PLAIN, Along()))
    for one, other in zip(plain.rows, own.rows, strict=True):
        told = ("step", "name", "index", "rounded", "status", "exact", "policies")
        assert all(getattr(one, key) == getattr(other, key) for key in told)


def test_a_near_tie_is_left_to_balls() -> None:
    equations = "s[t] = tanh(x[t] * w + s[t-1] * u) + c"
    given = {"w": "0.3", "u": "0.2", "c": "0"}
    inputs = {"x": Numbers.typed(["0.5", "0.1", "-0.4", "0.25", "0.9"])}

    def problem(c: str, places: int) -> Problem:
        parameters = {name: Numbers.typed(text) for name, text in (given | {"c": c}).items()}
        return Problem(from_text(equations), parameters, inputs, rounding=Rounding(places))

    for places in (8, 10):
        # A shift of the last sum alone: x feeds s, so u = 0 keeps the shift from spreading.
        given["u"] = "0"
        value = evaluate(problem("0", places), Ball(300)).entries(5, "s")[0]
        tie = Fraction(int(10**places * Fraction(str(float(value)))) * 2 + 1, 2 * 10**places)
        with flint_bits(300):
            gap = (arb(tie.numerator) / tie.denominator - value).mid()
            text = str(gap.str(40, radius=False))
        near = problem(text, places).rounded_by(Rounding(places))
        own, plain = Along().certified(near, Policy()), PLAIN.certified(near, Policy())
        assert own.precisions == plain.precisions != (53,)
        for site in plain.trace.values:
            pairs = zip(own.trace.entries(*site), plain.trace.entries(*site), strict=True)
            assert all(rounded(a, near.rounding) == rounded(b, near.rounding) for a, b in pairs)


@pytest.mark.parametrize("seed", range(30))
def test_the_inequality_holds_in_exact_rationals(seed: int) -> None:
    """The worst errors that slopes and defects allow, by signs that add up, in fractions."""
    rng = Random(seed)
    count, width = rng.randint(1, 13), rng.randint(1, 3)
    slopes = np.array([rng.uniform(-1.2, 1.2) for _ in range(count * width**2)])
    slopes = slopes.reshape(count, width, width)
    added = np.array([rng.random() for _ in range(count * width)]).reshape(count, width)
    start = np.array([rng.random() for _ in range(width)])
    found = _along(exactly(slopes), added, start)
    for t in range(1, count + 1):
        for entry in range(width):
            assert worst(slopes, added, start, t, entry) <= Fraction(float(found[t][entry]))


def worst(slopes: Any, added: Any, start: Any, t: int, entry: int) -> Fraction:
    """The largest |e_t| of an entry: Σ_j |row of M_t … M_{j+1}| w_j, exactly."""
    row = [Fraction(int(k == entry)) for k in range(len(start))]
    total = Fraction(0)
    for j in range(t - 1, -1, -1):
        total += sum(abs(a) * Fraction(float(w)) for a, w in zip(row, added[j], strict=True))
        matrix = [[Fraction(float(x)) for x in line] for line in slopes[j]]
        row = [
            sum((a * line[k] for a, line in zip(row, matrix, strict=True)), Fraction(0))
            for k in range(len(row))
        ]
    return total + sum(abs(a) * Fraction(float(w)) for a, w in zip(row, start, strict=True))
