"""Partial sums over boxes: in pieces as in one, and no sum in turn errs more than is said."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from verifier.arithmetic.floats import additions
from verifier.arithmetic.floats.affine import Lane
from verifier.arithmetic.floats.binary import BINARY, Floats
from verifier.arithmetic.floats.forms import Form
from verifier.arithmetic.floats.frame import certain
from verifier.arithmetic.floats.linear import constant
from verifier.arithmetic.floats.partial import Partial, joined, of_products
from verifier.arithmetic.floats.ranged import RangedFrame
from verifier.arithmetic.floats.sharp import SharpFormats
from verifier.arithmetic.floats.summation import running
from verifier.arithmetic.floats.sums import add, matmul
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.protocol import Site


@pytest.mark.parametrize("count", [1, 5, 64, 100, 101, 300, 512])
def test_running_sums_are_those_of_the_first_terms(count: int) -> None:
    whole = np.random.default_rng(count).integers(-99, 99, size=(2, count, 3))
    terms = whole.astype(np.float64)
    assert np.array_equal(running(terms, 1), np.cumsum(terms, axis=1))


def box(rows: int, count: int) -> Form:
    """Numbers from -1 to 1."""
    zeros = np.zeros((rows, count))
    return Form(zeros, zeros + 1, constant((count,)), zeros, zeros)


def projected(frame: RangedFrame, weights: Any) -> tuple[Form, Partial]:
    """The product of a box with a matrix, and what its partial sums err."""
    rows = len(frame.lanes)
    matrix = certain(np.broadcast_to(weights.astype(np.float64), (rows, *weights.shape)))
    found = matmul(frame, box(rows, len(weights)), matrix)
    (products,) = frame.made
    return found, of_products(frame, products, found)


def framed() -> RangedFrame:
    single = Ieee("float32")
    return RangedFrame([Lane(single, False), Lane(single, True)], {})


@pytest.mark.parametrize("count", [3, 70, 144])
def test_pieces_of_a_product_err_as_the_whole_one_does(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = np.random.default_rng(1).normal(size=(count, 23)).astype(np.float32)
    sizes = np.broadcast_to(np.array([0.1, 0.5, 3.0]).reshape(1, 3, 1), (2, 3, 23)).copy()
    found = []
    for piece in (count * 4, 2**40):
        monkeypatch.setattr(additions, "PIECE", piece)
        frame = framed()
        form, partial = projected(frame, weights)
        found.append((form.size, partial.errors(frame, sizes)))
    for part, whole in zip(*found, strict=True):
        assert np.all(part[0] > 0)
        assert np.array_equal(part, whole)


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("step", [2.0**-24, 2.0**-5])
def test_no_sum_in_turn_errs_more_than_is_said_of_its_size(fused: bool, step: float) -> None:
    """x U + s W, whose products are added one after the other, for both factors."""
    dice, single = np.random.default_rng(3), Ieee("float32", fma=fused)
    frame = RangedFrame([Lane(single, False), Lane(single, True)], {})
    weights = [np.rint(dice.normal(size=(n, 2)) / step) * step for n in (9, 70)]
    (x, of_x), (s, of_s) = (projected(frame, w.astype(np.float32)) for w in weights)
    found = joined(frame, of_x, of_s, frame.closed(add(frame, x, s)))
    worst = 0.0
    for scale in (1.0, 0.5, 0.02) * 12:
        given = [drawn(dice, scale, len(part)) for part in weights]
        error, size = erred(single, given, [part.astype(np.float32) for part in weights])
        limit = found.errors(frame, np.repeat(size[None, None], 2, axis=0))
        assert np.all(error <= limit[:, 0])
        worst = max(worst, float((error / limit[0, 0]).max()))
    assert worst > 0.02


def test_partial_sums_reach_what_is_said_of_them_and_no_more() -> None:
    """Those of x U where all that follows, of x U and of s W, takes away as much as it can."""
    dice, frame = np.random.default_rng(4), framed()
    weights = [dice.normal(size=(n, 1)).astype(np.float32) for n in (70, 9)]
    (x, of_x), (s, of_s) = (projected(frame, part) for part in weights)
    first = joined(frame, of_x, of_s, frame.closed(add(frame, x, s))).additions[0]
    sizes = np.abs(np.concatenate(weights)[:, 0].astype(np.float64))
    room = 1e-5 * sizes.sum()
    for k in range(1, 70):
        partial, rest = sizes[: k + 1].sum(), sizes[k + 1 :].sum()
        most = float(first.most[0, k - 1, 0])
        left = float(first.left[0, k - 1, 0] + first.later[0, 0])
        assert partial <= most <= partial + room
        assert partial <= abs(partial - rest) + left <= abs(partial - rest) + rest + room


def drawn(dice: np.random.Generator, scale: float, count: int) -> Any:
    """Floats of a box, some at its corners."""
    inner = dice.uniform(-scale, scale, count).astype(np.float32)
    return np.where(dice.random(count) < 0.2, np.sign(inner), inner)


def erred(model: Ieee, given: list[Any], weights: list[Any]) -> tuple[Floats, Floats]:
    """What the sum of both products errs, and no less than its size."""
    parts = zip(given, weights, strict=True)
    first, second = (model.apply("matmul", pair, Site(1, "y", ())) for pair in parts)
    left = np.concatenate(given).astype(np.float64)
    terms = left[:, None] * np.concatenate(weights)  # exact: products of 24 bits
    exact = [sum(map(Fraction, column), Fraction(0)) for column in terms.T.tolist()]
    errors = [abs(Fraction(float(c)) - e) for c, e in zip(first + second, exact, strict=True)]
    return np.array(errors, float), np.array([abs(e) for e in exact], float) * (1 + 2.0**-50)


@pytest.mark.parametrize("name", list(BINARY))
def test_half_ulps_bound_what_rounding_loses(name: str) -> None:
    """Of all results up to a size; just above a power of two it is no more than is there."""
    format, dice = BINARY[name], np.random.default_rng(5)
    powers = np.ldexp(1.0, dice.integers(-12, 12, 60))
    above = 1 + np.ldexp(dice.random(60), -dice.integers(0, 50, 60))
    sizes = np.concatenate([powers, powers * above, [0.0, 1e-320, format.largest * 4]])
    with np.errstate(all="ignore"):
        found = SharpFormats((format,)).half_ulps(sizes[None])[0]
    for size, limit in zip(sizes.tolist(), found.tolist(), strict=True):
        power, unit = 2.0 ** np.frexp(size)[1] / 2, format.unit
        if size == 0 or size > format.largest:
            assert limit == (np.inf if size else 0)
        elif size > 1e-300:
            near = max(power * unit / 2, min(power * unit, size - power))
            assert limit == near
