"""Numbers as they are written: fractions, decimals with a power of ten, digits, and intervals."""

from __future__ import annotations

import re
from typing import Protocol


class Writer(Protocol):
    """What prints the parts of a number."""

    def fraction(self, sign: str, top: str, bottom: str) -> str:
        """A fraction of integers."""

    def scientific(self, digits: str, exponent: str) -> str:
        """Digits times a power of ten."""

    def figures(self, digits: str) -> str:
        """Digits with the decimal sign of the language."""

    def interval(self, low: str, high: str) -> str:
        """All numbers between two printed ends."""

    def tolerance(self, middle: str, off: str) -> str:
        """All numbers that are at most so far from a printed one."""


def number(writer: Writer, text: str) -> str:
    """The markup of a number or an interval."""
    if text.startswith("["):
        return writer.interval(*(number(writer, end) for end in text[1:-1].split(", ")))
    if "±" in text:
        return writer.tolerance(*(number(writer, part) for part in text.split(" ± ")))
    if "/" in text:
        sign, top, bottom = re.fullmatch(r"(-?)(\d+)/(\d+)", text).groups()  # type: ignore[union-attr]
        return writer.fraction(sign, top, bottom)
    if "e" in text or "E" in text:
        digits, exponent = re.split("[eE]", text)
        return writer.scientific(writer.figures(digits), str(int(exponent)))
    return writer.figures(text)
