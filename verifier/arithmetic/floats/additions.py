"""The additions of a stated order: how much the rounding of partial sums errs.

Arrays have a row a lane, then an axis of additions, then the entries of a result. Those of wide
products are worked out in pieces: what does not fit in a processor's cache takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from verifier.arithmetic.floats.binary import Floats, Formats
from verifier.arithmetic.floats.summation import OUT, running

PIECE = 2**16
"""Numbers of an array that are worked out at once."""


def pieces(count: int, each: int) -> Iterator[slice]:
    """Parts of so many things that hold `each` numbers."""
    step = max(1, PIECE // max(1, each))
    return (slice(k, k + step) for k in range(0, count, step))


def drift(count: int, total: Floats, formats: Formats) -> Floats:
    """How far rounding errors may have moved any prefix of a sum of so many terms."""
    units = formats.units(total)
    return count * units * total * np.exp(count * units) + total * 2.0**-40


@dataclass(frozen=True, eq=False)
class Turns:
    """Sums of products that are added in turn: centers, sizes and uncertainties of the products.

    `errors` are those of rounding the products, zeros where they are `fused` with the additions.
    """

    centers: Floats
    sizes: Floats
    off: Floats
    formats: Formats
    fused: bool

    @cached_property
    def errors(self) -> Floats:
        """What rounding each product errs."""
        return np.zeros_like(self.sizes) if self.fused else self.formats.half_ulps(self.sizes)

    @cached_property
    def lost(self) -> Floats:
        """How much rounding the products errs."""
        found: Floats = self.errors.sum(axis=1)
        return found

    @cached_property
    def _drift(self) -> Floats:
        """Errors before any addition are at most n u Σ|terms| (1 + u)^n."""
        total = self.sizes.sum(axis=1, keepdims=True)
        return drift(self.sizes.shape[1], total * OUT, self.formats)

    @cached_property
    def _prefixes(self) -> Floats:
        """The centers of the partial sums; one zero where all are none."""
        return running(self.centers, 1) if self.centers.any() else np.zeros((1, 1, 1, 1))

    @cached_property
    def _room(self) -> Floats:
        """How uncertain partial sums are: as their products are together."""
        return running(np.broadcast_to(self.off + self.errors, self.sizes.shape), 1)

    @property
    def first(self) -> int:
        """The number of the first addition: nothing stands before the first product."""
        return 0 if self.fused else 1

    @cached_property
    def most(self) -> Floats:
        """Bounds of what each addition rounds; to add nothing rounds nothing."""
        found = self._room * OUT
        found += self._drift
        found += np.abs(self._prefixes)
        found *= OUT
        if not self.sizes.all():
            found[self.sizes == 0] = 0.0
        return found[:, self.first :]

    @property
    def left(self) -> Floats:
        """How far each partial sum is from the exact sum of what is multiplied."""
        sums, room = self._prefixes, self._room
        later = np.abs(sums[:, -1:] - sums) + (room[:, -1:] - room)
        slack = (self.lost[:, None] + self._drift) * OUT
        return ((later + slack) * OUT)[:, self.first :]

    @cached_property
    def added(self) -> Floats:
        """How much the additions err."""
        found: Floats = self.formats.half_ulps(self.most).sum(axis=1)
        return found

    @property
    def error(self) -> Floats:
        """A bound of all rounding errors."""
        return self.lost + self.added

    @property
    def settled(self) -> Settled:
        """What is asked of them, without what it is made of."""
        return Settled(self.lost, self.added, self.most, self.left)


@dataclass(frozen=True, eq=False)
class Settled:
    """As `Turns` says it: errors of products and of additions, and M and L of each addition."""

    lost: Floats
    added: Floats
    most: Floats
    left: Floats

    @property
    def error(self) -> Floats:
        """A bound of all rounding errors."""
        return self.lost + self.added


@dataclass(frozen=True, eq=False)
class Additions:
    """Additions whose result p is at most M, a − p being at most L more than `later`.

    a is the whole sum: where that is at most A, |p| is at most min(M, A + L + later). `added` is
    what they err whatever a is.
    """

    most: Floats
    left: Floats
    later: Floats
    added: Floats

    def before(self, other: Floats) -> Additions:
        """The same additions in a sum that another one joins afterwards."""
        return replace(self, later=(self.later + other) * OUT)

    def grown(self, shape: tuple[int, ...]) -> Additions:
        """The same with as many axes as a shape has."""
        most, left = grown(self.most, shape, 2), grown(self.left, shape, 2)
        return Additions(most, left, grown(self.later, shape), grown(self.added, shape))

    @property
    def errors(self) -> Floats:
        """A bound of all their rounding errors, whatever the sum."""
        return self.added * self._out

    @property
    def _out(self) -> float:
        found: float = (1 + self.most.shape[1] * 2.0**-52) * OUT
        return found

    def errors_given(self, formats: Formats, sizes: Floats) -> Floats:
        """The same where the sum is at most so large; sizes have a second axis."""
        shape = sizes.shape
        if self.most.size <= PIECE or self.most.shape[2:] != shape[2:]:
            return self._given(formats, sizes)
        count = int(np.prod(shape[2:], dtype=int))
        flat = Additions(
            self.most.reshape(*self.most.shape[:2], count),
            self.left.reshape(*self.left.shape[:2], count),
            np.broadcast_to(self.later, (len(self.later), *shape[2:])).reshape(-1, count),
            self.added,
        )
        sizes = sizes.reshape(*shape[:2], count)
        parts = [
            flat[part]._given(formats, sizes[:, :, part])
            for part in pieces(count, self.most.shape[1])
        ]
        return np.concatenate(parts, axis=2).reshape(shape)

    def __getitem__(self, part: slice) -> Additions:
        most, left, later = self.most[:, :, part], self.left[:, :, part], self.later[:, part]
        return Additions(most, left, later, self.added)

    def _given(self, formats: Formats, sizes: Floats) -> Floats:
        """As `errors_given`, all entries at once and as many sizes as fit."""
        most, left = self.most[:, None], (self.left + self.later[:, None])[:, None] * OUT
        found = []
        for part in pieces(sizes.shape[1], most.size):
            near = sizes[:, part, None] * OUT + left
            found.append(formats.half_ulps(np.minimum(near, most)).sum(axis=2))
        whole = found[0] if len(found) == 1 else np.concatenate(found, axis=1)
        return whole * self._out


def grown(array: Floats, shape: tuple[int, ...], lead: int = 1) -> Floats:
    """The array with as many axes behind the first ones as a shape has."""
    more = len(shape) - (array.ndim - lead)
    return array.reshape(*array.shape[:lead], *(1,) * more, *array.shape[lead:])
