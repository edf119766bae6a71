"""A question as learning systems hold it: fields, and windows with what they earn."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from verifier.rounding import decimal_text, exact_places


@dataclass(frozen=True)
class Window:
    """A closed interval of numbers, the share that they earn, and what is said of them."""

    low: Fraction
    high: Fraction
    share: Fraction
    feedback: str = ""

    @property
    def centre(self) -> str:
        """The middle as a decimal."""
        return _decimal((self.low + self.high) / 2)

    @property
    def tolerance(self) -> str:
        """Half the width as a decimal."""
        return _decimal((self.high - self.low) / 2)


@dataclass(frozen=True)
class Field:
    """One number that is asked for: its name, label (HTML), points, and windows.

    The first window that holds a number decides; what none holds earns nothing.
    """

    name: str
    label: str
    digits: str
    points: Fraction
    windows: tuple[Window, ...]


@dataclass(frozen=True)
class Exercise:
    """A statement (HTML with MathML) and the numbers that are asked for."""

    name: str
    statement: str
    places: int
    fields: tuple[Field, ...]


def _decimal(value: Fraction) -> str:
    """A decimal fraction with all its places."""
    places = exact_places(value)
    if places is None:
        raise ValueError(f"{value} is no decimal")
    return decimal_text(value, places)
