"""Grids over sums and gates: cells hold what they say, and no blend errs more than its pair."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.adversary import ACCURACY
from verifier.arithmetic.floats import grids
from verifier.arithmetic.floats.affine import Lane
from verifier.arithmetic.floats.forms import Form
from verifier.arithmetic.floats.grids import Cells
from verifier.arithmetic.floats.linear import constant
from verifier.arithmetic.floats.ranged import RangedFrame
from verifier.arithmetic.ieee import Ieee
from verifier.audit.over import over
from verifier.problem import loads

HALF = Ieee("float16")
COUNT = 20_000


def framed() -> RangedFrame:
    return RangedFrame([Lane(HALF, False), Lane(HALF, True)], ACCURACY)


def near(dice: np.random.Generator, low: float) -> tuple[Any, Any]:
    """Numbers from `low` to one, and floats a few ulps from them."""
    exact = dice.uniform(low, 1, COUNT)
    return exact, (exact + dice.normal(size=COUNT) * 2.0**-10).astype(np.float16)


def stated(z: Any, h: Any, s: Any) -> Any:
    return (np.float16(1) - z) * h + z * s


def programs(z: Any, h: Any, s: Any) -> Iterator[Any]:
    """The blend as programs compute it: as stated, fused, and from h on."""
    yield stated(z, h, s)
    yield h + z * (s - h)
    wide = [part.astype(np.float64) for part in ((np.float16(1) - z), h, z, s, s - h)]
    yield (wide[0] * wide[1] + (z * s)).astype(np.float16)
    yield (wide[1] + wide[2] * wide[4]).astype(np.float16)


def test_no_blend_errs_more_than_its_pair_of_cells() -> None:
    dice, frame = np.random.default_rng(1), framed()
    (z, z_near), (h, h_near), (s, s_near) = near(dice, 0), near(dice, -1), near(dice, -1)
    cells = [cell(z, z_near), cell(h, h_near)]
    kept = np.repeat(s[None], 2, axis=0)
    error = np.abs(s_near.astype(np.float64) - kept)
    form = Form(kept, np.zeros_like(kept), constant((COUNT,)), error, error)
    limits = grids.blended(frame, cells[0], cells[1], form, (COUNT,))
    exact = (1 - z) * h + z * s
    shares = [
        np.abs(found.astype(np.float64) - exact) / limit
        for found, limit in zip(
            (stated(z_near, h_near, s_near), *programs(z_near, h_near, s_near)),
            (limits[0], *[limits[1]] * 4),
            strict=True,
        )
    ]
    for share in shares:
        assert 0.85 < share.max() <= 1 + 1e-9


def cell(exact: Any, computed: Any) -> Cells:
    """One cell, of a point, for each entry."""
    error = np.abs(computed.astype(np.float64) - exact)
    low, error = (np.repeat(part[None, None], 2, axis=0) for part in (exact, error))
    return Cells(low, low, error)


@pytest.mark.parametrize("function", ["sigmoid", "tanh"])
def test_cells_hold_the_values_and_the_errors_of_programs(function: str) -> None:
    dice, frame = np.random.default_rng(2), framed()
    center = np.repeat(dice.normal(size=(1, 5)) * 2, 2, axis=0)
    radius = np.abs(center) + 3.0
    off = np.full_like(center, 2.0**-9)
    sum_of = Form(center, radius, constant((5,)), off, off)
    with np.errstate(all="ignore"):
        form, cells = grids.function_of(frame, function, sum_of, None)
    count, worst = cells.low.shape[1], 0.0
    for _ in range(400):
        share = dice.random(5)
        x = center[0] - radius[0] + share * 2 * radius[0]
        at = np.minimum((share * count).astype(int), count - 1), np.arange(5)
        value = np.tanh(x) if function == "tanh" else 1 / (1 + np.exp(-x))
        assert np.all(cells.low[0][at] <= value * (1 + 1e-15) + 1e-15)
        assert np.all(value <= cells.high[0][at] + 1e-15)
        wrong = (x + dice.choice([-1, 1], 5) * 2.0**-9 * 0.9).astype(np.float16)
        wrong = np.where(np.abs(wrong - x) <= 2.0**-9, wrong, x)  # off by no more than is said
        computed = np.tanh(wrong) if function == "tanh" else 1 / (1 + np.exp(-wrong))
        error = np.abs(computed - value)
        assert np.all(error <= cells.error[0][at])
        assert np.all(error <= form.size[0])
        worst = max(worst, float((error / cells.error[0][at]).max()))
    assert worst > 0.3


def test_coarser_cells_hold_what_the_finer_ones_do() -> None:
    dice = np.random.default_rng(3)
    low = dice.normal(size=(2, 48, 3))
    fine = Cells(low, low + 0.1, np.abs(low))
    coarse = fine.coarser(7)
    assert coarse.low.shape == (2, 6, 3)
    for k in range(48):
        assert np.all(coarse.low[:, k // 8] <= fine.low[:, k])
        assert np.all(coarse.high[:, k // 8] >= fine.high[:, k])
        assert np.all(coarse.error[:, k // 8] >= fine.error[:, k])


@pytest.mark.parametrize(("one", "called"), [("1", True), ("c[t]", False)])
def test_only_what_is_taken_from_one_is_a_blend(
    one: str, called: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers whose middle is one are no one."""
    seen = []
    plain = grids.blended

    def spied(*arguments: Any) -> Any:
        seen.append(arguments)
        return plain(*arguments)

    monkeypatch.setattr(grids, "blended", spied)
    equations = f"z[t] = sigmoid(x[t])\ny[t] = ({one} - z[t]) * d[t] + z[t] * x[t]"
    given = '[inputs]\nx = ["[-1, 1]"]\nc = ["[0.5, 1.5]"]\nd = ["[-1, 1]"]\n'
    if called:
        given = given.replace('c = ["[0.5, 1.5]"]\n', "")
    problem = loads(f'equations = """{equations}"""\n{given}', intervals=True)
    over(problem, [HALF], ACCURACY, most=1)
    assert bool(seen) == called
