"""Random boxes: problems with intervals in place of some numbers, and points of the boxes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np

from verifier.arithmetic.ball import Ball
from verifier.arithmetic.protocol import QuantityAt
from verifier.evaluate import evaluate
from verifier.numbers import Numbers, ends_of
from verifier.problem import Problem

SECTIONS = ("parameters", "inputs", "initial", "final")
WIDTHS = ("1e-9", "0.001", "0.05", "0.5", "1")


def boxed(problem: Problem, rng: Random, most: int = 8) -> Problem:
    """The problem with so many of its numbers widened to intervals, or all inputs of it."""
    places = [
        (section, name, k)
        for section in SECTIONS
        for name, numbers in getattr(problem, section).items()
        for k in range(numbers.size)
    ]
    inputs = [place for place in places if place[0] == "inputs"]
    few = rng.sample(places, rng.randint(1, min(most, len(places))))
    chosen = set(inputs if inputs and rng.random() < 0.3 else few)
    width = rng.choice(WIDTHS)

    def changed(section: str, name: str, k: int, text: str) -> str:
        if (section, name, k) not in chosen:
            return text
        if rng.random() < 0.5:
            return f"{text} ± {width}"
        middle, off = Fraction(text), Fraction(width)
        return f"[{middle - off}, {middle + off * rng.randint(0, 1)}]"

    return _each(problem, changed)


def point(problem: Problem, rng: Random) -> Problem:
    """The problem at a corner of its box, at a point of its sides, or inside."""
    corner = rng.choice((0.0, 0.3, 1.0))

    def picked(section: str, name: str, k: int, text: str) -> str:
        low, high = ends_of(text)
        share = Fraction(rng.choice((0, 1)) if rng.random() < corner else rng.randint(0, 1000), 1)
        share = share if share <= 1 else share / 1000
        return text if low == high else str(low + (high - low) * share)

    return _each(problem, picked)


def _each(problem: Problem, change: Callable[[str, str, int, str], str]) -> Problem:
    found: dict[str, Any] = {}
    for section in SECTIONS:
        found[section] = {
            name: Numbers(
                numbers.shape,
                tuple(change(section, name, k, text) for k, text in enumerate(numbers.texts)),
            )
            for name, numbers in getattr(problem, section).items()
        }
    return replace(problem, **found)


def values(problem: Problem) -> Iterator[tuple[QuantityAt, Any, Any]]:
    """Each quantity at a point, by balls of 128 bits: lower and upper ends of all entries.

    What a ball says nothing of is nan.
    """
    for site, value in evaluate(problem, Ball(128)).values.items():
        balls = [x if hasattr(x, "mid") else _fraction(x) for x in np.ravel(value)]
        yield site, [_end(x, -1) for x in balls], [_end(x, 1) for x in balls]


def _fraction(x: Any) -> Fraction:
    """An exact number of FLINT or of Python; as text it may have too many digits to be read."""
    return Fraction(int(x.p), int(x.q)) if hasattr(x, "p") else Fraction(int(x))


def _end(x: Any, side: int) -> float:
    if isinstance(x, Fraction):
        return float(x)
    return float(x.lower() if side < 0 else x.upper())
