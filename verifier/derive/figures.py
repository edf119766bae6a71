"""Numbers as they stand on paper: which digits, and whether the digits are all there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from verifier import effort
from verifier.arithmetic.ball import exact_value
from verifier.arithmetic.objects import ScalarArithmetic
from verifier.arithmetic.protocol import Site
from verifier.certify import cut_off, rounded
from verifier.language.operations import Shape
from verifier.language.tree import Array, Call, Expression, Number, Path, replace
from verifier.notation.layout import CORNER, DOTS, DOWN, MOST, shown
from verifier.numbers import Numbers, is_zero, unsigned_zero
from verifier.rounding import Rounding, decimal_text, exact_places

MORE_DIGITS = 2
"""How many places more than asked a value shows before it is rounded."""


@dataclass(frozen=True)
class Figures:
    """A scalar, vector or matrix of terms, each made when it is needed."""

    shape: Shape
    entry: Callable[[int], Expression]

    def at(self, *index: int) -> Expression:
        """One entry by its index or indices."""
        return self.entry(index[0] if len(index) == 1 else index[0] * self.shape[1] + index[1])

    def tree(self, most: int = MOST) -> Expression:
        """All of them: a vector of one entry as a scalar, long sides with dots."""
        if self.shape in ((), (1,)):
            return self.entry(0)
        lines = [shown(side, most) for side in self.shape]
        if len(lines) == 1:
            return Array(tuple(DOTS if i is None else self.at(i) for i in lines[0]))
        return Array(tuple(Array(tuple(self._cell(i, j) for j in lines[1])) for i in lines[0]))

    def _cell(self, i: int | None, j: int | None) -> Expression:
        if i is not None and j is not None:
            return self.at(i, j)
        return DOTS if i is not None else DOWN if j is not None else CORNER


def given(numbers: Numbers) -> Figures:
    """Given numbers as they were typed; zero has no sign."""

    def entry(k: int) -> Number:
        text = unsigned_zero(numbers.text(k))
        return Number(text, numbers.floats is None or Fraction(text) == numbers.fractions[k])

    return Figures(numbers.shape, entry)


@dataclass(frozen=True)
class _Places(ScalarArithmetic):
    """Places of numbers in place of the numbers; the zeros that an operation adds have none."""

    def constant(self, text: str) -> int:
        return NOWHERE


NOWHERE = -1


def moved(operation: str, parts: Sequence[Figures], wholes: Sequence[int | None] = ()) -> Figures:
    """The figures of an operation that only moves numbers: each is written as it was before."""
    if operation == "negate":
        return Figures(parts[0].shape, lambda k: _negated(parts[0].entry(k)))
    places = np.cumsum([0, *(prod(part.shape) for part in parts)])
    arrays = [
        np.arange(start, start + prod(part.shape)).reshape(part.shape)
        for start, part in zip(places, parts, strict=False)
    ]
    order = _Places().apply(operation, [*arrays, *wholes], Site(0, "", ()))

    def entry(k: int) -> Expression:
        place = order.flat[k]
        if place == NOWHERE:
            return Number("0")
        j = int(np.searchsorted(places, place, "right")) - 1
        return parts[j].entry(int(place - places[j]))

    return Figures(order.shape, entry)


def _negated(number: Expression) -> Expression:
    """The number with the other sign; zero has none."""
    assert isinstance(number, Number)
    if is_zero(number.text):
        return number
    text = number.text[1:] if number.text.startswith("-") else f"-{number.text}"
    return Number(text, number.exact)


def signed(tree: Expression) -> Expression:
    """The tree in which a minus sign before a number is the number's own, and zero has none."""

    def rule(node: Expression, path: Path) -> Expression | None:
        match node:
            case Call("negate", (Number() as number,)):
                return _negated(number)
        return None

    return replace(tree, rule)


def exact_texts(numbers: Numbers) -> bool:
    """Whether all numbers print as what they are: typed ones do, most floats do not."""
    if numbers.floats is None:
        return True
    return all(Fraction(numbers.text(k)) == x for k, x in enumerate(numbers.fractions))


def computed(values: Any, rule: Rounding, before: Any = None) -> Figures:
    """Computed entries with all their places; inexact where `before` was something else."""
    flat, raw = values.ravel(), (values if before is None else before).ravel()

    def entry(k: int) -> Number:
        number = digits(flat[k], rule)
        return Number(number.text, number.exact and exact_value(raw[k]) == exact_value(flat[k]))

    return Figures(values.shape, entry)


def digits(entry: Any, rule: Rounding) -> Number:
    """The rounded entry; an exact zero is 0, and "?" stands for what is undecided."""
    value = exact_value(entry)
    if value == 0:
        return Number("0")
    text = rounded(entry, rule)
    if text is None:
        return Number("?", False)
    return Number(text, value is not None and rule.round(value) == value)


def more_digits(entry: Any, rule: Rounding, guard: int = 0) -> Number | None:
    """The value cut off after a few more digits, with dots; None when rounding changes nothing.

    They are as many as other numbers have to `guard` them, where these are more. What stands before
    the point is shown whole: 73865… to two figures, not 73860….
    """
    value, finer = exact_value(entry), rule.finer(max(MORE_DIGITS, guard))
    if value is not None and rule.round(value) == value:
        return None
    ends = None if value is None else exact_places(value)
    if value is not None and ends is not None and ends <= max(0, finer.places_of(value)):
        return Number(decimal_text(value, max(0, ends)))
    text = _cut_off(entry, finer)
    digits, e, power = (text or "").partition("e")
    return Number("?" if text is None else f"{digits}…{e}{power}", False)


def _cut_off(entry: Any, rule: Rounding) -> str | None:
    text = cut_off(entry, rule)
    whole = rounded(entry, Rounding(0, "down")) if text and "e" in text else None
    return text if whole is None or len(whole) > effort.WHOLE_DIGITS else whole
