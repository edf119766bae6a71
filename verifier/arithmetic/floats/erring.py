"""Float errors over many boxes at once: what each operation may err, and what becomes of that.

An operation's result v and what is computed of it, c = f(c's arguments) + δ, obey c − v = Σ S_k
(c_k − v_k) + δ with secant slopes S_k of f over all that both may be. So the error of a result is
the sum over all operations of A δ, where A, the sum over the paths from there of products of
slopes, is enclosed: δ counts as often as it does, with the signs that it does, and no higher order
is left out. Lanes are boxes; what an operation errs on floats of a box is told by affine forms'
rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, reduce
from typing import Any, ClassVar

import numpy as np

from verifier.arithmetic import enclosed as own
from verifier.arithmetic.boxes import Box, Boxes, narrower
from verifier.arithmetic.dual_lanes import Moving
from verifier.arithmetic.enclosed import Enclosed
from verifier.arithmetic.floats.affine import Affine
from verifier.arithmetic.floats.binary import Floats
from verifier.arithmetic.floats.forms import Form
from verifier.arithmetic.floats.frame import Frame
from verifier.arithmetic.floats.growing import Growing
from verifier.arithmetic.floats.linear import Ranges, constant
from verifier.arithmetic.floats.rounding import rounded_numbers, signed_error
from verifier.arithmetic.floats.sharp import SharpFormats
from verifier.arithmetic.floats.summation import GROWING, KEEPING, OUT, TINY, finite
from verifier.arithmetic.protocol import LITERAL, Origin, Site
from verifier.numbers import Numbers

JOINING = frozenset({"concat", "pad", "softmax"})
"""Operations that put arrays side by side, which then need as many lanes each."""


@dataclass(frozen=True, eq=False)
class LanesFrame(Frame):
    """A frame of one model whose rows are boxes."""

    boxes: int = 1

    @cached_property
    def stated(self) -> slice:
        """All rows, where the order is stated."""
        return slice(0, 0) if self.lanes[0].any_order else slice(0, None)

    @cached_property
    def open(self) -> slice:
        """All rows, where it is not."""
        return slice(0, None) if self.lanes[0].any_order else slice(0, 0)

    @cached_property
    def formats(self) -> SharpFormats:
        """The one format, which stands for all rows."""
        return SharpFormats((self.model.format,))

    @cached_property
    def sums(self) -> SharpFormats:
        """The format of sums in a stated order."""
        return SharpFormats(() if self.lanes[0].any_order else (self.model.sums,))

    @cached_property
    def free(self) -> SharpFormats:
        """The format of sums in any order."""
        return SharpFormats((self.model.format,) if self.lanes[0].any_order else ())

    @cached_property
    def adding(self) -> SharpFormats:
        """The format in which products are added up in any order."""
        return self.free

    @cached_property
    def symbols(self) -> Ranges:
        """No symbols: slopes are kept elsewhere."""
        return Ranges(1)

    def near(self, value: Fraction, loss: float) -> Form:
        """A number that float64 holds but for a relative loss, rounded by the format."""
        exact = np.full(self.boxes, float(value))
        radius = loss * np.abs(exact)
        off = (np.abs(self.model.format.rounded(exact) - exact) + radius) * OUT
        return Form(exact, radius, constant(()), off, off)


@dataclass(frozen=True, eq=False)
class Erring:
    """What a result and what is computed of it may be, and how its error hangs on all others.

    `form` has no deviation: its radius holds both. It may be a sum that is still open. `own` bounds
    errors of its entries that have no directions yet: of a sum's terms, which only go into the sum.
    """

    form: Form
    moving: Moving
    own: Floats | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape in each lane."""
        return self.form.shape

    def reshape(self, shape: tuple[int, ...]) -> Erring:
        """The entries in another shape."""
        rows = None if self.own is None else self.own.reshape(len(self.own), *shape)
        return Erring(self.form.reshape(shape), self.moving.reshape(shape), rows)

    def __getitem__(self, key: Any) -> Erring:
        rows = None if self.own is None else self.own[:, key[0]]
        return Erring(self.form.each(lambda part: part[:, key[0]]), self.moving[key[0]], rows)


