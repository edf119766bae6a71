"""LaTeX, for documents and for Markdown renderers (KaTeX, MathJax)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from verifier.notation.accents import Accent, clusters, dressed, loses_dot, one_letter
from verifier.notation.precedence import ATOM, LEVEL, NEEDS
from verifier.notation.printer import Printer
from verifier.notation.spelling import FUNCTIONS, GREEK, LETTERS, Spelling

OPEN, CLOSE = r"\left(", r"\right)"


class Aligned(NamedTuple):
    """What aligns the relations of lines: around all, before a line and before its relation."""

    begin: str = r"\begin{aligned}"
    first: str = ""
    then: str = "&"
    end: str = r"\end{aligned}"


AMSMATH = Aligned()


@dataclass(frozen=True)
class LatexPrinter(Printer):
    """LaTeX with amsmath; `newline` ends a row of an array."""

    newline: str = r"\\"
    aligned: Aligned = AMSMATH

    infix: ClassVar[Mapping[str, str]] = {
        "add": " + ",
        "subtract": " - ",
        "multiply": r"\,",
        "matmul": r"\,",
    }
    needs: ClassVar[Mapping[str, tuple[int, ...]]] = NEEDS | {"divide": (0, 0)}
    levels: ClassVar[Mapping[str, int]] = LEVEL | {"divide": ATOM - 1}

    def name(self, spelling: Spelling, time: str) -> str:
        below = ",".join(filter(None, [_index(spelling.subscript), time]))
        above = _index(spelling.superscript)
        return self.subscripted(_based(spelling), below) + _script("^", above)

    def figures(self, digits: str) -> str:
        comma = "{,}" if self.decimal == "," else self.decimal
        return digits.replace(".", comma).replace("…", r"\ldots")

    def tolerance(self, middle: str, off: str) -> str:
        return rf"{middle} \pm {off}"

    def fraction(self, sign: str, top: str, bottom: str) -> str:
        return rf"{sign}\frac{{{top}}}{{{bottom}}}"

    def scientific(self, digits: str, exponent: str) -> str:
        return rf"{digits} \cdot 10^{{{exponent}}}"

    def array(self, rows: list[list[str]], matrix: bool) -> str:
        if not matrix and not self.columns:
            rows = [[entry for row in rows for entry in row]]
        body = f" {self.newline} ".join(" & ".join(row) for row in rows)
        return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"

    def sign(self, text: str) -> str:
        if text in LETTERS or text in FUNCTIONS:
            return "\\" + LETTERS.get(text, text)
        return _SIGNS.get(text) or (text if len(text) == 1 else rf"\operatorname{{{text}}}")

    def function(self, sign: str, arguments: list[str]) -> str:
        return sign + r"\left(" + ", ".join(arguments) + r"\right)"

    def radical(self, x: str) -> str:
        return rf"\sqrt{{{x}}}"

    def fence(self, x: str) -> str:
        """The absolute value; a bar itself would end a cell of Markdown's tables."""
        return rf"\left\lvert {x}\right\rvert"

    def parentheses(self, text: str) -> str:
        return OPEN + text + CLOSE

    def dots(self, kind: str) -> str:
        return {"dots": r"\cdots", "vdots": r"\vdots", "ddots": r"\ddots"}[kind]

    def relation(self, sign: str) -> str:
        return {"≈": r"\approx"}.get(sign, sign)

    def gap(self) -> str:
        return r" \qquad "

    def minus(self) -> str:
        return "-"

    def times(self) -> str:
        return r" \cdot "

    def hadamard_sign(self) -> str:
        return {"∘": r"\circ", "⊙": r"\odot"}[self.hadamard]

    def show_negate(self, x: str) -> str:
        """The term with a minus before it."""
        return "-" + x

    def show_divide(self, x: str, y: str) -> str:
        """The quotient as a fraction."""
        return rf"\frac{{{x}}}{{{y}}}"

    def show_exp(self, x: str) -> str:
        """A power of e."""
        return f"e^{{{x}}}"

    def show_power(self, x: str, y: str) -> str:
        return x + _script("^", y)

    def mark(self) -> str:
        return r"\dagger"

    def show_partial(self, x: str, y: str) -> str:
        return rf"\frac{{\partial {x}}}{{\partial {y}}}"

    def differential(self, x: str) -> str:
        return rf"\delta {x}"

    def at_least(self, time: str) -> str:
        return rf"\ge {time}"

    def show_total(self, x: str, y: str) -> str:
        """A total derivative."""
        return rf"\frac{{\mathrm{{d}} {x}}}{{\mathrm{{d}} {y}}}"

    def show_transpose(self, x: str) -> str:
        """The transposed matrix."""
        return rf"{{{x}}}^{{\top}}"

    def show_entry(self, x: str, index: str) -> str:
        return self.subscripted(x, index)

    def subscripted(self, base: str, below: str) -> str:
        """The base with its subscript."""
        return base + _script("_", below)

    def show_stacked(self, *lines: str) -> str:
        """Lines on top of each other."""
        begin, first, then, end = self.aligned
        body = f" {self.newline} ".join(f"{first}{then} {line}" for line in lines)
        return f"{begin} {body} {end}"


