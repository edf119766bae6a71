"""Single steps in balls, begun from any states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from flint import arb

from verifier.along.states import States
from verifier.arithmetic import enclosed as own
from verifier.arithmetic.ball import Ball
from verifier.arithmetic.context import flint_bits
from verifier.arithmetic.matrices import plain
from verifier.arithmetic.protocol import Origin, QuantityAt, Site, Value
from verifier.arithmetic.wrap.begun import Begun
from verifier.evaluate import evaluate

Floats = Any
MORE = 64
"""Bits beyond a float's, with which a ball is told from a float near it."""


def given(states: States, name: str) -> Value:
    """What stands before the first step."""
    if states.before is not None:
        return states.before[name]
    return plain(Ball().given(states.problem.end(name, 0)))


def balls(
    states: States, t: int, before: Mapping[str, Value], bits: int
) -> dict[QuantityAt, Value]:
    """Every quantity of step t, in balls of so many bits."""
    trace = evaluate(states.at(t), _begun(before, bits))
    return {(t, name): plain(value) for (_, name), value in trace.values.items()}


def terms(states: States, t: int, before: Mapping[str, Value], bits: int) -> Mapping[Site, Value]:
    """The sub-terms of step t, by the sites of a first step."""
    return evaluate(states.at(t), _begun(before, bits), terms=True).terms


def _begun(before: Mapping[str, Value], bits: int) -> Begun:
    ends = {Origin("end", name, 0): value for name, value in before.items()}
    return Begun(Ball(bits), ends)


def off_from(entries: Sequence[Any], floats: Floats) -> Floats:
    """Bounds of how far numbers are from floats, zero for those that are floats."""
    with flint_bits(53 + MORE):
        off = [arb(x) - m for x, m in zip(entries, floats.tolist(), strict=True)]
        return np.array([0.0 if x.is_zero() else upper(x) for x in off])


def upper(x: arb) -> float:
    """A float that is no smaller than |x|."""
    return float(abs(x).upper()) * (1 + own.UNIT) + own.TINY
