"""Partial sums over a box: how much their rounding errs, given what the whole sum is.

Given |a| ≤ A of a sum a, each partial sum p is at most min(M, A + L), where M bounds |p| and L
|a − p|, what is still to come. In any order, |p| + |a − p| ≤ T, the sum of all sizes, so that
|p| ≤ (A + T) / 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from verifier.arithmetic.floats.additions import Additions, grown
from verifier.arithmetic.floats.binary import Floats
from verifier.arithmetic.floats.forms import Form
from verifier.arithmetic.floats.frame import Frame
from verifier.arithmetic.floats.products import Kept, Products, dots
from verifier.arithmetic.floats.summation import OUT, Terms

MANY = 2**21
"""Errors of partial sums that are worked out at once; of more, at fewer sizes of the sum."""


@dataclass(frozen=True, eq=False)
class Partial:
    """What is known of the partial sums of a sum, for the lanes of a stated order and the others.

    `fixed` bounds all errors but those of the additions, `sizes` is T of the lanes of any order.
    """

    fixed: Floats
    additions: tuple[Additions, ...]
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
        many = sum(part.most.size for part in self.additions)
        count = max(4, MANY // max(1, many))
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
        parts = [part.errors_given(frame.sums, sizes) for part in self.additions]
        return reduce(np.add, parts, np.repeat(self.fixed[:, None], sizes.shape[1], axis=1)) * OUT

    @property
    def errors_of_all(self) -> Floats:
        """A bound of a sum's error in the stated order, whatever it is."""
        return reduce(np.add, (part.errors for part in self.additions), self.fixed) * OUT

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


def single(frame: Frame, form: Form) -> Partial:
    """A sum of one term, which is there already."""
    sizes = form.largest[frame.open]
    return Partial(
        form.size[frame.stated], (), form.largest, sizes, form.terms, form.size[frame.open]
    )


def of_products(frame: Frame, products: Kept, found: Form) -> Partial:
    """The sums of a product of matrices, each entry of the left one after the other."""
    terms = products.sizes + products.spread
    fixed, additions = found.size[frame.stated], tuple[Additions, ...]()
    if frame.sums.rows:
        fixed, additions = _in_turn(frame, products)
    sizes = terms[frame.open].reshape(-1, *found.shape)
    return Partial(
        fixed, additions, found.largest, sizes * OUT, found.terms, found.size[frame.open]
    )


def _in_turn(frame: Frame, products: Kept) -> tuple[Floats, tuple[Additions, ...]]:
    """Errors before any addition, and the additions."""
    moved = _moved(products)[frame.stated]
    parts = products.in_turn(frame.stated, frame.model.fma, frame.sums)
    lost, added, most, left = (
        products.joined([(at, getattr(part, name)) for at, part in parts])
        for name in ("lost", "added", "most", "left")
    )
    return (lost + moved) * OUT, (Additions(most, left, moved, added),)


def _moved(products: Products) -> Floats:
    """How far the products of what is computed may be from those of exact factors, together."""
    left, right, axes = products.left, products.right, products.axes
    if right.certain:
        return dots(left.size, right.magnitude, axes) * products.out
    exact = right.magnitude + right.radius
    found = dots(left.size, exact, axes) + dots(left.largest, right.size, axes)
    return found * products.out


def joined(frame: Frame, x: Partial, y: Partial, found: Form) -> Partial:
    """The sum of two sums, or their difference: each of their partial sums lacks the other."""
    stated, shape = frame.stated, found.shape
    parts = [
        one.grown(shape).before(grown(other.total[stated], shape))
        for part, other in ((x, y), (y, x))
        for one in part.additions
    ]
    before = sum(grown(part.errors_of_all, shape) for part in (x, y))
    whole = found.largest[stated]
    before = np.broadcast_to(before * OUT, whole.shape)
    none, rounding = np.zeros_like(whole), frame.sums.half_ulps(whole)
    own = Additions(whole[:, None], before[:, None], none, rounding)
    fixed = np.broadcast_to((grown(x.fixed, shape) + grown(y.fixed, shape)) * OUT, whole.shape)
    sizes = (grown(x.sizes, shape) + grown(y.sizes, shape)) * OUT
    return Partial(fixed, (*parts, own), found.largest, sizes, found.terms, found.size[frame.open])
