"""What is worked otherwise in wide problems: the same numbers, and errors within the bounds."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from verifier import cells
from verifier.arithmetic.floats.binary import BINARY
from verifier.arithmetic.floats.linear import Slopes, Symbols
from verifier.arithmetic.floats.products import dots, moved
from verifier.arithmetic.floats.summation import WIDE, running
from verifier.arithmetic.ieee import Ieee
from verifier.audit.functions import hypotheses
from verifier.audit.measure import limits
from verifier.cells.combine import Stack, combine
from verifier.evaluate import evaluate
from verifier.numbers import Numbers
from verifier.problem import Problem


@pytest.mark.parametrize("float", BINARY)
@pytest.mark.parametrize("width", [WIDE - 1, WIDE, 3 * WIDE])
def test_wide_sums_round_as_narrow_ones_do(float: str, width: int) -> None:
    dice = np.random.default_rng(width)
    terms = BINARY[float].cast(dice.standard_normal((2, 40, width)))
    for axis in (0, 1):
        assert (running(terms, axis) == np.add.accumulate(terms, axis=axis)).all()
    total = Ieee(float).total(terms[0])
    for k in range(0, width, 50):
        assert total[k] == np.add.accumulate(terms[0][:, k].copy())[-1]


def test_shared_matrices_give_what_own_ones_give() -> None:
    dice = np.random.default_rng(2)
    left, right = (
        dice.standard_normal((6, 20)),
        np.tile(dice.standard_normal((3, 20, 9)), (2, 1, 1)),
    )
    wanted = np.stack([x @ w for x, w in zip(left, right, strict=True)])
    for paired in (True, False):
        assert np.allclose(dots(left, right, (1, 2), paired), wanted, rtol=1e-14)
    left[1], left[4, 3] = np.inf, np.inf
    for paired in (True, False):
        found = dots(left, right, (1, 2), paired)
        assert (found[1] == np.inf).all()
        assert not np.isfinite(found[4]).any()
        assert np.allclose(found[[0, 2, 3, 5]], wanted[[0, 2, 3, 5]], rtol=1e-14)


def test_single_symbols_have_the_slopes_of_the_matrix() -> None:
    dice = np.random.default_rng(3)
    fresh, matrix = Symbols(2).fresh(dice.uniform(0, 1, (2, 7))), dice.standard_normal((7, 7))
    for on_the_left in (True, False):
        plain = moved(Slopes(fresh.start, fresh.rows), matrix, 1, on_the_left)
        assert (moved(fresh, matrix, 1, on_the_left).rows == plain.rows).all()


def reach_of(ranges: Any, rows: Any) -> Any:
    return np.stack([sum(r * abs(row) for r, row in zip(one, rows, strict=True)) for one in ranges])


def test_reaches_bound_what_symbols_add_up_to() -> None:
    """Groups of many sizes, some of which are narrow, and a format without a bound."""
    dice = np.random.default_rng(4)
    symbols = Symbols(3)
    sizes = [dice.uniform(0, 1, (3, n)) for n in (300, 5, 300, 1, 40)]
    for k, size in enumerate(sizes):
        size[2] = np.inf if k == 3 else size[2]
        symbols.fresh(size, np.full(3, 1e-3) if k == 2 else None)
    ranges, rows = np.concatenate(sizes, axis=1), dice.standard_normal((646, 4))
    slopes = Slopes(0, rows)
    found, most = symbols.reach(slopes), reach_of(ranges, rows)
    narrow = slice(300 + 5, 300 + 5 + 300)
    least = most - reach_of(ranges[:, narrow], rows[narrow])
    assert (found <= most * (1 + 1e-9)).all()
    assert (found[:2] >= least[:2]).all()
    assert (found[:2] <= least[:2] + 1e-3 * np.linalg.norm(rows[narrow], axis=0) * 1.01).all()
    assert (found[2] == np.inf).all()
    scaled, factor = symbols.scaled(slopes, rows[0]), np.abs(rows[0])
    assert (symbols.reach(scaled) >= found * factor).all()
    assert np.allclose(symbols.reach(scaled)[:2], (found * factor)[:2], rtol=1e-12)


def wide(steps: int) -> Problem:
    """Two layers of GRUs, wide enough for sums by rows, whose narrow formats lose their bounds."""
    dice, whole = np.random.default_rng(6), combine(cells.load("gru-pytorch"), Stack(2))
    sizes = {"n": 20, "m": WIDE + 2}

    def drawn(name: str) -> Numbers:
        shape = [sizes.get(part) or int(part) for part in whole.sizes[name]]
        return Numbers.of_floats(dice.uniform(-0.2, 0.2, shape).astype(np.float32))

    inputs = Numbers.of_floats(dice.standard_normal((steps, 20)).astype(np.float32))
    return Problem(whole, {name: drawn(name) for name in whole.roles.parameters}, {"x": inputs})


def test_errors_of_a_wide_stack_lie_within_its_bounds() -> None:
    problem, steps = wide(8), 8
    known = limits(problem, [Ieee(name) for name in BINARY], hypotheses())
    for name, order in product(BINARY, ("sequential", "pairwise", "numpy")):
        for site, computed in evaluate(problem, Ieee(name, order=order)).values.items():
            off = known.exact[name][site].distance(np.ravel(computed).astype(np.float64))
            bounds = [known.any_order, *([known.stated] if order == "sequential" else [])]
            for bound in bounds:
                assert (off <= bound[name][site]).all(), (name, order, site)
    last = steps, problem.cell.equations[-1].name
    assert np.isfinite(known.stated["float32"][last]).all()
    assert np.isinf(known.stated["float16"][last]).all()
