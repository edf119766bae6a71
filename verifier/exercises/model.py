"""A question as learning systems hold it: fields, and windows with what they earn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from verifier.rounding import decimal_text, exact_places, power

Parts = Iterator[str] | Iterator[bytes]
"""What is written into a file, part after part, as questions of a bank are read."""

INSIDE = 6
"""Windows end within a millionth of a unit of the last place of where `check` says otherwise."""


@dataclass(frozen=True)
class Window:
    """A closed interval of numbers, the share that they earn, and what is said of them."""

    low: Fraction
    high: Fraction
    share: Fraction
    feedback: str = ""

    @property
    def tolerance(self) -> str:
        """Half the width as a decimal."""
        return decimal((self.high - self.low) / 2)

    def holds(self, value: Fraction) -> bool:
        """Whether a number lies in it."""
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Field:
    """One number that is asked for: its name, label (HTML, and plain), digits, and windows.

    The first window that holds a number decides; what none holds earns nothing. `quantity` is the
    name without an index, of which all entries stand one after the other.
    """

    name: str
    quantity: str
    label: str
    plain: str
    digits: str
    places: int
    points: Fraction
    windows: tuple[Window, ...]

    def window(self, value: Fraction) -> Window | None:
        """The window that decides of a number."""
        return next((window for window in self.windows if window.holds(value)), None)

    def centre(self, window: Window) -> str:
        """The middle of a window as a decimal; that of a single number has the asked places."""
        middle = (window.low + window.high) / 2
        return decimal_text(middle, self.places) if window.low == window.high else decimal(middle)

    def past(self, window: Window) -> str:
        """Where a window ends that does not hold its upper end: a decimal."""
        return decimal(window.high + power(-self.places - INSIDE))


@dataclass(frozen=True)
class Exercise:
    """A statement (HTML with MathML, and Markdown) and the numbers that are asked for."""

    name: str
    statement: str
    markdown: str
    fields: tuple[Field, ...]

    @property
    def quantities(self) -> Iterator[tuple[str, tuple[Field, ...]]]:
        """The fields of each quantity, by its name."""
        for name, fields in groupby(self.fields, lambda field: field.quantity):
            yield name, tuple(fields)


def decimal(value: Fraction) -> str:
    """A decimal fraction with all its places."""
    places = exact_places(value)
    if places is None:
        raise ValueError(f"{value} is no decimal")
    return decimal_text(value, places)
