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

from verifier.arithmetic.base import LITERAL, Origin
from verifier.arithmetic.exact import Exact
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


class sigmoid(sympy.Function):  # type: ignore[misc]  # noqa: N801
    """The logistic function, which knows its derivative; called as the language calls it."""

    def fdiff(self, argindex: int = 1) -> Any:
        """σ' = σ (1 − σ)."""
        return self * (1 - self)


@dataclass(frozen=True)
class Symbols(Exact):
    """The exact arithmetic over symbols; sigmoid keeps its name, and nothing is too long."""

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
