"""Affine forms over a box: float errors of all given numbers in their intervals at once.

Forms take ranges in the place of values: |R − center| ≤ radius holds for the exact result R of
every point. Two things make them tight. What is known of a term's range limits its rounding errors;
and a function of a sum is bounded over a grid of the sum's values a: where |a| is large the partial
sums may be large too, but the slope is small. `partial` says what partial sums err at an |a|.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from verifier.arithmetic.enclosed import Enclosed, lower, upper
from verifier.arithmetic.floats import functions, slopes
from verifier.arithmetic.floats.affine import Affine, Known
from verifier.arithmetic.floats.binary import Floats, SharpFormats
from verifier.arithmetic.floats.forms import Form
from verifier.arithmetic.floats.frame import Frame, certain
from verifier.arithmetic.floats.linear import Linear, Slopes, constant, nothing
from verifier.arithmetic.floats.partial import Partial, joined, of_products, single
from verifier.arithmetic.floats.products import Kept, Products
from verifier.arithmetic.floats.summation import OUT, finite
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.protocol import LITERAL, Origin, QuantityAt, Site
from verifier.numbers import Numbers

CELLS = 48
"""Cells of the grid over a sum, of few entries; of many, as many as `WORK` allows."""

WORK = 2**17
"""Numbers of a grid."""

REMEMBERED = 32
"""Sums whose partial sums are remembered."""

HINTED = frozenset({"add", "subtract", "multiply", "matmul"})
"""Operations whose result's range is known beforehand, and is made in one go."""

GRIDDED = frozenset({"sigmoid", "tanh"})
"""Functions that are bounded over a grid."""


@dataclass(frozen=True, eq=False)
class RangedFrame(Frame):
    """A frame that is told the range of a result before it is made."""

    told: list[tuple[Floats, Floats]] = field(default_factory=list)
    made: list[Products] = field(default_factory=list)
    """The products of the last matrix product."""

    @cached_property
    def formats(self) -> SharpFormats:
        """The format of each lane."""
        return SharpFormats(super().formats.rows)

    @cached_property
    def sums(self) -> SharpFormats:
        """The formats in which lanes of a stated order add up products."""
        return SharpFormats(super().sums.rows)

    @cached_property
    def free(self) -> SharpFormats:
        """The formats of the lanes of any order."""
        return SharpFormats(super().free.rows)

    @cached_property
    def adding(self) -> SharpFormats:
        """The formats in which lanes of any order add up products."""
        return self.free

    def products(self, left: Form, right: Form) -> Products:
        """As of any frame, kept for the partial sums."""
        self.made[:] = [Kept(*self.narrowed(left, right))]
        return self.made[0]

    def form(
        self,
        value: tuple[Floats, Floats],
        linear: Linear,
        rest: Floats,
        cap: Floats | None = None,
        size: Floats | None = None,
    ) -> Form:
        """As of any frame, in the narrower of both ranges."""
        if self.told:
            center, radius = self.told.pop()
            wide = value[1] > radius if center.shape == value[0].shape else np.array(False)
            if not wide.any():
                return super().form(value, linear, rest, cap, size)
            value = np.where(wide, center, value[0]), np.where(wide, radius, value[1])
        return super().form(value, linear, rest, cap, size)


