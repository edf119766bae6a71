"""MathML, which browsers set themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from string import ascii_lowercase, ascii_uppercase
from typing import ClassVar

from verifier.notation.accents import dressed, loses_dot, one_letter
from verifier.notation.precedence import ATOM, LEVEL, NEEDS
from verifier.notation.printer import Printer
from verifier.notation.spelling import GREEK, Spelling

MINUS = "<mo>−</mo>"


def _operator(sign: str) -> str:
    return f"<mo>{sign}</mo>"


@dataclass(frozen=True)
class MathmlPrinter(Printer):
    """Presentation MathML (MathML Core), without the outer `math` element."""

    infix: ClassVar[Mapping[str, str]] = {
        "add": _operator("+"),
        "subtract": MINUS,
        "multiply": '<mspace width="0.17em"/>',
        "matmul": '<mspace width="0.17em"/>',
    }
    slash = _operator("/")
    minuses: ClassVar[tuple[str, ...]] = (MINUS,)
    needs: ClassVar[Mapping[str, tuple[int, ...]]] = NEEDS | {"divide": (0, 0)}
    levels: ClassVar[Mapping[str, int]] = LEVEL | {"divide": ATOM - 1}

    def name(self, spelling: Spelling, time: str) -> str:
        parts = [_index(spelling.subscript), _time(time)]
        below = _operator(",").join(part for part in parts if part)
        return _scripted(_based(spelling), below, _index(spelling.superscript))

    def figures(self, digits: str) -> str:
        sign, rest = (MINUS, digits[1:]) if digits.startswith("-") else ("", digits)
        return f"{sign}<mn>{escape(super().figures(rest))}</mn>"

    def interval(self, low: str, high: str) -> str:
        sign = ";" if self.decimal == "," else ","
        return _row(f"{_operator('[')}{low}{_operator(sign)}{high}{_operator(']')}")

    def tolerance(self, middle: str, off: str) -> str:
        return _row(f"{middle}{_operator('±')}{off}")

    def fraction(self, sign: str, top: str, bottom: str) -> str:
        return f"{MINUS if sign else ''}<mfrac><mn>{top}</mn><mn>{bottom}</mn></mfrac>"

    def scientific(self, digits: str, exponent: str) -> str:
        power = f"<msup><mn>10</mn>{_row(self.figures(exponent))}</msup>"
        return f"{digits}{_operator('·')}{power}"

    def array(self, rows: list[list[str]], matrix: bool) -> str:
        if not matrix and not self.columns:
            rows = [[entry for row in rows for entry in row]]
        return f"<mrow>{_operator('[')}{_table(rows)}{_operator(']')}</mrow>"

    def sign(self, text: str) -> str:
        return f"<mi>{escape(text)}</mi>" if text[0].isalpha() else _operator(text)

    def function(self, sign: str, arguments: list[str]) -> str:
        return f"<mrow>{sign}{self.parentheses(_operator(',').join(arguments))}</mrow>"

    def radical(self, x: str) -> str:
        return f"<msqrt>{_row(x)}</msqrt>"

    def fence(self, x: str) -> str:
        bars = [f'<mo fence="true" form="{form}">|</mo>' for form in ("prefix", "postfix")]
        return _row(x.join(bars))

    def index(self, text: str) -> str:
        return _time(text)

    def parentheses(self, text: str) -> str:
        return f"<mrow>{_operator('(')}{text}{_operator(')')}</mrow>"

    def dots(self, kind: str) -> str:
        return _operator({"dots": "⋯", "vdots": "⋮", "ddots": "⋱"}[kind])

    def times(self) -> str:
        return _operator("·")

    def relation(self, sign: str) -> str:
        return _operator(sign)

    def gap(self) -> str:
        return '<mspace width="2em"/>'

    def hadamard_sign(self) -> str:
        return _operator(self.hadamard)

    def show_negate(self, x: str) -> str:
        """The term with a minus before it."""
        return MINUS + x

    def show_divide(self, x: str, y: str) -> str:
        """The quotient as a fraction."""
        return f"<mfrac>{_row(x)}{_row(y)}</mfrac>"

    def show_exp(self, x: str) -> str:
        """A power of e."""
        return f"<msup><mi>e</mi>{_row(x)}</msup>"

    def show_power(self, x: str, y: str) -> str:
        return f"<msup>{_row(x)}{_row(y)}</msup>"

    def mark(self) -> str:
        return "<mo>†</mo>"

    def show_partial(self, x: str, y: str) -> str:
        return f"<mfrac>{_row('<mo>∂</mo>' + x)}{_row('<mo>∂</mo>' + y)}</mfrac>"

    def differential(self, x: str) -> str:
        return f"<mi>δ</mi>{x}"

    def at_least(self, time: str) -> str:
        return _operator("≥") + _time(time)

    def show_total(self, x: str, y: str) -> str:
        """A total derivative."""
        d = '<mi mathvariant="normal">d</mi>'
        return f"<mfrac>{_row(d + x)}{_row(d + y)}</mfrac>"

    def show_transpose(self, x: str) -> str:
        """The transposed matrix."""
        return f"<msup>{_row(x)}<mo>⊤</mo></msup>"

    def show_entry(self, x: str, index: str) -> str:
        return f"<msub>{_row(x)}{_row(index)}</msub>"

    def show_stacked(self, *lines: str) -> str:
        """Lines on top of each other."""
        rows = "".join(f'<mtr><mtd style="text-align: left">{line}</mtd></mtr>' for line in lines)
        return f"<mtable>{rows}</mtable>"


def _row(text: str) -> str:
    return f"<mrow>{text}</mrow>"


def _table(rows: list[list[str]]) -> str:
    cells = ("".join(f"<mtd>{entry}</mtd>" for entry in row) for row in rows)
    return "<mtable>" + "".join(f"<mtr>{row}</mtr>" for row in cells) + "</mtable>"


BOLD = {ord(c): 0x1D400 + k for k, c in enumerate(ascii_uppercase + ascii_lowercase)}
"""Bold letters of mathematics: of the fonts that MathML knew, browsers kept none but these."""


def _based(spelling: Spelling) -> str:
    """The base of a name; a bold Latin letter is a letter of its own."""
    base = _identifier(spelling.base)
    if not spelling.bold:
        return base
    bold = re.sub(r"(?<=<mi>)[A-Za-z](?=</mi>)", lambda found: found[0].translate(BOLD), base)
    return base.replace("<mi>", '<mi style="font-weight: bold">') if bold == base else bold


def _identifier(text: str) -> str:
    if not text:
        return ""
    sign = GREEK.get(text, text)
    if found := one_letter(sign):
        letter = {"i": "ı", "j": "ȷ"}[found[0]] if loses_dot(*found) else found[0]
        return dressed(f"<mi>{escape(letter)}</mi>", "mathml", found[1])
    return f"<mn>{sign}</mn>" if sign.isdigit() else f"<mi>{escape(sign)}</mi>"


def _index(text: str) -> str:
    """An index of a name, in which Greek letters are letters already."""
    if text.startswith("("):
        return f"<mo>(</mo>{_index(text[1:-1])}<mo>)</mo>"
    return f"<mi>{text}</mi>" if text in GREEK else _identifier(text)


def _time(text: str) -> str:
    """A step and an index: numbers, the letter t, signs, commas and colons."""
    parts = re.findall(r"\d+|[a-z]+|[−+,:-]", text)
    return "".join(_mark(p) if p in "−+,:-" else _identifier(p) for p in parts)


def _mark(sign: str) -> str:
    """A sign of an index; a colon stands close to its numbers."""
    close = ' lspace="0" rspace="0"' if sign == ":" else ""
    return f"<mo{close}>{sign.replace('-', '−')}</mo>"


def _scripted(base: str, below: str, above: str) -> str:
    if below and above:
        return f"<msubsup>{base}{_row(below)}{_row(above)}</msubsup>"
    if below:
        return f"<msub>{base}{_row(below)}</msub>"
    return f"<msup>{base}{_row(above)}</msup>" if above else base
