"""Findings made by hand: the last bits of exp and tanh differ between machines."""

from __future__ import annotations

from typing import Any

import numpy as np

from verifier.arithmetic.floats.binary import BINARY
from verifier.arithmetic.ieee import Ieee
from verifier.audit.against import Comparison
from verifier.audit.conventions import Convention
from verifier.audit.explain import Explanation
from verifier.audit.findings import Findings
from verifier.audit.functions import accuracy
from verifier.audit.held import Held
from verifier.audit.implementations import Outputs
from verifier.audit.model import Attribution, Audit, Measured, Share, Size
from verifier.evaluate import sites
from verifier.problem import Problem
from verifier.solution import Solution

FLOATS = ("float16", "float32")


def measured(solution: Solution, float: str, step: int, name: str) -> Measured:
    """Certified digits cut to the problem's places, with errors that grow from step to step."""
    texts = solution.digits("final")[step, name]
    values = np.array([np.double(text or 0) for text in texts])
    size = len(values)
    error = (step + np.arange(size)) / 8
    ulp = BINARY[float].ulps(np.abs(values))
    rows: dict[Size, Any] = {
        "error": error,
        "representation": error / 4,
        "arithmetic": error,
        "bound": error * 2,
        "bound_any_order": error * 7,
        "arithmetic_bound": error * 2,
        "arithmetic_bound_any_order": error * 7,
    }
    absolute = {key: row * ulp for key, row in rows.items()}
    computed = values.astype(BINARY[float].dtype)
    return Measured(float, step, name, computed, ulp, values == 0, absolute)


def audit(problem: Problem, floats: tuple[str, ...] = FLOATS) -> Audit:
    """The hand-made audit, with the attribution of one entry."""
    solution = Solution(problem)
    rows = {(f, *site): measured(solution, f, *site) for f in floats for site in sites(problem)}
    last = solution.order[-1]
    size = problem.size(last) - 1
    error = (problem.steps + size) / 8
    shares = (
        Share(1, solution.order[0], "functions", 0.75),
        Share(0, next(iter(problem.parameters)), "literals", -0.25),
    )
    found = Attribution("float32", problem.steps, last, (size,), error, shares, error - 0.5)
    return Audit(solution, tuple(map(Ieee, floats)), rows, (found,))


def comparison(problem: Problem, outside: bool, explained: bool) -> Comparison:
    """Outputs of a program that does not exist."""
    last = problem.cell.equations[-1].name
    size = problem.size(last)
    computed, ulp = np.full(size, 0.5, "f4"), np.full(size, 2.0**-24)
    error, bound = np.full(size, 9.0), np.full(size, 4.0 if outside else 10.0)
    held = Held(1, last, computed, error * ulp, bound * ulp, ulp, np.zeros(size, bool))
    outputs = Outputs("made-up", "1.0", "float32", {}, accuracy("numpy"))
    convention = Convention("reset-after", (("quantities", ("h",)), ("gate", ("r",))))
    return Comparison(problem, outputs, (held,), (Explanation((convention,)),) if explained else ())


def findings(problem: Problem, **changes: Any) -> Findings:
    """All that the report shows."""
    compared = (
        comparison(problem, False, False),
        comparison(problem, True, True),
        comparison(problem, True, False),
    )
    made: dict[str, Any] = {"comparisons": compared, "numpy": "0.0", "features": ("ONE", "TWO")}
    return Findings(audit(problem), accuracy("numpy"), **{**made, **changes})
