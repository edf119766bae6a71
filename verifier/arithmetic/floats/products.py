"""Matrix products of affine forms: their slopes, and the rounding errors of their sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce

import numpy as np
from numpy.typing import NDArray

from verifier.arithmetic.floats.binary import Floats, Formats
from verifier.arithmetic.floats.forms import Form
from verifier.arithmetic.floats.linear import Slopes
from verifier.arithmetic.floats.summation import OUT, TINY, Terms, running
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

    def terms(self, lanes: slice, formats: Formats) -> Terms:
        """What is known of the terms in some lanes when their order is not."""
        if self.count > MANY:
            return self._by_sums(lanes, formats)
        centers, sizes, off = self.each(lanes)
        errors = formats.half_ulps(sizes)
        plus, minus = np.maximum(centers + off, 0.0), np.maximum(off - centers, 0.0)
        found = [self._total(part) for part in ((sizes != 0) * 1.0, plus, minus, errors)]
        return Terms(np.rint(found[0]), found[1], found[2], found[3])

    def _by_sums(self, lanes: slice, formats: Formats) -> Terms:
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
            some = Formats(tuple(formats.rows[k] for k in rows.tolist()))
            found[rows] = self._error(rows + (lanes.start or 0), model, some)
        return found

    def _error(self, lanes: Lanes, model: Ieee, formats: Formats) -> Floats:
        zeros = (self.left.largest[lanes] == 0).any()  # to add nothing rounds nothing
        narrow = (self.spread <= NARROW * self.sizes).all()
        if self.count > MANY and model.order == "sequential" and narrow and not zeros:
            return self._in_one_row(lanes, model, formats)
        centers, sizes, off = self.each(lanes)
        errors = np.zeros_like(sizes) if model.fma else formats.half_ulps(sizes)
        if model.order == "pairwise":
            leaves = [
                Sum(*parts)
                for parts in zip(*map(_lines, (centers, off, errors, sizes)), strict=True)
            ]
            found = _pairwise(leaves, formats).error
        else:
            found = _sequential(centers, sizes, off, errors, formats)
        return found.reshape(len(found), *self.shape) * self.out

    def _in_one_row(self, lanes: Lanes, model: Ieee, formats: Formats) -> Floats:
        """As `_sequential`, with the errors of the products from Σ|x||y| alone."""
        total = (self.sizes + self.spread)[lanes] * OUT
        errors = np.zeros_like(total) if model.fma else self._rounded(lanes, formats)
        slack = (self.spread[lanes] + errors + _drift(self.count, total, formats)) * OUT
        x, y = self._spread(lanes, "center")
        terms = x * y
        flat = terms.reshape(len(terms), self.count, -1)
        prefixes = np.abs(_prefixes(self.count)[0 if model.fma else 1 :] @ flat)
        prefixes += slack.reshape(len(slack), 1, -1)
        return (errors + formats.half_ulps_added(prefixes).reshape(errors.shape)) * self.out

    def each(self, lanes: Lanes) -> tuple[Floats, Floats, Floats]:
        """Centers, sizes and uncertainties of single products, by lane and summation index."""
        names = ("center", "largest", "off", "magnitude")
        (x, y), (big_x, big_y), (off_x, off_y), (_, size_y) = (
            self._spread(lanes, name) for name in names
        )
        least: Floats | float = TINY  # even where float64 loses the product
        if not (self.left.full and self.right.full):
            least = TINY * ((big_x != 0) & (big_y != 0))
        sizes = np.maximum((big_x * OUT) * big_y, least)
        if self.left.certain and self.right.certain:
            return x * y, sizes, np.zeros(1)
        if self.right.certain:
            return x * y, sizes, (off_x * OUT) * size_y
        return x * y, sizes, (big_x * off_y + size_y * off_x) * OUT

    def _spread(self, lanes: Lanes, name: str) -> tuple[Floats, Floats]:
        """An array of either factor, the summation index as the second axis."""
        x, y = (getattr(form, name)[lanes] for form in (self.left, self.right))
        rows = x if x.ndim == 3 else x[:, None, :]
        columns = y if y.ndim == 3 else y[:, :, None]
        return rows.swapaxes(1, 2)[:, :, :, None], columns[:, :, None, :]

    def _total(self, part: Floats) -> Floats:
        found: Floats = part.sum(axis=1).reshape(len(part), *self.shape) * self.out
        return found


@lru_cache
def _prefixes(count: int) -> Floats:
    """The matrix that sums up the first one, two, … of so many rows."""
    return np.tri(count)


def _sequential(
    centers: Floats, sizes: Floats, off: Floats, errors: Floats, formats: Formats
) -> Floats:
    """Each addition rounds a prefix; errors before it are at most n u Σ|terms| (1 + u)^n.

    A prefix is as uncertain as its products are together.
    """
    total = sizes.sum(axis=1, keepdims=True)
    drift = _drift(sizes.shape[1], total, formats)
    slack = running(np.broadcast_to(off + errors, sizes.shape), 1)
    slack *= OUT
    slack += drift
    prefixes = np.abs(running(centers, 1))
    prefixes += slack
    prefixes *= OUT
    sums = formats.half_ulps(prefixes)
    if not sizes.all():
        sums[sizes == 0] = 0.0  # to add nothing rounds nothing
    # Nothing stands before the first, which is rounded as a product if at all.
    sums[:, 0] = np.where(errors[:, 0] == 0, sums[:, 0], 0.0)
    found: Floats = errors.sum(axis=1) + sums.sum(axis=1)
    return found


def _drift(count: int, total: Floats, formats: Formats) -> Floats:
    """How far rounding errors may have moved any prefix of a sum of so many terms."""
    units = formats.units(total)
    return count * units * total * np.exp(count * units) + total * 2.0**-40


def _pairwise(leaves: Sequence[Sum], formats: Formats) -> Sum:
    if len(leaves) < 3:
        return reduce(lambda a, b: a.joined(b, formats), leaves)
    middle = len(leaves) // 2
    first, second = _pairwise(leaves[:middle], formats), _pairwise(leaves[middle:], formats)
    return first.joined(second, formats)


def _lines(part: Floats) -> Floats:
    return part.swapaxes(0, 1)
