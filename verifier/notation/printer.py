"""What printers share: one rule a spelling, parentheses by precedence.

A new syntax is a subclass that says how atoms, arrays and each kind of spelling look; which sign an
operation has, its row says. Beside the operations of the language, printers know a few that exist
on paper only: `hadamard`, `hadamard_power` (products and powers entry by entry), `inner` (of two
vectors), `entry` (one of a vector), `ratio` (with a slash), `partial`, `total` (derivatives),
`stacked` (lines, `factor`, `factors`, `then_…` for products), `alone` (a vector of one), and dots.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

from verifier.language.operations import OPERATIONS
from verifier.language.tree import Array, Call, Expression, Name, Number, Whole, nodes
from verifier.notation.indices import axis_of, index_of
from verifier.notation.layout import small
from verifier.notation.numerals import number
from verifier.notation.precedence import ATOM, LEVEL, NEEDS
from verifier.notation.spelling import Spelling
from verifier.notation.symbols import Symbol, Symbolic

DOTS = frozenset({"dots", "vdots", "ddots"})
AXES = {0: "col", 1: "row"}  # colsum adds down the columns


@dataclass(frozen=True)
class Printer(Symbolic):
    """Markup of trees: `names` spells names that do not speak for themselves.

    `symbols` are those of the backward pass, by name; a gradient is a fraction, or a `delta`. Names
    that are `bold` are so as a whole, and not in what one entry is called.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    hadamard: str = "∘"
    columns: bool = False
    decimal: str = "."
    symbols: Mapping[str, Symbol] = field(default_factory=dict)
    delta: bool = False
    bold: Set[str] = frozenset()

    infix: ClassVar[Mapping[str, str]] = {
        "add": " + ",
        "subtract": " − ",
        "multiply": " ",
        "matmul": " ",
        "divide": "/",
    }
    slash = "/"
    minuses: ClassVar[tuple[str, ...]] = ("-", "−")
    needs: ClassVar[Mapping[str, tuple[int, ...]]] = NEEDS
    levels: ClassVar[Mapping[str, int]] = LEVEL

    @cached_property
    def _printed(self) -> dict[tuple[Array | Name, int | None], str]:
        """What has been printed: the same names and matrices stand in line after line."""
        return {}

    def show(self, node: Expression, step: int | None = None) -> str:
        """The markup of a tree; with a step, `x[t-1]` is the quantity of the step before."""
        if isinstance(node, Number):
            number = self.number(node.text)
            return self.marked(number) if node.marked else number
        if isinstance(node, Call) and node.operation == "inner":
            return self.show(self._inner(*node.arguments), step)
        if isinstance(node, Whole):
            return "" if node.value is None else self.number(str(node.value))
        if isinstance(node, Call):
            return self.call(node.operation, node.arguments, step)
        if (node, step) not in self._printed:
            self._printed[node, step] = self._fresh(node, step)
        return self._printed[node, step]

    def _fresh(self, node: Array | Name, step: int | None) -> str:
        """A name or an array that has not been printed yet."""
        if isinstance(node, Array):
            return self.array([self._row(item, step) for item in node.items], _is_matrix(node))
        time, symbol = self.time(node.offset, step), self.symbols.get(node.name)
        return self.symbol(symbol, time) if symbol else self.name(self.spelled(node.name), time)

    def _inner(self, left: Expression, right: Expression) -> Expression:
        """The product of two vectors as a row times a column: one of them is transposed."""
        if self.columns:
            return Call("matmul", (Call("transpose", (left,)), right))
        return Call("matmul", (left, Call("transpose", (right,))))

    def time(self, offset: int | None, step: int | None) -> str:
        """The index of time: empty for a parameter, t − 1 in general, 0 at step 1."""
        if offset is None:
            return ""
        if step is not None:
            return str(step + offset)
        return self.letter_t() + {-1: self.minus() + "1", 0: "", 1: "+1"}[offset]

    def call(self, operation: str, arguments: Sequence[Expression], step: int | None) -> str:
        """The markup of an operation."""
        if operation == ALONE:  # a vector of one entry looks like a scalar
            return self.show(arguments[0], step)
        if operation in DOTS:
            return self.dots(operation)
        if operation in PARTS:
            return self._part(operation, arguments[0], arguments[1:], step)
        shown = [self._argument(operation, k, part, step) for k, part in enumerate(arguments)]
        if operation in ("multiply", "hadamard", "matmul") and self._needs_dot(
            operation, arguments
        ):
            return self.times().join(shown)
        if operation == "hadamard":
            return f" {self.hadamard_sign()} ".join(shown)
        if operation == "ratio":
            return self.slash.join(shown)
        if operation == "stacked":
            shown[1:] = [
                self._continued(*pair) for pair in zip(arguments[1:], shown[1:], strict=True)
            ]
        special = getattr(self, f"show_{operation}", None)
        if special is not None and not small(operation, arguments):
            return str(special(*shown))
        return self._spelt(operation, arguments, shown)

    def _spelt(self, operation: str, arguments: Sequence[Expression], shown: list[str]) -> str:
        """An operation as its row spells it: between its arguments, around them, before them."""
        row = OPERATIONS.get(operation)
        spelling = row.spelling if row else "function"
        if spelling == "infix":
            sign = self.infix.get(operation) or f" {self.called(operation)} "
            return sign.join(shown)
        if spelling in ("radical", "fence"):
            return str(getattr(self, spelling)(*shown))
        axis = axis_of(operation, arguments)
        if axis is not None:
            return self.function(self.called(operation, AXES[axis]), shown[:1])
        return self.function(self.called(operation), shown) if shown else self.called(operation)

    def called(self, operation: str, before: str = "") -> str:
        """The markup of what an operation is called."""
        row = OPERATIONS.get(operation)
        return self.sign(before + (row.called if row else operation))

    def _part(
        self, operation: str, whole: Expression, ends: Sequence[Expression], step: int | None
    ) -> str:
        """An entry or a slice; of a named quantity, the index stands behind that of time."""
        index = index_of(ends)
        if not isinstance(whole, Name):
            return self.show_entry(self._argument(operation, 0, whole, step), self.index(index))
        if whole.name in self.symbols:
            return self.symbol(self.symbols[whole.name], self.time(whole.offset, step), index)
        time = ",".join(filter(None, [self.time(whole.offset, step), index]))
        return self.name(replace(self.spelled(whole.name), bold=False), time)

    def _continued(self, line: Expression, text: str) -> str:
        """A further line of what is broken: with the sign that joins it to the line above."""
        sign = line.operation if isinstance(line, Call) else ""
        if sign == "then_hadamard":
            return f"{self.hadamard_sign()} {text}"
        if sign.startswith("then_"):
            return f"{self.times().strip()} {text}"
        plus = self.infix["add"].strip()
        return text if text.startswith(self.minuses) else f"{plus} {text}"

    def show_factor(self, text: str) -> str:
        """A factor that stands on a line of its own."""
        return text

    show_factors = show_then_hadamard = show_then_matmul = show_then_multiply = show_factor

    def _needs_dot(self, operation: str, arguments: Sequence[Expression]) -> bool:
        """Whether the factors are numbers, which cannot stand side by side."""
        left, right = arguments
        mixed = isinstance(left, Number) and isinstance(right, Call) and right.operation == "divide"
        if operation == "hadamard" or not (mixed or isinstance(leftmost(right), Number)):
            return False
        return mixed or not self._named_in_parentheses(operation, right)

    def _named_in_parentheses(self, operation: str, right: Expression) -> bool:
        """Whether a factor is a sum with names, which its parentheses hold apart: z (1 − z)."""
        least = self.needs[operation][1]
        return self.level(right) < least and any(isinstance(n, Name) for _, n in nodes(right))

    def _argument(self, operation: str, k: int, part: Expression, step: int | None) -> str:
        text = self.show(part, step)
        if k == 0 and (
            (operation in POWERS and self._raised(part)) or (operation in PARTS and _is_part(part))
        ):
            return self.parentheses(text)
        if isinstance(part, Array) or (isinstance(part, Name) and part.name not in self.symbols):
            return text
        needs = self.needs.get(operation, ())
        least = needs[min(k, len(needs) - 1)] if needs else 0
        same = k == 0 and isinstance(part, Call) and part.operation == operation
        chained = same and operation not in ("negate", *POWERS)
        return text if chained or self.level(part) >= least else self.parentheses(text)

    def _raised(self, part: Expression) -> bool:
        """Whether the base of a power has a superscript of its own."""
        if isinstance(part, Call):
            return part.operation in PARTS and self._raised(part.arguments[0])
        known = isinstance(part, Name) and self.spelled(part.name)
        return bool(known and known.superscript)

    def level(self, node: Expression) -> int:
        """How tightly the printed term binds."""
        if isinstance(node, Number) and node.text.startswith("-"):
            return self.levels["negate"]
        if isinstance(node, Number) and "/" in node.text:
            return self.levels["divide"]
        if isinstance(node, Number) and "e" in node.text.lower():
            return self.levels["power"]
        named = node.arguments[0] if isinstance(node, Call) and node.operation in PARTS else node
        if isinstance(named, Name) and named.name in self.symbols:
            return self.level_of(self.symbols[named.name])
        if isinstance(node, Call) and node.operation == ALONE:
            return self.level(node.arguments[0])
        return self.levels.get(node.operation, ATOM) if isinstance(node, Call) else ATOM

    def _row(self, item: Expression, step: int | None) -> list[str]:
        if isinstance(item, Array):
            return [self.show(part, step) for part in item.items]
        down = self.columns and isinstance(item, Call) and item.operation == "dots"
        return [self.dots("vdots") if down else self.show(item, step)]

    @abstractmethod
    def name(self, spelling: Spelling, time: str) -> str:
        """A name with its index of time."""

    def number(self, text: str) -> str:
        """A number or an interval, as it is written."""
        return number(self, text)

    def interval(self, low: str, high: str) -> str:
        return f"[{low}{';' if self.decimal == ',' else ','} {high}]"

    def tolerance(self, middle: str, off: str) -> str:
        return f"{middle} ± {off}"

    def fraction(self, sign: str, top: str, bottom: str) -> str:
        """A fraction of integers."""
        return f"{self.figures(sign)}{top}/{bottom}"

    def scientific(self, digits: str, exponent: str) -> str:
        """Digits times a power of ten."""
        return f"{digits}{self.times()}10^{self.figures(exponent)}"

    def figures(self, digits: str) -> str:
        """Digits with the decimal sign of the language."""
        return digits.replace(".", self.decimal)

    def marked(self, number: str) -> str:
        """A number that a note explains."""
        return self.show_power(number, self.mark())

    def mark(self) -> str:
        """The sign of such a note."""
        return "†"

    @abstractmethod
    def array(self, rows: list[list[str]], matrix: bool) -> str:
        """A matrix by rows; for a vector, each row is one entry."""

    @abstractmethod
    def sign(self, text: str) -> str:
        """What a function or a constant is called, as a sign of mathematics."""

    @abstractmethod
    def function(self, sign: str, arguments: list[str]) -> str:
        """A function of printed arguments, called by a sign."""

    @abstractmethod
    def radical(self, x: str) -> str:
        """The square root."""

    @abstractmethod
    def fence(self, x: str) -> str:
        """The absolute value."""

    @abstractmethod
    def show_entry(self, x: str, index: str) -> str:
        """An entry or a slice of a printed term."""

    def index(self, text: str) -> str:
        """The index of an entry or a slice: whole numbers from one, colons and commas."""
        return text

    @abstractmethod
    def parentheses(self, text: str) -> str:
        """The text in parentheses."""

    @abstractmethod
    def dots(self, kind: str) -> str:
        """Dots for what is left out: along a row, down a column, along the diagonal."""

    def relation(self, sign: str) -> str:
        """The sign between two sides: = or ≈."""
        return sign

    @abstractmethod
    def show_power(self, x: str, n: str) -> str:
        """A power."""

    def show_hadamard_power(self, x: str, n: str) -> str:
        """A power entry by entry, marked by the product that it is one of."""
        return self.show_power(x, f"{self.hadamard_sign()} {n}")

    def gap(self) -> str:
        """The space between formulas on one line."""
        return "    "

    def letter_t(self) -> str:
        """The general step."""
        return "t"

    def minus(self) -> str:
        """The sign in t − 1."""
        return "−"

    def times(self) -> str:
        """The sign between numbers."""
        return " · "

    def hadamard_sign(self) -> str:
        """The sign of the Hadamard product."""
        return self.hadamard


POWERS = ("power", "hadamard_power")
ALONE = "alone"
PARTS = ("entry", "slice")


def _is_part(node: Expression) -> bool:
    return isinstance(node, Call) and node.operation in PARTS


def leftmost(node: Expression) -> Expression:
    """What a printed term begins with."""
    while isinstance(node, Call) and node.operation in LEVEL and node.arguments:
        if node.operation in ("negate", "divide", "exp"):
            break
        node = node.arguments[0]
    return node


def _is_matrix(node: Array) -> bool:
    return isinstance(node.items[0], Array)