@dataclass(frozen=True, eq=False)
class Ranged(Affine):
    """Forms over the box of a problem's intervals, the lanes being of one format.

    `ranges` holds the ranges of exact results, by site. With `from_given`, errors are told from the
    exact results of the given numbers, and any number of an interval may be given; else from those
    of the rounded numbers, and numbers of intervals are floats. The errors of rounding given
    numbers are `signed` over few steps: one symbol over many would be carried beside all others.
    """

    ranges: Mapping[Site, Enclosed] = field(default_factory=dict)
    from_given: bool = True
    signed: bool = True

    @cached_property
    def frame(self) -> RangedFrame:
        """What the lanes have in common."""
        return RangedFrame(self.lanes, self.accuracy, self.heaviest)

    @cached_property
    def partials(self) -> dict[int, tuple[Form, Partial]]:
        """The partial sums of forms that are still there, which keeps their ids theirs."""
        return {}

    @cached_property
    def _unit(self) -> Slopes:
        """The slope of the symbol that all rounded numbers share."""
        return self.frame.symbols.passing.fresh(np.ones((len(self.lanes), 1)))

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Form:
        """Given numbers and intervals; what rounding makes of a number is known with its sign."""
        rows, model = len(self.lanes), self.frame.model
        floats = None if numbers.intervals else self._known_floats(numbers)
        if floats is not None:
            return certain(np.broadcast_to(floats, (rows, *floats.shape)))
        given = _given(numbers, model) if self.from_given else _floats(numbers, model)
        center, radius, signed, off = (np.repeat(part[None], rows, axis=0) for part in given)
        linear, size = constant(numbers.shape), (off + np.abs(signed)) * OUT
        if not self.signed:
            off = size
        elif signed.any():
            unit = self._unit
            linear = Linear(nothing(numbers.shape), Slopes(unit.start, signed[:1]))
        return Form(center, radius, linear, off, size)

    def _known_floats(self, numbers: Numbers) -> Floats | None:
        """What numbers that are no intervals are rounded to, where no error is told of that."""
        near = rounded_numbers(numbers, self.frame.model)
        if not np.isfinite(near).all():
            return None
        return None if self.from_given and signed_error(numbers, near).any() else near

    def apply(self, operation: str, arguments: Sequence[Any], site: Site) -> Form:
        """The form of an operation's result, bounded over a grid where it is one of a sum."""
        if operation in GRIDDED:
            return self._gridded(operation, arguments[0], site)
        self.frame.told.clear()
        self.frame.made.clear()
        if operation in HINTED and site in self.ranges:
            self.frame.told.append(self._known(site))
        found = super().apply(operation, arguments, site)
        self._remember(operation, arguments, found)
        return found

    def _known(self, site: Site) -> tuple[Floats, Floats]:
        value = self.ranges[site]
        low, high = lower(value), upper(value)
        center = value.middle
        radius = np.maximum(high - center, center - low) * OUT
        rows = len(self.lanes)
        return np.repeat(center, rows, axis=0), np.repeat(finite(radius), rows, axis=0)

    def _remember(self, operation: str, arguments: Sequence[Any], found: Form) -> None:
        """Keep what is known of the partial sums of a sum."""
        if self.frame.model.order != "sequential" or self.frame.model.accumulator:
            return
        if operation == "matmul":
            partial = of_products(self.frame, self._products(arguments, found), found)
        elif operation in ("add", "subtract"):
            one, two = (self._partial(part) for part in arguments)
            partial = joined(self.frame, one, two, found)
        else:
            return
        if len(self.partials) > REMEMBERED:
            self.partials.clear()
        self.partials[id(found)] = found, partial

    def _products(self, arguments: Sequence[Form], found: Form) -> Products:
        """The products that were just made, unless those of other steps were made with them."""
        for made in self.frame.made:
            if made.shape == found.shape:
                return made
        left, right = (self.frame.closed(part) for part in arguments)
        return self.frame.products(left, right)

    def _partial(self, form: Form) -> Partial:
        known = self.partials.get(id(form))
        return single(self.frame, form) if known is None else known[1]

    def _gridded(self, function: str, argument: Form, site: Site) -> Form:
        """A function of a sum, by the worst cell of a grid."""
        self.frame.symbols.enter(self.recurrences.home(site.name))
        frame, x = self.frame, self.frame.closed(self._entered(argument, site))
        known = self.partials.get(id(argument))
        rule = functions.sigmoid if function == "sigmoid" else functions.tanh
        found = rule(frame, x)
        if x.radius.any():
            size = np.fmin(found.size, _worst(frame, function, x, known and known[1]))
            found = _sized(frame, found, size)
        return found if site.path else self._quantity(found, site)


def _sized(frame: Frame, form: Form, size: Floats) -> Form:
    """The form with a smaller bound; without slopes where these say less than the bound."""
    reach = frame.symbols.reach(form.linear)
    if (1.5 * size < reach + form.rest).all():
        return replace(form, linear=constant(form.shape), rest=size, size=size)
    return replace(form, size=size, rest=np.fmin(form.rest, finite((size + reach) * OUT)))


