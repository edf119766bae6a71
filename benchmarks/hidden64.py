"""GRU, hidden 64, 20 steps, certified to 4 places, beside mpmath at 30 digits with fdot."""

from __future__ import annotations

from typing import Any

import mpmath

from benchmarks.problems import GATES, gru
from benchmarks.timing import ratio
from verifier.problem import Problem
from verifier.solution import solve


def main() -> None:
    """At least 25 times faster, so at most 0.04."""
    problem = gru(64, 64, 20)
    context = mpmath.MPContext()
    context.dps = 30
    forward = _Forward(problem, context)
    solution = solve(problem)
    assert solution.complete
    for (step, name), expected in forward().items():
        for entry, value in zip(solution.full.trace.entries(step, name), expected, strict=True):
            assert abs(context.mpf(str(entry.mid().str(25, radius=False))) - value) < 1e-20
    print("hidden 64: certified / mpmath ", ratio(lambda: solve(problem), forward, 5))
    print("  precisions of the passes:", solution.full.precisions)


class _Forward:
    """The plain forward pass in mpmath, its numbers converted beforehand."""

    def __init__(self, problem: Problem, context: Any) -> None:
        self.context = context
        self.columns = {
            name: list(zip(*self._rows(numbers), strict=True))
            for name, numbers in problem.parameters.items()
        }
        self.inputs = self._rows(problem.inputs["x"])

    def _rows(self, numbers: Any) -> list[list[Any]]:
        mpf = self.context.mpf
        return [[mpf(x.numerator) / x.denominator for x in row] for row in numbers.objects]

    def times(self, row: list[Any], name: str) -> list[Any]:
        return [self.context.fdot(zip(row, column, strict=True)) for column in self.columns[name]]

    def __call__(self) -> dict[tuple[int, str], list[Any]]:
        exp, tanh = self.context.exp, self.context.tanh
        found: dict[tuple[int, str], list[Any]] = {}
        s = [self.context.mpf(0)] * len(self.columns["W_z"])
        for step, x in enumerate(self.inputs, 1):
            sums = {
                gate: [a + b for a, b in zip(self.times(x, f"U_{gate}"), part, strict=True)]
                for gate, part in ((gate, self.times(s, f"W_{gate}")) for gate in GATES[:2])
            }
            z, r = ([1 / (1 + exp(-a)) for a in sums[gate]] for gate in GATES[:2])
            kept = self.times([a * b for a, b in zip(s, r, strict=True)], "W_h")
            h = [tanh(a + b) for a, b in zip(self.times(x, "U_h"), kept, strict=True)]
            s = [(1 - a) * b + a * c for a, b, c in zip(z, h, s, strict=True)]
            found |= {(step, "z"): z, (step, "r"): r, (step, "h"): h, (step, "s"): s}
        return found


if __name__ == "__main__":
    main()
