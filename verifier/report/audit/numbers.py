"""Errors and bounds as texts of three figures: a bound is rounded up, so that it stays one."""

from __future__ import annotations

from fractions import Fraction
from math import inf, isfinite

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


def signed_text(value: float) -> str:
    """A part of an error, with its sign."""
    return ("+" if value > 0 else "") + error_text(value)


def _text(value: float, mode: Mode) -> str:
    if not isfinite(value):
        return {inf: "∞", -inf: "−∞"}.get(value, "?")
    rule = Rounding(None, mode, FIGURES)
    rounded = rule.round(Fraction(value))
    power = exponent(rounded)
    if not rounded or power in WIDE:
        return rule.text(rounded) if rounded else "0"
    return f"{Rounding(FIGURES - 1, mode).text(scaled(rounded, -power))}e{power}"
