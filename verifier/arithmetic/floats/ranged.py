"""Affine forms over a box: float errors of all given numbers in their intervals at once.

Forms take ranges in the place of values: |R − center| ≤ radius holds for the exact result R of
every point. Two things make them tight. What is known of a term's range limits its rounding errors;
and a function of a sum is bounded over a grid of the sum's values a: where |a| is large the partial
sums may be large too, but the slope is small. `partial` says what partial sums err at an |a|.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any, TypeVar

import numpy as np

from verifier.arithmetic.enclosed import Enclosed
from verifier.arithmetic.floats import functions, grids, rounding
from verifier.arithmetic.floats.affine import Affine, Known
from verifier.arithmetic.floats.binary import Floats
from verifier.arithmetic.floats.blends import blend
from verifier.arithmetic.floats.forms import Form, aligned
from verifier.arithmetic.floats.frame import Frame, certain
from verifier.arithmetic.floats.grids import Cells
from verifier.arithmetic.floats.linear import Linear, Slopes, constant, nothing
from verifier.arithmetic.floats.partial import Partial, joined, of_products, single
from verifier.arithmetic.floats.products import Kept
from verifier.arithmetic.floats.sharp import SharpFormats
from verifier.arithmetic.floats.summation import OUT, finite
from verifier.arithmetic.protocol import LITERAL, Origin, QuantityAt, Site
from verifier.numbers import Numbers

T = TypeVar("T")

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
    made: list[Kept] = field(default_factory=list)
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

    def products(self, left: Form, right: Form) -> Kept:
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
    def partials(self) -> dict[int, tuple[Form, Callable[[], Partial]]]:
        """What gives the partial sums of forms, for those who ask, by the forms' ids."""
        return {}

    @cached_property
    def cells(self) -> dict[int, tuple[Form, Cells]]:
        """The cells of quantities that are functions of sums, by their forms' ids."""
        return {}

    @cached_property
    def blends(self) -> list[Floats]:
        """The bound of a blend that is about to be made."""
        return []

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
        given = (
            rounding.given(numbers, model) if self.from_given else rounding.floats(numbers, model)
        )
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
        near = rounding.rounded_numbers(numbers, self.frame.model)
        if not np.isfinite(near).all():
            return None
        return None if self.from_given and rounding.signed_error(numbers, near).any() else near

    def apply(self, operation: str, arguments: Sequence[Any], site: Site) -> Form:
        """The form of an operation's result, bounded over a grid where it is one of a sum."""
        if operation in GRIDDED:
            return self._gridded(operation, arguments[0], site)
        self.frame.told.clear()
        self.frame.made.clear()
        self.blends.clear()
        if operation in HINTED and site in self.ranges:
            self.frame.told.append(self._known(site))
        if operation == "add" and not site.path:
            self._blended(*arguments)
        found = super().apply(operation, arguments, site)
        self._remember(operation, arguments, found)
        return found

    def _known(self, site: Site) -> tuple[Floats, Floats]:
        known = _known(self.ranges[site], len(self.lanes))
        return known.center, known.radius

    def _remember(self, operation: str, arguments: Sequence[Any], found: Form) -> None:
        """Keep what is known of the partial sums of a sum."""
        frame = self.frame
        if frame.model.order != "sequential" or frame.model.accumulator:
            return
        if operation == "matmul":
            made = of_products(frame, self._products(arguments, found), found)
            self._keep(self.partials, found, lambda: made)
        elif operation in ("add", "subtract"):
            one, two = (self._partial(part) for part in arguments)
            later: Callable[[], Partial] = cache(lambda: joined(frame, one(), two(), found))
            self._keep(self.partials, found, later)

    def _products(self, arguments: Sequence[Form], found: Form) -> Kept:
        """The products that were just made, unless those of other steps were made with them."""
        for made in self.frame.made:
            if made.shape == found.shape:
                return made
        left, right = (self.frame.closed(part) for part in arguments)
        return self.frame.products(left, right)

    def _partial(self, form: Form) -> Callable[[], Partial]:
        known, frame = self._known_partial(form), self.frame
        return (lambda: single(frame, form)) if known is None else known

    def _known_partial(self, form: Form) -> Callable[[], Partial] | None:
        """What is known of a sum; that of a term is used once, and takes much memory."""
        take = self.partials.get if form.home else self.partials.pop
        known = take(id(form), None)
        return known and known[1]

    def _gridded(self, function: str, argument: Form, site: Site) -> Form:
        """A function of a sum, by the worst cell of a grid."""
        self.frame.symbols.enter(self.recurrences.home(site.name))
        frame, x = self.frame, self.frame.closed(self._entered(argument, site))
        known = self._known_partial(argument)
        if not x.radius.any():
            rule = functions.sigmoid if function == "sigmoid" else functions.tanh
            found = rule(frame, x)
            return found if site.path else self._quantity(found, site)
        found, cells = grids.function_of(frame, function, x, known and known())
        found = _sized(frame, found)
        if not site.path:
            found = self._quantity(found, site)
            self._keep(self.cells, found, cells)
        return found

    def _keep(self, memory: dict[int, tuple[Form, T]], form: Form, value: T) -> None:
        """Keep what is known of a form, with the form itself, so that no other has its number."""
        if len(memory) > REMEMBERED:
            memory.clear()
        memory[id(form)] = form, value

    def _blended(self, x: Form, y: Form) -> None:
        """Bound a blend over the cells of what it blends."""
        parts = blend(x, y)
        if parts is None or not _of_one(x, parts[0]) or not _of_one(y, parts[0]):
            return
        forms = aligned(*(self.frame.closed(part) for part in parts))
        z, h = (
            known[1] if (known := self.cells.get(id(part))) else Cells.of(form)
            for part, form in zip(parts[:2], forms[:2], strict=True)
        )
        shape = np.broadcast_shapes(*(form.shape for form in forms))
        self.blends.append(grids.blended(self.frame, z, h, forms[2], shape))

    def _quantity(self, form: Form, site: Site) -> Form:
        """As of any affine forms; what a blend is bounded by counts, too."""
        if self.blends:
            size, reach = self.blends.pop(), self.frame.symbols.reach(form.linear)
            form = _within(form, np.fmin(form.size, size), reach)
        return super()._quantity(form, site)


