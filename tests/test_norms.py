"""2-norms in the bounds of float errors: proven, sharp enough, and used where they help."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import audit_campaign
from verifier import cells
from verifier.arithmetic.floats import recurrences
from verifier.arithmetic.floats.norms import lengths, norm
from verifier.arithmetic.ieee import Ieee
from verifier.audit.functions import accuracy
from verifier.audit.measure import limits
from verifier.cells.combine import Stack, combine
from verifier.errors import ProblemError
from verifier.numbers import Numbers
from verifier.problem import Problem

SIZES = st.integers(1, 12)


@given(SIZES, SIZES, st.integers(0, 2**32), st.integers(-700, 700))
def test_a_norm_is_no_smaller_than_the_largest_singular_value(
    rows: int, columns: int, seed: int, exponent: int
) -> None:
    matrix = np.random.default_rng(seed).standard_normal((rows, columns)) ** 3
    largest = np.linalg.svd(matrix)[1][0]
    found = norm(np.ldexp(matrix, exponent)) / 2.0**exponent
    assert largest <= found * (1 + 1e-14)
    assert found <= largest * min(rows, columns) ** (1 / 16) * (1 + 1e-9)


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=9))
def test_a_length_is_no_smaller_than_the_root_of_the_squares(numbers: list[float]) -> None:
    exact = sum(Fraction(x) ** 2 for x in numbers)
    assert Fraction(float(lengths(np.abs(numbers)))) ** 2 >= exact


def test_what_is_not_known_has_an_infinite_norm() -> None:
    assert norm(np.array([[1.0, np.inf]])) == norm(np.array([[np.nan]])) == np.inf
    assert norm(np.zeros((2, 3))) == 0
    assert lengths(np.array([[np.nan], [np.inf], [0.0]])).tolist() == [np.inf, np.inf, 0]


@pytest.mark.parametrize("seed", range(4))
def test_no_program_breaks_bounds_whose_symbols_are_new_at_every_step(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recurrences, "MOST_SYMBOLS", 1)
    monkeypatch.setattr(recurrences, "FEWEST_STEPS", 1 + seed % 2)
    rng, counted = Random(f"norms {seed}"), Counter[str]()
    while not counted["problems"]:
        problem = audit_campaign.draw(rng, (4, 3, 6), any_cell=seed > 2)
        with suppress(ProblemError):  # a division by zero, say
            assert not audit_campaign.check(problem, rng, counted)
            counted["problems"] += 1
    assert counted["without a bound"] < counted["entries"]


def stack(hidden: int, steps: int) -> Problem:
    """Two layers of GRUs in both directions, with weights as PyTorch draws them."""
    dice, whole = np.random.default_rng(1), combine(cells.load("gru-pytorch"), Stack(2, True))
    sizes, most = {"n": hidden, "m": hidden, "2m": 2 * hidden}, hidden**-0.5

    def drawn(*shape: int) -> Numbers:
        return Numbers.of_floats(dice.uniform(-most, most, shape).astype(np.float32))

    given = {
        name: drawn(*(sizes.get(part) or int(part) for part in whole.sizes[name]))
        for name in whole.roles.parameters
    }
    x = Numbers.of_floats(dice.standard_normal((steps, hidden)).astype(np.float32))
    return Problem(whole, given, {"x": x})


def test_bounds_of_layers_and_directions_do_not_grow_with_the_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recurrences, "MOST_SYMBOLS", 64)
    problem = stack(8, 18)
    bounds = limits(problem, [Ieee("float32")], accuracy("numpy").allowed).any_order["float32"]
    largest = [bounds[step, "s_2"].max() for step in (6, 12, 18)]
    assert max(largest) < 2e-5
    assert max(largest) < 3 * min(largest)