@dataclass(frozen=True)
class MarkdownPrinter(LatexPrinter):
    r"""LaTeX that survives Markdown, which GitHub reads first.

    No backslash stands before punctuation, where it would be eaten, and no underscore behind
    punctuation, where it would begin an emphasis. What ends a row ends its line too, the only
    place where GitHub leaves two backslashes as they are.
    """

    newline: str = "\\\\\n"

    infix: ClassVar[Mapping[str, str]] = {
        "add": " + ",
        "subtract": " - ",
        "multiply": " ",
        "matmul": " ",
    }

    def subscripted(self, base: str, below: str) -> str:
        """The base with its subscript, a letter in front of the underscore."""
        return (_ending_in_a_letter(base) if below else base) + _script("_", below)


def _ending_in_a_letter(base: str) -> str:
    """The base so written that its last sign is a letter; a strut ends what has no other way."""
    if base.startswith(OPEN) and base.endswith(CLOSE):
        return rf"\left\lbrack {base.removeprefix(OPEN).removesuffix(CLOSE)}\right\rbrack"
    if base.endswith(r"^{\top}"):
        return base.removesuffix(r"{\top}") + r"\top"
    if word := re.fullmatch(r"\\mathit\{(\w+)(\w)\}", base):
        return rf"\mathit{{{word[1]}}}\mathit {word[2]}"
    if dressed := re.fullmatch(r"(\\[a-z]+)\{(\\[A-Za-z]+|[A-Za-z])\}", base):
        return f"{dressed[1]} {dressed[2]}"
    return base if base[-1].isalnum() else base + r"\mathstrut"


_SIGNS = {"⊗": r"\otimes"}
"""Signs between terms, which are no letters."""


def _based(spelling: Spelling) -> str:
    """The base of a name; a bold letter stands upright, what is no plain letter as it does."""
    base = _base(spelling.base)
    if not spelling.bold:
        return base
    return rf"\mathbf{{{base}}}" if base.isalpha() else rf"\boldsymbol{{{base}}}"


def _base(text: str) -> str:
    if text in GREEK:
        return "\\" + text
    if text in LETTERS:
        return "\\" + LETTERS[text]
    if one_letter(text):
        return _ascii(text)
    ascii_text = _ascii(text.replace("_", "u005f"))
    return ascii_text if len(text) == 1 and ascii_text == text else rf"\mathit{{{ascii_text}}}"


def _index(text: str) -> str:
    return rf"\{LETTERS[text]}" if text in LETTERS else _ascii(text)


def _ascii(text: str) -> str:
    return "".join(
        dressed(_undotted(letter, accents), "latex", accents) if accents else _sign(letter)
        for letter, accents in clusters(text)
    )


def _undotted(letter: str, accents: tuple[Accent, ...]) -> str:
    return rf"\{letter}math" if loses_dot(letter, accents) else _sign(letter).strip()


def _sign(letter: str) -> str:
    """A letter; one of Latin's that mathematics has no font for is set as text."""
    if letter.isascii():
        return letter
    if letter in LETTERS:
        return f"\\{LETTERS[letter]} "
    return rf"\textit{{{letter}}}" if ord(letter) < LATIN else f"u{ord(letter):04x}"


LATIN = 0x180
"""Letters below are in every font of LaTeX."""


def _script(mark: str, text: str) -> str:
    one = len(text) == 1 and text.isalnum()
    return (f"{mark}{text}" if one else f"{mark}{{{text}}}") if text else ""
