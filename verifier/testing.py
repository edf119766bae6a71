"""For people who test their own recurrent networks: outputs held against proven bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from verifier.arithmetic.ieee import Ieee
from verifier.audit.against import Comparison, against
from verifier.audit.functions import accuracy
from verifier.audit.implementations import Forward, Outputs, OutputsError, checked, known_format
from verifier.audit.implementations import run_callable as run
from verifier.problem import Problem, load
from verifier.report.audit.lines import comparison_line
from verifier.solution import Solution

__all__ = ["Floats", "assert_forward", "floats"]


@dataclass(frozen=True, eq=False)
class Floats:
    """A problem's numbers as arrays of a format, by name; `inputs` have one row a step.

    `initial` has every state that stands before the first step.
    """

    parameters: dict[str, Any]
    inputs: dict[str, Any]
    initial: dict[str, Any]


def floats(problem: Problem | str | Path, dtype: Any = "float32") -> Floats:
    """A problem's numbers, each the nearest float of a format (or NumPy type) to the exact one.

    Errors: VerifierError for a problem or a format that cannot be used.
    """
    task = problem if isinstance(problem, Problem) else load(Path(problem))
    name = dtype if isinstance(dtype, str) else np.dtype(dtype).name
    given = Ieee(known_format(name).name).given
    return Floats(
        {key: given(numbers) for key, numbers in task.parameters.items()},
        {key: given(numbers) for key, numbers in task.inputs.items()},
        {key: given(task.end(key, 0)) for key in task.cell.roles.initial},
    )


def assert_forward(
    problem: Problem | str | Path,
    outputs: Mapping[Any, Any] | Forward,
    float: str = "float32",
    *,
    functions: str = "numpy",
) -> None:
    """Nothing, when every output is inside the bound that holds for any order of summation.

    `problem` is a problem or its file. `outputs` holds arrays of the format by name with one row a
    step, or by (step, name), steps from 1; or it is a function of the problem and the NumPy type
    that returns them. Quantities may be left out. `functions` says whose exp and tanh the outputs
    were computed with: numpy, torch or onnxruntime.

    Errors: AssertionError that says which entry is off by how many ulps, and which convention would
    explain it; VerifierError for a problem or a format that cannot be used.
    """
    __tracebackhide__ = True
    task = problem if isinstance(problem, Problem) else load(Path(problem))
    try:
        given = _outputs(task, outputs, float, functions)
    except OutputsError as error:
        raise AssertionError(str(error)) from error
    solution = Solution(task)
    found = against(solution, given)
    if not found.inside:
        raise AssertionError(f"{comparison_line(solution, found)}\n{_exactly(found)}")


def _outputs(
    task: Problem, outputs: Mapping[Any, Any] | Forward, float: str, functions: str
) -> Outputs:
    assumed = accuracy(functions)
    if callable(outputs):
        return run(task, outputs, float, functions)
    known_format(float)
    return Outputs("outputs", "", float, checked(task, float, outputs, "the test"), assumed)


def _exactly(found: Comparison) -> str:
    """The first entry outside as a program names it: indices count from 0."""
    entry = found.first_not_finite if found.not_finite else found.first
    got = f"{entry.name}{list(entry.index) or ''} at step {entry.step}: got {entry.computed}"
    if found.not_finite:
        return got
    if entry.vanishes:
        return f"{got}, {entry.off:.6g} off, bound {entry.limit:.6g}"
    return f"{got}, {entry.error:.6g} ulp off, bound {entry.bound:.6g} ulp"
