"""Sums and products of affine forms: deviations to first order, the rest bounded.

Each operation takes the deviations of its arguments on in slopes that all formats share; the second
order, what formats do not share, and its own rounding go into the remainder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial, reduce
from math import prod

import numpy as np

from verifier.arithmetic.floats.binary import Bools, Floats
from verifier.arithmetic.floats.blends import blend
from verifier.arithmetic.floats.forms import Form, aligned
from verifier.arithmetic.floats.frame import Frame
from verifier.arithmetic.floats.linear import LOSS, Linear
from verifier.arithmetic.floats.products import Products, dots, moved
from verifier.arithmetic.floats.summation import OUT, TINY, Terms, finite


def add(frame: Frame, x: Form, y: Form) -> Form:
    """The sum, open for more terms in the lanes of any order."""
    a, b = aligned(x, y)
    value = a.center + b.center, a.radius + b.radius
    apart = None if a.linear and b.linear else a.size + b.size
    found = frame.form(value, a.linear + b.linear, a.rest + b.rest, size=apart)
    exact = _exact(frame, x, y, found.largest)
    if frame.sums.rows:
        off = frame.rounding(found)
        off[frame.open] = 0.0
        off[exact] = 0.0
        found = found.after(off)
    if not frame.free.rows:
        return found
    first, second = (part.terms or _one(frame, part) for part in (a, b))
    terms = first + second
    other = _as_step(frame, x, y)
    if other is not None:
        terms = terms.or_in_steps(other)
    leaves = x.terms is None and y.terms is None
    return replace(found, terms=terms, exact=exact[frame.open] & leaves)


def subtract(frame: Frame, x: Form, y: Form) -> Form:
    """The difference, a sum that remembers its parts."""
    return replace(add(frame, x, negate(frame, y)), parts=(x, y))


def negate(frame: Frame, x: Form) -> Form:
    """The form with the other sign, whose terms have it too."""
    terms = None if x.terms is None else -x.terms
    return replace(
        x, center=-x.center, linear=x.linear.times(-1.0), terms=terms, factors=None, parts=None
    )


def multiply(frame: Frame, x: Form, y: Form) -> Form:
    """Δ(x y) = a Δy + b Δx + (x − a) Δy + (y − b) Δx + Δx Δy; a, b are the last format's."""
    p, q = aligned(x, y)
    a, b = p.center[-1], q.center[-1]
    rest = p.magnitude[-1] * q.rest + q.magnitude[-1] * p.rest + p.size * q.size
    lost = np.where(p.zero | q.zero, 0.0, TINY)  # even where float64 loses the product
    rest = rest + p.apart * q.size + q.apart * p.size + lost * (p.size + q.size != 0)
    radius = p.magnitude * q.radius + (q.magnitude + q.radius) * p.radius
    linear = p.linear.times(b) + q.linear.times(a)
    found = frame.form((p.center * q.center, radius + lost), linear, rest)
    error = frame.rounding(found, lost)
    terms = _one(frame, found, error[frame.open].copy()) if frame.free.rows else None
    if frame.sums.rows:
        error[frame.open] = 0.0
        found = found.after(error)
    return replace(found, terms=terms, factors=(x, y))


def divide(frame: Frame, x: Form, y: Form) -> Form:
    """x / y: the deviation is (Δx − q Δy) / (y + Δy), with q = x / y."""
    p, r = aligned(frame.closed(x), frame.closed(y))
    below, b = r.least, np.where(r.center[-1] == 0, 1.0, r.center[-1])
    q, size = p.center / np.where(r.center == 0, 1.0, r.center), np.abs(b)
    # Everything in the scale of q at once: products of both sides under- and overflow.
    radius, lead = p.radius / below + np.abs(q) * (r.radius / below), q[-1]
    apart = (np.abs(r.center - b) + r.radius + r.size) / below + LOSS
    share = r.size / size
    rest = p.rest / size + np.abs(lead) * (r.rest / size) + (np.abs(q - lead) + radius) * share
    rest = rest + (p.size / size + (np.abs(q) + radius) * share) * apart
    linear = p.linear.times(1 / b) + r.linear.times(1 / b).times(-lead)
    found = frame.form((q, radius + TINY * ~p.zero), linear, rest)
    return found.after(frame.rounding(found))


def matmul(frame: Frame, left: Form, right: Form) -> Form:
    """NumPy's `@`, with the deviations as in `multiply`."""
    products = frame.products(left, right)
    rest, radius = _spread(products)
    found = frame.form((products.center, radius), _slopes(products), rest)
    return _rounded_products(frame, found, products)


def _spread(products: Products) -> tuple[Floats, Floats]:
    """The remainder of sums of products, and how far their exact values are from the centers."""
    left, right, axes = products.left, products.right, products.axes
    rest = np.zeros_like(products.sizes)
    radius = left.shape[-1] * 2.0**-52 * products.sizes + TINY * products.some
    if not right.certain:
        rest = rest + dots(left.magnitude[-1:], right.rest, axes)
        rest = rest + dots(left.apart + left.size, right.size, axes)
        radius = radius + dots(left.magnitude + left.radius, right.radius, axes)
    if not left.certain:
        rest = rest + dots(left.rest, right.magnitude[-1:], axes)
        rest = rest + _apart(left.size, right, axes)
        radius = radius + dots(left.radius, right.magnitude, axes, right.paired)
    if not (left.certain and right.certain):
        rest = rest + TINY * products.some
    return rest, radius


