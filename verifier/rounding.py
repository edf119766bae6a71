"""Rounding of exact rationals to digits: modes, places, figures. Nothing else rounds.

A rounded value is an exact rational; `text` writes it with all its places.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Literal, get_args

from verifier.errors import ProblemError, nearest, shown
from verifier.language.operations import MOVES

Mode = Literal["half-even", "half-up", "half-down", "up", "down", "ceiling", "floor"]
PolicyKind = Literal["final", "equation", "operation"]

MODES: tuple[Mode, ...] = get_args(Mode)
POLICIES: tuple[PolicyKind, ...] = get_args(PolicyKind)

TABLED = frozenset({"sigmoid", "tanh", "exp", "log", "softplus", "sin", "cos"})
"""Functions that stand in printed tables."""


def round_integer(value: Fraction, mode: Mode) -> int:
    """The integer next to `value` in a mode of Python's `decimal` (ROUND_HALF_EVEN, …)."""
    return round_ratio(value.numerator, value.denominator, mode)


def round_ratio(value: int, divisor: int, mode: Mode) -> int:
    """The integer next to value / divisor; the divisor is positive, common factors may stay."""
    whole, rest = divmod(value, divisor)
    if not rest:
        return whole
    side = 2 * rest - divisor  # below, at or above the middle
    match mode:
        case "floor":
            return whole
        case "ceiling":
            return whole + 1
        case "down":
            return whole + (value < 0)
        case "up":
            return whole + (value > 0)
        case "half-even":
            return whole + (side > 0 or (side == 0 and whole % 2 == 1))
        case "half-up":
            return whole + (side > 0 or (side == 0 and value > 0))
        case "half-down":
            return whole + (side > 0 or (side == 0 and value < 0))


@dataclass(frozen=True)
class Rounding:
    """A rule that gives digits: so many places after the point, or so many figures."""

    places: int | None = 4
    mode: Mode = "half-even"
    figures: int | None = None

    def __post_init__(self) -> None:
        _check("mode", self.mode, MODES)
        if (self.places is None) == (self.figures is None):
            raise ProblemError("places and figures together", accepted="one of the two")
        least = 0 if self.figures is None else 1
        if type(self.count) is not int or self.count < least:
            name = "places" if self.figures is None else "figures"
            raise ProblemError(
                f"{name} = {shown(self.count)}", accepted=f"a whole number from {least}"
            )

    @property
    def count(self) -> int:
        """How many places or figures."""
        return self.figures if self.places is None else self.places  # type: ignore[return-value]

    def places_of(self, value: Fraction) -> int:
        """The places at which `value` is rounded: negative left of the point."""
        if self.places is not None:
            return self.places
        return self.count - 1 - exponent(value)

    def round(self, value: Fraction) -> Fraction:
        """The value that the rule gives, exactly."""
        places = self.places_of(value)
        return scaled(Fraction(round_integer(value * power(places), self.mode)), -places)

    def units(self, value: Fraction) -> int:
        """The rounded value in units of the last place, for a rule in places."""
        return round_ratio(value.numerator * 10 ** (self.places or 0), value.denominator, self.mode)

    def text(self, value: Fraction) -> str:
        """The digits that the rule gives; zero has no sign."""
        if self.places is not None:
            return units_text(self.units(value), self.places)
        rounded = self.round(value)
        return decimal_text(rounded, max(0, self.places_of(rounded)))

    def longer(self, more: int) -> Rounding:
        """The rule with more places (or figures)."""
        if self.places is None:
            return Rounding(None, self.mode, self.count + more)
        return Rounding(self.count + more, self.mode)

    def finer(self, more: int) -> Rounding:
        """The rule with more places (or figures), cut off instead of rounded."""
        return replace(self.longer(more), mode="down")


@dataclass(frozen=True)
class Policy:
    """What is carried on, and how it is rounded.

    `mode` and `places` (or `figures`) are those of what is carried; where they are left out, it is
    rounded by each quantity's own rule. `only` holds the quantities whose results are rounded; None
    is all of them. With `table`, functions are looked up: the places of their arguments, and those
    of their values.
    """

    kind: PolicyKind = "final"
    mode: Mode | None = None
    places: int | None = None
    figures: int | None = None
    only: frozenset[str] | None = None
    table: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        _check("policy", self.kind, POLICIES)
        self.carried(Rounding())

    @property
    def exact(self) -> bool:
        """Whether nothing is rounded before the end: no result, and no value of a function."""
        return self.kind == "final" and self.table is None

    def carried(self, own: Rounding) -> Rounding:
        """The rule by which a carried result of a quantity with the rule `own` is rounded."""
        return _carried(self, own)

    def covers(self, name: str) -> bool:
        """Whether results of a quantity are rounded at all."""
        return self.only is None or name in self.only

    def rounds(self, path: tuple[int, ...], operation: str) -> bool:
        """Whether the result of an operation at this place of an equation is rounded.

        The whole of an equation is its result, also where the equation only moves numbers.
        """
        if self.kind == "final":
            return False
        return not path or (self.kind == "operation" and operation not in MOVES)

    def looked_up(self, operation: str, own: Rounding) -> tuple[Rounding, Rounding] | None:
        """How arguments and values of an operation are rounded that a table gives; else None."""
        if self.table is None or operation not in TABLED:
            return None
        mode = self.carried(own).mode
        return Rounding(self.table[0], mode), Rounding(self.table[1], mode)


