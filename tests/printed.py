"""A reader of printed documents: parses the formulas of Markdown, and computes each line again.

It knows nothing of the program's trees. Numbers are fractions, functions have 60 digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np

MP = mpmath.MPContext()
MP.dps = 60
TOKEN = re.compile(
    r"\\\\|\\left\(|\\right\)|\\begin{bmatrix}|\\end{bmatrix}|\\operatorname{\w+}|\\[a-zA-Z]+"
    r"|[\d.]+(?:\\ldots)?|[-+{}^/,&]|[A-Za-z]|\S"
)
FUNCTIONS = {"\\sigma", "\\tanh", "\\operatorname{concat}", "\\operatorname{id}"}
Tree = tuple[Any, ...]  # ("number", text), ("array", rows), or (operation, *arguments)


class UnreadError(Exception):
    """A formula with names in it, or with dots for numbers."""


@dataclass
class Formula:
    """A formula that is being read."""

    tokens: list[str]
    at: int = 0

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        token = self.next
        if wanted and token not in wanted:
            raise UnreadError(token)
        self.at += 1
        return token

    def sum(self) -> Tree:
        left = self.product()
        while self.next in ("+", "-"):
            left = (self.take(), left, self.product())
        return left

    def product(self) -> Tree:
        left = self.factor()
        while self.next and (self.next in ("\\cdot", "\\circ", "/") or self.begins()):
            sign = self.take() if self.next in ("\\cdot", "\\circ", "/") else "\\cdot"
            left = ("/" if sign == "/" else "*" if sign == "\\circ" else "@", left, self.factor())
        return left

    def begins(self) -> bool:
        starts = ("\\left(", "\\begin{bmatrix}", "\\frac", "{", "e")
        return self.next in starts or self.next in FUNCTIONS or self.next[:1].isdigit()

    def factor(self) -> Tree:
        found = self.atom()
        while self.next == "^":
            self.take()
            self.take("{")
            self.take("\\top")
            self.take("}")
            found = ("T", found)
        return found

    def atom(self) -> Tree:
        token = self.take()
        if token[:1].isdigit():
            return ("number", token.replace("\\ldots", "…"))
        if token == "-":
            inner = self.factor()
            return ("number", "-" + inner[1]) if inner[0] == "number" else ("-", inner)
        if token == "\\left(" or token in FUNCTIONS:
            if token in FUNCTIONS:
                self.take("\\left(")
            parts = [self.sum()]
            while self.next == ",":
                self.take()
                parts.append(self.sum())
            self.take("\\right)")
            return (token, *parts) if token in FUNCTIONS else parts[0]
        if token == "{":
            inner = self.sum()
            self.take("}")
            return inner
        if token == "\\frac":
            return ("/", self.atom(), self.atom())
        if token == "e":
            self.take("^")
            return ("e", self.atom() if self.next == "{" else ("number", self.take()))
        if token == "\\begin{bmatrix}":
            return self.matrix()
        raise UnreadError(token)

    def matrix(self) -> Tree:
        rows: list[list[Tree]] = [[]]
        while True:
            rows[-1].append(self.sum())
            sign = self.take("&", "\\\\", "\\end{bmatrix}")
            if sign == "\\end{bmatrix}":
                return ("array", rows)
            if sign == "\\\\":
                rows.append([])


def read(text: str) -> Tree | None:
    """The tree of a formula; None where there are names in it, or dots."""
    formula = Formula(TOKEN.findall(text))
    try:
        found = formula.sum()
    except UnreadError:
        return None
    return found if not formula.next else None


# What a formula gives.


def real(x: Any) -> Any:
    return MP.mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else x


def by_entry(function: Callable[..., Any], *parts: Any) -> Any:
    def of(*values: Any) -> Any:
        exact = all(isinstance(x, Fraction) for x in values)
        return function(*(values if exact else map(real, values)))

    found = np.frompyfunc(of, len(parts), 1)(*parts)
    return found if isinstance(found, np.ndarray) else scalar(found)


def scalar(x: Any) -> Any:
    found = np.empty((), dtype=object)
    found[()] = x
    return found


def product(left: Any, right: Any) -> Any:
    if not left.ndim or not right.ndim or left.shape == right.shape == (1, 1):
        return by_entry(lambda x, y: x * y, left, right)
    exact = all(isinstance(x, Fraction) for part in (left, right) for x in part.flat)
    parts = (left, right) if exact else (by_entry(real, part) for part in (left, right))
    return by_entry(lambda x: x, np.dot(*parts))


RULES: dict[str, Callable[..., Any]] = {
    "+": lambda x, y: by_entry(lambda a, b: a + b, x, y),
    "*": lambda x, y: by_entry(lambda a, b: a * b, x, y),
    "/": lambda x, y: by_entry(lambda a, b: a / b, x, y),
    "@": product,
    "T": lambda x: x.T,
    "e": lambda x: by_entry(lambda a: MP.exp(real(a)), x),
    "\\sigma": lambda x: by_entry(lambda a: 1 / (1 + MP.exp(-real(a))), x),
    "\\tanh": lambda x: by_entry(lambda a: MP.tanh(real(a)), x),
    "\\operatorname{id}": lambda x: x,
    "\\operatorname{concat}": lambda *xs: np.concatenate([np.atleast_2d(x) for x in xs], axis=-1),
}
MOVING = ("T", "\\operatorname{id}", "\\operatorname{concat}", "number", "array")

Keep = Callable[[Any], Any] | None


def gives(tree: Tree, keep: Keep = None, root: bool = True) -> Any:
    """The value of a formula; `keep` rounds what operations below the root give."""
    operation, *parts = tree
    if operation == "number":
        return scalar(Fraction(parts[0].replace("…", "")))
    if operation == "array":
        rows = [[gives(entry)[()] for entry in row] for row in parts[0]]  # closed forms
        found = np.empty((len(rows), len(rows[0])), dtype=object)
        for i, row in enumerate(rows):
            found[i] = row
        return found
    values = [gives(part, keep, False) for part in parts]
    if operation == "-":
        found = values[0] * Fraction(-1) if len(values) == 1 else values[0] + -1 * values[1]
        found = found if isinstance(found, np.ndarray) else scalar(found)
    else:
        found = RULES[operation](*values)
    moves = operation in MOVING or (operation == "-" and len(values) == 1)
    return found if keep is None or root or moves else by_entry(keep, found)


def rounded(x: Any, places: int, mode: str = ROUND_HALF_EVEN) -> Decimal:
    """A value rounded to places; functions are good for 50 digits."""
    context = Context(prec=80)
    if isinstance(x, Fraction):
        number = context.divide(Decimal(x.numerator), Decimal(x.denominator))
    else:
        number = Decimal(MP.nstr(x, 50, min_fixed=-99, max_fixed=99))
    return number.quantize(Decimal(1).scaleb(-places), mode, context)


# Lines and what they do not give.

Found = tuple[str, str, str]
"""Where a line stands, what its numbers give, and what is printed."""


PRODUCTS = "The matrix products, entry by entry:"
BLOCK = rf"({PRODUCTS})?\n\n" r"\$\$\n\\begin{aligned}\n(.*?)\\end{aligned}\n\$\$"
ROW = r"\\\\\n(?= ?&|\S)"  # not one of a matrix, which goes on behind a space


@dataclass(frozen=True)
class Side:
    """A right-hand side: behind the left-hand side, or beside another right-hand side."""

    tree: Tree | None
    again: bool
    beside: bool


def sides(line: str) -> list[Side]:
    """The right-hand sides of a line."""
    left, _, right = line.partition("&")
    parts = re.split(r"(?:^|\s)(?:=|\\approx)\s", right)[1:]
    return [Side(read(part), bool(left.strip()) and not k, k > 0) for k, part in enumerate(parts)]


def links(blocks: Iterable[list[str]]) -> Iterator[Side]:
    """The right-hand sides of a chain; behind products it begins with the left-hand side again.

    A value whose digits go on is what it is, whatever the numbers before it give.
    """
    for k, block in enumerate(blocks):
        first, *others = sides(block[0])
        yield from (replace(first, again=k > 0 and "…" in str(first.tree)), *others)
        yield from (side for line in block[1:] for side in sides(line))


@dataclass(frozen=True)
class Paper:
    """A printed document whose results have so many places, other numbers `guard` more."""

    text: str
    places: int
    policy: str = "final"
    guard: int = 0

    def misses(self) -> list[Found]:
        """Every printed number that the numbers before it do not give."""
        parts = re.split(r"(?m)^### ", self.text)[1:]
        return [found for part in parts for found in self.part(part)]

    def part(self, text: str) -> Iterator[Found]:
        where = text.split("$")[1]
        blocks = [(lead, re.split(ROW, block)) for lead, block in re.findall(BLOCK, text, re.S)]
        yield from self.chain(where, [*links(block for lead, block in blocks if not lead)])
        for line in (line for lead, block in blocks if lead for line in block):
            first, second = sides(line)
            assert first.tree is not None
            assert second.tree is not None
            yield from self.compared(f"{where} product", first.tree, second.tree, None, self.inner)

    def chain(self, where: str, shown: list[Side]) -> Iterator[Found]:
        final = shown[-1].tree
        assert final is not None
        for k, (before, after) in enumerate(pairwise(shown), 1):
            if before.tree is None or after.tree is None:
                continue
            is_value = after.tree != final and (k + 1 < len(shown) and shown[k + 1].beside)
            if is_value and after.again:
                yield from self.compared(where, before.tree, final, self.keep, self.places)
            elif not (after.beside and "…" in str(before)):
                yield from self.reduced(where, before.tree, after.tree, self.places)

    @property
    def inner(self) -> int:
        """The places of numbers on the way to a result."""
        return self.places + (self.guard if self.policy != "operation" else 0)

    @property
    def keep(self) -> Keep:
        if self.policy != "operation":
            return None
        return lambda x: Fraction(rounded(x, self.places))

    def reduced(self, where: str, before: Tree, after: Tree, places: int) -> Iterator[Found]:
        alike = before[0] == after[0] and len(before) == len(after)
        if alike and before[0] not in ("number", "array", "/") and "e" not in before:
            for one, other in zip(before[1:], after[1:], strict=True):
                yield from self.reduced(where, one, other, self.inner)
        elif before != after:
            yield from self.compared(where, before, after, self.keep, places)

    def compared(
        self, where: str, before: Tree, after: Tree, keep: Keep, places: int
    ) -> Iterator[Found]:
        closed = any(sign in str(before) for sign in ("('e',", "('/',"))  # nothing is rounded in it
        values = gives(before, None if closed else keep).ravel()
        entries = [e for row in after[1] for e in row] if after[0] == "array" else [after]
        for value, entry in zip(values, entries, strict=True):
            if entry[0] != "number":
                continue  # a closed form has no digits
            digits, dots, _ = entry[1].partition("…")
            exact = isinstance(value, Fraction) and value == Fraction(digits)
            shown = len(digits.partition(".")[2]) if dots else places
            found = rounded(value, shown, ROUND_DOWN if dots else ROUND_HALF_EVEN)
            if not exact and found != Decimal(digits):
                yield where, str(found + 0), digits
