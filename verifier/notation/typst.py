"""Typst's mathematics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from verifier.notation.accents import dressed, one_letter
from verifier.notation.precedence import ATOM, LEVEL, NEEDS
from verifier.notation.printer import Printer
from verifier.notation.spelling import FUNCTIONS, GREEK, LETTERS, Spelling


@dataclass(frozen=True)
class TypstPrinter(Printer):
    """Markup that stands between dollar signs in a Typst document."""

    infix: ClassVar[Mapping[str, str]] = {
        "add": " + ",
        "subtract": " - ",
        "multiply": " thin ",
        "matmul": " thin ",
    }
    slash = " slash "
    needs: ClassVar[Mapping[str, tuple[int, ...]]] = NEEDS | {"divide": (0, 0)}
    levels: ClassVar[Mapping[str, int]] = LEVEL | {"divide": ATOM - 1}

    def name(self, spelling: Spelling, time: str) -> str:
        below = ",".join(filter(None, [_index(spelling.subscript), time]))
        above = _index(spelling.superscript)
        return _based(spelling) + _script("_", below) + _script("^", above)

    def figures(self, digits: str) -> str:
        """Digits; a decimal comma in quotes, where it parts no arguments."""
        return digits.replace(".", '","' if self.decimal == "," else ".").replace("…", " dots.h")

    def tolerance(self, middle: str, off: str) -> str:
        return f"{middle} plus.minus {off}"

    def fraction(self, sign: str, top: str, bottom: str) -> str:
        return f"{sign}frac({top}, {bottom})"

    def scientific(self, digits: str, exponent: str) -> str:
        return f"{digits} dot 10^({exponent})"

    def array(self, rows: list[list[str]], matrix: bool) -> str:
        if not matrix and not self.columns:
            rows = [[entry for row in rows for entry in row]]
        return "mat(" + "; ".join(", ".join(row) for row in rows) + ")"

    def sign(self, text: str) -> str:
        if text in LETTERS:
            return LETTERS[text]
        return text if text in FUNCTIONS or len(text) == 1 else f'op("{text}")'

    def function(self, sign: str, arguments: list[str]) -> str:
        return f"{sign} lr(({', '.join(arguments)}))"

    def radical(self, x: str) -> str:
        return f"sqrt({x})"

    def fence(self, x: str) -> str:
        return f"abs({x})"

    def parentheses(self, text: str) -> str:
        return f"lr(({text}))"

    def dots(self, kind: str) -> str:
        return {"dots": "dots.c", "vdots": "dots.v", "ddots": "dots.down"}[kind]

    def minus(self) -> str:
        return "-"

    def times(self) -> str:
        return " dot "

    def relation(self, sign: str) -> str:
        return {"≈": "approx"}.get(sign, sign)

    def gap(self) -> str:
        return " wide "

    def hadamard_sign(self) -> str:
        return {"∘": "compose", "⊙": "dot.o"}[self.hadamard]

    def show_negate(self, x: str) -> str:
        """The term with a minus before it."""
        return f"-{x}"

    def show_divide(self, x: str, y: str) -> str:
        """The quotient as a fraction."""
        return f"frac({x}, {y})"

    def show_exp(self, x: str) -> str:
        """A power of e."""
        return f"e^({x})"

    def show_power(self, x: str, y: str) -> str:
        return f"{x}^({y})"

    def mark(self) -> str:
        return "dagger"

    def show_partial(self, x: str, y: str) -> str:
        return f"frac(partial {x}, partial {y})"

    def differential(self, x: str) -> str:
        return f"delta {x}"

    def at_least(self, time: str) -> str:
        return f">= {time}"

    def show_total(self, x: str, y: str) -> str:
        """A total derivative."""
        return f'frac("d" {x}, "d" {y})'

    def show_transpose(self, x: str) -> str:
        """The transposed matrix."""
        return f"{x}^top"

    def show_entry(self, x: str, index: str) -> str:
        return f"{x}_({index})"

    def show_stacked(self, *lines: str) -> str:
        """Lines on top of each other."""
        return "mat(delim: #none, align: #left, " + "; ".join(map(_display, lines)) + ")"


def _display(line: str) -> str:
    return f"display({line})"


def _based(spelling: Spelling) -> str:
    """The base of a name; a bold letter stands upright."""
    base = _letters(spelling.base)
    return f"upright(bold({base}))" if spelling.bold else base


def _letters(text: str) -> str:
    """A letter as a variable, a Greek letter by its sign, a word upright in quotes."""
    if text in GREEK:
        return GREEK[text]
    if found := one_letter(text):
        return dressed(found[0], "typst", found[1])
    return text if len(text) <= 1 or text.isdigit() else f'"{text}"'


def _index(text: str) -> str:
    """An index of a name, in which Greek letters are letters already."""
    return f'"{text}"' if text in GREEK else _letters(text)


def _script(mark: str, text: str) -> str:
    return f"{mark}({text})" if text else ""
