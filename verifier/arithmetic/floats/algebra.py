"""Sums and products of affine forms: deviations to first order, the rest bounded.

Each operation takes the deviations of its arguments on in slopes that all formats share; the second
order, what formats do not share, and its own rounding go into the remainder.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from verifier.arithmetic.floats.binary import Floats
from verifier.arithmetic.floats.blends import blend
from verifier.arithmetic.floats.forms import Form
from verifier.arithmetic.floats.lanes import Lanes, finite
from verifier.arithmetic.floats.linear import LOSS, Linear
from verifier.arithmetic.floats.products import Products, dots, moved
from verifier.arithmetic.floats.summation import OUT, TINY, Terms


class Algebra(Lanes):
    """The operations of which sums of matrix products are made, and blends of gates."""

    def _one(self, form: Form, error: Floats | None = None) -> Terms:
        """A sum of one term, in the lanes of any order; `error` is that of a product."""
        low, high = (end[self.open] for end in form.ends)
        plus, minus = np.maximum(high, 0.0) * OUT, np.maximum(-low, 0.0) * OUT
        error = np.zeros_like(plus) if error is None else error
        return Terms(form.some[self.open], plus, minus, error)

    def _exact(self, x: Form, y: Form, largest: Floats) -> Any:
        """Where a sum of a number and a float is a float: a multiple of both ulps, not too large.

        So 1 − z is exact for z from a half on. Of other sums this is seldom true, and not asked.
        """
        both = x.shape and y.shape
        x, y = aligned(x, y)
        if both:
            return x.zero | y.zero
        ulps = [np.where(part.zero, np.inf, self.formats.ulps(part.least)) for part in (x, y)]
        precision = self.formats.column("precision", largest)
        return largest <= np.ldexp(np.minimum(*ulps), precision)

    def add(self, x: Form, y: Form) -> Form:
        a, b = aligned(x, y)
        value = a.center + b.center, a.radius + b.radius
        apart = None if a.linear and b.linear else a.size + b.size
        found = self.form(value, a.linear + b.linear, a.rest + b.rest, size=apart)
        exact, off = self._exact(x, y, found.largest), self.rounding(found)
        off[self.open] = 0.0
        off[exact] = 0.0
        found = found.after(off)
        if not self.free.rows:
            return found
        first, second = (part.terms or self._one(part) for part in (a, b))
        terms = first + second
        other = self._as_step(x, y)
        if other is not None:
            terms = terms.or_in_steps(other)
        leaves = x.terms is None and y.terms is None
        return replace(found, terms=terms, exact=exact[self.open] & leaves)

    def subtract(self, x: Form, y: Form) -> Form:
        return replace(self.add(x, self.negate(y)), parts=(x, y))

    def negate(self, x: Form) -> Form:
        terms = None if x.terms is None else -x.terms
        return replace(
            x, center=-x.center, linear=x.linear.times(-1.0), terms=terms, factors=None, parts=None
        )

    def multiply(self, x: Form, y: Form) -> Form:
        """Δ(x y) = a Δy + b Δx + (x − a) Δy + (y − b) Δx + Δx Δy; a, b are the last format's."""
        p, q = aligned(x, y)
        a, b = p.center[-1], q.center[-1]
        rest = p.magnitude[-1] * q.rest + q.magnitude[-1] * p.rest + p.size * q.size
        some = ~(p.zero | q.zero)  # even where float64 loses the product
        rest = rest + p.apart * q.size + q.apart * p.size + TINY * (some & (p.size + q.size != 0))
        radius = p.magnitude * q.radius + (q.magnitude + q.radius) * p.radius
        linear = p.linear.times(b) + q.linear.times(a)
        found = self.form((p.center * q.center, radius + TINY * some), linear, rest)
        error = self.rounding(found, TINY * some)
        terms = self._one(found, error[self.open].copy()) if self.free.rows else None
        error[self.open] = 0.0
        return replace(found.after(error), terms=terms, factors=(x, y))

    def divide(self, x: Form, y: Form) -> Form:
        """x / y: the deviation is (Δx − q Δy) / (y + Δy), with q = x / y."""
        p, r = aligned(self.closed(x), self.closed(y))
        below, b = r.least, np.where(r.center[-1] == 0, 1.0, r.center[-1])
        q, size = p.center / np.where(r.center == 0, 1.0, r.center), np.abs(b)
        # Everything in the scale of q at once: products of both sides under- and overflow.
        radius, lead = p.radius / below + np.abs(q) * (r.radius / below), q[-1]
        apart = (np.abs(r.center - b) + r.radius + r.size) / below + LOSS
        share = r.size / size
        rest = p.rest / size + np.abs(lead) * (r.rest / size) + (np.abs(q - lead) + radius) * share
        rest = rest + (p.size / size + (np.abs(q) + radius) * share) * apart
        linear = p.linear.times(1 / b) + r.linear.times(1 / b).times(-lead)
        found = self.form((q, radius + TINY * ~p.zero), linear, rest)
        return found.after(self.rounding(found))

    def matmul(self, left: Form, right: Form) -> Form:
        """NumPy's `@`, with the deviations as in `multiply`."""
        products = Products(left, right)
        axes = products.axes
        a, b = left.center[-1:], right.center[-1:]
        rest = np.zeros_like(products.sizes)
        radius = left.shape[-1] * 2.0**-52 * products.sizes + TINY * products.some
        if not right.certain:
            rest = rest + dots(left.magnitude[-1:], right.rest, axes)
            rest = rest + dots(left.apart + left.size, right.size, axes)
            radius = radius + dots(left.magnitude + left.radius, right.radius, axes)
        if not left.certain:
            rest = rest + dots(left.rest, right.magnitude[-1:], axes)
            rest = rest + dots(left.size, right.apart, axes)
            radius = radius + dots(left.radius, right.magnitude, axes)
        if not (left.certain and right.certain):
            rest = rest + TINY * products.some
        linear = Linear(
            *(
                moved(x, b[0], axes[0], True) + moved(y, a[0], axes[1], False)
                for x, y in (
                    (left.linear.lasting, right.linear.lasting),
                    (left.linear.passing, right.linear.passing),
                )
            )
        )
        found = self.form((products.center, radius), linear, rest)
        return self._rounded_products(found, products)

    def _rounded_products(self, form: Form, products: Products) -> Form:
        """The sums with the errors of the stated order, open for more in the other lanes."""
        if self.sums.rows and not (products.left.certain and products.right.certain):
            form = self._in_order(form, products.error(self.stated, self.model, self.sums))
        if not self.free.rows:
            return form
        return replace(form, terms=products.terms(self.open, self.free))

    def _in_order(self, form: Form, error: Floats) -> Form:
        """The sum after the errors of the stated order; a wide accumulator is rounded at last."""
        off = np.zeros_like(form.center)
        off[self.stated] = finite(error * OUT)
        if self.model.accumulator:
            off = self.rounding(form, off)
            off[self.open] = 0.0
        return form.after(off)

    def _as_step(self, x: Form, y: Form) -> Any:
        """The error of the product in h + z ∘ (s − h), where the sum is (1 − z) ∘ h + z ∘ s."""
        found = blend(x, y)
        if found is None:
            return None
        z, h, s = aligned(*found)
        low, high = (s.ends[k] - h.ends[1 - k] for k in (0, 1))
        apart = np.maximum(np.abs(low), np.abs(high)) * OUT
        size, apart = z.largest[self.open], apart[self.open]
        return size * self.free.half_ulps(apart) + self.free.half_ulps(size * apart)


def aligned(*forms: Form) -> tuple[Form, ...]:
    """The forms with as many axes, as NumPy spreads them."""
    axes = max(len(form.shape) for form in forms)
    more = ((1,) * (axes - len(form.shape)) for form in forms)
    return tuple(
        form.reshape(ones + form.shape) if ones else form
        for form, ones in zip(forms, more, strict=True)
    )
