"""Rows of enclosures in lanes, whole arrays at once: digits, decimals around, and margins."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from verifier.arithmetic.enclosed import UNIT, Enclosed, Floats, lower, upper
from verifier.arithmetic.lane_digits import digits, last_places, room, shifted
from verifier.certify import MORE_PLACES
from verifier.rounding import Rounding, decimal_text, scaled, units_text

WHOLE = 2.0**52
"""Units of the last place that float64 still counts one by one."""

LEAST = 1e-12
"""A margin below which it is said to be zero."""

Texts = list[str]


@dataclass(frozen=True, eq=False)
class LaneRows:
    """Enclosures of one entry a lane, and how they print by a rule."""

    value: Enclosed
    rule: Rounding

    @cached_property
    def units(self) -> tuple[Floats, Floats]:
        """Values in units of the last place, and where they are certain."""
        return digits(self.value, self.rule)

    @cached_property
    def sure(self) -> Floats:
        """Where digits are certain, and the value is enclosed."""
        return self.units[1] & np.isfinite(self.value.radius)

    @cached_property
    def texts(self) -> Texts:
        """The digits of each lane; of what is not certain, those of zero."""
        units, sure = self.units
        whole = np.where(sure, units, 0)
        if self.rule.places is not None:
            return unit_texts(whole, self.rule.places)
        places = np.nan_to_num(last_places(self.value, self.rule)).astype(int).tolist()
        pairs = zip(whole.astype(np.int64).tolist(), places, strict=True)
        return [self._figures(*pair) for pair in pairs]

    def _figures(self, unit: int, places: int) -> str:
        value = scaled(Fraction(unit), -places)
        return decimal_text(value, max(0, self.rule.places_of(value)))

    @cached_property
    def ends(self) -> tuple[Texts, Texts]:
        """Decimals below and above each value, to `MORE_PLACES` places more than asked."""
        low, high = lower(self.value), upper(self.value)
        places = self.rule.places
        if places is not None and _few(max(np.abs(low).max(), np.abs(high).max()), places):
            more = np.array(places + MORE_PLACES)
            below, above = (
                np.floor(_down(shifted(low, more))),
                np.floor(_down(shifted(-high, more))),
            )
            return unit_texts(below, int(more)), unit_texts(-above, int(more))
        pairs = [self._around(*pair) for pair in zip(low.tolist(), high.tolist(), strict=True)]
        return [pair[0] for pair in pairs], [pair[1] for pair in pairs]

    def _around(self, low: float, high: float) -> tuple[str, str]:
        places = self.rule.places
        if places is None:
            places = max(0, self.rule.places_of(Fraction(high)))
        (a, b), (c, d) = low.as_integer_ratio(), high.as_integer_ratio()
        power = 10 ** (places + MORE_PLACES)
        units = a * power // b, -(-c * power // d)
        return units_text(units[0], places + MORE_PLACES), units_text(
            units[1], places + MORE_PLACES
        )

    @cached_property
    def margins(self) -> Texts:
        """How close each call was, to two figures, rounded down."""
        found = np.maximum(room(self.value, self.rule), 0.0) * (1 - 2.0**-40)
        size = np.where(found > LEAST, found, 1.0)
        first = np.floor(np.log10(size))
        figures = np.floor(shifted(size, 1 - first) * (1 - 2.0**-40))
        low = figures < 10  # the logarithm was rounded upwards
        first = np.where(low, first - 1, first)
        figures = np.where(low, np.floor(shifted(size, 1 - first) * (1 - 2.0**-40)), figures)
        figures = np.where(found > LEAST, np.minimum(figures, 99), 0)
        pairs = zip(figures.astype(int).tolist(), first.astype(int).tolist(), strict=True)
        return [_margin(*pair) for pair in pairs]


def unit_texts(units: Floats, places: int) -> Texts:
    """So many units of the last place as decimals."""
    sizes = np.abs(units).astype(np.int64)
    if not places:
        found = list(map(str, sizes.tolist()))
    else:
        whole, rest = np.divmod(sizes, 10**places) if places < 19 else (0 * sizes, sizes)
        form = f"%d.%0{places}d"
        found = [form % pair for pair in zip(whole.tolist(), rest.tolist(), strict=True)]
    for k in np.flatnonzero(units < 0).tolist():
        found[k] = "-" + found[k]
    return found


def _few(largest: Any, places: int) -> bool:
    """Whether float64 counts the units of numbers to `MORE_PLACES` places more than so many."""
    return bool(float(largest) * 10.0 ** min(places + MORE_PLACES, 300) < WHOLE)


def _down(scaled: Floats) -> Floats:
    """Numbers that are no larger, whatever three roundings have done to them."""
    return scaled - 2 * UNIT * np.abs(scaled)


@lru_cache(maxsize=4096)
def _margin(figures: int, first: int) -> str:
    """Two figures, the first of which stands at so many places before or behind the point."""
    return units_text(figures, 1 - first) if figures else "0"
