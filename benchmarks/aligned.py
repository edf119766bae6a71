"""Bounds for any order of summation, beside the worst that aligned roundings can do.

    python -m benchmarks.aligned

A GRU of 64 units and 32 inputs in float32, functions within half an ulp. In the oracle each
product, partial sum and result errs by half its ulp, the way that counts, and in each sum terms of
one sign stand first, the largest ahead. What that makes of the last state is worked out in float64,
to first order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.problems import gru
from verifier.arithmetic.floats.binary import BINARY
from verifier.arithmetic.ieee import Ieee
from verifier.audit.bounds import bounds
from verifier.audit.truth import truths
from verifier.problem import Problem

Floats = Any
HALF = {("float32", function): 0.5 for function in ("exp", "tanh", "sigmoid")}
FORMAT = BINARY["float32"]


def main() -> None:
    """Print both for ten steps and for 200."""
    for steps, wanted in ((10, 3), (200, 5)):
        for gain in (0.6, 1.0):
            problem = gru(64, 32, steps, gain=3**0.5 * gain, floats=True)
            worst, bound = oracle(problem), any_order(problem)
            ratios = bound / worst
            print(
                f"{steps} steps, gain {gain}: bound ÷ oracle median {np.median(ratios):.2f}, "
                f"90 % {np.quantile(ratios, 0.9):.2f} (wanted {wanted}); largest {bound.max():.1e}"
            )


def any_order(problem: Problem) -> Floats:
    """The bound of each entry of the last state."""
    model = Ieee("float32")
    exact = truths(problem, FORMAT, rounded=True)
    _, found = bounds(problem, [model], [exact], HALF)
    return np.ravel(found[problem.steps, "s"][0])


@dataclass(frozen=True, eq=False)
class Step:
    """The values of a step, and what the sums in front of its gates err at most."""

    before: Floats
    z: Floats
    r: Floats
    h: Floats
    sums: tuple[Floats, Floats, Floats]

    @property
    def after(self) -> Floats:
        """The new state."""
        return (1 - self.z) * self.h + self.z * self.before


def oracle(problem: Problem) -> Floats:
    """The worst errors of the last state's entries, of roundings that may go either way."""
    weights = {name: FORMAT.rounded(given.doubles) for name, given in problem.parameters.items()}
    adjoint = np.eye(len(weights["W_z"]))
    found = np.zeros(len(adjoint))
    for step in reversed(_steps(weights, FORMAT.rounded(problem.inputs["x"].doubles))):
        errors, adjoint = _back(step, weights, adjoint)
        found += errors
    return found


def _steps(weights: dict[str, Floats], inputs: Floats) -> list[Step]:
    found, state = list[Step](), np.zeros(len(weights["W_z"]))
    for x in inputs:
        z, lost_z = _summed(x, state, weights, "z")
        r, lost_r = _summed(x, state, weights, "r")
        z, r = 1 / (1 + np.exp(-z)), 1 / (1 + np.exp(-r))
        h, lost_h = _summed(x, state * r, weights, "h")
        found.append(Step(state, z, r, np.tanh(h), (lost_z, lost_r, lost_h)))
        state = found[-1].after
    return found


def _summed(x: Floats, state: Floats, weights: dict[str, Floats], gate: str) -> tuple[Floats, ...]:
    """A pre-activation, and what its products and its partial sums err in the worst order."""
    parts = [x[:, None] * weights[f"U_{gate}"], state[:, None] * weights[f"W_{gate}"]]
    terms = np.concatenate(parts)
    lost = []
    for sign in (-1, 1):
        order = np.argsort(sign * terms, axis=0)
        sums = np.cumsum(np.take_along_axis(terms, order, axis=0), axis=0)
        lost.append(_half_ulps(sums[1:]).sum(axis=0))
    return terms.sum(axis=0), _half_ulps(terms).sum(axis=0) + np.maximum(*lost)


def _half_ulps(values: Floats) -> Floats:
    return FORMAT.half_ulps(np.abs(values))


def _back(step: Step, weights: dict[str, Floats], adjoint: Floats) -> tuple[Floats, Floats]:
    """What the errors of a step make of the results, and the adjoint of the state before it."""
    s, z, r, h = step.before, step.z, step.r, step.h
    lost_z, lost_r, lost_h = step.sums
    keep, blend, last = 1 - z, adjoint * h, _half_ulps((1 - z) * h) + _half_ulps(z * s)
    of_z, of_h = adjoint * s - blend, adjoint * keep
    into_h = of_h * (1 - h * h)
    gated = into_h @ weights["W_h"].T
    of_r = gated * s
    into_r, into_z = of_r * r * (1 - r), of_z * z * keep
    pairs = [
        (adjoint, last + _half_ulps(step.after)),
        (blend, _half_ulps(keep)),
        (of_z, _half_ulps(z)),
        (of_h, _half_ulps(h)),
        (of_r, _half_ulps(r)),
        (gated, _half_ulps(s * r)),
        (into_z, lost_z),
        (into_r, lost_r),
        (into_h, lost_h),
    ]
    errors = sum(np.abs(slopes) @ lost for slopes, lost in pairs)
    before = adjoint * z + gated * r + into_r @ weights["W_r"].T + into_z @ weights["W_z"].T
    return errors, before


if __name__ == "__main__":
    main()