@dataclass(frozen=True, eq=False)
class Errors(Affine):
    """The arithmetic of errors over boxes, in one lane of a stated or any order.

    `given_boxes` has the ends of given intervals in every box. Given numbers err by what rounding
    them does, those that are no intervals along one common direction, the first. `used` tells how
    many directions there were, and `of_given` which of them are those of given numbers.
    """

    given_boxes: Mapping[Origin, tuple[Floats, Floats]] = field(default_factory=dict)
    boxes: int = 1
    used: list[int] = field(default_factory=lambda: [1])
    of_given: list[int] = field(default_factory=lambda: [0])
    name: ClassVar[str] = "errors over boxes"

    @cached_property
    def frame(self) -> LanesFrame:
        """What the rows have in common."""
        return LanesFrame(self.lanes, self.accuracy, boxes=self.boxes)

    @cached_property
    def dual(self) -> Growing:
        """What slopes are worked out by."""
        return Growing(Boxes(), 1, boxes=self.boxes)

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Erring:  # type: ignore[override]
        """Given numbers, with the errors of rounding them."""
        near = rounded_numbers(numbers.low, self.frame.model)
        wide = np.zeros(numbers.shape, dtype=bool)
        wide.reshape(-1)[list(numbers.intervals)] = True
        signed = np.where(wide, 0.0, signed_error(numbers.low, near))
        low, high = _around(near, signed)
        off = np.zeros((1, *numbers.shape))
        if origin in self.given_boxes:
            ends = self.given_boxes[origin]
            low, high = np.where(wide, ends[0], low), np.where(wide, ends[1], high)
            most = np.maximum(np.abs(low), np.abs(high)) * OUT
            off = np.where(wide, self.frame.formats.half_ulps(most), 0.0)
        exact = not signed.any() and (low == high).all()
        value = Box.of(own.exactly(low) if exact else own.between(low, high))
        before = self.used[0]
        found = self._seeded(self._wider(Erring(_form(value), Moving(value)), off))
        self.of_given.extend(range(before, self.used[0]))
        return self._turned(found, signed) if signed.any() else found

    def _turned(self, found: Erring, signed: Floats) -> Erring:
        """With the common direction of given numbers, along which each errs by so much."""
        slopes = own.nearly(np.repeat(signed[None], self.boxes, axis=0))
        slopes = Enclosed(slopes.middle, np.where(slopes.middle == 0, 0.0, slopes.radius))
        return Erring(found.form, self.dual.plus(found.moving, slopes))

    def apply(self, operation: str, arguments: Sequence[Any], site: Site) -> Erring:  # type: ignore[override]
        """The result of an operation, with what it may err."""
        kept = operation in KEEPING
        parts = arguments if kept else [self._shut(part) for part in arguments]
        forms = [part.form if isinstance(part, Erring) else part for part in parts]
        form = self._own(operation)(*self._alike(operation, forms))
        parts = self._joining(parts, form.shape) if kept else parts
        moving = self.dual.apply(
            operation, [part.moving if isinstance(part, Erring) else part for part in parts], site
        )
        errors = [part.own for part in parts if isinstance(part, Erring) and part.own is not None]
        found = self._made(form, moving, reduce(np.add, errors) * OUT if errors else None)
        return found if site.path and operation in GROWING else self._shut(found)

    def _joining(self, parts: Sequence[Any], shape: tuple[int, ...]) -> list[Any]:
        """The terms of a sum: what errs in one place alone goes with the sum, as often as there."""
        return [
            self._seeded(part) if isinstance(part, Erring) and part.shape != shape else part
            for part in parts
        ]

    def _alike(self, operation: str, forms: list[Any]) -> list[Any]:
        """The forms with a row a box, where an operation joins them."""
        if operation not in JOINING:
            return forms
        return [self._each_box(part) if isinstance(part, Form) else part for part in forms]

    def _each_box(self, form: Form) -> Form:
        arrays = (form.center, form.radius, form.rest, form.size)
        parts = [np.broadcast_to(array, (self.boxes, *form.shape)) for array in arrays]
        return Form(parts[0], parts[1], constant(form.shape), parts[2], parts[3])

    def _made(self, form: Form, moving: Moving, errors: Floats | None) -> Erring:
        """The result of an operation of known forms: what it deviates by is its own error."""
        off, value = form.size, Box.of(moving.value)
        both = narrower(value, own.sound(form.center, form.radius))
        shape = (len(both.middle), *form.shape)
        both = Enclosed(both.middle.reshape(shape), both.radius.reshape(shape))
        form = replace(form, center=both.middle, radius=both.radius)
        return self._wider(Erring(form, Moving(value, moving.slopes), errors), off)

    def _shut(self, value: Any) -> Any:
        """The value with its sum rounded, and directions for all of its errors; whole numbers stay
        what they are.
        """
        if not isinstance(value, Erring):
            return value
        if value.form.terms is not None:
            form = self.frame.closed(value.form)
            shut = Erring(replace(form, terms=None), value.moving, value.own)
            value = self._wider(shut, form.size)
        return self._seeded(value)

    def _wider(self, value: Erring, off: Floats) -> Erring:
        """What errs by so much more."""
        form, moving = value.form, value.moving
        if not off.any():
            return Erring(_still(form), moving, value.own)
        off = finite(off)
        radius = (form.radius + off) * OUT
        box = Box.of(own.sound(*np.broadcast_arrays(form.center, radius)))
        box = replace(box, factors=_kept(moving, "factors"), parts=_kept(moving, "parts"))
        errors = off if value.own is None else (value.own + off) * OUT
        return Erring(_still(replace(form, radius=radius)), Moving(box, moving.slopes), errors)

    def _seeded(self, value: Erring) -> Erring:
        """With directions of their own for the errors of its entries."""
        if value.own is None:
            return value
        start, size = self.used[0], int(np.prod(value.shape, dtype=int))
        self.used[0] += size
        slopes = value.moving.slopes
        there = 0 if slopes is None else self.dual.count(slopes)
        seeds = np.zeros((2, self.boxes, start + size, size))
        at = np.arange(size)
        seeds[0][:, start + at, at] = value.own.reshape(len(value.own), size)
        if slopes is not None:
            for part, before in zip(seeds, (slopes.middle, slopes.radius), strict=True):
                part[:, :there] = before.reshape(self.boxes, there, size)
        middle, radius = seeds.reshape(2, -1, *value.shape)
        return Erring(value.form, Moving(value.moving.value, own.sound(middle, radius)))

    def sizes(self, value: Erring) -> Floats:
        """Bounds of the errors of a result's entries in every box: of all errors, and of those that
        operations make, behind each other.

        The second hold against the exact result of the rounded numbers, which are in the box, too.
        """
        slopes = value.moving.slopes
        if slopes is None:
            return np.zeros((self.boxes, 2 * int(np.prod(value.shape, dtype=int))))
        count = self.dual.count(slopes)
        every = (np.abs(slopes.middle) + slopes.radius).reshape(self.boxes, count, -1)
        made = np.delete(every, [k for k in self.of_given if k < count], axis=1)
        room = 1 + 2 * count * own.UNIT
        return np.concatenate([finite(part.sum(axis=1) * room) for part in (every, made)], axis=1)


def _around(near: Floats, signed: Floats) -> tuple[Floats, Floats]:
    """What lies between rounded numbers and exact ones, which may be no float64 numbers."""
    exact, moved = near - signed, signed != 0
    low, high = np.minimum(near, exact), np.maximum(near, exact)
    below = np.where(moved, np.nextafter(low, -np.inf), low)
    return below[None], np.where(moved, np.nextafter(high, np.inf), high)[None]


def _kept(moving: Moving, name: str) -> Any:
    return getattr(moving.value, name, None)


def _still(form: Form) -> Form:
    """The form without a deviation."""
    none = np.zeros_like(form.size)
    return replace(form, rest=none, size=none)


def _form(value: Enclosed) -> Form:
    """A form without a deviation; a number is no certain one, whose sums would be worked out."""
    none = np.zeros_like(value.middle)
    radius = value.radius + TINY * (value.middle != 0)
    return Form(value.middle, radius, constant(value.shape), none, none)
