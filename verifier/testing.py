"""For people who test their own recurrent networks: outputs held against proven bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from verifier.arithmetic.ieee import Ieee
from verifier.audit.against import Comparison, Deviation, against
from verifier.audit.functions import accuracy
from verifier.audit.implementations import (
    Forward,
    Outputs,
    OutputsError,
    as_given,
    checked,
    known_format,
)
from verifier.audit.implementations import run_callable as run
from verifier.language.adjoint import ADJOINT
from verifier.numbers import Numbers
from verifier.problem import Problem, load
from verifier.problem.backward import backward
from verifier.report.audit.lines import comparison_line
from verifier.rounding import Rounding
from verifier.solution import Solution

__all__ = ["Floats", "assert_backward", "assert_forward", "floats"]


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

    They are the caller's own, to be written to as well.

    Errors: VerifierError for a problem or a format that cannot be used.
    """
    task = problem if isinstance(problem, Problem) else load(Path(problem))
    name = dtype if isinstance(dtype, str) else np.dtype(dtype).name
    model = Ieee(known_format(name).name)

    def own(numbers: Numbers) -> Any:
        return np.array(model.given(numbers))

    return Floats(
        {key: own(numbers) for key, numbers in task.parameters.items()},
        {key: own(numbers) for key, numbers in task.inputs.items()},
        {key: own(task.end(key, 0)) for key in task.cell.roles.initial},
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
    that returns them. A bare array, or the first one of a pair, is what the cell hands on. Tensors
    of PyTorch, JAX and TensorFlow count as arrays, and a sequence may have a batch of one:
    (T, 1, H) or (1, T, H). Quantities may be left out. `functions` says whose
    exp and tanh the outputs were computed with: numpy, torch, onnxruntime or jax; arrays of JAX
    tell it themselves.

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
        raise AssertionError(f"{comparison_line(solution, found)}\n{_exactly(solution, found)}")


def assert_backward(
    problem: Problem | str | Path,
    gradients: Mapping[Any, Any] | Forward,
    float: str = "float32",
    *,
    functions: str = "numpy",
) -> None:
    """Nothing, when every gradient of the problem's loss is inside the bound for any order.

    `gradients` holds arrays of the format: of a parameter by its name, of a quantity by its name
    with one row a step, or by (step, name); or it is a function of the problem and the NumPy type
    that returns them. Names with `d_` before them mean the same. Some may be left out. `functions`
    says whose exp and tanh the gradients were computed with: numpy, torch, onnxruntime or jax.

    Errors: AssertionError that says which entry is off by how many ulps, and which convention would
    explain it; VerifierError for a problem that has no loss, or a format that cannot be used.
    """
    __tracebackhide__ = True
    forwards = problem if isinstance(problem, Problem) else load(Path(problem))
    task = backward(forwards, uniform=True, descent=False)
    given = gradients(forwards, known_format(float).dtype) if callable(gradients) else gradients
    assert_forward(task, dict(_adjoints(forwards, given)), float, functions=functions)


def _adjoints(problem: Problem, gradients: Any) -> Iterator[tuple[Any, Any]]:
    """The gradients by the names that the backward pass has for them; other keys as they are."""
    if not isinstance(gradients, Mapping):
        raise AssertionError(f"gradients are {type(gradients).__name__}, not a mapping of arrays")
    assert problem.loss is not None
    parameters = {*problem.parameters, *problem.loss.parameters}
    for key, value in gradients.items():
        step, name = key if isinstance(key, tuple) and len(key) == 2 else (None, key)
        plain = name.removeprefix(ADJOINT) if isinstance(name, str) else name
        if step is None and plain in parameters:
            yield (1, ADJOINT + plain), value
        elif plain in problem.cell.equation or plain in parameters:
            yield (ADJOINT + plain if step is None else (step, ADJOINT + plain)), value
        else:
            yield key, value


def _outputs(
    task: Problem, outputs: Mapping[Any, Any] | Forward, float: str, functions: str
) -> Outputs:
    assumed = accuracy(functions)
    if callable(outputs):
        return run(task, outputs, float, functions)
    known_format(float)
    given = as_given(task, outputs, "the test")
    return Outputs("outputs", "", float, checked(task, float, given, "the test"), assumed)


def _exactly(solution: Solution, found: Comparison) -> str:
    """The first entry outside as a program names it: indices count from 0, steps from 1."""
    entry = found.first_not_finite if found.not_finite else found.first
    got = f"{entry.name}{list(entry.index) or ''} at step {entry.step}: got {entry.computed}"
    got += f", true value {_true(solution, entry)}"
    if found.not_finite:
        return got
    if entry.vanishes:
        return f"{got}, {entry.off:.6g} off, bound {entry.limit:.6g}"
    off = f"{entry.off:.6g} off ({entry.error:.6g} ulp)"
    return f"{got}, {off}, bound {entry.limit:.6g} ({entry.bound:.6g} ulp)"


def _true(solution: Solution, entry: Deviation) -> str:
    """The certified value to 17 significant digits, or what it lies between."""
    exact = Solution(solution.problem.rounded_by(Rounding(None, figures=17)))
    shape = solution.problem.shapes[entry.name]
    k = int(np.ravel_multi_index(entry.index, shape)) if shape else 0
    digits = exact.digits("final")[entry.step, entry.name][k]
    lower, upper = solution.ends(entry.step, entry.name)[k]
    return digits or f"between {lower} and {upper}"
