"""Bounds of errors along a chain of steps, over a binary tree of products.

Of e_t = e_{t−1} L_t + r_t with |r_t| ≤ w_t: rows times matrices, the L float32 numbers as they
stand. Two neighbours are one node: e at its end is e at its start times Φ, and a rest of at most b,
with Φ the float32 product Φ_left Φ_right and b = b_left |Φ_right| + b_right and what the product
lacks, of errors that are at most ρ where the node starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from verifier.arithmetic import enclosed as own
from verifier.arithmetic.lane_products import products
from verifier.arithmetic.linear_lanes import FLUSHED, SHORT, erring

Floats = Any


class OpenError(Exception):
    """The bounds do not close."""


class Bounds(Protocol):
    """What bounds errors where steps begin, and is carried on over them."""

    @property
    def box(self) -> Floats:
        """Bounds of |e| there."""

    def over(self, steps: Nodes) -> tuple[Floats, Bounds]:
        """Bounds of |e| before each of the steps that follow and after the last one, and what is
        carried on from there. Errors: OpenError."""

    def moved(self, off: Floats) -> Bounds:
        """The same of other floats, which are off by so much from those at the end."""

    def cut(self, box: Floats) -> Bounds:
        """The same where all errors are in a box, too."""


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

    def begun(self, fresh: Floats, box: Floats) -> Nodes:
        """The same where some begin anew, with errors in a box, so that nothing moves them."""
        product, added = self.product.copy(), self.added.copy()
        product[fresh] = 0
        moved = times(np.broadcast_to(box, added[fresh].shape), self.product[fresh])
        added[fresh] = (moved + added[fresh]) * (1 + 4 * own.UNIT)
        return Nodes(product, added, self.within)

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


@dataclass(frozen=True, eq=False)
class Past:
    """Stretches that are past, neighbours joined as a binary counter carries: few, however many
    steps they have. Boxes at their ends are made of where all begins, so that no box follows from
    the box before it again and again; `box` bounds |e| at the end."""

    start: Floats
    box: Floats
    nodes: tuple[tuple[int, Nodes], ...] = ()

    @classmethod
    def of(cls, box: Floats) -> Past:
        """No stretch yet, and all errors in a box."""
        return cls(box, box)

    def over(self, steps: Nodes) -> tuple[Floats, Past]:
        """Bounds of |e| before each of the next steps and after the last, and all as past."""
        found, node = swept(steps, self.box)
        nodes, level = list(self.nodes), 0
        while nodes and nodes[-1][0] == level:
            _, before = nodes.pop()
            node, level = joined(_stacked([before, node])), level + 1
        nodes.append((level, node))
        end = self.start
        for _, each in nodes:
            end = each.through(end[None])[0]
        found[-1] = np.minimum(found[-1], end)
        return found, Past(self.start, found[-1], tuple(nodes))

    def moved(self, off: Floats) -> Past:
        """The same of other floats, which are off by so much from those at the end."""
        room = 1 + 4 * own.UNIT
        if not self.nodes:
            return Past.of((self.box + off) * room)
        *nodes, (level, node) = self.nodes
        last = level, Nodes(node.product, (node.added + off) * room, node.within)
        return Past(self.start, (self.box + off) * room, (*nodes, last))

    def cut(self, box: Floats) -> Past:
        """The same where all errors are in a box, too."""
        return Past(self.start, np.minimum(self.box, box), self.nodes)


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
        levels.append(joined(levels[-1]))
    begins, whole = start[None], levels[-1]
    for nodes in reversed(levels[:-1]):
        begins = _halves(nodes, begins)
    return np.concatenate([begins, whole.through(start[None])]), whole


def joined(nodes: Nodes) -> Nodes:
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
