"""How enclosures in lanes round: units of the last place, and where float64 knows them for sure."""

from __future__ import annotations

import numpy as np

from verifier.arithmetic.enclosed import UNIT, Enclosed, Floats, sound
from verifier.rounding import Mode, Rounding

WHOLE = 2.0**50
"""Beyond so many units of the last place, float64 does not tell a number's digits."""

ROOM = 1 + 64 * UNIT
"""More than what bounds lose that are worked out here."""

POWERS = np.array([float(10**k) for k in range(309)])
"""Powers of ten, each the nearest float64 number."""


def rounded(value: Enclosed, rule: Rounding) -> Enclosed:
    """What the rule gives: decimals where they are decided, else all that it may give.

    Where a value may be a tie, all that modes to the nearest give is in the enclosure.
    """
    places, scaled, spread = _scaled(value, rule)
    units, decided = _whole(scaled, spread, rule.mode)
    half = 0.5 if rule.mode.startswith("half") else 1.0
    loose = (value.radius + shifted(np.array(half), -places)) * ROOM
    decided |= (zero := is_zero(value))
    middle = np.where(decided, np.where(zero, 0.0, shifted(units, -places)), value.middle)
    return sound(middle, np.where(decided, np.abs(middle) * (2 * UNIT), loose))


def is_zero(value: Enclosed) -> Floats:
    """Which entries are zero and nothing else."""
    return (value.middle == 0) & (value.radius == 0)


def digits(value: Enclosed, rule: Rounding) -> tuple[Floats, Floats]:
    """Values in units of the last place as the rule rounds them, and where they are certain."""
    _, scaled, spread = _scaled(value, rule)
    return _whole(scaled, spread, rule.mode)


def room(value: Enclosed, rule: Rounding) -> Floats:
    """A lower bound of the distance to where digits change, in units of the last place."""
    _, scaled, spread = _scaled(value, rule)
    shift = 0.5 if rule.mode.startswith("half") else 0.0
    found = np.abs(scaled + shift - np.rint(scaled + shift)) - spread
    return np.where(np.abs(scaled) < WHOLE, found, np.nan) * (1 - 2.0**-40)


def last_places(value: Enclosed, rule: Rounding) -> Floats:
    """The places at which values are rounded; nan where figures do not tell them for sure."""
    if rule.places is not None:
        return np.array(float(rule.places))
    size, wide = np.abs(value.middle), value.radius * ROOM
    first = np.floor(np.log10(np.where(size > 0, size, 1.0)))
    lower, upper = (shifted(np.ones(1), first + more) for more in (0, 1))
    sure = (lower * (1 + 2 * UNIT) <= size - wide) & (size + wide < upper * (1 - 2 * UNIT))
    sure |= (size == 0) & (wide == 0)
    return np.where(sure, (rule.figures or 1) - 1 - first, np.nan)


def shifted(x: Floats, places: Floats) -> Floats:
    """Numbers times powers of ten, two roundings and that of the power away."""
    if places.ndim == 0:
        power = POWERS[min(308, int(abs(places)))]
        return np.asarray(x * power if places >= 0 else x / power)
    exponent = np.minimum(np.abs(np.nan_to_num(places)), 308).astype(int)
    power = np.where(np.isnan(places), np.nan, POWERS[exponent])
    return np.where(places >= 0, x * power, x / power)


def _scaled(value: Enclosed, rule: Rounding) -> tuple[Floats, Floats, Floats]:
    """The last places, and middles and radii in their units."""
    places = last_places(value, rule)
    scaled, spread = shifted(value.middle, places), shifted(value.radius, places)
    return places, scaled, (spread + np.abs(scaled) * (2 * UNIT)) * ROOM


def _whole(scaled: Floats, spread: Floats, mode: Mode) -> tuple[Floats, Floats]:
    """The whole numbers to which a mode rounds, and where they are certain."""
    return _nearest(scaled, spread) if mode.startswith("half") else _directed(mode, scaled, spread)


def _nearest(scaled: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """The nearest whole numbers, and where they are certain: the same in all modes to nearest."""
    units = np.rint(scaled)
    decided = (0.5 - np.abs(scaled - units) > spread) & (np.abs(scaled) < WHOLE)
    return units, decided


def _directed(mode: Mode, scaled: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """The whole numbers beside, and where they are certain."""
    below = np.floor(scaled)
    inside = np.minimum(scaled - below, below + 1 - scaled) > spread
    up = {"floor": 0, "ceiling": 1, "down": below < 0, "up": below >= 0}[mode]
    return below + up, inside & (np.abs(scaled) < WHOLE)
