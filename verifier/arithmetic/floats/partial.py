"""Partial sums over a box: how much their rounding errs, given what the whole sum is.

Given |a| ≤ A of a sum a, each partial sum p is at most min(M, A + L), where M bounds |p| and L
|a − p|, what is still to come. In any order, |p| + |a − p| ≤ T, the sum of all sizes, so that
|p| ≤ (A + T) / 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verifier.arithmetic.floats.binary import Floats
from verifier.arithmetic.floats.forms import Form
from verifier.arithmetic.floats.frame import Frame
from verifier.arithmetic.floats.products import Products, dots
from verifier.arithmetic.floats.summation import OUT, Terms

MANY = 2**21
"""Errors of partial sums that are worked out at once; of more, at fewer sizes of the sum."""


@dataclass(frozen=True, eq=False)
class Partial:
    """What is known of the partial sums of a sum, for the lanes of a stated order and the others.

    `fixed` bounds all errors but those of the additions, `most` is M and `left` L of each addition
    (behind the lanes, one axis), `sizes` is T of the lanes of any order.
    """

    fixed: Floats
    most: Floats
    left: Floats
    total: Floats
    sizes: Floats
    terms: Terms | None
    free: Floats

    def errors(self, frame: Frame, sizes: Floats) -> Floats:
        """Bounds of a sum's error where it is at most so large; sizes have the second axis."""
        found = np.full_like(sizes, np.inf)
        found[frame.stated] = self._stated(frame, sizes[frame.stated])
        if self.terms is not None:
            found[frame.open] = self._open(frame, sizes[frame.open], self.terms)
        return found * OUT

    def _stated(self, frame: Frame, sizes: Floats) -> Floats:
        """In few steps of the size where there are many additions: errors only grow with it."""
        count = max(4, MANY // max(1, self.most.size))
        cells = sizes.shape[1]
        if cells <= count:
            return self._added(frame, sizes)
        largest = sizes.max(axis=1, keepdims=True)
        shares = (np.arange(1, count + 1) / count).reshape(1, count, *(1,) * (sizes.ndim - 2))
        table = self._added(frame, largest * shares * OUT)
        with np.errstate(all="ignore"):
            place = np.ceil(sizes / largest * count * (1 - 2.0**-41)) - 1
        at = np.clip(np.nan_to_num(place, nan=count - 1), 0, count - 1).astype(np.int64)
        return np.take_along_axis(table, at, axis=1)

    def _added(self, frame: Frame, sizes: Floats) -> Floats:
        found = np.repeat(self.fixed[:, None], sizes.shape[1], axis=1)
        for k in range(sizes.shape[1]):
            least = np.minimum(self.most, sizes[:, k, None] + self.left) * OUT
            found[:, k] += _halves(frame, least).sum(axis=1) * (1 + self.most.shape[1] * 2.0**-52)
        return found

    def _open(self, frame: Frame, sizes: Floats, terms: Terms) -> Floats:
        formats, count = frame.free, terms.count[:, None]
        units = formats.units(count)
        total = (terms.plus + terms.minus)[:, None]
        drift = np.maximum(count - 1, 0) * units * total * np.exp(count * units)
        sums = np.maximum(terms.plus, terms.minus)[:, None]
        off = self.free[:, None]
        half = (sizes + off + self.sizes[:, None]) / 2
        largest = (np.minimum(sums, half * OUT) + terms.error[:, None] + drift) * OUT
        others = np.maximum(count - 2, 0)
        added = np.where(others > 0, others * formats.half_ulps(largest), 0.0)
        early = np.where(count > 1, terms.error[:, None] + added, 0.0) * OUT
        last = np.minimum(sizes, self.total[frame.open][:, None]) + off + early
        return off + early + formats.half_ulps(last * OUT)


def _halves(frame: Frame, sizes: Floats) -> Floats:
    """Half ulps in the formats of the stated lanes."""
    return frame.sums.half_ulps(sizes)


def single(frame: Frame, form: Form) -> Partial:
    """A sum of one term, which is there already."""
    stated, free = frame.stated, frame.open
    none = np.zeros((len(form.center[stated]), 0, *form.shape))
    sizes = form.largest[free]
    return Partial(form.size[stated], none, none, form.largest, sizes, form.terms, form.size[free])


def of_products(frame: Frame, left: Form, right: Form, found: Form) -> Partial:
    """The sums of a product of matrices, each entry of the left one after the other."""
    products = Products(left, right)
    terms = products.sizes + products.spread
    empty = np.zeros((frame.stated.stop, 0, *found.shape))
    fixed, most, rest = found.size[frame.stated], empty, empty
    if frame.sums.rows:
        fixed, most, rest = _in_turn(frame, products)
    sizes = terms[frame.open].reshape(-1, *found.shape)
    return Partial(
        fixed, most, rest, found.largest, sizes * OUT, found.terms, found.size[frame.open]
    )


def _in_turn(frame: Frame, products: Products) -> tuple[Floats, Floats, Floats]:
    """Errors before any addition, and M and L of each."""
    rows, count = frame.stated, products.count
    centers, sizes, off = products.each(rows)
    off = np.broadcast_to(off, sizes.shape)
    formats, fma = frame.sums, frame.model.fma
    errors = np.zeros_like(sizes) if fma else formats.half_ulps(sizes)
    moved = _moved(products)[rows]
    total = sizes.sum(axis=1, keepdims=True) * OUT
    units = formats.units(total)
    drift = (
        errors.sum(axis=1, keepdims=True) + count * units * total * np.exp(count * units)
    ) * OUT
    slack = drift + total * 2.0**-40
    sums, room = np.cumsum(centers, axis=1), np.cumsum(off, axis=1)
    later = np.abs(sums[:, -1:] - sums) + (room[:, -1:] - room)
    most = np.where(sizes == 0, 0.0, (np.abs(sums) + room + slack) * OUT)  # to add nothing
    left = (later + slack + moved.reshape(len(moved), 1, *sizes.shape[2:])) * OUT
    first = 0 if fma else 1
    shape = products.shape

    def shaped(part: Floats) -> Floats:
        return part[:, first:].reshape(len(part), -1, *shape)

    fixed = (errors.sum(axis=1).reshape(len(errors), *shape) + moved) * OUT
    return fixed, shaped(most), shaped(left)


def _moved(products: Products) -> Floats:
    """How far the products of what is computed may be from those of exact factors, together."""
    left, right, axes = products.left, products.right, products.axes
    exact = right.magnitude + right.radius
    found = dots(left.size, exact, axes) + dots(left.largest, right.size, axes)
    return found * products.out


def joined(frame: Frame, x: Partial, y: Partial, found: Form) -> Partial:
    """The sum of two sums, or their difference: each of their partial sums lacks the other."""
    stated, shape = frame.stated, found.shape

    def lacking(part: Partial, other: Partial) -> tuple[Floats, Floats]:
        whole = _grown(other.total[stated], shape)
        most, left = (_grown(array, shape, 2) for array in (part.most, part.left))
        wide = np.broadcast_shapes(left.shape, (len(left), 1, *shape))
        return np.broadcast_to(most, wide), np.broadcast_to(left + whole[:, None], wide)

    pairs = lacking(x, y), lacking(y, x)
    fixed = _grown(x.fixed, shape) + _grown(y.fixed, shape)
    before = _before(frame, x, shape) + _before(frame, y, shape)
    own = found.largest[stated][:, None], before[:, None]
    most, left = (
        np.concatenate(
            [pairs[0][k], pairs[1][k], np.broadcast_to(own[k], (len(fixed), 1, *shape))], axis=1
        )
        for k in (0, 1)
    )
    sizes = (_grown(x.sizes, shape) + _grown(y.sizes, shape)) * OUT
    return Partial(
        np.broadcast_to(fixed * OUT, (len(fixed), *shape)).copy(),
        most,
        left,
        found.largest,
        sizes,
        found.terms,
        found.size[frame.open],
    )


def _before(frame: Frame, part: Partial, shape: tuple[int, ...]) -> Floats:
    """A bound of a sum's error, whatever it is."""
    own = part.fixed + _halves(frame, part.most).sum(axis=1) * OUT
    return _grown(own * OUT, shape)


def _grown(array: Floats, shape: tuple[int, ...], lead: int = 1) -> Floats:
    """The array with as many axes behind the first ones as a shape has."""
    more = len(shape) - (array.ndim - lead)
    return array.reshape(*array.shape[:lead], *(1,) * more, *array.shape[lead:])
