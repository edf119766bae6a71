"""Bounds of float errors: how tight, how far they hold, and what they take.

Ratios of tightness are bound ÷ measured arithmetic error (against the exact result of the rounded
numbers), errors of zero left out; the hypotheses are NumPy's. Beside it stands what general range
tools reached on one unit: FPTaylor was 6.4 times above the truth and took 0.64 s.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from benchmarks.timing import ratio
from verifier.arithmetic.floats.accuracy import Accuracy
from verifier.arithmetic.floats.affine import Affine, Lane
from verifier.arithmetic.floats.binary import BINARY
from verifier.arithmetic.floats.floatset import FloatSet
from verifier.arithmetic.ieee import Ieee
from verifier.audit.bounds import recurrences
from verifier.audit.functions import hypotheses
from verifier.audit.measure import Limits, certified, limits
from verifier.audit.truth import truths
from verifier.cells import load
from verifier.certify import certify
from verifier.evaluate import evaluate
from verifier.numbers import Numbers
from verifier.problem import Problem

GATES = "zrh"
FLOAT32 = Ieee("float32")
HALF_ULP: Accuracy = {("float32", name): 0.5 for name in ("exp", "tanh", "log1p")}


def main() -> None:
    """Print every figure with what is wanted."""
    one_step()
    chains()
    half_ulp_point()
    long_sequences()
    with_a_solve()


def random_gru(dice: Any, steps: int, hidden: int = 3) -> Problem:
    """A GRU with float64 weights, inputs and initial state uniform in ±1."""

    def numbers(*shape: int) -> Numbers:
        return Numbers.of_floats(dice.uniform(-1, 1, shape))

    weights = {f"U_{gate}": numbers(2, hidden) for gate in GATES}
    weights |= {f"W_{gate}": numbers(hidden, hidden) for gate in GATES}
    return Problem(load("gru"), weights, {"x": numbers(steps, 2)}, {"s": numbers(hidden)})


def wide_gru(steps: int, gain: float) -> Problem:
    """A GRU of 64 units with recurrent weights N(0, gain²/64), in float32."""
    dice = np.random.default_rng(1)

    def normal(size: float, *shape: int) -> Numbers:
        return Numbers.of_floats((dice.standard_normal(shape) * size).astype(np.float32))

    weights = {f"U_{gate}": normal(0.25, 16, 64) for gate in GATES}
    weights |= {f"W_{gate}": normal(gain / 8, 64, 64) for gate in GATES}
    return Problem(load("gru"), weights, {"x": normal(1.0, steps, 16)})


def off(problem: Problem, known: Limits, name: str, step: int) -> Any:
    """The errors of NumPy's functions in the stated order."""
    computed = np.ravel(evaluate(problem, FLOAT32).values[step, name])
    return known.exact["float32"][step, name].distance(computed.astype(np.float64))


def one_step() -> None:
    """1,000 random GRU steps of 3 units, entry by entry of s."""
    dice = np.random.default_rng(1)
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(1000):
        problem = random_gru(dice, 1)
        known = limits(problem, [FLOAT32], hypotheses())
        errors = off(problem, known, "s", 1)
        for ratios, bounds in zip(found, (known.stated, known.any_order), strict=True):
            ratios += (bounds["float32"][1, "s"][errors > 0] / errors[errors > 0]).tolist()
    for what, wanted, ratios in zip(("stated order", "any order"), (5, 16), found, strict=True):
        middle, high = np.quantile(ratios, (0.5, 0.9))
        print(f"one step, {what}: median {middle:.2f} (wanted {wanted}), 90 % {high:.1f}")


def chains() -> None:
    """The largest bound of a step by the largest error of the step."""
    for steps, count in ((5, 200), (10, 100), (50, 40)):
        dice = np.random.default_rng(steps)
        found: tuple[list[float], list[float]] = ([], [])
        for _ in range(count):
            problem = random_gru(dice, steps)
            known = limits(problem, [FLOAT32], hypotheses())
            error = off(problem, known, "s", steps).max()
            for ratios, bounds in zip(found, (known.stated, known.any_order), strict=True):
                ratios += [bounds["float32"][steps, "s"].max() / error] if error else []
        medians = [float(np.median(ratios)) for ratios in found]
        print(
            f"{steps} steps, step maximum: median {medians[0]:.1f} (wanted 20), "
            f"any order {medians[1]:.1f}"
        )


def half_ulp_point() -> None:
    """One step with functions within half an ulp, beside the worst that such functions can do."""
    dice = np.random.default_rng(2)
    ratios: list[float] = []
    for _ in range(200):
        problem = random_gru(dice, 1)
        known = limits(problem, [FLOAT32], HALF_ULP)
        worst = np.maximum.reduce(list(_half_ulp_errors(problem, known)))
        ratios += (known.stated["float32"][1, "s"][worst > 0] / worst[worst > 0]).tolist()
    both = partial(limits, problem, [FLOAT32], HALF_ULP)
    times = [
        1e3 * min(_seconds(work) for _ in range(20)) for work in (partial(_set, problem), both)
    ]
    print(
        f"half-ulp functions, one step: bound ÷ truth median {np.median(ratios):.3f}, 90 % "
        f"{np.quantile(ratios, 0.9):.3f} (wanted 1.5); exact values and the set of floats in "
        f"{times[0]:.1f} ms (wanted 6.4), with both bounds {times[1]:.1f} ms"
    )


def _set(problem: Problem) -> object:
    """What the bound of one model needs: exact values, and the set of possible floats."""
    exact = truths(problem, FLOAT32.format, rounded=True)
    return exact, evaluate(problem, FloatSet(FLOAT32, HALF_ULP))


def _half_ulp_errors(problem: Problem, known: Limits) -> Iterator[Any]:
    """The errors of correctly rounded functions, which are the only ones within half an ulp."""
    exact = Rounded("float32")
    computed = np.ravel(evaluate(problem, exact).values[1, "s"]).astype(np.float64)
    yield known.exact["float32"][1, "s"].distance(computed)


class Rounded(Ieee):
    """Float32 with exp and tanh rounded correctly, by way of float64 (ties do not occur)."""

    def _through(self, function: Any, x: Any) -> Any:
        return self.format.cast(function(np.asarray(x).astype(np.float64)))


def long_sequences() -> None:
    """64 units, 200 steps, four formats: the bound for any order at the last step, on its own."""
    lanes = [Lane(Ieee(name), any_order=True) for name in BINARY]
    for gain in (0.58, 1.0):
        problem = wide_gru(200, gain)
        start = time.perf_counter()
        known = certified(problem, lanes)
        forms = Affine(recurrences(problem), lanes, hypotheses(), known)
        evaluate(problem, forms, forget=True)
        taken = time.perf_counter() - start
        found = zip(BINARY, forms.bounds[200, "s"].max(axis=1).tolist(), strict=True)
        said = ", ".join(f"{name} {bound:.1e}" for name, bound in found)
        print(
            f"gain {gain}, 200 steps: {said} (wanted: float32 below 4.9e-4) in {taken:.2f} s, "
            "certified values included (wanted 2)"
        )


def with_a_solve() -> None:
    """64 units, 50 steps, four formats, measured and bounded, beside the certified solve."""
    problem, models = wide_gru(50, 1.0), [Ieee(name) for name in BINARY]

    def measured() -> object:
        return limits(problem, models, hypotheses()), [evaluate(problem, m) for m in models]

    print("audit / solve (wanted 10):", ratio(measured, partial(certify, problem), 5))


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