def _of_one(term: Form, z: Form) -> bool:
    """Whether what z is taken from in a term's factors is exactly one."""
    return all(
        part.parts[0].certain and part.parts[0].as_one
        for part in term.factors or ()
        if part.parts is not None and part.parts[1] is z
    )


def _sized(frame: Frame, form: Form) -> Form:
    """The form without slopes where these say less than its bound."""
    reach = frame.symbols.reach(form.linear)
    if (1.5 * form.size < reach + form.rest).all():
        return replace(form, linear=constant(form.shape), rest=form.size)
    return _within(form, form.size, reach)


def _within(form: Form, size: Floats, reach: Floats) -> Form:
    """The form with a smaller bound, and its slopes, which add up to `reach`."""
    return replace(form, size=size, rest=np.fmin(form.rest, finite((size + reach) * OUT)))


def known_of(quantities: Mapping[QuantityAt, Enclosed], lanes: int) -> Mapping[QuantityAt, Known]:
    """What forms go on from, in lanes of one format: the ranges of exact results."""
    return {site: _known(value, lanes) for site, value in quantities.items()}


def _known(value: Enclosed, lanes: int) -> Known:
    center, exact = value.middle, value.radius == 0
    radius = np.where(exact, 0.0, (value.radius + np.abs(center) * 2.0**-51) * OUT)
    rows = [np.repeat(part, lanes, axis=0) for part in (center, finite(radius))]
    return Known(rows[0], rows[1], np.full_like(rows[0], np.inf))
