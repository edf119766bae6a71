"""Sums of outer products that wait: the gradients of matrices, which are large at every step.

float64 encloses their entries, which is enough to round nearly all of them; balls are made of
those that someone asks for. N. J. Higham, "Accuracy and Stability of Numerical Algorithms" (2002),
section 3.1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb

from verifier.rounding import Rounding

UNIT = 2.0**-52
"""Twice what a float64 operation may err, of its result: room for how bounds are computed."""

SLACK = 2.0**-24
"""Room for what balls round up of their radii, which have 30 bits: what float64 decides, balls
that are made later decide as well."""

TINY = 1e-290
"""More than what float64 loses below its normal numbers."""

MANY = 256
"""Entries from which an outer product waits."""

MOST = 1e15
"""Values in units of the last place above which float64 decides nothing."""

Floats = Any


class Outers:
    """An outer product, and the sum that it is added to.

    `make` gives the balls of a product, with those of a sum added to them.
    """

    ndim = 2

    def __init__(self, left: Any, right: Any, make: Callable[[Any, Any, Any], Any]) -> None:
        self.left, self.right, self.make = left, right, make
        self.rest: Outers | None = None
        self.shape = (left.size, right.size)
        (x, dx), (y, dy) = _floats(left), _floats(right)
        with np.errstate(all="ignore"):
            self.middle = np.multiply.outer(x, y)
            off = np.multiply.outer(np.abs(x) + dx, dy) + np.multiply.outer(dx, np.abs(y))
            self.off = (1 + SLACK) * off + UNIT * np.abs(self.middle) + TINY

    def plus(self, rest: Outers) -> Outers:
        """The product with a sum added to it."""
        found = Outers.__new__(Outers)
        found.left, found.right, found.make = self.left, self.right, self.make
        found.shape, found.rest = self.shape, rest
        with np.errstate(all="ignore"):
            found.middle = self.middle + rest.middle
            off = (self.off + rest.off) * (1 + SLACK)
            found.off = off + UNIT * np.abs(found.middle) + TINY
        return found

    @cached_property
    def objects(self) -> np.ndarray[Any, Any]:
        """The entries as balls, each of which holds the true value."""
        chain = [self]
        while chain[-1].rest is not None and "objects" not in vars(chain[-1].rest):
            chain.append(chain[-1].rest)
        last = chain[-1].rest
        total = None if last is None else last.objects
        for link in reversed(chain):
            total = link.make(link.left, link.right, total)
            if link is not self:
                vars(link)["objects"] = total
        assert total is not None
        return total

    def decides(self, rule: Rounding) -> bool:
        """Whether float64 knows that every entry rounds to one decimal."""
        if rule.places is None or rule.places > 200:
            return False
        unit, shift = 10.0**rule.places, 0.5 if rule.mode.startswith("half") else 0.0
        with np.errstate(all="ignore"):
            moved = self.middle * unit + shift
            room = self.off * unit * (1 + 8 * UNIT) + UNIT * (4 * np.abs(moved) + 4)
            clear = (np.abs(moved - np.rint(moved)) > room) & (np.abs(moved) < MOST)
        return bool(clear.all())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        """The entries, for NumPy."""
        return self.objects


def _floats(vector: Any) -> tuple[Floats, Floats]:
    """The middles of a vector's entries as float64, and how far each may be off."""
    pairs = [_float(entry) for entry in vector.ravel().tolist()]
    middle, radius = (np.array(part) for part in zip(*pairs, strict=True))
    return middle, radius * (1 + 4 * UNIT) + UNIT * np.abs(middle) + TINY


def _float(entry: Any) -> tuple[float, float]:
    if type(entry) is arb:
        return float(entry), float(entry.rad())
    try:  # Python rounds the quotient of integers correctly
        return int(entry.p) / int(entry.q), 0.0
    except OverflowError:
        return float("nan"), float("inf")
