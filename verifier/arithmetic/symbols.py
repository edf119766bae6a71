"""Symbols in place of numbers: every given entry goes by its name, its step and its place.

The step at which a problem begins is the general step t: its inputs stand at t, what stands before
them at t − 1, what stands after them at t + 1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import sympy

from verifier.arithmetic.composite import slope
from verifier.arithmetic.exact import Exact
from verifier.arithmetic.protocol import LITERAL, Origin
from verifier.language.operations import Shape
from verifier.numbers import Numbers

SYMBOL = re.compile(r"(?P<name>\w+)(@(?P<offset>-?\d+))?(\[(?P<index>[\d,]+)\])?")


def symbol_name(name: str, offset: int | None, index: Sequence[int]) -> str:
    """The name of the symbol for an entry of a quantity: "U_z[0,1]", "s@-1[2]"."""
    time = "" if offset is None else f"@{offset}"
    return name + time + ("[" + ",".join(map(str, index)) + "]" if index else "")


def symbols(name: str, shape: Shape, offset: int | None) -> Any:
    """An array of symbols named after the entries of a quantity."""
    array = np.empty(shape, dtype=object)
    for index in product(*map(range, shape)):
        array[index] = sympy.Symbol(symbol_name(name, offset, index), real=True)
    return array


class _Kept(sympy.Function):  # type: ignore[misc]
    """A function that goes by its own name; its slope is what its row says."""

    def fdiff(self, argindex: int = 1) -> Any:
        """The derivative by an argument."""
        return slope(Symbols(), type(self).__name__, argindex - 1, self.args, self)


class sigmoid(_Kept):  # noqa: N801
    """The logistic function, called as the language calls it."""


class step(_Kept):  # noqa: N801
    """The unit step."""


class positive(_Kept):  # noqa: N801
    """One above zero, else zero."""


KEPT = {
    sigmoid: lambda x: 1 / (1 + sympy.exp(-x)),
    step: sympy.Heaviside,
    positive: lambda x: sympy.Heaviside(x, 0),
}
"""What keeps its name, and what sympy computes it by."""


def spelt_out(form: Any) -> Any:
    """The form in sympy's own functions."""
    for kept, meaning in KEPT.items():
        form = form.replace(kept, meaning)
    return form


@dataclass(frozen=True)
class Symbols(Exact):
    """The exact arithmetic over symbols; some functions keep their names, nothing is too long."""

    limit: int = 10**9
    name = "symbols"

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Any:
        """An array of the entries' symbols; numbers of an equation are what they are."""
        if origin == LITERAL:
            return super().given(numbers, origin)
        if origin.kind != "input":
            offset = None if origin.step is None else origin.step - 1
            return symbols(origin.name, numbers.shape, offset)
        steps, *shape = numbers.shape
        return np.stack([symbols(origin.name, tuple(shape), t) for t in range(steps)])

    def sigmoid(self, x: Any) -> Any:
        return sigmoid(x)

    def step(self, x: Any) -> Any:
        return step(x)

    def positive(self, x: Any) -> Any:
        return positive(x)
