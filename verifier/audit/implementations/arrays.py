"""Arrays of other libraries as NumPy's: PyTorch's tensors, those of JAX and TensorFlow."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

Array = Any


def as_numpy(value: Any) -> Any:
    """A tensor, or a list of tensors, as NumPy arrays; anything else as it is.

    A tensor's numbers stay what they are: bfloat16, which NumPy lacks, goes through float32.
    """
    if isinstance(value, list | tuple):
        return type(value)(map(as_numpy, value)) if type(value) in (list, tuple) else value
    if isinstance(value, np.ndarray | np.generic):
        return value
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        return _of_torch(value.detach().cpu())
    return np.asarray(value) if hasattr(value, "__array__") else value


def _of_torch(tensor: Any) -> Array:
    if str(tensor.dtype) == "torch.bfloat16":
        return tensor.float().numpy().astype(ml_dtypes.bfloat16)
    return tensor.numpy()


def by_time(value: Any, steps: int, axes: int) -> Any:
    """A sequence's array with a row a step, where a batch of one stands beside time.

    (T, 1, H) and (1, T, H) are (T, H), for a quantity of so many axes.
    """
    if not isinstance(value, np.ndarray) or value.ndim != axes + 2:
        return value
    if value.shape[:2] == (steps, 1):
        return value[:, 0]
    return value[0] if value.shape[:2] == (1, steps) else value