def _apart(size: Floats, right: Form, axes: tuple[int, int]) -> Floats:
    """What deviations make of how far a factor is from the last lane's center."""
    if right.certain and right.alike:  # as large matrices are, which then are read once
        return LOSS * dots(size, right.magnitude, axes, right.paired)
    return dots(size, right.apart, axes, right.paired)


def _slopes(products: Products) -> Linear:
    left, right, axes = products.left, products.right, products.axes
    a, b = left.center[-1:], right.center[-1:]
    pairs = (
        (left.linear.lasting, right.linear.lasting),
        (left.linear.passing, right.linear.passing),
    )
    return Linear(
        *(moved(x, b[0], axes[0], True) + moved(y, a[0], axes[1], False) for x, y in pairs)
    )


def _rounded_products(frame: Frame, form: Form, products: Products) -> Form:
    """The sums with the errors of the stated order, open for more in the other lanes."""
    if frame.sums.rows and not (products.left.certain and products.right.certain):
        form = _in_order(frame, form, products.error(frame.stated, frame.model, frame.sums))
    if not frame.free.rows:
        return form
    return frame.product(form, products.terms(frame.open, frame.adding))


def _in_order(frame: Frame, form: Form, error: Floats) -> Form:
    """The sum after the errors of the stated order; a wide accumulator is rounded at last."""
    off = np.zeros_like(form.center)
    off[frame.stated] = finite(error * OUT)
    if frame.model.accumulator:
        off = frame.rounding(form, off)
        off[frame.open] = 0.0
    return form.after(off)


def outer(frame: Frame, x: Form, y: Form) -> Form:
    """All products of entries."""
    return multiply(frame, x.reshape((*x.shape, 1)), y.reshape((1, *y.shape)))


def sum_of(frame: Frame, x: Form, axis: int | None = None) -> Form:
    """The sum of the entries in the stated order; a wide accumulator is rounded at last."""
    flat = x.reshape((prod(x.shape),)) if axis is None else x
    count = flat.shape[axis or 0]
    total = in_turn(frame, [flat.each(partial(_take, k, axis or 0)) for k in range(count)])
    if frame.model.accumulator:
        total = frame.closed(total)
        total = total.after(frame.rounding(total))
    return total


def mean(frame: Frame, x: Form, axis: int | None = None) -> Form:
    """The sum divided by the number of its terms."""
    count = prod(x.shape) if axis is None else x.shape[axis]
    return divide(frame, sum_of(frame, x, axis), frame.constant(str(count)))


def in_turn(frame: Frame, parts: Sequence[Form]) -> Form:
    """The sum of forms in the stated order; that of two halves where it is pairwise."""
    if len(parts) < 3 or frame.model.order != "pairwise":
        return reduce(partial(add, frame), parts)
    middle = len(parts) // 2
    return add(frame, in_turn(frame, parts[:middle]), in_turn(frame, parts[middle:]))


def _take(k: int, axis: int, array: Floats) -> Floats:
    found: Floats = np.take(array, k, axis=axis + 1)
    return found


def _one(frame: Frame, form: Form, error: Floats | None = None) -> Terms:
    """A sum of one term, in the lanes of any order; `error` is that of a product."""
    low, high = (end[frame.open] for end in form.ends)
    plus, minus = np.maximum(high, 0.0) * OUT, np.maximum(-low, 0.0) * OUT
    error = np.zeros_like(plus) if error is None else error
    return Terms(form.some[frame.open], plus, minus, error)


def _exact(frame: Frame, x: Form, y: Form, largest: Floats) -> Bools:
    """Where a sum of a number and a float is a float: a multiple of both ulps, not too large.

    So 1 − z is exact for z from a half on. Of other sums this is seldom true, and not asked.
    """
    if frame.deployed.closes:  # what is added may have more bits
        return np.zeros(largest.shape, dtype=np.bool_)
    both = x.shape and y.shape
    x, y = aligned(x, y)
    if both:
        return x.zero | y.zero
    ulps = [np.where(part.zero, np.inf, frame.formats.ulps(part.least)) for part in (x, y)]
    precision = frame.formats.column("precision", largest)
    return largest <= np.ldexp(np.minimum(*ulps), precision)


def _as_step(frame: Frame, x: Form, y: Form) -> Floats | None:
    """The error of the product in h + z ∘ (s − h), where the sum is (1 − z) ∘ h + z ∘ s."""
    found = blend(x, y)
    if found is None:
        return None
    z, h, s = aligned(*found)
    low, high = (s.ends[k] - h.ends[1 - k] for k in (0, 1))
    apart = np.maximum(np.abs(low), np.abs(high)) * OUT
    size, apart = z.largest[frame.open], apart[frame.open]
    return size * frame.free.half_ulps(apart) + frame.free.half_ulps(size * apart)
