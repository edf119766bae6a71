"""Plain text with Unicode signs, and the width that a term has on paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import ClassVar

from verifier.language.operations import OPERATIONS
from verifier.language.tree import Expression
from verifier.notation.precedence import ATOM, LEVEL
from verifier.notation.printer import Printer
from verifier.notation.spelling import GREEK, Spelling


@dataclass(frozen=True)
class TextPrinter(Printer):
    """z_1 = σ(x_1 U^z + s_0 W^z)."""

    levels: ClassVar[Mapping[str, int]] = LEVEL | {
        name: ATOM - 1 for name, row in OPERATIONS.items() if row.spelling == "radical"
    }

    def name(self, spelling: Spelling, time: str) -> str:
        base, above, below = _letter(spelling.base), spelling.superscript, spelling.subscript
        below = ",".join(filter(None, [below, time]))
        below = f"{{{below}}}" if len(below) > 1 and (time or "," in below) else below
        return base + ("_" + below if below else "") + ("^" + above if above else "")

    def scientific(self, digits: str, exponent: str) -> str:
        return f"{digits}e{self.figures(exponent)}"

    def figures(self, digits: str) -> str:
        return super().figures(digits).replace("-", "−")

    def array(self, rows: list[list[str]], matrix: bool) -> str:
        between = "; " if matrix or self.columns else " "
        return "[" + between.join(" ".join(row) for row in rows) + "]"

    def sign(self, text: str) -> str:
        return text

    def function(self, sign: str, arguments: list[str]) -> str:
        return f"{sign}({', '.join(arguments)})"

    def radical(self, x: str) -> str:
        return f"√({x})"

    def fence(self, x: str) -> str:
        return f"|{x}|"

    def parentheses(self, text: str) -> str:
        return f"({text})"

    def dots(self, kind: str) -> str:
        return {"dots": "⋯", "vdots": "⋮", "ddots": "⋱"}[kind]

    def show_negate(self, x: str) -> str:
        """The term with a minus before it."""
        return "−" + x

    def show_exp(self, x: str) -> str:
        """A power of e."""
        return f"e^({x})"

    def marked(self, number: str) -> str:
        return number + self.mark()

    def show_power(self, x: str, y: str) -> str:
        return f"{x}^({y})" if "/" in y else f"{x}^{y}"

    def show_hadamard_power(self, x: str, n: str) -> str:
        return f"{x}^{self.hadamard}{n}"

    def show_total(self, x: str, y: str) -> str:
        """A total derivative."""
        return f"d{x}/d{y}"

    def show_transpose(self, x: str) -> str:
        """The transposed matrix."""
        return x + "ᵀ"

    def show_entry(self, x: str, index: str) -> str:
        return f"{x}[{index}]"

    def show_stacked(self, *lines: str) -> str:
        """The lines one behind the other."""
        return " ".join(lines)


def _letter(text: str) -> str:
    return GREEK.get(text, text)


WEIGHTS = {".": 0.6, "…": 2.6, "−": 1.6, "+": 2.5, "·": 1.4, "∘": 1.8, "⊙": 2.2, "⋯": 2.4}
WEIGHTS |= {"[": 1.2, "]": 1.2, "(": 1.3, ")": 1.3, " ": 0.4, "|": 1.9, "x": 1.15, "σ": 1.3}
"""Widths in digits of Computer Modern, spaces around signs included; "|" stands between columns."""


_EXTRA = {char: width - 1 for char, width in WEIGHTS.items()}


@dataclass(frozen=True)
class WidthPrinter(TextPrinter):
    """Text that is as wide as the term is on paper, where rows and fractions stand in a pile."""

    def array(self, rows: list[list[str]], matrix: bool) -> str:
        if not matrix and not self.columns:
            rows = [[entry for row in rows for entry in row]]
        return "[" + "|".join(max(column, key=weight) for column in zip(*rows, strict=True)) + "]"

    def show_divide(self, x: str, y: str) -> str:
        """What is as wide as a fraction: the wider of its parts."""
        return max(x, y, key=weight)

    def show_exp(self, x: str) -> str:
        """What is as wide as a power of e."""
        return "x" + "0" * ceil(0.75 * weight(x))

    def show_power(self, x: str, y: str) -> str:
        return x + "0" * ceil(0.75 * weight(y))

    def show_hadamard_power(self, x: str, n: str) -> str:
        return self.show_power(x, self.hadamard + n)

    def radical(self, x: str) -> str:
        return f"√{x}"

    def show_partial(self, x: str, y: str) -> str:
        return "x" + max(x, y, key=weight)

    show_total = show_partial

    def differential(self, x: str) -> str:
        return f"x{x}"

    def since(self, x: str, time: str) -> str:
        return self.parentheses(x) + "0" * ceil(0.8 * (2 + len(time)))

    def show_stacked(self, *lines: str) -> str:
        """The widest line."""
        return max(lines, key=weight)

    def name(self, spelling: Spelling, time: str) -> str:
        below, above = f"{spelling.subscript},{time}".strip(","), spelling.superscript
        return "x" * min(len(spelling.base), 8) + "0" * ceil(0.8 * max(len(below), len(above)))


def weight(text: str) -> float:
    """The width of a printed text, in digits."""
    return len(text) + sum(map(_EXTRA.__getitem__, filter(_EXTRA.__contains__, text)))


def ruler(printer: Printer) -> Callable[[Expression, int | None], float]:
    """A function that tells how wide a term is on paper at a step, in digits."""
    narrow = WidthPrinter(
        printer.names,
        printer.hadamard,
        printer.columns,
        symbols=printer.symbols,
        delta=printer.delta,
    )
    return lru_cache(maxsize=None)(lambda node, step: weight(narrow.show(node, step)))


def width(node: Expression, printer: Printer, step: int | None = None) -> float:
    """How wide the term is on paper, in digits."""
    return ruler(printer)(node, step)
