"""What the ends of a ball say, in integers: a row of a large solution has no time for fractions."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from flint import arb, fmpq

from verifier.rounding import Rounding, round_ratio, units_text

_SMALLEST, _LARGEST = arb((1, -(2**16))), arb((1, 2**16))


class Ends(NamedTuple):
    """The ends of an enclosure as integers over one positive denominator."""

    lower: int
    upper: int
    over: int

    @property
    def exact(self) -> bool:
        """Whether both ends are one number."""
        return self.lower == self.upper

    @property
    def fractions(self) -> tuple[Fraction, Fraction]:
        """The ends as fractions."""
        return Fraction(self.lower, self.over), Fraction(self.upper, self.over)


def ends_of(entry: Any) -> Ends | None:
    """The exact ends of the entry's ball, None when the ball has no bounds.

    What is too large to be written out has no bounds; what is too small gets wider ones. Nothing is
    computed here, only compared and split, so FLINT's precision does not matter.
    """
    if type(entry) is fmpq:
        top = int(entry.p)
        return Ends(top, top, int(entry.q))
    if -_SMALLEST < entry < _SMALLEST and not entry.is_zero():
        return Ends(-(not entry > 0), int(not entry < 0), 1 << 2**16)
    if not -_LARGEST < entry < _LARGEST:
        return None
    middle, at = map(int, entry.mid().man_exp())
    radius, least = 0, at
    if not entry.is_exact():
        radius, least = map(int, max(entry.rad(), _SMALLEST).man_exp())
    shift = min(at, least, 0)
    middle, radius = middle << (at - shift), radius << (least - shift)
    return Ends(middle - radius, middle + radius, 1 << -shift)


@lru_cache(maxsize=64)
def _ten(places: int) -> int:
    return int(10**places)


def units_in(ends: Ends, rule: Rounding) -> int | None:
    """Everything between the ends in units of the last place, rounded by a rule in places.

    None when there are several such numbers. Every mode is monotone, so the ends decide for all
    that lies between them.
    """
    lower, upper, over = ends
    unit = _ten(rule.count)
    units = round_ratio(lower * unit, over, rule.mode)
    same = lower == upper or units == round_ratio(upper * unit, over, rule.mode)
    return units if same else None


def digits_in(ends: Ends, rule: Rounding) -> str | None:
    """The digits of everything between the ends, by a rule in places; None when there are several.

    See `units_in`.
    """
    units = units_in(ends, rule)
    return None if units is None else units_text(units, rule.count)


def decimals_around(ends: Ends, places: int) -> tuple[str, str]:
    """Decimals of so many places that enclose both ends."""
    lower, upper, over = ends
    unit = _ten(places)
    return (
        units_text(lower * unit // over, places),
        units_text(-(-upper * unit // over), places),
    )


def margin_in(ends: Ends, rule: Rounding) -> tuple[int, int]:
    """A lower bound of the distance to where the digits change, as a ratio, by a rule in places.

    It is in units of the last place, of ends that round to the same digits. They change half-way
    between printed numbers, or at them when the mode is directed; "down" prints zero on both sides
    of zero.
    """
    lower, upper, over = ends
    unit = _ten(rule.count)
    low, high = lower * unit, upper * unit
    if rule.mode.startswith("half"):
        whole = 2 * over
        return min((2 * low - over) % whole, (over - 2 * high) % whole), whole
    below, above = low % over, -high % over
    if rule.mode == "down":
        below += over * (0 <= low < over)
        above += over * (0 <= -high < over)
    return min(below, above), over


def two_figures_of(top: int, bottom: int) -> str:
    """A ratio below 10 to two figures, rounded down; "0" for less than 10⁻¹²."""
    digits = str(top * _ten(14) // bottom)
    if len(digits) < 3:
        return "0"
    return units_text(int(digits[:2]), 16 - len(digits))
