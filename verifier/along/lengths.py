"""Bounds of errors of wide states along a chain of steps, by their 2-norm.

A box of n entries that is turned is up to √n times as large, and a tree of boxes loses that again
and again. Where steps taken in pairs, e′ = e Φ + b, make the 2-norm smaller, one number a pair is
enough: ‖e′‖ ≤ ν ‖e‖ + ‖b‖ with ν ≥ ‖Φ‖. Of the box around e′ then |e′_j| ≤ ‖e‖ ‖Φ_j‖ + b_j with the
columns Φ_j, and so it is after the first step of a pair.

‖Φ‖² is the largest eigenvalue of G = ΦᵀΦ. It is below c where c I − G is positive definite, which a
Cholesky factorization shows that runs to its end: S. M. Rump, "Verification of positive
definiteness", BIT 46 (2006).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier.along.chain import Nodes, OpenError, joined
from verifier.arithmetic import enclosed as own
from verifier.arithmetic.linear_lanes import FLUSHED, gathered

Floats = Any

WIDE = 128
"""Entries of states from which on one number a pair is cheaper than a tree."""

TURNS = 12
"""Products of a vector with G, after which its length tells about how large G is."""

MARGINS = (1.1, 1.3, 1.7, 3.0)
"""What is tried as c, times that."""


@dataclass(frozen=True, eq=False)
class Length:
    """What is known of e: its 2-norm is at most `size`, its entries are within a box."""

    box: Floats
    size: float

    @classmethod
    def of(cls, box: Floats) -> Length:
        """All errors in a box."""
        return cls(box, norm(box))

    def moved(self, off: Floats) -> Length:
        """The same of other floats, which are off by so much from those at the end."""
        room = 1 + 4 * own.UNIT
        return Length((self.box + off) * room, (self.size + norm(off)) * room)

    def cut(self, box: Floats) -> Length:
        """The same where all errors are in a box, too."""
        both = np.minimum(self.box, box)
        return Length(both, min(self.size, norm(both)))

    def over(self, steps: Nodes) -> tuple[Floats, Length]:
        """Bounds of |e| before each of the steps that follow and after the last one, and what is
        known there. Errors: OpenError, where the steps do not make the 2-norm smaller."""
        found, now, pairs, whole = [self.box], self, joined(steps), 1.0
        for k in range(len(pairs)):
            if 2 * k + 1 < len(steps):
                found.append(now.box_after(steps, 2 * k, columns(steps.product[2 * k])))
            largest, lengths = sizes(pairs.product[k])
            size = (now.size * largest + norm(pairs.added[k])) * (1 + 4 * own.UNIT)
            now, whole = Length(now.box_after(pairs, k, lengths), size), whole * largest
            found.append(now.box)
        if not whole < 1:
            raise OpenError
        return np.stack(found), now

    def box_after(self, steps: Nodes, k: int, lengths: Floats) -> Floats:
        """Bounds of |e| after one of some stretches, from the lengths of the columns of its Φ."""
        return (self.size * lengths + steps.added[k]) * (1 + 4 * own.UNIT)


def norm(vector: Floats) -> float:
    """A bound of the 2-norm of a vector of bounds, those with squares below the normal numbers
    included."""
    room = 1 + (len(vector) + 8) * own.UNIT
    return float(np.sqrt(np.square(vector).sum())) * room + len(vector) * 2e-154


def columns(matrix: Floats) -> Floats:
    """Bounds of the 2-norms of a float32 matrix' columns."""
    return _roots(np.einsum("ij,ij->j", matrix, matrix), len(matrix))


def sizes(matrix: Floats) -> tuple[float, Floats]:
    """Bounds of the 2-norm of a float32 matrix, and of those of its columns; infinite if unknown.

    G is off by γ |Φ|ᵀ|Φ|, the 2-norm of which is at most γ times the sum of all squares.
    """
    count, gram = len(matrix), matrix.T @ matrix
    lengths = _roots(gram.diagonal(), count)
    squares = norm(lengths) ** 2 * (1 + 4 * own.UNIT)
    lost = gathered(count) * squares + count**2 * FLUSHED
    top = (_eigenvalue(gram) + lost) * (1 + 8 * own.UNIT)
    return float(np.sqrt(min(top, squares))) * (1 + 2 * own.UNIT), lengths


def _roots(squares: Floats, count: int) -> Floats:
    """Bounds of lengths from sums of squares, as float32 adds them up."""
    wide = squares.astype(np.float64) * (1 + 2 * gathered(count)) + count * FLUSHED
    return np.sqrt(wide) * (1 + 4 * own.UNIT)


def _eigenvalue(gram: Floats) -> float:
    """A bound of the largest eigenvalue of a symmetric float32 matrix; infinite if none is found.

    A factor R that float64 finds of A = c I − G has RᵀR = A + Δ with |Δ_ij| ≤ γ √(A_ii A_jj), so
    ‖Δ‖ is at most γ times the trace: n + 1 roundings, of which there is room for twice as many.
    """
    count, near = len(gram), _about(gram)
    n = 2 * (count + 8) * own.UNIT
    for margin in MARGINS:
        top = near * margin
        shifted = np.multiply(gram, -1.0, dtype=np.float64)
        shifted.flat[:: count + 1] += top
        trace = float(shifted.trace()) * (1 + count * own.UNIT)
        if not (np.isfinite(trace) and positive(shifted)):
            continue
        return top + n / (1 - n) * trace + count * (own.UNIT * top + own.TINY)
    return float("inf")


def positive(matrix: Floats) -> bool:
    """Whether a Cholesky factorization of a symmetric matrix runs to its end."""
    try:
        return bool(np.isfinite(np.linalg.cholesky(matrix)).all())
    except np.linalg.LinAlgError:
        return False


def _about(gram: Floats) -> float:
    """About the largest eigenvalue of a matrix that has none below zero: nothing is proven."""
    vector = np.ones(len(gram), np.float32)
    for _ in range(TURNS):
        vector = gram @ vector
        size = float(np.sqrt(np.square(vector.astype(np.float64)).sum()))
        vector = vector / np.float32(size) if size > 0 else vector
    return size
