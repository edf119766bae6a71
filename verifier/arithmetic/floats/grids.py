"""Grids over sums, and over gates that blend: what is largest never meets.

A function of a sum is bounded over a grid of the sum's values a: where |a| is large the partial
sums may be large too, but the slope is small. A blend (1 − z) ∘ h + z ∘ s is bounded over the cells
of z and of h: where h may err most it is near zero, and where z is small it errs little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from verifier.arithmetic.floats import slopes
from verifier.arithmetic.floats.accuracy import KNOWN
from verifier.arithmetic.floats.additions import grown
from verifier.arithmetic.floats.binary import Floats
from verifier.arithmetic.floats.forms import Form
from verifier.arithmetic.floats.frame import Frame
from verifier.arithmetic.floats.linear import LOSS
from verifier.arithmetic.floats.partial import Partial
from verifier.arithmetic.floats.summation import OUT, finite
from verifier.language.operations import OPERATIONS

CELLS = 48
"""Cells of the grid over a sum, of few entries; of many, as many as `WORK` allows."""

WORK = 2**17
"""Numbers of a grid."""

PAIRS = 2**13
"""Numbers of a grid over pairs of cells."""


@dataclass(frozen=True, eq=False)
class Cells:
    """In each cell of a grid: between what a quantity is, and how far a program may be off it.

    Arrays have a row a lane, then the cells, then the entries.
    """

    low: Floats
    high: Floats
    error: Floats

    @classmethod
    def of(cls, form: Form) -> Cells:
        """The one cell of a form."""
        low, high = form.center - form.radius, form.center + form.radius
        slack = np.abs(form.center) * 2.0**-51
        return cls((low - slack)[:, None], (high + slack)[:, None], form.size[:, None])

    @property
    def worst(self) -> Floats:
        """The largest error of a cell."""
        return finite(self.error.max(axis=1) * OUT)

    @property
    def size(self) -> Floats:
        """The largest size of what it is in each cell."""
        return np.maximum(np.abs(self.low), np.abs(self.high))

    def coarser(self, count: int) -> Cells:
        """At most so many cells, each of several."""
        cells = self.low.shape[1]
        if cells <= count:
            return self
        each = next(k for k in range(-(-cells // count), cells + 1) if cells % k == 0)

        def grouped(part: Floats) -> Floats:
            return part.reshape(len(part), -1, each, *part.shape[2:])

        return Cells(
            grouped(self.low).min(axis=2),
            grouped(self.high).max(axis=2),
            grouped(self.error).max(axis=2),
        )

    def along(self, axis: int, shape: tuple[int, ...]) -> Cells:
        """The cells along the first or the second one of two axes, before those of a shape."""
        parts = (grown(part, shape, 2) for part in (self.low, self.high, self.error))
        return Cells(*(np.expand_dims(part, 2 - axis) for part in parts))


def function_of(
    frame: Frame, function: str, x: Form, partial: Partial | None
) -> tuple[Form, Cells]:
    """A function of a sum: in a cell, slope times the error of the sum, and the function's own."""
    count = max(6, min(CELLS, WORK // max(1, x.center.size)))
    width = 2 * x.radius / count
    at = (np.arange(count) + 0.5).reshape(1, count, *(1,) * len(x.shape))
    mids = (x.center - x.radius)[:, None] + at * width[:, None]
    half = (width[:, None] / 2 + np.abs(mids) * 2.0**-50) * OUT
    off = np.repeat(x.size[:, None], count, axis=1)
    if partial is not None:
        off = np.fmin(off, partial.errors(frame, np.abs(mids) + half))
    curve = slopes.curve(function, mids, half + off)
    steep = np.maximum(np.abs(curve.least), np.abs(curve.most))
    own = _own_error(frame, function, mids, half + off, curve)
    error = finite(np.where(off == 0, 0.0, steep * off) + own) * OUT
    least, most = OPERATIONS[function].range
    low, high = curve.value
    reach = steep * half * OUT + np.maximum(np.abs(low), np.abs(high)) * 2.0**-50
    cells = Cells(np.fmax(low - reach, least), np.fmin(high + reach, most), error)
    return _form(frame, x, cells, curve, own.max(axis=1), most - least), cells


def _form(
    frame: Frame, x: Form, cells: Cells, curve: slopes.Curve, own: Floats, cap: float
) -> Form:
    """The form of a function by its slopes in all cells; it leads as between the middle ones."""
    middle = len(curve.lead) // 2
    lead = np.nan_to_num(curve.lead[middle - 1] / 2 + curve.lead[middle] / 2)
    apart = np.maximum(curve.most.max(axis=1) - lead, lead - curve.least.min(axis=1))
    curved = np.where(x.size == 0, 0.0, (apart + LOSS * np.abs(lead)) * x.size)
    low, high = cells.low.min(axis=1), cells.high.max(axis=1)
    most = np.where(np.isinf(x.size), np.inf, cap + own)
    rest, value = np.abs(lead) * x.rest + curved + own, (low / 2 + high / 2, high / 2 - low / 2)
    return frame.form(value, x.linear.times(lead), rest, most, cells.worst)


def _own_error(
    frame: Frame, function: str, mids: Floats, off: Floats, curve: slopes.Curve
) -> Floats:
    if function != "sigmoid" or (frame.model.float, "sigmoid") in frame.accuracy:
        own = slopes.library_error(frame.formats, frame.allowed(function, mids), curve.size)
        known = function in KNOWN and (mids == KNOWN[function][0]) & (off == 0)
        return np.where(known, 0.0, own)

    def allowed(name: str) -> slopes.Allowed:
        return frame.allowed(name, mids)

    ends = mids - off, mids + off
    return slopes.formula_error(frame.model.logistic, frame.formats, allowed, *ends, curve.powers)


def blended(frame: Frame, z: Cells, h: Cells, s: Form, shape: tuple[int, ...]) -> Floats:
    """A bound of the error of (1 − z) ∘ h + z ∘ s, computed so or, in any order, h + z ∘ (s − h).

    With computed values ẑ, ĥ, ŝ, (1 − ẑ) ĥ + ẑ ŝ is off by (1 − z) Δh + z Δs + Δz (ŝ − ĥ). Then
    operations round. 1 − ẑ is exact for a float ẑ from 1/2 to 2 (P. H. Sterbenz, "Floating-Point
    Computation" (1974)).
    """
    count = max(2, int(np.sqrt(PAIRS / max(1, s.center[..., None].size))))
    z, h = z.coarser(count).along(0, shape), h.coarser(count).along(1, shape)
    s_ = Cells.of(s).along(0, shape)
    return _worst_pair(frame, z, h, s_)


def _worst_pair(frame: Frame, z: Cells, h: Cells, s: Cells) -> Floats:
    half = frame.formats.half_ulps
    kept = np.maximum(np.abs(1 - z.low), np.abs(1 - z.high))
    apart = np.maximum(s.high - h.low, h.high - s.low) + (h.error + s.error)
    carried = kept * h.error + z.size * s.error + z.error * apart
    exact = (z.low - z.error >= 0.5 * OUT) & (z.high + z.error <= 1.9)
    one_less = np.where(exact, 0.0, half((kept + z.error) * OUT))
    h_size, z_size = h.size + h.error, z.size + z.error
    first, second = (kept + z.error + one_less) * h_size, z_size * (s.size + s.error)
    rounded = one_less * h_size + half(first * OUT) + half(second * OUT)
    if frame.free.rows:
        rounded = rounded + 0.0 * apart
        rounded[frame.open] = np.maximum(rounded, _in_steps(frame, z_size, apart))[frame.open]
    before = (carried + rounded) * OUT
    most = _between(z, h.size, s.size)
    found = before + half((most + before) * OUT)
    return finite(found.max(axis=(1, 2)) * OUT)


def _in_steps(frame: Frame, z_size: Floats, apart: Floats) -> Floats:
    """The roundings of h + z ∘ (s − h) before its sum."""
    half = frame.formats.half_ulps
    difference = half(apart * OUT)
    return z_size * difference + half(z_size * (apart + difference) * OUT)


def _between(z: Cells, h: Floats, s: Floats) -> Floats:
    """The largest size of a blend, which is linear in a z from 0 to 1."""
    ends = [(1 - end) * h + end * s for end in (z.low, z.high)]
    inside = (z.low >= 0) & (z.high <= 1)
    loose = (1 + z.size) * h + z.size * s
    return np.where(inside, np.maximum(ends[0], ends[1]), loose)