@lru_cache(maxsize=1024)
def _carried(policy: Policy, own: Rounding) -> Rounding:
    mode = policy.mode or own.mode
    if policy.places is None and policy.figures is None:
        return replace(own, mode=mode)
    return Rounding(policy.places, mode, policy.figures)


def _check(what: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        hint = nearest(value, known) if isinstance(value, str) else ""
        raise ProblemError(f"{what} = {shown(value)}{hint}", accepted=", ".join(known))


def decided_text(lower: Fraction, upper: Fraction, rule: Rounding) -> str | None:
    """The digits of everything between both ends, None when there are several."""
    if rule.places is None:
        found = decide(lower, upper, rule)
        return None if found is None else rule.text(found)
    units = rule.units(lower)
    same = lower == upper or units == rule.units(upper)
    return units_text(units, rule.places) if same else None


def decide(lower: Fraction, upper: Fraction, rule: Rounding) -> Fraction | None:
    """The one rounded value of everything between both ends, None when there are several.

    Every mode is monotone, so the ends decide for all that lies between them.
    """
    rounded = rule.round(lower)
    return rounded if lower == upper or rounded == rule.round(upper) else None


@lru_cache(maxsize=256)
def power(places: int) -> Fraction:
    """Ten to the power `places`."""
    return Fraction(10**places) if places >= 0 else Fraction(1, 10**-places)


def scaled(value: Fraction, places: int) -> Fraction:
    """`value` times ten to the power `places`."""
    return value * power(places)


def exponent(value: Fraction) -> int:
    """The decimal exponent of the first figure: floor(log10 |value|), 0 for zero."""
    if not value:
        return 0
    size = abs(value)
    bits = size.numerator.bit_length() - size.denominator.bit_length()
    guess = bits * 30103 // 100_000  # log10(2) is 0.30103; the loops make good what it lacks
    while size < power(guess):
        guess -= 1
    while size >= power(guess + 1):
        guess += 1
    return guess


def decimal_text(value: Fraction, places: int) -> str:
    """The digits of a multiple of 10^-places: 7/100 to 4 places is "0.0700"."""
    units = value * power(places)
    if units.denominator != 1:
        raise ValueError(f"{value} has more than {places} places")
    return units_text(units.numerator, places)


def fraction_text(value: Fraction) -> str:
    """A number as a decimal with all its places, as a fraction where it has no end.

    >>> fraction_text(Fraction(23, 1000)), fraction_text(Fraction(1, 3))
    ('0.023', '1/3')
    """
    places = exact_places(value)
    return str(value) if places is None else decimal_text(value, places)


def units_text(units: int, places: int) -> str:
    """So many units of the last place as a decimal: 700 to 4 places is "0.0700"."""
    size = abs(units)
    # Python refuses str() of integers beyond 4300 digits; a Decimal of one is exact and is not.
    digits = (str(size) if size.bit_length() < 10_000 else str(Decimal(size))).rjust(
        places + 1, "0"
    )
    point = len(digits) - places
    sign = "-" if units < 0 else ""
    return f"{sign}{digits[:point]}.{digits[point:]}" if places else sign + digits


def exact_places(value: Fraction) -> int | None:
    """The places after which a decimal ends, None when it never does."""
    rest = value.denominator
    twos = (rest & -rest).bit_length() - 1
    rest, fives = rest >> twos, 0
    for many in (4096, 64, 1):  # large steps first: a long number is divided seldom
        while rest % 5**many == 0:
            rest, fives = rest // 5**many, fives + many
    return max(twos, fives) if rest == 1 else None


def outwards(lower: Fraction, upper: Fraction, places: int) -> tuple[str, str]:
    """Decimals of so many places that enclose both ends."""
    return Rounding(places, "floor").text(lower), Rounding(places, "ceiling").text(upper)
