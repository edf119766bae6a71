"""Given numbers over a box as forms begin with them: centers, radii, and errors of rounding."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from verifier.arithmetic.floats.binary import Floats
from verifier.arithmetic.floats.sharp import SharpFormats
from verifier.arithmetic.floats.summation import OUT
from verifier.arithmetic.ieee import Ieee
from verifier.numbers import Numbers


def given(numbers: Numbers, model: Ieee) -> tuple[Floats, Floats, Floats, Floats]:
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


def floats(numbers: Numbers, model: Ieee) -> tuple[Floats, Floats, Floats, Floats]:
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
    """The numbers rounded to the model's format, as float64."""
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
