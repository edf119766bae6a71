"""Matrix products of affine forms: their slopes, and the rounding errors of their sums."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from verifier.arithmetic.binary import Formats
from verifier.arithmetic.forms import Floats, Form, Slopes
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.summation import OUT, Terms


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


class Products:
    """All products of a matrix product: arrays of formats, summation index, rows and columns."""

    def __init__(self, left: Form, right: Form) -> None:
        self.shape = left.shape[:-1] + right.shape[1:]
        x, y = _spread(left, True), _spread(right, False)
        self.centers = x[0] * y[0]
        self.sizes = (x[1] * y[1]) * OUT
        self.off = (x[1] * y[2] + np.abs(y[0]) * x[2]) * OUT

    def terms(self, formats: Formats) -> Terms:
        """What is known of the terms when their order is not."""
        errors = formats.half_ulps(self.sizes)
        count = (self.sizes != 0).astype(np.float64)
        plus = np.maximum(self.centers + self.off, 0.0)
        minus = np.maximum(self.off - self.centers, 0.0)
        found = [self._total(part) for part in (count, plus, minus, errors)]
        return Terms(np.rint(found[0]), found[1], found[2], found[3])

    def _total(self, part: Floats) -> Floats:
        return part.sum(axis=1).reshape(len(part), *self.shape) * (1 + part.shape[1] * 2.0**-50)

    def error(self, model: Ieee, formats: Formats) -> Floats:
        """A bound of the rounding errors in the order that the model states."""
        errors = np.zeros_like(self.sizes) if model.fma else formats.half_ulps(self.sizes)
        if model.order == "pairwise":
            found = self._pairwise(errors, formats, 0, self.sizes.shape[1]).error
        else:
            found = self._sequential(errors, formats, model.fma)
        return found.reshape(len(found), *self.shape) * OUT

    def _sequential(self, errors: Floats, formats: Formats, fused: bool) -> Floats:
        """Each addition rounds a prefix; the errors so far are at most k u Σ|terms| (1 + u)^k."""
        totals = np.cumsum(self.sizes, axis=1)
        steps = np.arange(totals.shape[1]).reshape(1, -1, 1, 1) + 1
        drift = steps * formats.units(totals) * totals * np.exp(steps * formats.units(totals))
        off = np.cumsum(self.off + errors, axis=1) + drift
        largest = np.abs(np.cumsum(self.centers, axis=1)) + off * (1 + totals.shape[1] * 2.0**-50)
        sums = formats.half_ulps(largest * OUT + totals * 2.0**-40)
        before = np.concatenate([np.zeros_like(totals[:, :1]), totals[:, :-1]], axis=1)
        nothing = (self.sizes == 0) | ((before == 0) & (not fused))
        return (errors + np.where(nothing, 0.0, sums)).sum(axis=1) * (
            1 + totals.shape[1] * 2.0**-50
        )

    def _pairwise(self, errors: Floats, formats: Formats, start: int, stop: int) -> Sum:
        if stop - start < 3:
            leaves = [self._leaf(errors, k) for k in range(start, stop)]
            return reduce(lambda a, b: a.joined(b, formats), leaves)
        middle = start + (stop - start) // 2
        first = self._pairwise(errors, formats, start, middle)
        return first.joined(self._pairwise(errors, formats, middle, stop), formats)

    def _leaf(self, errors: Floats, k: int) -> Sum:
        return Sum(self.centers[:, k], self.off[:, k], errors[:, k], self.sizes[:, k])


def _spread(form: Form, on_the_left: bool) -> tuple[Any, Any, Any]:
    """Centers, sizes and uncertainties with the summation index as second axis."""

    def spread(array: Floats) -> Floats:
        if on_the_left:
            rows = array if array.ndim == 3 else array[:, None, :]
            return rows.swapaxes(1, 2)[:, :, :, None]
        columns = array if array.ndim == 3 else array[:, :, None]
        return columns[:, :, None, :]

    return spread(form.center), spread(form.largest), spread(form.radius + form.size)
