"""What an audit knows: plain values that its parts, the reports and the JSON contract share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np

from verifier.arithmetic.ieee import Ieee
from verifier.audit.truth import Truths
from verifier.solution import Solution

Ulps = float
"""A number of ulps; the name of the type is taken by the fields that name a format."""

Array = Any
"""A float64 array of one axis, an entry for each entry of the quantity, row by row."""

Source = Literal["literals", "products", "sums", "functions", "blend"]
"""Where rounding errors are made: in given numbers, in products and sums of pre-activations, in
sigmoid, tanh and other functions, and in what joins gates and states."""

Size = Literal[
    "error",
    "representation",
    "arithmetic",
    "bound",
    "bound_any_order",
    "arithmetic_bound",
    "arithmetic_bound_any_order",
]
SIZES: tuple[Size, ...] = get_args(Size)

SOURCES: tuple[Source, ...] = ("literals", "products", "sums", "functions", "blend")


@dataclass(frozen=True, eq=False)
class Measured:
    """One quantity of one step in one format: what was computed, its errors and their bounds.

    All errors and bounds are sizes, `absolute` ones by their names, and others in ulps of the
    certified value in the format; infinite where a value overflowed, or where nothing useful can be
    proven. Where the true value `vanishes`, being nearer to zero than every positive number of the
    format, ulps are those of zero and say little: its errors are told as absolute numbers.

    `error` = |computed − truth|; `representation` = |exact result of the rounded numbers − truth|;
    `arithmetic` = |computed − exact result of the rounded numbers|. `bound` holds for the stated
    model of evaluation and `bound_any_order` for every order of summation, with or without FMA;
    both bound `error`; `arithmetic_bound` and `arithmetic_bound_any_order` bound `arithmetic`.
    `bounded` says where an error is smaller than what the truth is known to: then it is a bound.
    """

    float: str
    step: int
    name: str
    computed: Array  # in the format's own dtype
    ulp: Array
    vanishes: Array  # of booleans
    absolute: Mapping[Size, Array]
    bounded: Mapping[Size, Array] = field(default_factory=dict)

    def below(self, size: Size, k: int) -> bool:
        """Whether an entry's size is not resolved, so that it is told by a bound of it."""
        return not self.resolved(size)[k]

    def resolved(self, size: Size) -> Any:
        """Which entries' sizes are measured; an error of exactly nothing is."""
        absolute = self.absolute[size]
        return ~self.bounded[size] | (absolute == 0) if size in self.bounded else absolute >= 0

    def ulps(self, size: Size) -> Array:
        """A size in ulps."""
        return in_ulps(self.absolute[size], self.ulp)

    @cached_property
    def error(self) -> Array:
        """|computed − truth|, in ulps."""
        return self.ulps("error")

    @cached_property
    def bound(self) -> Array:
        """The bound of the error in the stated model, in ulps."""
        return self.ulps("bound")

    @cached_property
    def bound_any_order(self) -> Array:
        """The bound of the error for every order of summation, in ulps."""
        return self.ulps("bound_any_order")

    @property
    def finite(self) -> Any:
        """Which entries were computed as finite numbers."""
        return np.isfinite(self.computed.astype(np.float64))

    @property
    def worst(self) -> int:
        """The entry with the largest error in ulps, of those whose true value does not vanish.

        One whose error is only bounded comes behind all that are measured and err.
        """
        seen = ~self.vanishes & self.resolved("error") & (self.error > 0)
        for wanted in (seen, ~self.vanishes, self.vanishes):
            if wanted.any():
                return int(np.argmax(np.where(wanted, self.error, -1.0)))
        return 0


def in_ulps(absolute: Array, ulp: Array) -> Array:
    """Absolute sizes in ulps; infinite where the ulp is, and where float64 ends."""
    with np.errstate(all="ignore"):
        return np.where(np.isinf(ulp), np.inf, absolute / ulp)


@dataclass(frozen=True)
class Share:
    """A signed part of an entry's error, in ulps, made at a step in a gate by a kind of source."""

    step: int  # 0 for given numbers
    name: str  # the quantity, or the given name where the source is "literals"
    source: Source
    ulps: Ulps


@dataclass(frozen=True)
class Attribution:
    """Where the error of one entry comes from.

    The shares, largest size first, and the remainder (effects of second order) add up to `error`,
    which is signed: computed − truth, in ulps.
    """

    float: str
    step: int
    name: str
    index: tuple[int, ...]
    error: Ulps
    shares: tuple[Share, ...]
    remainder: Ulps


@dataclass(frozen=True, eq=False)
class Audit:
    """An audit of a problem in several formats; `measured` by (format, step, name).

    `truth` holds the certified values by (step, name).
    """

    solution: Solution
    models: tuple[Ieee, ...]
    measured: Mapping[tuple[str, int, str], Measured]
    attributions: tuple[Attribution, ...] = ()
    truth: Truths = field(default_factory=dict)
