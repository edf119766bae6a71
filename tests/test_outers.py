"""Sums of outer products that wait: what float64 decides is what balls say."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest

from verifier.arithmetic.ball import Ball, enclosure, plain
from verifier.arithmetic.objects import as_objects
from verifier.arithmetic.outers import Outers
from verifier.arithmetic.protocol import Site
from verifier.certify import rounded
from verifier.rounding import MODES, Rounding

SITE = Site(1, "d_W", ())


def vector(rng: Random, ball: Ball, size: int) -> np.ndarray:
    """Entries of all sizes: rationals, exact zeros, and balls wide and narrow."""
    kinds = [
        lambda: ball.number(Fraction(rng.randint(-999, 999), rng.choice([1, 10, 7, 1000]))),
        lambda: ball.number(Fraction(0)),
        lambda: ball.exp(ball.number(Fraction(rng.randint(-300, 30), 7))),
        lambda: ball.exp(ball.number(Fraction(1, 3))) * ball.number(Fraction(-1, 10**6)),
    ]
    return as_objects([rng.choice(kinds)() for _ in range(size)])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("bits", [30, 60, 120])
def test_sums_round_as_their_balls_do(mode: str, bits: int) -> None:
    rng, ball, decided = Random(bits), Ball(bits), 0
    with ball.session():
        for _ in range(6):
            total = None
            for _ in range(rng.randint(1, 5)):
                own = ball.apply("outer", [vector(rng, ball, 16), vector(rng, ball, 16)], SITE)
                total = own if total is None else ball.apply("add", [own, total], SITE)
            assert isinstance(total, Outers)
            for places in (0, 4, 12):
                rule = Rounding(places, mode)  # type: ignore[arg-type]
                if total.decides(rule):
                    decided += 1
                    assert None not in [rounded(x, rule) for x in plain(total).flat]
    assert decided or mode not in ("half-even", "half-up", "half-down") or bits == 30


def test_float64_encloses_what_the_balls_enclose() -> None:
    rng, ball = Random(7), Ball(80)
    with ball.session():
        for _ in range(20):
            left = ball.apply("outer", [vector(rng, ball, 20), vector(rng, ball, 13)], SITE)
            right = ball.apply("outer", [vector(rng, ball, 20), vector(rng, ball, 13)], SITE)
            total = ball.apply("add", [left, right], SITE)
            middles, offs = total.middle.ravel().tolist(), total.off.ravel().tolist()
            for middle, off, entry in zip(middles, offs, plain(total).flat, strict=True):
                ends = enclosure(entry)
                assert ends is not None
                assert Fraction(middle) - Fraction(off) <= ends[1]
                assert ends[0] <= Fraction(middle) + Fraction(off)


def test_what_is_too_large_or_nan_is_left_to_balls() -> None:
    ball = Ball(60)
    with ball.session():
        huge = as_objects([ball.exp(ball.number(Fraction(2000)))] * 16)
        assert not ball.apply("outer", [huge, huge], SITE).decides(Rounding(4))
        zero = as_objects([ball.number(Fraction(0))] * 16)
        tie = ball.apply("outer", [zero, zero], SITE)
        assert tie.decides(Rounding(4))
        assert not tie.decides(Rounding(4, "up"))
