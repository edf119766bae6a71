"""Products of matrices in lanes, added up in runs, so that terms go through few roundings.

A product may be summed in any order, with or without fused operations, as long as every entry is a
sum of its n products (N. J. Higham, "Accuracy and Stability of Numerical Algorithms" (2002),
section 3.1): BLAS computes it so, of each run, and the runs are added up one after the other.
"""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np

RUN = 64
"""Products that are added up before others: longer runs err more, shorter ones take longer."""

UNROLLED = 1024
"""Products a lane up to which a product of matrices is added up term by term in all lanes."""

CACHED = 2**18
"""Entries of sums that are added to, run by run, before others: the cache holds them."""

Floats = Any


def roundings(count: int) -> int:
    """Through how many roundings each of so many products goes until it is in the sum."""
    return count if count <= RUN else RUN + ceil(count / RUN)


def products(x: Floats, y: Floats) -> Floats:
    """`@` in every lane; where one side is there once, as a single product of matrices."""
    if len(y) == 1 and x.ndim == 2:
        return matmul(x, y[0])
    if len(x) == 1 and y.ndim == 2:
        return matmul(y, x[0].T if x.ndim == 3 else x[0])
    left, right = x if x.ndim == 3 else x[:, None, :], y if y.ndim == 3 else y[:, :, None]
    few = left.shape[1] * right.shape[1] * right.shape[2] <= UNROLLED
    found = _by_terms(left, right) if few else matmul(left, right)
    found = found[:, 0] if x.ndim == 2 else found
    return found[..., 0] if y.ndim == 2 else found


def matmul(left: Floats, right: Floats) -> Floats:
    """NumPy's `@` of matrices, or of matrices and a vector, in runs."""
    if left.shape[-1] <= RUN:
        return left @ right
    if right.ndim == 1:
        return _in_runs(left, right[:, None])[..., 0]
    if left.shape[-2] * right.shape[-1] < CACHED:
        return _in_runs(left, right)
    lanes = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    x, y = (np.broadcast_to(p, (*lanes, *p.shape[-2:])) for p in (left, right))
    found = np.empty((*lanes, left.shape[-2], right.shape[-1]), np.result_type(left, right))
    few = CACHED // right.shape[-1] or 1
    for lane in np.ndindex(lanes):
        for k in range(0, left.shape[-2], few):
            found[lane][k : k + few] = _in_runs(x[lane][k : k + few], y[lane])
    return found


def _in_runs(left: Floats, right: Floats) -> Floats:
    found = left[..., :RUN] @ right[..., :RUN, :]
    for k in range(RUN, left.shape[-1], RUN):
        found += left[..., k : k + RUN] @ right[..., k : k + RUN, :]
    return found


def _by_terms(x: Floats, y: Floats) -> Floats:
    found = x[:, :, 0, None] * y[:, 0, None]
    for k in range(1, x.shape[2]):
        found += x[:, :, k, None] * y[:, k, None]
    return found
