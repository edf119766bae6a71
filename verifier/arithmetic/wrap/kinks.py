"""Kinks that are met: where an operation has another slope, or value, on each side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from flint import arb, fmpq

from verifier.arithmetic.ball import Ball
from verifier.arithmetic.composite import kinks
from verifier.arithmetic.dual import DualNumber
from verifier.arithmetic.one_sided import may_be_zero, sides
from verifier.arithmetic.protocol import Site, Value
from verifier.arithmetic.wrap.wrapped import Wrapped
from verifier.language.definitions import definition
from verifier.language.operations import OPERATIONS
from verifier.language.tree import Call, nodes

Arguments = tuple[Any, ...]
"""Rationals or balls."""

Where = tuple[Site, tuple[int, ...]]
"""An operation, and the index of an entry of its result."""


@dataclass(frozen=True)
class Kink:
    """An entry of an operation's result whose arguments stand at a kink, or may.

    `values` and `slopes` are those just below the first argument and just above it, rationals or
    balls; a slope is the derivative by the first argument. `settled` says whether the operation has
    a value there: the unit step has none. `open` are the numbers of the row's kinks that nothing
    proves to be met: a ball holds zero, and more.
    """

    site: Site
    operation: str
    index: tuple[int, ...]
    values: tuple[Any, Any]
    slopes: tuple[Any, Any]
    settled: bool
    open: tuple[int, ...] = ()

    @property
    def where(self) -> Where:
        """What tells it from others of a problem."""
        return self.site, self.index

    @property
    def jumps(self) -> bool:
        """Whether the value itself differs."""
        return _differ(self.values)


@dataclass(frozen=True, eq=False)
class Kinked(Wrapped):
    """An arithmetic that fills `found` with the kinks that its values meet, or may meet."""

    found: list[Kink] = field(default_factory=list)

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        """The value of an operation."""
        if OPERATIONS[operation].kinks:
            self.found.extend(_met(operation, arguments, site))
        return super().apply(operation, arguments, site)


def _met(operation: str, arguments: Sequence[Value], site: Site) -> Iterator[Kink]:
    for index, parts in scalars(arguments):
        exact = tuple(map(_exact, parts))
        zeros = [] if None in exact else kinks(_BALL, operation, exact)
        met = [k for k, zero in enumerate(zeros) if may_be_zero(zero)]
        if met:
            open = tuple(k for k in met if not bool(zeros[k] == 0))  # a ball is neither 0 nor not
            there = _there(operation, exact, open)
            values, slopes = zip(*sides(operation, there), strict=True)
            if _differ(values) or _differ(slopes):
                yield Kink(site, operation, index, values, slopes, _settled(operation), open)


def _there(operation: str, arguments: Arguments, open: Sequence[int]) -> Arguments:
    """The arguments at the first kink that is open: the first one follows from others' numbers.

    They stay as they are where it does not, as that of the larger of two irrational numbers.
    """
    for k in open[:1]:
        without = kinks(_BALL, operation, (fmpq(0), *arguments[1:]))[k]
        there = (-without, *arguments[1:])
        if type(without) is fmpq and kinks(_BALL, operation, there)[k] == 0:
            return there
    return arguments


@cache
def _settled(operation: str) -> bool:
    """Whether there is a value where the operation jumps: none of the unit step's is in it."""
    tree = definition(operation)
    inside = () if tree is None else (node for _, node in nodes(tree) if isinstance(node, Call))
    return "step" not in {operation, *(node.operation for node in inside)}


def scalars(arguments: Sequence[Value]) -> Iterator[tuple[tuple[int, ...], Arguments]]:
    """The entries that an operation works on together, with the index of its result's."""
    spread = np.broadcast_arrays(*(np.asarray(part) for part in arguments))
    for index in np.ndindex(spread[0].shape):
        yield index, tuple(part[index] for part in spread)


_BALL = Ball()


def _exact(scalar: Any) -> Any:
    """The scalar's value as FLINT's; None where it is no finite number."""
    value = scalar.value if isinstance(scalar, DualNumber) else scalar
    if isinstance(value, fmpq | arb):
        return value
    near = float(value)
    return fmpq(*near.as_integer_ratio()) if np.isfinite(near) else None


def _differ(pair: Sequence[Any]) -> bool:
    low, high = pair
    return not (low == high or (arb(low) - arb(high)).contains(0))
