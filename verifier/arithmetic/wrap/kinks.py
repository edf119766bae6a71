"""Kinks that are met exactly: where an operation has another slope, or value, on each side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import arb, fmpq

from verifier.arithmetic.ball import Ball, exact_value
from verifier.arithmetic.composite import kinks
from verifier.arithmetic.dual import DualNumber
from verifier.arithmetic.one_sided import sides
from verifier.arithmetic.protocol import Site, Value
from verifier.arithmetic.wrap.wrapped import Wrapped
from verifier.language.operations import OPERATIONS


@dataclass(frozen=True)
class Kink:
    """An entry of an operation's result whose arguments stand exactly at a kink.

    `values` and `slopes` are those just below the first argument and just above it, rationals or
    balls; a slope is the derivative by the first argument. `settled` says whether the operation has
    a value there: the unit step has none.
    """

    site: Site
    operation: str
    index: tuple[int, ...]
    values: tuple[Any, Any]
    slopes: tuple[Any, Any]
    settled: bool

    @property
    def jumps(self) -> bool:
        """Whether the value itself differs."""
        return _differ(self.values)


@dataclass(frozen=True, eq=False)
class Kinked(Wrapped):
    """An arithmetic that fills `found` with the kinks that its values meet exactly."""

    found: list[Kink] = field(default_factory=list)

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        """The value of an operation."""
        if OPERATIONS[operation].kinks:
            self.found.extend(_met(operation, arguments, site))
        return super().apply(operation, arguments, site)


def _met(operation: str, arguments: Sequence[Value], site: Site) -> Iterator[Kink]:
    spread = np.broadcast_arrays(*(np.asarray(part) for part in arguments))
    for index in np.ndindex(spread[0].shape):
        scalars = tuple(_exact(part[index]) for part in spread)
        if None not in scalars and any(zero == 0 for zero in kinks(_BALL, operation, scalars)):
            values, slopes = zip(*sides(operation, scalars), strict=True)
            if _differ(values) or _differ(slopes):
                settled = exact_value(_BALL.function(operation)(*scalars)) is not None
                yield Kink(site, operation, index, values, slopes, settled)


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
