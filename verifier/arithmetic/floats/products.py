"""Matrix products of affine forms: their slopes, and the rounding errors of their sums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, reduce
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from verifier.arithmetic.floats.additions import Settled, Turns, drift, pieces
from verifier.arithmetic.floats.binary import Floats, Formats
from verifier.arithmetic.floats.forms import Form
from verifier.arithmetic.floats.linear import Slopes
from verifier.arithmetic.floats.summation import OUT, TINY, Terms
from verifier.arithmetic.ieee import Ieee


def dots(left: Floats, right: Floats, axes: tuple[int, int], paired: bool = False) -> Floats:
    """NumPy's `@` behind the first axis, of arrays with so many axes behind it.

    With `paired`, both halves of the matrices on the right are the same.
    """
    if axes == (1, 2) and len(right) == 1:  # one product in the place of many
        one: Floats = left @ right[0]
        return one
    if axes == (1, 2) and (paired or not np.isfinite(left[:, 0]).all()):
        return _lane_by_lane(left, right[: len(right) // 2] if paired else right)
    x = left if axes[0] == 2 else left[:, None, :]
    y = right if axes[1] == 2 else right[:, :, None]
    found: Floats = x @ y
    found = found if axes[0] == 2 else found[:, 0]
    return found if axes[1] == 2 else found[..., 0]


def _lane_by_lane(left: Floats, right: Floats) -> Floats:
    """Products of rows with matrices, infinite for rows in which nothing has a bound.

    Rows that have the same matrix stand behind each other, so that it is at hand.
    """
    found = np.full((len(left), right.shape[2]), np.inf)
    bounded = {k for k, row in enumerate(left) if np.isfinite(row).any()}
    for j, matrix in enumerate(right):
        for k in bounded.intersection(range(j, len(left), len(right))):
            found[k] = left[k] @ matrix
    return found


def moved(slopes: Slopes, other: Floats, axes: int, on_the_left: bool) -> Slopes:
    """The slopes of a product with an array, the factor with slopes having so many axes."""
    if axes == 1 and slopes.single:
        return Slopes(slopes.start, other if on_the_left else other.T)
    if on_the_left:
        return slopes.each(lambda rows: rows @ other)
    if axes == 1:
        return slopes.each(lambda rows: rows @ other.T)
    return slopes.each(lambda rows: other @ rows)


@dataclass(frozen=True, eq=False)
class Sum:
    """Partial sums of products, for bounds: center, how far off it, rounding errors, Σ|terms|."""

    center: Floats
    off: Floats
    error: Floats
    total: Floats

    def joined(self, other: Sum, formats: Formats) -> Sum:
        """The rounded sum of two partial sums; to add nothing rounds nothing."""
        center, off = self.center + other.center, (self.off + other.off) * OUT
        total, error = (self.total + other.total) * OUT, (self.error + other.error) * OUT
        rounding = formats.half_ulps((np.abs(center) + off + error + total * 2.0**-50) * OUT)
        nothing = (self.total == 0) | (other.total == 0)
        return Sum(center, off, error + np.where(nothing, 0.0, rounding), total)


Lanes = slice | NDArray[np.intp]
"""Which lanes: side by side, or by their numbers."""

MANY = 16
"""Longer sums are bounded by sums of sizes, where single products would take too long."""


NARROW = 2.0**-20
"""How uncertain products may be, beside their sizes, where that counts whole in all sums."""


Place = tuple[slice, slice]
"""Rows and columns of a matrix product; a single vector is a row or a column."""

WHOLE = slice(None), slice(None)


class Products:
    """All products of a matrix product of two forms: bounds of how their sum is off.

    `center` is the product of the centers, `sizes` the sum of the products' sizes, `spread` that of
    how far the products may be off their centers, `some` the number of those that are not known to
    be zero: for each lane and entry.
    """

    def __init__(self, left: Form, right: Form) -> None:
        self.left, self.right = left, right
        self.axes = len(left.shape), len(right.shape)
        self.shape = left.shape[:-1] + right.shape[1:]
        self.count = left.shape[-1]
        self.certain = left.certain and right.certain
        self.sides = prod(left.shape[:-1]), prod(right.shape[1:])
        self.out = 1 + (self.count + 2) * 2.0**-50
        paired = right.paired
        self.center = dots(left.center, right.center, self.axes, paired)
        self.sizes = dots(left.magnitude, right.magnitude, self.axes, paired) * self.out
        self.some = np.full_like(self.sizes, self.count)
        if not (left.full and right.full):
            self.some = np.rint(dots(left.some, right.some, self.axes))
        spread = np.zeros(1)
        if not left.certain:
            spread = dots(left.off, right.magnitude, self.axes, paired)
        if not right.certain:
            spread = spread + dots(left.largest, right.off, self.axes)
        self.spread = spread * self.out + np.zeros_like(self.sizes)

    @cached_property
    def centered(self) -> bool:
        """Whether some product is not centered at zero, as those of boxes around it are."""
        return bool(self.left.center.any() and self.right.center.any())

    def terms(self, lanes: Lanes, formats: Formats) -> Terms:
        """What is known of the terms in some lanes when their order is not."""
        if self.count > MANY:
            return self._by_sums(lanes, formats)
        centers, sizes, off = self.each(lanes)
        errors = formats.half_ulps(sizes)
        plus, minus = np.maximum(centers + off, 0.0), np.maximum(off - centers, 0.0)
        found = [self._total(part) for part in ((sizes != 0) * 1.0, plus, minus, errors)]
        return Terms(np.rint(found[0]), found[1], found[2], found[3])

    def _by_sums(self, lanes: Lanes, formats: Formats) -> Terms:
        """The same from Σ|x||y|: plus and minus are its half, more or less half of Σ x y."""
        half, lean = self.sizes[lanes] / 2, self.center[lanes] / 2
        slack = half * (self.count * 2.0**-50) + self.spread[lanes]
        errors = self._rounded(lanes, formats)
        return Terms(self.some[lanes], half + lean + slack, half - lean + slack, errors)

    def _rounded(self, lanes: Lanes, formats: Formats) -> Floats:
        """A bound of what is lost where each product is rounded, infinite where one may overflow.

        A product is no larger than all those of its sign together.
        """
        total = (self.sizes + self.spread)[lanes] * OUT
        largest = (self.sizes + np.abs(self.center))[lanes] / 2 + self.spread[lanes]
        found: Floats = formats.units(total) * total + self.count * formats.column(
            "smallest", total
        )
        found = found * (self.some[lanes] != 0)
        found[largest * OUT > formats.column("largest", total)] = np.inf
        return found

    def error(self, lanes: slice, model: Ieee, formats: Formats) -> Floats:
        """A bound of the rounding errors of some lanes in the order that the model states.

        Where nothing has a bound, as in narrow formats after a few steps, nothing is worked out.
        """
        known = np.isfinite(self.sizes + self.spread)[lanes].reshape(len(formats.rows), -1)
        bounded = known.any(axis=1)
        if bounded.all():
            return self._error(lanes, model, formats)
        found = np.full_like(self.sizes[lanes], np.inf)
        if bounded.any():
            rows = np.flatnonzero(bounded)
            some = type(formats)(tuple(formats.rows[k] for k in rows.tolist()))
            found[rows] = self._error(rows + (lanes.start or 0), model, some)
        return found

    def _error(self, lanes: Lanes, model: Ieee, formats: Formats) -> Floats:
        zeros = (self.left.largest[lanes] == 0).any()  # to add nothing rounds nothing
        narrow = (self.spread <= NARROW * self.sizes).all()
        if self.count > MANY and model.order == "sequential" and narrow and not zeros:
            return self._in_one_row(lanes, model, formats)
        if model.order == "pairwise":
            return self._in_pairs(lanes, model, formats)
        parts = self.in_turn(lanes, model.fma, formats)
        return self.joined([(at, part.error) for at, part in parts]) * self.out

    def _in_pairs(self, lanes: Lanes, model: Ieee, formats: Formats) -> Floats:
        centers, sizes, off = self.each(lanes)
        errors = np.zeros_like(sizes) if model.fma else formats.half_ulps(sizes)
        leaves = [
            Sum(*parts) for parts in zip(*map(_lines, (centers, off, errors, sizes)), strict=True)
        ]
        found = _pairwise(leaves, formats).error
        return found.reshape(len(found), *self.shape) * self.out

    def in_turn(
        self, lanes: Lanes, fused: bool, formats: Formats
    ) -> Iterable[tuple[Place, Turns | Settled]]:
        """The products of some lanes that are added up in turn, by parts of the result."""
        return ((at, Turns(*self.each(lanes, at), formats, fused)) for at in self._places(lanes))

    def _places(self, lanes: Lanes) -> Iterator[Place]:
        """Parts of the result whose products fit in a cache."""
        rows, columns = self.sides
        each = len(self.center[lanes]) * self.count
        if rows > columns:
            return ((part, slice(None)) for part in pieces(rows, each * columns))
        return ((slice(None), part) for part in pieces(columns, each * rows))

    def joined(self, parts: Sequence[tuple[Place, Floats]]) -> Floats:
        """An array of the result, of its parts; the last two axes are those of a matrix."""
        (_, first), *others = parts
        if not others:
            return first.reshape(*first.shape[:-2], *self.shape)
        found = np.empty((*first.shape[:-2], *self.sides))
        for (rows, columns), part in parts:
            found[..., rows, columns] = part
        return found.reshape(*first.shape[:-2], *self.shape)

    def _in_one_row(self, lanes: Lanes, model: Ieee, formats: Formats) -> Floats:
        """As of products in turn, with the errors of the products from Σ|x||y| alone."""
        total = (self.sizes + self.spread)[lanes] * OUT
        errors = np.zeros_like(total) if model.fma else self._rounded(lanes, formats)
        slack = (self.spread[lanes] + errors + drift(self.count, total, formats)) * OUT
        x, y = self._spread(lanes, "center")
        terms = x * y
        flat = terms.reshape(len(terms), self.count, -1)
        prefixes = np.abs(_prefixes(self.count)[0 if model.fma else 1 :] @ flat)
        prefixes += slack.reshape(len(slack), 1, -1)
        return (errors + formats.half_ulps_added(prefixes).reshape(errors.shape)) * self.out

    def each(self, lanes: Lanes, at: Place = WHOLE) -> tuple[Floats, Floats, Floats]:
        """Centers, sizes and uncertainties of single products, by lane and summation index."""
        names = ("center", "largest") if self.certain else ("center", "largest", "off", "magnitude")
        (x, y), (big_x, big_y), *more = (self._spread(lanes, name, at) for name in names)
        sizes = (big_x * OUT) * big_y
        if sizes.size and sizes.min() < TINY:  # where float64 loses the product
            sizes = np.maximum(sizes, TINY * ((big_x != 0) & (big_y != 0)))
        centers = x * y if self.centered else np.broadcast_to(0.0, sizes.shape)
        if self.certain:
            return centers, sizes, np.zeros(1)
        (off_x, off_y), (_, size_y) = more
        if self.right.certain:
            return centers, sizes, (off_x * OUT) * size_y
        return centers, sizes, (big_x * off_y + size_y * off_x) * OUT

    def _spread(self, lanes: Lanes, name: str, at: Place = WHOLE) -> tuple[Floats, Floats]:
        """An array of either factor, the summation index as the second axis."""
        x, y = (getattr(form, name)[lanes] for form in (self.left, self.right))
        rows = x if x.ndim == 3 else x[:, None, :]
        columns = y if y.ndim == 3 else y[:, :, None]
        return rows[:, at[0]].swapaxes(1, 2)[:, :, :, None], columns[:, :, None, at[1]]

    def _total(self, part: Floats) -> Floats:
        found: Floats = part.sum(axis=1).reshape(len(part), *self.shape) * self.out
        return found


@lru_cache
def _prefixes(count: int) -> Floats:
    """The matrix that sums up the first one, two, … of so many rows."""
    return np.tri(count)


def _pairwise(leaves: Sequence[Sum], formats: Formats) -> Sum:
    if len(leaves) < 3:
        return reduce(lambda a, b: a.joined(b, formats), leaves)
    middle = len(leaves) // 2
    first, second = _pairwise(leaves[:middle], formats), _pairwise(leaves[middle:], formats)
    return first.joined(second, formats)


def _lines(part: Floats) -> Floats:
    return part.swapaxes(0, 1)


class Kept(Products):
    """Products that keep what is known of their sums in turn, for those who ask again."""

    @cached_property
    def _made(self) -> dict[tuple[Any, ...], list[tuple[Place, Settled]]]:
        return {}

    def in_turn(self, lanes: Lanes, fused: bool, formats: Formats) -> list[tuple[Place, Settled]]:
        """As of any products, which one frame always adds up alike."""
        key = (lanes.start, lanes.stop) if isinstance(lanes, slice) else tuple(lanes.tolist())
        if key not in self._made:
            self._made[key] = [
                (at, Turns(*self.each(lanes, at), formats, fused).settled)
                for at in self._places(lanes)
            ]
        return self._made[key]
