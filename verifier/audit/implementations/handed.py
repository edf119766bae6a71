"""What a cell hands on, and which of its quantities the arrays of a whole model are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from verifier.arithmetic.ieee import Ieee
from verifier.audit.implementations.arrays import as_numpy, by_time
from verifier.errors import VerifierError
from verifier.language.tree import Call, Name, names
from verifier.problem import Problem

Array = Any


def outputs(problem: Problem) -> frozenset[str]:
    """The quantities that no other one reads at the same step: what a layer hands on."""
    equations = problem.cell.equations
    read = {name.name for eq in equations for name in names(eq.expression) if name.offset == 0}
    return frozenset(eq.name for eq in equations if eq.name not in read)


def by_quantity(
    problem: Problem, found: Any, source: str, ends: bool = False, copies: int = 1
) -> Mapping[Any, Array]:
    """The first array of a model's result as the one quantity that is handed on.

    All steps, of a batch of one, or the last step alone; with `ends` the last state of each
    direction in place of it. `copies` items of a batch are one sequence, of which the first counts.
    Errors: VerifierError for other shapes.
    """
    own = outputs(problem)
    if len(own) != 1:
        listed = ", ".join(sorted(own))
        raise VerifierError(
            f"{source}: the problem hands on {listed}", accepted="equations with one such quantity"
        )
    (name,) = own
    first = found[0] if isinstance(found, Sequence) else found
    array, shape, steps = np.asarray(as_numpy(first)), problem.shapes[name], problem.steps
    if array.ndim == len(shape) + 3:  # ONNX: (steps, directions, batch, hidden)
        array = np.concatenate([array[:, k] for k in range(array.shape[1])], axis=-1)
    array = by_time(_first_copy(array, copies), steps, len(shape))
    if len(shape) == 2 and array.shape == (shape[0], steps, shape[1]) != (steps, *shape):
        array = array.swapaxes(0, 1)  # a batch before time
    if array.shape == (steps, *shape):
        return {name: array}
    if array.shape in (shape, (1, *shape), (1, 1, *shape)):
        last = array.reshape(shape)
        return (_ends(problem, name, last) if ends else {}) or {(steps, name): last}
    what = f"{source} returned the shape {array.shape}"
    raise VerifierError(what, accepted=f"{(steps, 1, *shape)}, {(1, steps, *shape)} or {shape}")


def _ends(problem: Problem, name: str, value: Array) -> Mapping[Any, Array]:
    """The last states of two directions that stand beside each other; nothing for others."""
    match problem.cell.equation[name].expression:
        case Call("concat", (Name(one, 0), Name(other, 0))):
            cut, last = problem.shapes[one][-1], problem.steps
            steps = [1 if own in problem.cell.roles.final else last for own in (one, other)]
            return {(steps[0], one): value[..., :cut], (steps[1], other): value[..., cut:]}
    return {}


def filled(x: Array, size: Any, axis: int) -> Array:
    """A batch of one as the batch of so many that a model declares, all of them the same."""
    wide = isinstance(size, int) and size > 1 and x.shape[axis] == 1
    return np.repeat(x, size, axis) if wide else x


def _first_copy(array: Array, copies: int) -> Array:
    """One of the items of a batch, all of which are the same: where they differ least."""
    axes = [k for k, size in enumerate(array.shape[:2]) if size == copies]
    if copies < 2 or not axes:
        return array
    axis = min(axes, key=lambda k: float(np.ptp(array.astype(np.float64), axis=k).max()))
    return array.take([0], axis)


def sequence(problem: Problem, dtype: np.dtype[Any]) -> Array:
    """The one input of a problem, (steps, width), each number rounded once to a type.

    Errors: VerifierError.
    """
    if len(problem.inputs) != 1:
        listed = ", ".join(problem.inputs) or "none"
        raise VerifierError(f"the inputs {listed}", accepted="a problem with one input")
    (numbers,) = problem.inputs.values()
    return Ieee(dtype.name).given(numbers)


def starts(problem: Problem, dtype: np.dtype[Any]) -> dict[str, list[Array]]:
    """What stands before the first step, hidden, then cell: a row a layer and direction.

    Each number is rounded once to a type.
    """
    model = Ieee(dtype.name)
    states: dict[str, list[Array]] = {}
    ends = {*problem.cell.roles.initial, *problem.cell.roles.final}
    for name in (eq.name for eq in reversed(problem.cell.equations) if eq.name in ends):
        step = 0 if name in problem.cell.roles.initial else problem.steps + 1
        value = model.given(problem.end(name, step))
        states.setdefault(name.partition("_")[0], []).insert(0, value)
    return states


def laid(x: Array, batch_first: bool) -> Array:
    """A sequence with a batch of one, (1, steps, width) or (steps, 1, width); a batch as it is."""
    if x.ndim > 2:
        return np.swapaxes(x, 0, 1) if batch_first else x
    return x[None] if batch_first else x[:, None]