def _worst(frame: Frame, function: str, x: Form, partial: Partial | None) -> Floats:
    """The largest error of a cell: slope times the error of the sum, and the function's own."""
    cells = max(6, min(CELLS, WORK // max(1, x.center.size)))
    width = 2 * x.radius / cells
    at = (np.arange(cells) + 0.5).reshape(1, cells, *(1,) * len(x.shape))
    mids = (x.center - x.radius)[:, None] + at * width[:, None]
    half = (width[:, None] / 2 + np.abs(mids) * 2.0**-50) * OUT
    off = np.repeat(x.size[:, None], cells, axis=1)
    if partial is not None:
        off = np.fmin(off, partial.errors(frame, np.abs(mids) + half))
    curve = slopes.curve(function, mids, half + off)
    steep = np.maximum(np.abs(curve.least), np.abs(curve.most))
    own = _own_error(frame, function, mids, half + off, curve)
    total = np.where(off == 0, 0.0, steep * off) + own
    return finite(total.max(axis=1) * OUT)


def _own_error(
    frame: Frame, function: str, mids: Floats, off: Floats, curve: slopes.Curve
) -> Floats:
    if function != "sigmoid" or (frame.model.float, "sigmoid") in frame.accuracy:
        return slopes.library_error(frame.formats, frame.allowed(function, mids), curve.size)

    def allowed(name: str) -> slopes.Allowed:
        return frame.allowed(name, mids)

    ends = mids - off, mids + off
    return slopes.formula_error(frame.model.logistic, frame.formats, allowed, *ends, curve.powers)


def _given(numbers: Numbers, model: Ieee) -> tuple[Floats, Floats, Floats, Floats]:
    """Center and radius of exact numbers, signed errors of rounded ones, bounds of others'.

    Where an interval is given, any number of it is rounded to nearest.
    """
    low, high = numbers.low.doubles, numbers.high.doubles
    near = rounded_numbers(numbers.low, model)
    wide = np.zeros(numbers.shape, dtype=bool)
    wide.reshape(-1)[list(numbers.intervals)] = True
    center = np.where(wide, low / 2 + high / 2, near)
    slack = (np.abs(low) + np.abs(high)) * 2.0**-51
    off = signed_error(numbers.low, near)
    signed = np.where(wide, 0.0, off)
    radius = np.where(wide, (high - low) / 2 + slack, np.abs(off)) * OUT
    most = (np.maximum(np.abs(low), np.abs(high)) + slack) * OUT
    halves = SharpFormats((model.format,)).half_ulps(most[None])[0]
    rest = np.where(wide, halves, 2.0**-50 * np.abs(signed))
    return _known_or_lost(center, radius, signed, rest)


def _floats(numbers: Numbers, model: Ieee) -> tuple[Floats, Floats, Floats, Floats]:
    """The same of the floats that given numbers are rounded to."""
    low, high = rounded_numbers(numbers.low, model), rounded_numbers(numbers.high, model)
    center, none = low / 2 + high / 2, np.zeros(numbers.shape)
    slack = (np.abs(low) + np.abs(high)) * 2.0**-51
    radius = np.where(low == high, 0.0, ((high - low) / 2 + slack) * OUT)
    return _known_or_lost(center, radius, none, none.copy())


def _known_or_lost(
    center: Floats, radius: Floats, signed: Floats, rest: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """The parts, which say nothing of what overflows."""
    lost = ~np.isfinite(center + radius + signed + rest)
    zero, all_of_it = np.where(lost, 0.0, center), np.where(lost, np.inf, radius)
    return zero, all_of_it, np.where(lost, 0.0, signed), np.where(lost, np.inf, rest)


def rounded_numbers(numbers: Numbers, model: Ieee) -> Floats:
    found: Floats = np.asarray(model.given(numbers)).astype(np.float64)
    return found


def signed_error(numbers: Numbers, near: Floats) -> Floats:
    """Rounded minus exact, to float64; of floats it is a float."""
    if numbers.floats is not None:
        found: Floats = near - numbers.floats.astype(np.float64)
        return found
    pairs = zip(near.ravel().tolist(), numbers.fractions, strict=True)
    errors = [float(Fraction(x) - exact) if np.isfinite(x) else np.inf for x, exact in pairs]
    return np.array(errors).reshape(numbers.shape)


def known_of(quantities: Mapping[QuantityAt, Enclosed], lanes: int) -> Mapping[QuantityAt, Known]:
    """What forms go on from, in lanes of one format: the ranges of exact results."""
    return {site: _known(value, lanes) for site, value in quantities.items()}


def _known(value: Enclosed, lanes: int) -> Known:
    center, radius = value.middle, (value.radius + np.abs(value.middle) * 2.0**-51) * OUT
    rows = [np.repeat(part, lanes, axis=0) for part in (center, finite(radius))]
    return Known(rows[0], rows[1], np.full_like(rows[0], np.inf))
