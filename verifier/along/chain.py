"""Bounds of errors along a chain of steps, over a binary tree of products.

Of e_t = e_{t−1} L_t + r_t with |r_t| ≤ w_t: rows times matrices, the L float32 numbers as they
stand. Two neighbours are one node: e at its end is e at its start times Φ, and a rest of at most b,
with Φ the float32 product Φ_left Φ_right and b = b_left |Φ_right| + b_right and what the product
lacks, of errors that are at most ρ where the node starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier.arithmetic import enclosed as own
from verifier.arithmetic.linear_lanes import FLUSHED, SHORT

Floats = Any


@dataclass(frozen=True, eq=False, slots=True)
class Nodes:
    """Neighbouring stretches of steps: Φ, b, and the ρ where each starts."""

    product: Floats
    added: Floats
    within: Floats

    def __len__(self) -> int:
        return len(self.added)

    def picked(self, which: slice) -> Nodes:
        """Some of the stretches."""
        return Nodes(self.product[which], self.added[which], self.within[which])

    def through(self, errors: Floats) -> Floats:
        """Bounds at the end of each stretch from those at its start."""
        bound = (times(errors, self.product) + self.added) * (1 + 4 * own.UNIT)
        return np.where(np.isnan(bound), np.inf, bound)


def times(bounds: Floats, matrices: Floats) -> Floats:
    """Non-negative rows times |matrices| of float32, rounded upwards.

    Rows are scaled by powers of two, so that what float32 flushes to zero is small beside the
    largest of them.
    """
    count = bounds.shape[1]
    _, exponents = np.frexp(bounds.max(axis=1, keepdims=True, initial=0.0))
    rows = np.ldexp(bounds, -exponents) * (1 + SHORT)
    found = own.products(rows.astype(np.float32), np.abs(matrices)).astype(np.float64)
    wide = (found * (1 + (count + 8) * SHORT) + count * FLUSHED) * (1 + 8 * own.UNIT)
    return np.ldexp(wide, exponents) + own.TINY


def bounds(steps: Nodes, start: Floats) -> Floats:
    """Bounds of |e| before the first and after every step."""
    levels = [steps]
    while len(levels[-1]) > 1:
        levels.append(_joined(levels[-1]))
    begins = start[None]
    for nodes in reversed(levels[:-1]):
        begins = _halves(nodes, begins)
    return np.concatenate([start[None], steps.through(begins)])


def _joined(nodes: Nodes) -> Nodes:
    """Two neighbours as one; the last one alone where there is no second."""
    even = len(nodes) // 2 * 2
    left, right = nodes.picked(slice(0, even, 2)), nodes.picked(slice(1, even, 2))
    count = nodes.added.shape[1]
    product = own.products(left.product, right.product)
    reach = times(left.within, left.product)
    flushed = count * FLUSHED * left.within.sum(axis=1, keepdims=True)
    carried = (left.added + (count + 8) * SHORT * reach) * (1 + 4 * own.UNIT)
    added = (times(carried, right.product) + right.added + flushed) * (1 + 8 * own.UNIT)
    rest = nodes.picked(slice(even, None))
    return Nodes(
        np.concatenate([product, rest.product]),
        np.concatenate([added, rest.added]),
        np.concatenate([left.within, rest.within]),
    )


def _halves(nodes: Nodes, begins: Floats) -> Floats:
    """The bounds with which each child begins, from those of its parent."""
    even = len(nodes) // 2 * 2
    found = np.repeat(begins, 2, axis=0)[: len(nodes)]
    found[1:even:2] = nodes.picked(slice(0, even, 2)).through(found[:even:2])
    return found
