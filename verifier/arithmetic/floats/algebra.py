"""Sums and products of affine forms: deviations to first order, the rest bounded.

Each operation takes the deviations of its arguments on in slopes that all formats share; the second
order, what formats do not share, and its own rounding go into the remainder.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from verifier.arithmetic.floats.forms import LOSS, TINY, Floats, Form, Linear
from verifier.arithmetic.floats.lanes import Lanes, finite
from verifier.arithmetic.floats.products import Products, dots, moved
from verifier.arithmetic.floats.summation import OUT, Terms


class Algebra(Lanes):
    """The operations of which sums of matrix products are made, and blends of gates."""

    def _one(self, form: Form, error: Floats) -> Terms:
        """A sum of one term."""
        low, high = form.ends
        count = (form.largest != 0).astype(np.float64)
        return Terms(count, np.maximum(high, 0.0) * OUT, np.maximum(-low, 0.0) * OUT, error)

    def _exact(self, x: Form, y: Form, largest: Floats) -> Any:
        """Where a sum of a number and a float is a float: a multiple of both ulps, not too large.

        So 1 − z is exact for z from a half on. Of other sums this is seldom true, and not asked.
        """
        if x.shape and y.shape:
            return (
                np.zeros((1,) * np.ndim(largest), dtype=bool) | (x.largest == 0) | (y.largest == 0)
            )
        x, y = aligned(x, y)
        ulps = [
            np.where(part.largest == 0, np.inf, self.formats.ulps(part.least)) for part in (x, y)
        ]
        precision = self.formats.column("precision", largest)
        return largest <= np.ldexp(np.minimum(*ulps), precision)

    def add(self, x: Form, y: Form) -> Form:
        a, b = aligned(x, y)
        value = a.center + b.center, a.radius + b.radius
        found = self.form(value, a.linear + b.linear, a.rest + b.rest)
        exact = self._exact(x, y, found.largest)
        found = self.rounded(found, where=self._stated(exact) & ~exact)
        if not self.open.any():
            return found
        first, second = (part.terms or self._one(part, np.zeros_like(part.size)) for part in (a, b))
        terms = first + second
        other = self._as_step(x, y)
        if other is not None:
            terms = terms.or_in_steps(other)
        leaves = x.terms is None and y.terms is None
        return replace(found, terms=terms, exact=exact & leaves)

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
        rest = rest + p.apart * q.size + q.apart * p.size
        radius = p.magnitude * q.radius + (q.magnitude + q.radius) * p.radius
        linear = p.linear.times(b) + q.linear.times(a)
        found = self.form((p.center * q.center, radius), linear, rest)
        some = (p.largest != 0) & (q.largest != 0)  # even where float64 loses the product
        error = self.formats.half_ulps(found.largest * OUT + TINY * some)
        terms = self._one(found, error)
        found = self.rounded(found, TINY * some, where=self._stated(error))
        return replace(found, terms=terms, factors=(x, y)) if self.open.any() else found

    def divide(self, x: Form, y: Form) -> Form:
        """x / y: the deviation is (Δx − q Δy) / (y + Δy), with q = x / y."""
        p, r = aligned(self.closed(x), self.closed(y))
        below, b = r.least, np.where(r.center[-1] == 0, 1.0, r.center[-1])
        q = p.center / np.where(r.center == 0, 1.0, r.center)
        radius, lead = (p.radius + np.abs(q) * r.radius) / below, q[-1]
        apart = np.abs(r.center - b) + r.radius + r.size + LOSS * np.abs(b)
        apart = apart / below / np.abs(b)  # the product of both may overflow, and the bound vanish
        rest = (p.rest + np.abs(lead) * r.rest) / np.abs(b)
        rest = rest + (np.abs(q - lead) + radius) * r.size / below
        rest = rest + (p.size + (np.abs(q) + radius) * r.size) * apart
        linear = p.linear.times(1 / b) + r.linear.times(-lead / b)
        return self.rounded(self.form((q, radius), linear, rest))

    def matmul(self, left: Form, right: Form) -> Form:
        """NumPy's `@`, with the deviations as in `multiply`."""
        axes = len(left.shape), len(right.shape)
        a, b = left.center[-1:], right.center[-1:]
        rest = radius = np.zeros(1)
        if not right.certain:
            rest = dots(left.magnitude[-1:], right.rest, axes)
            rest = rest + dots(left.apart + left.size, right.size, axes)
            radius = dots(left.magnitude, right.radius, axes)
            radius = radius + dots(left.radius, right.radius, axes)
        if not left.certain:
            rest = rest + dots(left.rest, right.magnitude[-1:], axes)
            rest = rest + dots(left.size, right.apart, axes)
            radius = radius + dots(left.radius, right.magnitude, axes)
        largest = dots(left.magnitude, right.magnitude, axes)
        rest = rest + np.zeros_like(largest)
        radius = radius + left.shape[-1] * 2.0**-52 * largest
        linear = Linear(
            *(
                moved(x, b[0], axes[0], True) + moved(y, a[0], axes[1], False)
                for x, y in (
                    (left.linear.lasting, right.linear.lasting),
                    (left.linear.passing, right.linear.passing),
                )
            )
        )
        value = dots(left.center, right.center, axes), radius
        found = self.form(value, linear, rest)
        return self._rounded_products(found, left, right)

    def _rounded_products(self, form: Form, left: Form, right: Form) -> Form:
        """The sums with the errors of the stated order, open for more in the other lanes."""
        stated, free = slice(0, self.stated), slice(self.stated, None)
        if self.stated and not (left.certain and right.certain):
            error = np.zeros_like(form.center)
            error[stated] = Products(left, right, stated).error(self.model, self.sums)
            form = self._in_order(form, error)
        if self.stated == len(self.models):
            return form
        terms = Products(left, right, free).terms(self.free)
        names = ("count", "plus", "minus", "error")
        return replace(form, terms=Terms(*(self._lifted(getattr(terms, n)) for n in names)))

    def _lifted(self, array: Floats) -> Floats:
        """An array of the lanes of any order as one of all lanes."""
        found = np.zeros((len(self.models), *array.shape[1:]))
        found[self.stated :] = array
        return found

    def _in_order(self, form: Form, error: Floats) -> Form:
        """The sum after the errors of the stated order; a wide accumulator is rounded at last."""
        stated = self._stated(error)
        if self.model.accumulator:
            return self.rounded(form, error, stated)
        off = np.where(stated, finite(error * OUT), 0.0)
        return replace(form, rest=form.rest + off, size=(form.size + off) * OUT)

    def _as_step(self, x: Form, y: Form) -> Any:
        """The error of the product in h + z ∘ (s − h), where the sum is (1 − z) ∘ h + z ∘ s."""
        found = _blend(x, y) or _blend(y, x)
        if found is None:
            return None
        z, h, s = found
        low, high = (s.ends[k] - aligned(h, s)[0].ends[1 - k] for k in (0, 1))
        apart = np.maximum(np.abs(low), np.abs(high)) * OUT
        size = aligned(z, s)[0].largest
        return size * self.formats.half_ulps(apart) + self.formats.half_ulps(size * apart)


def aligned(x: Form, y: Form) -> tuple[Form, Form]:
    """Both forms with as many axes; only scalars have fewer."""
    axes = max(len(x.shape), len(y.shape))
    a, b = (form if form.shape else form.reshape((1,) * axes) for form in (x, y))
    return a, b


def _blend(x: Form, y: Form) -> tuple[Form, Form, Form] | None:
    """z, h and s where x = (1 − z) ∘ h and y = z ∘ s, the z being the same value."""
    for kept, h in (x.factors, x.factors[::-1]) if x.factors else ():
        if kept.parts is not None and np.all(kept.parts[0].center == 1):
            for z, s in (y.factors, y.factors[::-1]) if y.factors else ():
                if z is kept.parts[1]:
                    return z, h, s
    return None
