"""Wide states and many sequences: products in runs, bounds by the 2-norm, steps that begin anew."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random
from unittest import mock

import numpy as np
import pytest
from flint import arb, fmpq

from benchmarks.problems import gru
from tests.along_campaign import beside, by_length, differing, torn
from tests.random_sequences import recurrent, remembering
from tests.test_along import BENT, CASES, bent, held_to_rationals, worst
from tests.test_linear_lanes import LANES, held, there
from verifier import solve_many
from verifier.along.beside import traces
from verifier.along.certifier import enclosures
from verifier.along.chain import Nodes, OpenError, bounds
from verifier.along.held import Held
from verifier.along.lengths import Length, columns, norm, positive, sizes
from verifier.along.states import States
from verifier.along.steps import off_from
from verifier.along.work import Stretch
from verifier.arithmetic.ball import Ball
from verifier.arithmetic.changes import Moving, seeds
from verifier.arithmetic.context import flint_bits
from verifier.arithmetic.enclosed import Enclosed
from verifier.arithmetic.lane_products import RUN, matmul, products, roundings
from verifier.arithmetic.lanes import shared
from verifier.arithmetic.linear_lanes import LinearLanes, erring
from verifier.cells import from_text
from verifier.evaluate import evaluate
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.rounding import Rounding
from verifier.solution import Solution

SHAPES = [
    ((4, 3, 150), (4, 150, 5)),
    ((4, 3, 150), (1, 150, 5)),
    ((1, 600, 150), (2, 150, 600)),
    ((5, 150), (1, 150, 3)),
    ((700, 150), (1, 150, 700)),
    ((1, 7, 150), (6, 150)),
    ((1, 150), (6, 150)),
    ((6, 150), (6, 150)),
]


@pytest.mark.parametrize("shapes", SHAPES)
def test_products_in_runs_are_products(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    dice = np.random.default_rng(1)
    x, y = (dice.integers(-9, 9, shape).astype(float) for shape in shapes)
    left, right = x if x.ndim == 3 else x[:, None], y if y.ndim == 3 else y[:, :, None]
    found = products(x, y)
    assert found.tolist() == (left @ right).reshape(found.shape).tolist()


@pytest.mark.parametrize("count", [RUN, 200, 1000])
def test_what_products_in_runs_err(count: int) -> None:
    """Terms of one sign and many sizes, in float32: the bound holds, and that of one run does not
    have to be as small."""
    dice = np.random.default_rng(count)
    x = (2.0 ** dice.uniform(-3, 3, (4, count))).astype(np.float32)
    y = (2.0 ** dice.uniform(-3, 3, (count, 5))).astype(np.float32)
    found, true = matmul(x, y).astype(float), x.astype(float) @ y.astype(float)
    assert (np.abs(found - true) <= erring(count) * true).all()
    assert roundings(count) <= max(count, RUN + count / RUN + 1)


@pytest.mark.parametrize("n", [1, 2, 40, 130])
@pytest.mark.parametrize("size", [1e-18, 1e-4, 1.0, 1e6])
def test_lengths_of_matrices_are_bounds(n: int, size: float) -> None:
    dice = np.random.default_rng(n)
    matrix = (dice.normal(size=(n, n)) * size / n**0.5).astype(np.float32)
    largest, lengths = sizes(matrix)
    true = np.linalg.norm(matrix.astype(float), 2)
    assert true * (1 - 1e-12) <= largest <= 1.2 * true + 1e-15
    for found in (lengths, columns(matrix)):
        own = np.sqrt(np.square(matrix.astype(float)).sum(axis=0))
        assert (own * (1 - 1e-12) <= found).all()
        assert (found <= own * 1.001 + 1e-15).all()


def test_matrices_of_which_nothing_is_known() -> None:
    assert sizes(np.zeros((3, 3), np.float32))[0] < 1e-15
    with np.errstate(all="ignore"):
        assert not sizes(np.full((3, 3), np.inf, np.float32))[0] < np.inf
    assert norm(np.full(4, 1e-200)) >= 2e-200
    assert positive(np.eye(3))
    assert not positive(np.diag([1.0, -1e-12, 1.0]))


@pytest.mark.parametrize("seed", range(30))
def test_lengths_bound_errors_in_exact_rationals(seed: int) -> None:
    rng = Random(seed)
    begun = Length.of(np.array([rng.random() for _ in range(rng.randint(1, 3))]))
    held_to_rationals(begun, rng, 0.5, 5)


def test_steps_that_do_not_make_errors_smaller_are_no_matter_of_lengths() -> None:
    turned = np.array([[[0, 1], [-1, 0]]] * 4, np.float32)
    steps = Nodes(turned, np.zeros((4, 2)), np.ones((4, 2)))
    with pytest.raises(OpenError):
        Length.of(np.ones(2)).over(steps)


@pytest.mark.parametrize(("cell", "bias"), CASES)
def test_truth_lies_in_the_bounds_of_lengths(cell: str, bias: str | None) -> None:
    problem = remembering(4, cell, bias)
    with by_length():
        found = enclosures(problem)
    assert found is not None
    truth = evaluate(problem, Ball(700))
    with flint_bits(900):
        for site in truth.values:
            for wide, true in zip(found.entries(*site), truth.entries(*site), strict=True):
                assert arb(wide).contains(arb(true).mid()), site


def test_lengths_are_what_bounds_a_cell_that_forgets() -> None:
    with by_length():
        found = enclosures(gru(8, 4, 200, gain=1.0))
    assert found is not None
    assert isinstance(found.values, Held)
    assert found.values.ended is not None
    assert isinstance(found.values.ended.past, Length)
    radii = [value.radius.max() for part in found.values.parts for value in part.values.values()]
    assert max(radii) < 1e-12


@pytest.mark.parametrize("equations", BENT)
def test_rows_are_those_of_balls_by_lengths_too(equations: str) -> None:
    with by_length():
        assert differing(bent(equations, seed=3)) == []


def test_what_is_left_beside_a_wide_linear_part_is_bounded() -> None:
    """Sums of more terms than a run."""
    problem, dice = gru(RUN + 7, 3, LANES, gain=3**0.5), np.random.default_rng(1)
    states, steps = States(problem), np.arange(1, LANES + 1)
    middle = dice.uniform(-1, 1, (LANES, states.width))
    within = dice.uniform(0, 1e-4, middle.shape)
    stretch = Stretch(states, steps, Enclosed(middle, 0 * middle), middle)
    moving = {
        origin: Moving(value, seeds(value.shape, states.places[origin.name], within))
        for origin, value in states.ends(middle, 0 * middle).items()
    }
    arithmetic = LinearLanes(stretch.lanes, within, moving)
    found = arithmetic.moved(evaluate(states.step, arithmetic).values[1, "s"])
    for lane in range(LANES):
        moved = within[lane] * np.sign(dice.uniform(-1, 1, states.width))
        with flint_bits(300):
            begun = [arb(m) + arb(e) for m, e in zip(middle[lane], moved, strict=True)]
        first = there(states, lane + 1, middle[lane].tolist())["s"]
        second = there(states, lane + 1, begun)["s"]
        differences = [b - a for a, b in zip(first, second, strict=True)]
        held(arithmetic.settled(found), lane, moved, differences, lane)


def test_steps_begin_anew_in_exact_rationals() -> None:
    dice = np.random.default_rng(5)
    slopes = dice.uniform(-1, 1, (7, 2, 2)).astype(np.float32)
    added, box = dice.uniform(0, 1, (7, 2)), dice.uniform(0, 1, 2)
    fresh = np.array([False, False, True, False, False, True, False])
    steps = Nodes(slopes, added, np.full((7, 2), 10.0)).begun(fresh, box)
    found = bounds(steps, box)
    for first, last in ((0, 2), (2, 5), (5, 7)):
        for t in range(first + 1, last + 1):
            for entry in range(2):
                true = worst(slopes[first:], added[first:], box, t - first, entry)
                assert true <= Fraction(float(found[t][entry]))
                assert found[t][entry] <= 4 * float(true)


DELAYED = "a[t] = x[t] @ U - x[t-1] @ U\ns[t] = tanh(a[t] + s[t-1] @ W)"


def delayed(steps: int) -> Problem:
    """A problem that uses an input of the step before."""
    given = bent("s[t] = tanh(x[t] @ U + s[t-1] @ W)", steps=steps)
    ends = {"x": Numbers.typed(["0.3", "-1/3"])}
    return Problem(from_text(DELAYED), given.parameters, given.inputs, initial=ends)


@pytest.mark.parametrize("most", [5, 1000])
@pytest.mark.parametrize("equations", [*BENT, DELAYED, "s[t] = s[t-1] / 2 + x[t] @ U"])
def test_sequences_side_by_side_are_those_alone(equations: str, most: int) -> None:
    problem = bent(equations, steps=9) if equations != DELAYED else delayed(9)
    with mock.patch("verifier.along.certifier.MOST", most):
        assert beside(problem, 3) == []


def test_first_steps_of_sequences_need_no_balls() -> None:
    """A state of zeros is known to be zeros."""
    problem = gru(3, 2, 20)
    found = traces([problem, problem])
    assert found is not None
    for trace in found:
        assert isinstance(trace.values, Held)
        assert not trace.values.finer
    assert off_from([arb(0), fmpq(1, 4), fmpq(1, 3)], np.array([0.0, 0.25, 1 / 3]))[:2].max() == 0
    assert off_from([fmpq(1, 3)], np.array([1 / 3]))[0] > 0


@pytest.mark.parametrize("seed", range(10))
def test_random_sequences_side_by_side(seed: int) -> None:
    rng = Random(seed)
    cell, bias = rng.choice(CASES)
    drawn = remembering(seed, cell, bias, 20) if seed % 2 else recurrent(rng, steps=12)
    assert beside(drawn.rounded_by(Rounding(rng.choice([2, 4, 8]))), rng.randint(2, 4)) == []


@pytest.mark.parametrize("read", ["", "\ny[t] = x[t] / 8"])
def test_many_long_sequences(read: str) -> None:
    """Digits and rows are those of one by one; a tie is settled, and nothing but it is open."""
    cell = from_text("s[t] = 0.5 * tanh(x[t]) + 0.25 * s[t-1]" + read)
    problem = Problem(cell, {}, {"x": Numbers.typed(["0.5"])}, rounding=Rounding(2))
    data = np.random.default_rng(1).uniform(-1, 1, (3, 150)).round(3)
    data[1, 100] = 0.04
    with mock.patch("verifier.many.STEPS", 300):
        many = solve_many(problem, {"x": data})
    assert len(many.batches) == 2
    assert many.open == 0
    digits, found = list(many.digits()), list(many.rows())
    for k, row in enumerate(data):
        inputs = {"x": Numbers.of_floats(row)}
        alone = Solution(replace(problem, inputs=inputs, steps=0), False, False).rows
        own = [row for row in found if row.sequence == k]
        assert [row.rounded for row in own] == [row.rounded for row in alone] == list(digits[k])
        assert [(row.step, row.name, row.status) for row in own] == [
            (row.step, row.name, row.status) for row in alone
        ]


def test_which_decimals_are_floats() -> None:
    texts = ["0.5", "0.1", "0", "-0.375", "1e-30", "3", "0.30000000000000004"]
    for some in (texts, texts[:4], ["1/3", "1/4", "-2"], ["123456789012345678901", "0.5"]):
        found = shared(Numbers.typed(some))
        exact = [Fraction(text) == Fraction(float(Fraction(text))) for text in some]
        assert (found.radius[0] == 0).tolist() == exact
        for text, middle, radius in zip(some, found.middle[0], found.radius[0], strict=True):
            assert abs(Fraction(text) - Fraction(middle)) <= Fraction(radius)


def test_streams_go_on_by_lengths() -> None:
    problem = remembering(5, "gru")
    with by_length():
        assert torn(problem, 7) == []
