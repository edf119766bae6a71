"""Proven bounds of 2-norms, of matrices and vectors of float64 numbers, rounded outwards."""

from __future__ import annotations

import numpy as np

from verifier.arithmetic.floats.binary import Floats
from verifier.arithmetic.floats.summation import OUT, TINY, finite

SQUARINGS = 3
"""How often a product is squared: the bound is at most rank^(1/16) times the norm."""

MOST_ROWS = 1024
"""Of larger matrices the Frobenius norm is taken."""


def lengths(vectors: Floats) -> Floats:
    """Upper bounds of the 2-norms of vectors along the last axis; n (n + 2) u is below 2^-30."""
    most = vectors.max(axis=-1, initial=0.0, keepdims=True)
    scale = np.where((most > 0) & np.isfinite(most), most, 1.0)
    found: Floats = np.sqrt(((vectors / scale) ** 2).sum(axis=-1)) * scale[..., 0]
    return finite(found * (1 + vectors.shape[-1] * 2.0**-50) * OUT + TINY * (found > 0))


def norm(matrix: Floats) -> float:
    """An upper bound of the largest singular value.

    |A|₂² = |AᵀA|₂, and |AᵀA|₂ is at most that of the product in float64 and its error, which is at
    most γ |A|_F². At last the Frobenius norm stands for the other.
    """
    size = float(np.abs(matrix).max(initial=0.0))
    if not np.isfinite(size):
        return np.inf
    if size == 0:
        return 0.0
    scale = float(np.ldexp(1.0, np.frexp(size)[1]))
    narrow = min(matrix.shape) <= MOST_ROWS
    return _norm(matrix / scale, SQUARINGS if narrow else 0) * scale * OUT


def _norm(matrix: Floats, squarings: int) -> float:
    frobenius = float(np.linalg.norm(matrix)) * (1 + matrix.size * 2.0**-50)
    if not squarings:
        return frobenius
    rows, columns = matrix.shape
    product = matrix.T @ matrix if rows >= columns else matrix @ matrix.T
    lost = max(rows, columns) * 2.0**-50 * frobenius**2
    return float(np.sqrt(_norm(product, squarings - 1) + lost)) * OUT
