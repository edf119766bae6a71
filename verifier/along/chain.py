"""Bounds of errors along a chain of steps, over a binary tree of products.

Of e_t = e_{t−1} L_t + r_t with |r_t| ≤ w_t: rows times matrices, the L float32 numbers as they
stand. Two neighbours are one node: e at its end is e at its start times Φ, and a rest of at most b,
with Φ the float32 product Φ_left Φ_right and b = b_left |Φ_right| + b_right and what the product
lacks, of errors that are at most ρ where the node starts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from verifier.arithmetic import enclosed as own
from verifier.arithmetic.lane_products import products
from verifier.arithmetic.linear_lanes import FLUSHED, SHORT, erring

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
    found = products(rows.astype(np.float32), np.abs(matrices)).astype(np.float64)
    wide = (found * (1 + (count + 8) * SHORT) + count * FLUSHED) * (1 + 8 * own.UNIT)
    return np.ldexp(wide, exponents) + own.TINY


@dataclass(eq=False)
class Past:
    """Stretches that are past, neighbours joined as a binary counter carries: few, however many
    steps they have. Boxes at their ends are made of where all begins, so that no box follows from
    the box before it again and again."""

    start: Floats
    nodes: list[tuple[int, Nodes]] = field(default_factory=list)

    def add(self, node: Nodes) -> None:
        """Take one more stretch, which begins where the last one ends."""
        level = 0
        while self.nodes and self.nodes[-1][0] == level:
            _, before = self.nodes.pop()
            node, level = _joined(_stacked([before, node])), level + 1
        self.nodes.append((level, node))

    def end(self) -> Floats:
        """Bounds of |e| where the last one ends."""
        found: Floats = self.start
        for _, node in self.nodes:
            found = node.through(found[None])[0]
        return found

    def move(self, off: Floats) -> None:
        """Go on from other floats, which are off by so much from those at the end."""
        level, node = self.nodes.pop()
        added = (node.added + off) * (1 + 4 * own.UNIT)
        self.nodes.append((level, Nodes(node.product, added, node.within)))


def _stacked(nodes: list[Nodes]) -> Nodes:
    parts = ([getattr(node, name) for node in nodes] for name in ("product", "added", "within"))
    return Nodes(*(np.concatenate(part) for part in parts))


def bounds(steps: Nodes, start: Floats) -> Floats:
    """Bounds of |e| before the first and after every step."""
    return swept(steps, start)[0]


def swept(steps: Nodes, start: Floats) -> tuple[Floats, Nodes]:
    """Bounds of |e| before the first and after every step, and all steps as one stretch."""
    levels = [steps]
    while len(levels[-1]) > 1:
        levels.append(_joined(levels[-1]))
    begins = start[None]
    for nodes in reversed(levels[:-1]):
        begins = _halves(nodes, begins)
    return np.concatenate([start[None], steps.through(begins)]), levels[-1]


def _joined(nodes: Nodes) -> Nodes:
    """Two neighbours as one; the last one alone where there is no second."""
    even = len(nodes) // 2 * 2
    left, right = nodes.picked(slice(0, even, 2)), nodes.picked(slice(1, even, 2))
    count = nodes.added.shape[1]
    product = products(left.product, right.product)
    reach = times(left.within, left.product)
    flushed = count * FLUSHED * left.within.sum(axis=1, keepdims=True)
    carried = (left.added + erring(count) * reach) * (1 + 4 * own.UNIT)
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
