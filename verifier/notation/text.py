"""Plain text with Unicode signs, and the width that a term has on paper."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.language.tree import Expression
from verifier.notation.printer import Printer
from verifier.notation.spelling import GREEK, Spelling


@dataclass(frozen=True)
class TextPrinter(Printer):
    """z_1 = σ(x_1 U^z + s_0 W^z)."""

    def name(self, spelling: Spelling, time: str) -> str:
        below = ",".join(filter(None, [spelling.subscript, time]))
        above = "^" + spelling.superscript if spelling.superscript else ""
        below = f"{{{below}}}" if len(below) > 1 and time else below
        return GREEK.get(spelling.base, spelling.base) + ("_" + below if below else "") + above

    def number(self, text: str) -> str:
        return text.replace("-", "−")

    def array(self, rows: list[list[str]], matrix: bool) -> str:
        between = "; " if matrix or self.columns else " "
        return "[" + between.join(" ".join(row) for row in rows) + "]"

    def function(self, operation: str, arguments: list[str]) -> str:
        sign = {"sigmoid": "σ", "log": "ln", "Max": "max", "Min": "min"}.get(operation, operation)
        return f"{sign}({', '.join(arguments)})"

    def parentheses(self, text: str) -> str:
        return f"({text})"

    def dots(self, kind: str) -> str:
        return {"dots": "⋯", "vdots": "⋮", "ddots": "⋱"}[kind]

    def show_negate(self, x: str) -> str:
        return "−" + x

    def show_exp(self, x: str) -> str:
        return f"e^({x})"

    def show_transpose(self, x: str) -> str:
        return x + "ᵀ"

    def show_entry(self, x: str, index: str) -> str:
        return f"{x}[{index}]"

    def show_stacked(self, *lines: str) -> str:
        return " ".join(lines)


@dataclass(frozen=True)
class WidthPrinter(TextPrinter):
    """Text as wide as the term is on paper, where rows and fractions stand above each other."""

    def array(self, rows: list[list[str]], matrix: bool) -> str:
        if not matrix and not self.columns:
            rows = [[entry for row in rows for entry in row]]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "[" + "  ".join("0" * width for width in widths) + "]"

    def show_divide(self, x: str, y: str) -> str:
        return max(x, y, key=len)

    def show_exp(self, x: str) -> str:
        return "e" + "0" * ((2 * len(x) + 2) // 3)

    def show_stacked(self, *lines: str) -> str:
        return max(lines, key=len)

    def name(self, spelling: Spelling, time: str) -> str:
        scripts = max(len(spelling.subscript + time), len(spelling.superscript))
        return "x" * (min(len(spelling.base), 3) + (2 * scripts + 2) // 3)


def width(node: Expression, printer: Printer, step: int | None = None) -> int:
    """How many characters wide the term is on paper."""
    return len(WidthPrinter(printer.names, printer.hadamard, printer.columns).show(node, step))
