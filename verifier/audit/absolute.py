"""Functions with an absolute error: how many ulps that is for the numbers of a problem."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from verifier.arithmetic.floats.binary import FORMATS
from verifier.arithmetic.ieee import Ieee
from verifier.audit.functions import Accuracy, Hypotheses
from verifier.evaluate import evaluate
from verifier.language.tree import Call, nodes
from verifier.problem import Problem

SLACK = 2.0
"""For arguments that a program computes a little differently than float64 does."""


def at_hand(problem: Problem, assumed: Accuracy, float: str) -> Hypotheses:
    """The largest errors in ulps, by (format, function), for the arguments of this problem.

    An absolute error of tanh is so many ulps of the smallest tanh of the problem; sigmoid is
    0.5 + 0.5 tanh(0.5 x), so that twice its error counts at the smallest tanh(0.5 x). At zero
    itself these functions are exact.
    """
    if (float, "tanh") not in assumed.absolute:
        return assumed.ulps
    format = FORMATS[float]
    wanted = [assumed.absolute[float, "tanh"]]
    for function, sizes in _results(problem):
        own = assumed.absolute[float, function] * (2 if function == "sigmoid" else 1)
        smallest = sizes[sizes > 0].min(initial=1.0)
        wanted.append(SLACK * own * 2.0**-format.precision / format.ulps(smallest).item())
    return {**assumed.ulps, (float, "tanh"): max(wanted)}


def _results(problem: Problem) -> Iterator[tuple[str, Any]]:
    """The sizes of tanh(x), and of tanh(x / 2) for sigmoid, wherever a function is applied."""
    trace = evaluate(problem, Ieee("float64"), terms=True)
    calls = {
        (equation.name, path): node.operation
        for equation in problem.cell.equations
        for path, node in nodes(equation.expression)
        if isinstance(node, Call) and node.operation in ("tanh", "sigmoid")
    }
    for site, value in trace.terms.items():
        function = calls.get((site.name, site.path[:-1])) if site.path else None
        if function is not None:
            yield function, np.abs(np.tanh(value / (2 if function == "sigmoid" else 1)))
