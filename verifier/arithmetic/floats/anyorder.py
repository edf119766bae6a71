"""Sets of possible floats for every order of summation and every use of fused products.

A sum of matrix products, products and terms is left open while it grows, so that terms of
neighbouring products may be added in any order too, as programs do that start a product from a
bias or join two products. When something else needs the sum, it is closed: the exact sum of the
terms, widened by the bound of `summation.Terms`, and rounded once. (1 − z) ∘ h + z ∘ s may also
be computed as h + z ∘ (s − h), as PyTorch does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from verifier.arithmetic.floats.binary import Floats
from verifier.arithmetic.floats.blends import blend
from verifier.arithmetic.floats.enclose import Ends, between
from verifier.arithmetic.floats.floatset import FloatSet, Span, doubles, factors, unless
from verifier.arithmetic.floats.summation import GROWING, KEEPING, OUT, Terms
from verifier.arithmetic.protocol import Site
from verifier.language.operations import Shape


@dataclass(frozen=True, eq=False)
class Open:
    """A sum that may grow: the ends of its exact value in float64, and its terms.

    `factors` are those of a single product, `parts` those of a single difference.
    """

    low: Floats
    high: Floats
    terms: Terms
    factors: tuple[Span, Span] | None = None
    parts: tuple[Span, Span] | None = None

    @property
    def shape(self) -> Shape:
        """The shape of the quantity."""
        return self.low.shape


@dataclass(frozen=True)
class AnyOrder(FloatSet):
    """Spans of floats whatever the order of summation."""

    name = "float set, any order"

    def apply(self, operation: str, arguments: Sequence[Any], site: Site) -> Any:
        found = self.function(operation)(*arguments)
        return found if site.path and operation in GROWING else self.closed(found)

    def function(self, operation: str) -> Callable[..., Any]:
        """The operation, of sums that are closed before it unless it lets them grow."""
        own = super().function(operation)
        return own if operation in KEEPING else lambda *parts: own(*map(self.closed, parts))

    def closed(self, value: Span | Open) -> Span:
        """The floats that the sum may be."""
        if not isinstance(value, Open):
            return value
        early = value.terms.before_last(self.format)
        low, high = (self.format.cast(end) for end in _out(value.low - early, value.high + early))
        lost = np.isinf(early) | np.isinf(low) & np.isinf(high)
        if np.any(lost):
            low, high = (np.where(lost, np.nan, end).astype(low.dtype) for end in (low, high))
        return Span(low, high, value.parts)

    def opened(self, value: Span | Open) -> Open:
        """The value as a sum of one term."""
        if isinstance(value, Open):
            return value
        low, high = (np.asarray(end).astype(np.float64) for end in (value.low, value.high))
        return Open(low, high, _terms(low, high, np.zeros_like(low)))

    def add(self, x: Span | Open, y: Span | Open) -> Any:
        a, b = self.opened(x), self.opened(y)
        low, high = _out(a.low + b.low, a.high + b.high)
        terms = a.terms + b.terms
        other = self._as_step(a, b)
        if other is not None:
            terms = terms.or_in_steps(other)
        return Open(low, high, terms)

    def subtract(self, x: Span | Open, y: Span | Open) -> Any:
        found = self.add(x, self.negate(y))
        spans = isinstance(x, Span) and isinstance(y, Span)
        return replace(found, parts=(x, y)) if spans else found

    def negate(self, x: Span | Open) -> Any:
        if isinstance(x, Span):
            return super().negate(x)
        return Open(-x.high, -x.low, -x.terms)

    def multiply(self, x: Any, y: Any) -> Any:
        low, high, error = self._product(x, y)
        return Open(low, high, _terms(low, high, error), factors=(x, y))

    def divide(self, x: Span | Open, y: Span | Open) -> Any:
        return super().divide(self.closed(x), self.closed(y))

    def max(self, x: Span | Open, y: Span | Open) -> Any:
        return super().max(self.closed(x), self.closed(y))

    def min(self, x: Span | Open, y: Span | Open) -> Any:
        return super().min(self.closed(x), self.closed(y))

    def within(self, function: str, x: Any, *settings: Any) -> Any:
        return super().within(function, self.closed(x), *settings)

    def composed(self, operation: str, *arguments: Any) -> Any:
        """By the definition, or in one call where there is a hypothesis on that."""
        found = super().composed(operation, *arguments)
        return self._or_in_one_call(found, operation, *arguments)

    def power(self, x: Any, n: int) -> Any:
        """Products in any order, below zero the inverse of them; or a library's power."""
        found = super().power(x, n)
        if abs(n) > 3:  # of fewer factors there is one order
            found = self._either(found, self._products(x, n))
        return self._or_in_one_call(found, "power", x, n) if n not in (0, 1) else found

    def _products(self, x: Span, n: int) -> Span:
        """Each of n − 1 products errs by u of the result, and among subnormals by half an ulp."""
        most = abs(n) - 1
        low, high = between("power", *doubles(x), abs(n))
        off = most * self.format.unit * np.exp(abs(n) * self.format.unit) * OUT
        off = off * np.maximum(np.abs(low), np.abs(high)) + most * self.format.smallest
        lost = ~(np.maximum(np.abs(low), np.abs(high)) + off <= self.format.largest)
        ends = (self.format.cast(end) for end in _out(low - off, high + off))
        found = unless(lost, *ends)
        return self.divide(self.constant("1"), found) if n < 0 else found

    def _or_in_one_call(self, found: Any, operation: str, *arguments: Any) -> Any:
        if (self.format.functions, operation) not in self.accuracy:
            return found
        return self._either(self.closed(found), self.within(operation, *arguments))

    def _either(self, x: Span, y: Span) -> Span:
        return Span(np.minimum(x.low, y.low), np.maximum(x.high, y.high))

    def matmul(self, left: Span, right: Span) -> Any:
        """The sums of products, open for more terms."""
        shape = left.shape[:-1] + right.shape[1:]
        lows, highs, errors = self._product(*factors(left, right))
        each = _terms(lows, highs, errors)
        count, plus, minus, error = (
            part.sum(axis=0).reshape(shape) * OUT
            for part in (each.count, each.plus, each.minus, each.error)
        )
        slack = (plus + minus) * (len(lows) * 2.0**-52)
        low, high = (part.sum(axis=0).reshape(shape) for part in (lows, highs))
        return Open(low - slack, high + slack, Terms(np.rint(count), plus, minus, error))

    def total(self, terms: Span) -> Span:
        lows, highs = terms.low.astype(np.float64), terms.high.astype(np.float64)
        each = _terms(lows, highs, np.zeros_like(lows))
        parts = (each.count, each.plus, each.minus, each.error)
        joined = Terms(*(part.sum(axis=0) * OUT for part in parts))
        slack = (joined.plus + joined.minus) * (len(lows) * 2.0**-52)
        low, high = lows.sum(axis=0) - slack, highs.sum(axis=0) + slack
        return self.closed(Open(low, high, replace(joined, count=np.rint(joined.count))))

    def _product(self, x: Span, y: Span) -> tuple[Floats, Floats, Floats]:
        """The ends of the exact products, and how far one that is rounded may be off."""
        wide = [part.each(lambda end: end.astype(np.float64)) for part in (x, y)]
        found = FloatSet.multiply(self, *wide)
        low, high = (found.low, found.high)
        if self.format.precision == 53:  # products of 24 bits are exact in float64
            low, high = _out(low, high)
        return low, high, self.format.half_ulps(np.maximum(np.abs(low), np.abs(high)))

    def _as_step(self, a: Open, b: Open) -> Floats | None:
        """The error of the product in h + z ∘ (s − h), where the sum is (1 − z) ∘ h + z ∘ s."""
        found = blend(a, b)
        if found is None:
            return None
        z, h, s = (_size(part) for part in found)
        apart = s + h  # at least the size of s − h
        difference = np.minimum(apart, np.maximum(*_gaps(found[1], found[2])))
        return z * self.format.half_ulps(difference) + self.format.half_ulps(z * difference)


def _terms(low: Floats, high: Floats, error: Floats) -> Terms:
    """What is known of single terms between these ends."""
    count = ((low != 0) | (high != 0)).astype(np.float64)
    return Terms(count, np.maximum(high, 0.0), np.maximum(-low, 0.0), error)


def _out(low: Floats, high: Floats) -> Ends:
    """Ends that hold what float64 may have rounded away."""
    return np.nextafter(low, -np.inf), np.nextafter(high, np.inf)


def _size(value: Span) -> Floats:
    low, high = value.low.astype(np.float64), value.high.astype(np.float64)
    return np.maximum(np.abs(low), np.abs(high))


def _gaps(h: Span, s: Span) -> Ends:
    ends = [end.astype(np.float64) for end in (h.low, h.high, s.low, s.high)]
    return np.abs(ends[2] - ends[1]) * OUT, np.abs(ends[3] - ends[0]) * OUT
