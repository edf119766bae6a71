"""Matrix products of affine forms: their slopes, and the rounding errors of their sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from verifier.arithmetic.floats.binary import Formats
from verifier.arithmetic.floats.forms import TINY, Floats, Form, Slopes
from verifier.arithmetic.floats.summation import OUT, Terms
from verifier.arithmetic.ieee import Ieee


def dots(left: Floats, right: Floats, axes: tuple[int, int]) -> Floats:
    """NumPy's `@` behind the first axis, of arrays with so many axes behind it."""
    x = left if axes[0] == 2 else left[:, None, :]
    y = right if axes[1] == 2 else right[:, :, None]
    found = x @ y
    found = found if axes[0] == 2 else found[:, 0]
    return found if axes[1] == 2 else found[..., 0]


def moved(slopes: Slopes, other: Floats, axes: int, on_the_left: bool) -> Slopes:
    """The slopes of a product with an array, the factor with slopes having so many axes."""
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


MANY = 16
"""Longer sums are bounded by sums of sizes, where single products would take too long."""


class Products:
    """All products of a matrix product, in some of the lanes: bounds of how their sum is off."""

    def __init__(self, left: Form, right: Form, lanes: slice) -> None:
        self.axes = len(left.shape), len(right.shape)
        self.shape = left.shape[:-1] + right.shape[1:]
        self.left, self.right = (
            (f.center[lanes], f.largest[lanes], f.off[lanes], f.magnitude[lanes])
            for f in (left, right)
        )
        self.count = left.shape[-1]
        self.out = 1 + (self.count + 2) * 2.0**-50

    def terms(self, formats: Formats) -> Terms:
        """What is known of the terms when their order is not."""
        if self.count > MANY:
            return self._by_sums(formats)
        centers, sizes, off = self._each()
        errors = formats.half_ulps(sizes)
        plus, minus = np.maximum(centers + off, 0.0), np.maximum(off - centers, 0.0)
        found = [self._total(part) for part in ((sizes != 0) * 1.0, plus, minus, errors)]
        return Terms(np.rint(found[0]), found[1], found[2], found[3])

    def _by_sums(self, formats: Formats) -> Terms:
        """The same from Σ|x||y|: plus and minus are its half, more or less half of Σ x y."""
        (x, big_x, off_x, size_x), (y, big_y, off_y, size_y) = self.left, self.right
        count = dots((big_x != 0) * 1.0, (big_y != 0) * 1.0, self.axes)
        half = dots(size_x, size_y, self.axes) * self.out / 2
        lean = dots(x, y, self.axes) / 2
        slack = half * (self.count * 2.0**-50)
        slack = slack + (dots(big_x, off_y, self.axes) + dots(off_x, size_y, self.axes)) * self.out
        total = dots(big_x, big_y, self.axes) * self.out
        error = formats.units(total) * total + count * formats.column("smallest", total)
        return Terms(np.rint(count), half + lean + slack, half - lean + slack, error)

    def error(self, model: Ieee, formats: Formats) -> Floats:
        """A bound of the rounding errors in the order that the model states."""
        centers, sizes, off = self._each()
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

    def _each(self) -> tuple[Floats, Floats, Floats]:
        """Centers, sizes and uncertainties of single products, by lane and summation index."""
        (x, big_x, off_x, _), (y, big_y, off_y, size_y) = (
            [_spread(part, side) for part in parts]
            for side, parts in enumerate((self.left, self.right))
        )
        some = (big_x != 0) & (big_y != 0)  # even where float64 loses the product
        sizes = np.maximum(big_x * big_y * OUT, TINY * some)
        return x * y, sizes, (big_x * off_y + size_y * off_x) * OUT

    def _total(self, part: Floats) -> Floats:
        return part.sum(axis=1).reshape(len(part), *self.shape) * self.out


def _sequential(
    centers: Floats, sizes: Floats, off: Floats, errors: Floats, formats: Formats
) -> Floats:
    """Each addition rounds a prefix; errors before it are at most n u Σ|terms| (1 + u)^n.

    Uncertainties count whole in every prefix: they matter only where a binade ends.
    """
    count, total = sizes.shape[1], sizes.sum(axis=1, keepdims=True)
    units = formats.units(total)
    drift = count * units * total * np.exp(count * units) + total * 2.0**-40
    slack = (off + errors).sum(axis=1, keepdims=True) * OUT + drift
    prefixes = np.cumsum(centers, axis=1)
    sums = formats.half_ulps((np.abs(prefixes) + slack) * OUT)
    sums[sizes == 0] = 0.0  # to add nothing rounds nothing, and nothing stands before the first
    sums[:, 0] = np.where(errors[:, 0] == 0, sums[:, 0], 0.0)
    return errors.sum(axis=1) + sums.sum(axis=1)


def _pairwise(leaves: Sequence[Sum], formats: Formats) -> Sum:
    if len(leaves) < 3:
        return reduce(lambda a, b: a.joined(b, formats), leaves)
    middle = len(leaves) // 2
    first, second = _pairwise(leaves[:middle], formats), _pairwise(leaves[middle:], formats)
    return first.joined(second, formats)


def _lines(part: Floats) -> Floats:
    return part.swapaxes(0, 1)


def _spread(array: Floats, side: int) -> Floats:
    """The array of a left (0) or right (1) factor, the summation index as its second axis."""
    if side == 0:
        rows = array if array.ndim == 3 else array[:, None, :]
        return rows.swapaxes(1, 2)[:, :, :, None]
    columns = array if array.ndim == 3 else array[:, :, None]
    return columns[:, :, None, :]
