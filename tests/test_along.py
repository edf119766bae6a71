"""Digits proven after the fact: bounds hold, and digits are those of balls."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import numpy as np
import pytest
from flint import arb

from tests import random_problems
from tests.along_campaign import ROWS, differing, drawn, torn
from tests.random_sequences import remembering
from verifier.along import Chosen
from verifier.along.certifier import Along, enclosures
from verifier.along.chain import Bounds, Nodes, Past, bounds
from verifier.along.held import Held
from verifier.along.states import States
from verifier.along.thin import Thin
from verifier.along.work import Stretch, errors
from verifier.arithmetic.ball import Ball
from verifier.arithmetic.context import flint_bits
from verifier.arithmetic.enclosed import Enclosed
from verifier.arithmetic.ieee import Ieee
from verifier.cells import from_text
from verifier.certify import PLAIN, rounded
from verifier.documents.solution import solution_text
from verifier.evaluate import evaluate
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.report.contract import solution_json
from verifier.rounding import Policy, Rounding
from verifier.solution import Solution

CASES = [("gru", None), ("lstm", None), ("rnn", None), ("gru", "3"), ("gru", "6"), ("lstm", "5")]


def bent(equations: str, *, steps: int = 30, seed: int = 1, width: int = 3) -> Problem:
    """A problem with inputs x, weights U and W, and a state s."""
    rng = Random(seed)
    given = {"U": (2, width), "W": (width, width)}
    parameters = {
        name: Numbers.typed(random_problems.array(rng, *shape))
        for name, shape in given.items()
        if name in equations
    }
    inputs = {"x": Numbers.typed(random_problems.array(rng, steps, 2))}
    return Problem(from_text(equations), parameters, inputs)


@pytest.mark.parametrize(("cell", "bias"), CASES)
@pytest.mark.parametrize("seed", range(2))
def test_truth_lies_in_the_bounds(cell: str, bias: str | None, seed: int) -> None:
    problem = remembering(seed, cell, bias)
    found = enclosures(problem)
    assert found is not None
    truth = evaluate(problem, Ball(700))
    with flint_bits(900):
        for site in truth.values:
            for wide, true in zip(found.entries(*site), truth.entries(*site), strict=True):
                assert arb(wide).contains(arb(true).mid()), site


def stretch_of(problem: Problem, path: Any) -> Stretch:
    """All steps of a problem as one stretch, of a guess of its states."""
    steps = np.arange(1, problem.steps + 1)
    before = Enclosed(path[:-1], np.zeros_like(path[:-1]))
    return Stretch(States(problem), steps, before, path[1:])


def test_bounds_hold_for_a_bad_guess_too() -> None:
    problem = remembering(2, "gru")
    guess = evaluate(problem, Ieee("float64"))
    rows = [guess.values[t, "s"] for t in range(1, problem.steps + 1)]
    path = np.stack([States(problem).start, *rows])
    path[1:] += np.random.default_rng(1).uniform(-1e-7, 1e-7, path[1:].shape)
    with np.errstate(all="ignore"):
        found = errors(stretch_of(problem, path), np.zeros(path.shape[1]))
    truth = evaluate(problem, Ball(300))
    for t in range(1, problem.steps + 1):
        true = np.array([float(x) for x in truth.entries(t, "s")])
        assert (np.abs(true - path[t]) <= found[t] + 1e-15).all(), t


def test_cells_that_remember_are_bounded() -> None:
    for cell, bias in CASES[3:]:
        found = enclosures(remembering(1, cell, bias, 300))
        assert found is not None
        last = [
            float(x.rad())
            for name in found.problem.cell.equation
            for x in found.values[300, name].flat
        ]
        assert max(last) < 1e-8


def test_the_errors_of_pure_memory_grow_linearly() -> None:
    problem = bent("s[t] = s[t-1] + tanh(x[t] @ U)", steps=800)
    found = enclosures(problem)
    assert found is not None
    radii = [max(float(x.rad()) for x in found.entries(t, "s")) for t in (200, 400, 800)]
    assert 1.5 < radii[1] / radii[0] < 2.5
    assert 1.5 < radii[2] / radii[1] < 2.5


@pytest.mark.parametrize(("cell", "bias"), CASES)
def test_floats_decide_four_places(cell: str, bias: str | None) -> None:
    assert Along().certified(remembering(1, cell, bias), Policy()).precisions == (53,)


BENT = [
    "s[t] = relu(x[t] @ U + tanh(s[t-1] @ W))",
    "s[t] = clip(x[t] @ U + 0.4 * tanh(s[t-1]) @ W, -0.3, 0.5)",
    "g[t] = hard_sigmoid(x[t] @ U + s[t-1] @ W)\n"
    "s[t] = g[t] * tanh(x[t] @ U) + (1 - g[t]) * s[t-1]",
    "s[t] = max(tanh(x[t] @ U), 0.5 * abs(s[t-1]))",
    "s[t] = sigmoid(x[t] @ U) * positive(s[t-1] - 0.4)",
    "a[t] = x[t] @ U\ns[t] = tanh(a[t] + s[t-1] @ W)",
    "m[t] = tanh(x[t] @ U)\ns[t] = leaky_relu(m[t] - m[t-1] + 0.5 * sin(s[t-1]))",
    "s[t] = softmax(x[t] @ U + s[t-1] @ W)",
]


@pytest.mark.parametrize("equations", BENT)
def test_bends_are_as_balls_have_them(equations: str) -> None:
    for seed in range(2):
        problem = bent(equations, seed=seed)
        assert differing(problem) == []


def test_bends_are_decided_by_floats() -> None:
    for equations in BENT[:5]:
        found = enclosures(bent(equations))
        assert found is not None, equations


def test_states_at_a_bend_stay_sound() -> None:
    """The inputs cancel, so that the pre-activation is exactly where the slope jumps."""
    text = "s[t] = relu(x[t] @ U) + 0.5 * tanh(s[t-1])"
    given = {"U": Numbers.typed([["0.3"], ["-0.1"]])}
    rows = [["0.1", "0.3"], ["0.5", "0.2"], ["-0.2", "-0.6"]] * 8
    problem = Problem(from_text(text), given, {"x": Numbers.typed(rows)})
    assert differing(problem) == []


@pytest.mark.parametrize("seed", range(8))
def test_rows_are_those_of_balls(seed: int) -> None:
    rng = Random(seed)
    cell, bias = rng.choice(CASES)
    problem = remembering(seed, cell, bias, 12).rounded_by(Rounding(rng.choice([2, 4, 8, 10])))
    assert differing(problem) == []


def test_json_is_that_of_rows() -> None:
    problem = replace(remembering(3, "gru", None, 40), title="names")
    solution = Solution(problem, False, False, Along())
    assert isinstance(solution.full.trace.values, Held)
    rows = json.loads(solution_json(solution))["rows"]
    assert rows == [
        {**{name: getattr(row, name) for name in rows[0]}, "index": list(row.index)}
        for row in solution.rows
    ]
    balls = Solution(problem, False, False, PLAIN).rows
    for own, other in zip(solution.rows, balls, strict=True):
        assert all(getattr(own, name) == getattr(other, name) for name in ROWS)
        assert Fraction(own.lower or 0) <= Fraction(other.upper or 0)
        assert Fraction(other.lower or 0) <= Fraction(own.upper or 0)


def test_the_cheaper_certifier_is_chosen() -> None:
    long, short = remembering(1, "gru", None, 2000), remembering(1, "gru", None, 10)
    assert isinstance(Chosen().certified(long, Policy()).trace.values, Held)
    assert isinstance(Chosen().certified(short, Policy()).trace.values, dict)


@pytest.mark.parametrize("exponent", [16, 19, 24])
def test_near_ties_are_settled_by_thin_steps(exponent: int) -> None:
    """The last state is a tie but for a hair, by a shift of the quantity that is read."""
    equations = "s[t] = tanh(x[t] * w + s[t-1] * u)\ny[t] = s[t] + c"
    inputs = {"x": Numbers.typed(random_problems.array(Random(5), 150))}

    def problem(c: str) -> Problem:
        given = {"w": "0.3", "u": "0.2", "c": c}
        parameters = {name: Numbers.typed(text) for name, text in given.items()}
        return Problem(from_text(equations), parameters, inputs, rounding=Rounding(8))

    value = evaluate(problem("0"), Ball(300)).entries(140, "s")[0]
    tie = Fraction(int(10**8 * Fraction(str(float(value)))) * 2 + 1, 2 * 10**8)
    with flint_bits(300):
        hair = arb(10) ** -exponent
        gap = (arb(tie.numerator) / tie.denominator + hair - value).mid()
        near = problem(str(gap.str(60, radius=False)))
    own, plain = Along().certified(near, Policy()), PLAIN.certified(near, Policy())
    assert own.precisions == (53, 128)
    assert isinstance(own.trace.values, Held)
    for site in plain.trace.values:
        pairs = zip(own.trace.values.coarse(site).flat, plain.trace.entries(*site), strict=True)
        assert all(rounded(a, near.rounding) == rounded(b, near.rounding) for a, b in pairs)


def test_thin_steps_make_nothing_wider() -> None:
    """Floats know a state that is all but gone to a part of its size, thin steps that begin in a
    wider box need not."""
    problem = remembering(1, "gru", None, 60)
    found = enclosures(problem)
    assert found is not None
    assert isinstance(found.values, Held)
    thin, held = Thin(States(problem), found.values), found.values.coarse((50, "s"))
    wide = np.array([arb(x.mid(), 1) for x in held.flat], object).reshape(held.shape)
    narrow = np.array([x.mid() for x in held.flat], object).reshape(held.shape)
    assert [x.rad() for x in thin.kept(50, "s", wide).flat] == [x.rad() for x in held.flat]
    assert [x.rad() for x in thin.kept(50, "s", narrow).flat] == [0] * held.size


def test_what_one_entry_needs_leaves_no_other_open() -> None:
    """Of three steps one entry is open, which is settled from a box that is too wide for another:
    what campaigns found."""
    assert torn(drawn(Random("1000011 2")), 1) == []


def test_who_looks_at_many_steps_gets_those_of_balls() -> None:
    problem = remembering(1, "gru", None, 60)
    found = Along().certified(problem, Policy()).trace
    balls = PLAIN.certified(problem, Policy()).trace
    for t in range(1, 61):
        for own, other in zip(found.entries(t, "s"), balls.entries(t, "s"), strict=True):
            assert arb(own).overlaps(arb(other))
    assert isinstance(found.values, Held)
    assert found.values.refine is None


def test_looking_makes_values_as_fine_as_balls() -> None:
    problem = remembering(1, "gru", None, 200)
    found = Along().certified(problem, Policy()).trace
    for t in (1, 2, 77, 200):
        assert all(x.rad() < arb(1e-13) for x in found.entries(t, "s"))
    terms = Along().terms(Along().certified(problem, Policy())).values
    balls = PLAIN.terms(PLAIN.certified(problem, Policy())).values
    for site in [site for site in balls if site.step == 77]:
        for a, b in zip(np.ravel(terms[site]), np.ravel(balls[site]), strict=True):
            assert type(a) is type(b)
            assert a == b if type(a) is not arb else a.overlaps(b)


@pytest.mark.parametrize("seed", range(20))
def test_the_inequality_holds_in_exact_rationals(seed: int) -> None:
    """The worst errors that slopes and defects allow, by signs that add up, in fractions."""
    rng = Random(seed)
    count, width = rng.randint(1, 13), rng.randint(1, 3)
    slopes = np.array([rng.uniform(-1.2, 1.2) for _ in range(count * width**2)], np.float32)
    slopes = slopes.reshape(count, width, width)
    added = np.array([rng.random() for _ in range(count * width)]).reshape(count, width)
    start = np.array([rng.random() for _ in range(width)])
    found = bounds(Nodes(slopes, added, np.full((count, width), 1e9)), start)
    for t in range(1, count + 1):
        for entry in range(width):
            true = worst(slopes, added, start, t, entry)
            assert true <= Fraction(float(found[t][entry]))
    tight = bounds(Nodes(slopes, added, np.zeros((count, width))), start)
    assert float(worst(slopes, added, start, count, 0)) > 0.5 * tight[count][0] / width**4


def worst(slopes: Any, added: Any, start: Any, t: int, entry: int) -> Fraction:
    """The largest |e_t| of an entry: Σ_j w_j |column of L_{j+1} … L_t|, exactly."""
    column = [Fraction(int(k == entry)) for k in range(len(start))]
    total = Fraction(0)
    for j in range(t - 1, -1, -1):
        total += sum(abs(a) * Fraction(float(w)) for a, w in zip(column, added[j], strict=True))
        matrix = [[Fraction(float(x)) for x in line] for line in slopes[j]]
        column = [
            sum((x * a for x, a in zip(line, column, strict=True)), Fraction(0)) for line in matrix
        ]
    return total + sum(abs(a) * Fraction(float(w)) for a, w in zip(column, start, strict=True))


POWERS = [
    "s[t] = tanh(x[t] @ U + 0.5 * s[t-1]) + (0 / (2 + s[t-1] ** 2)) ** 3",
    "s[t] = tanh(x[t] @ U) + ((x[t] @ U - x[t] @ U) / (3 + s[t-1])) ** 3",
    "z[t] = 0 / exp(x[t] @ U)\ns[t] = 0.5 * s[t-1] + z[t] ** 3 + z[t] ** 2 - z[t] ** 1",
    "s[t] = (0 * s[t-1] / (2 + tanh(x[t] @ U))) ** 3 + 0.25 * x[t] @ U",
    "s[t] = (tanh(s[t-1]) / (2 + exp(x[t] @ U))) ** 3 + 0.5 * tanh(x[t] @ U) ** 2",
    "s[t] = relu(x[t] @ U - 0.6) ** 3 / (1 + s[t-1] ** 4)",
]


@pytest.mark.parametrize("equations", POWERS)
def test_powers_of_what_may_be_zero(equations: str) -> None:
    for rule in (Rounding(9, "floor"), Rounding(None, figures=3)):
        assert differing(bent(equations, steps=8, width=2).rounded_by(rule)) == []


@pytest.mark.parametrize("cell", ["gru", "rnn"])
def test_a_cell_without_memory(cell: str) -> None:
    """A recurrent matrix of zeros, over as many steps as are certified along themselves."""
    problem = remembering(9, cell, None, 200)
    given = {
        name: Numbers.zeros(numbers.shape) if name.startswith("W_") else numbers
        for name, numbers in problem.parameters.items()
    }
    assert differing(problem.renumbered(parameters=given)) == []


FALLS_BACK = {
    ("s[t] = sin(9 * s[t-1] + x[t])", 4): "No bound along the steps was found. Balls of 168 bits",
    ("s[t] = s[t-1] + tanh(x[t])", 15): "Bounds along the steps leave entries open. Balls of 1",
    ("s[t] = 0.5 * s[t-1] + tanh(x[t])", 4): None,
    ("s[t] = 0.5 * s[t+1] + tanh(x[t])", 15): None,
}


@pytest.mark.parametrize("case", FALLS_BACK)
def test_documents_say_where_balls_stand_in(case: tuple[str, int]) -> None:
    equations, places = case
    rows = {"x": Numbers.typed(random_problems.array(Random(5), 60))}
    problem = Problem(from_text(equations), {}, rows, rounding=Rounding(places), detail="result")
    said, all_said = FALLS_BACK[case], [text for text in FALLS_BACK.values() if text]
    text = solution_text(Solution(problem, False, False, Along()), "md")
    assert [other for other in all_said if other in text] == ([said] if said else [])
    for language in ("de", "zh") if places == 4 and said else ():
        other = replace(problem, texts=replace(problem.texts, language=language))
        text = solution_text(Solution(other, False, False, Along()), "md")
        assert (" Kugeln mit " in text or "位二进制精度的球算术" in text) == bool(said)


def held_to_rationals(begun: Bounds, rng: Random, size: float, most: int) -> Bounds:
    """Bounds at the end of drawn stretches, one after the other, and other floats between them.

    They and those in between hold the worst errors that slopes and defects allow. Errors:
    OpenError.
    """
    past, first, width, count = begun, 0, len(begun.box), rng.randint(2, 14)
    drawn = np.array([rng.uniform(-size, size) for _ in range(count * width**2)], np.float32)
    slopes = drawn.reshape(count, width, width)
    added = np.array([rng.random() for _ in range(count * width)]).reshape(count, width)
    while first < count:
        last = min(count, first + rng.randint(1, most))
        shape, off = (last - first, width), np.array([rng.random() for _ in range(width)])
        steps = Nodes(slopes[first:last], added[first:last].copy(), np.full(shape, 1e9))
        found, past = past.over(steps)
        for t, entry in product(range(first + 1, last + 1), range(width)):
            true = worst(slopes, added, begun.box, t, entry)
            assert true <= Fraction(float(found[t - first][entry]))
        if rng.random() < 0.5:
            past = past.moved(off)
            added[last - 1] += off
        for entry in range(width):
            true = worst(slopes, added, begun.box, last, entry)
            assert true <= Fraction(float(past.box[entry]))
        first = last
    return past


@pytest.mark.parametrize("seed", range(12))
def test_what_is_past_bounds_in_exact_rationals(seed: int) -> None:
    rng = Random(seed)
    begun = Past.of(np.array([rng.random() for _ in range(rng.randint(1, 3))]))
    past = held_to_rationals(begun, rng, 1.2, 4)
    assert isinstance(past, Past)
    assert len(past.nodes) <= 4


TURNS = "s[t] = s[t-1] @ R + 0.01 * tanh(x[t] @ U)"


def test_boxes_of_parts_do_not_follow_from_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """An eighth of a turn a step: a box around a turned box is larger, part after part."""
    monkeypatch.setattr("verifier.along.certifier.MOST", 5)
    given = {"R": [["0.7", "0.7"], ["-0.7", "0.7"]], "U": [["1", "2"], ["2", "-1"]]}
    rows = {"x": Numbers.typed(random_problems.array(Random(5), 150, 2))}
    parameters = {name: Numbers.typed(value) for name, value in given.items()}
    found = enclosures(Problem(from_text(TURNS), parameters, rows))
    assert found is not None
    assert isinstance(found.values, Held)
    radii = [part.values["s"].radius.max() for part in found.values.parts]
    assert max(radii) < 1e-12
    assert differing(replace(found.problem, rounding=Rounding(10))) == []
