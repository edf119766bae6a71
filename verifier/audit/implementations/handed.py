"""What a cell hands on, and which of its quantities the arrays of a whole model are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from verifier.audit.implementations.arrays import as_numpy, by_time
from verifier.errors import VerifierError
from verifier.language.tree import names
from verifier.problem import Problem

Array = Any


def outputs(problem: Problem) -> frozenset[str]:
    """The quantities that no other one reads at the same step: what a layer hands on."""
    equations = problem.cell.equations
    read = {name.name for eq in equations for name in names(eq.expression) if name.offset == 0}
    return frozenset(eq.name for eq in equations if eq.name not in read)


def by_quantity(problem: Problem, found: Any, source: str) -> Mapping[Any, Array]:
    """The first array of a model's result as the one quantity that is handed on.

    All steps, of a batch of one, or the last step alone. Errors: VerifierError for other shapes.
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
    array = by_time(array, steps, len(shape))
    if len(shape) == 2 and array.shape == (shape[0], steps, shape[1]) != (steps, *shape):
        array = array.swapaxes(0, 1)  # a batch before time
    if array.shape == (steps, *shape):
        return {name: array}
    if array.shape in (shape, (1, *shape)):
        return {(steps, name): array.reshape(shape)}
    what = f"{source} returned the shape {array.shape}"
    raise VerifierError(what, accepted=f"{(steps, 1, *shape)}, {(1, steps, *shape)} or {shape}")


def sequence(problem: Problem, dtype: np.dtype[Any]) -> Array:
    """The one input of a problem, (steps, width), as numbers of a type. Errors: VerifierError."""
    if len(problem.inputs) != 1:
        listed = ", ".join(problem.inputs) or "none"
        raise VerifierError(f"the inputs {listed}", accepted="a problem with one input")
    (numbers,) = problem.inputs.values()
    return numbers.doubles.astype(dtype)


def laid(x: Array, batch_first: bool) -> Array:
    """A sequence with a batch of one, (1, steps, width) or (steps, 1, width); a batch as it is."""
    if x.ndim > 2:
        return np.swapaxes(x, 0, 1) if batch_first else x
    return x[None] if batch_first else x[:, None]
