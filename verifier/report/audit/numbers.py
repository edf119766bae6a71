"""Errors and bounds in three figures: a bound is rounded up, so that it stays one.

Ulps stand beside the absolute number; where the true value vanishes, it stands alone.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import inf, isfinite, isnan

from verifier.audit.model import Measured, Size
from verifier.report.scribe import Scribe
from verifier.report.words import Prose
from verifier.rounding import Mode, Rounding, exponent, scaled

FIGURES = 3
WIDE = range(-3, 6)
"""Decimal exponents that are written out; others print as 1.23e-8."""


def error_text(value: float) -> str:
    """An error, rounded to the nearest."""
    return _text(value, "half-even")


def bound_text(value: float) -> str:
    """A bound, rounded up."""
    return _text(value, "up")


def size_text(row: Measured, size: Size, k: int) -> Callable[[float], str]:
    """How a size of an entry is written: rounded to nearest, or up where it is a bound.

    An error that is not resolved is said to be less than its bound.
    """
    if size.startswith("bound"):
        return bound_text
    return less_text if row.below(size, k) else error_text


def less_text(value: float) -> str:
    """An error that is only bounded."""
    return f"< {bound_text(value)}" if value else "0"


def least_text(value: float) -> str:
    """What is certain of a size, rounded down."""
    return _text(value, "down")


def signed_text(value: float) -> str:
    """A part of an error, with its sign."""
    return ("+" if value > 0 else "") + error_text(value)


def value_text(value: float) -> str:
    """A number that is not finite."""
    return "nan" if isnan(value) else _text(value, "half-even")


def sized(
    scribe: Scribe, size: float, ulp: float, vanishes: bool, text: Callable[[float], str]
) -> Prose:
    """An absolute number beside its ulps, or alone."""
    shown = scribe.plain_number(text(size))
    if vanishes or not (isfinite(size) and isfinite(ulp)):
        return (shown,)
    return scribe.words("audit.size", ulps=scribe.plain_number(text(size / ulp)), size=shown)


def _text(value: float, mode: Mode) -> str:
    if not isfinite(value):
        return {inf: "∞", -inf: "−∞"}.get(value, "?")
    rule = Rounding(None, mode, FIGURES)
    rounded = rule.round(Fraction(value))
    power = exponent(rounded)
    if not rounded or power in WIDE:
        return rule.text(rounded) if rounded else "0"
    return f"{Rounding(FIGURES - 1, mode).text(scaled(rounded, -power))}e{power}"
