"""The sequence that a model reads, out of what was given."""

from __future__ import annotations

from typing import Any

import numpy as np

from verifier.errors import ProblemError
from verifier.models.wanted import Wanted

Array = Any


def sequence(wanted: Wanted, width: int, dtype: Any, batch_first: bool, notes: list[str]) -> Array:
    """The sequence (steps, width) that is asked for, in the type of the weights.

    Errors: ProblemError when it is not given, or of another width.
    """
    given = wanted.inputs.get("x", wanted.inputs.get(""))
    axes = "(batch, steps, width)" if batch_first else "(steps, batch, width)"
    if given is None:
        raise ProblemError("the input is missing", accepted=f"--inputs x.npy: (steps, {width})")
    x = np.asarray(given)
    if x.ndim == 3:
        x = _of_batch(x if batch_first else x.swapaxes(0, 1), wanted.item, axes, notes)
    if x.ndim != 2 or x.shape[1] != width or not x.size:
        what = f"the input is of shape {np.shape(given)}"
        raise ProblemError(what, accepted=f"(steps, {width}), or {axes} with that width")
    return typed(x, dtype, "x", notes)


def _of_batch(x: Array, item: int, axes: str, notes: list[str]) -> Array:
    if not 0 <= item < len(x):
        raise ProblemError(f"item {item}", accepted=f"from 0 to {len(x) - 1}: the input is {axes}")
    notes.append(f"Sequence {item} of {len(x)} of the batch, counted from 0; the input is {axes}.")
    return x[item]


def typed(array: Array, dtype: Any, name: str, notes: list[str]) -> Array:
    """The array in the type that a model takes; a note says when that rounds."""
    if array.dtype == dtype:
        return np.ascontiguousarray(array)
    with np.errstate(all="ignore"):
        found = array.astype(dtype)
        changed = (found.astype(np.float64) != array.astype(np.float64)).any()
    rounded = ", which rounded its numbers" if changed else ""
    notes.append(f"{name} was given as {array.dtype}, and taken as {np.dtype(dtype)}{rounded}.")
    return np.ascontiguousarray(found)
