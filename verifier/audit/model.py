"""What an audit knows: plain values that its parts, the reports and the JSON contract share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

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

SOURCES: tuple[Source, ...] = ("literals", "products", "sums", "functions", "blend")


@dataclass(frozen=True, eq=False)
class Measured:
    """One quantity of one step in one format: what was computed, its errors and their bounds.

    All errors and bounds are sizes in ulps of the certified value in the format; infinite where a
    value overflowed or lies beyond the format, or where nothing useful can be proven. Where the
    true value `vanishes`, being nearer to zero than every positive number of the format, ulps are
    of the smallest one and say little: its errors are told as absolute numbers. `error` = |computed − truth|;
    `representation` = |exact result of the rounded numbers − truth|; `arithmetic` = |computed −
    exact result of the rounded numbers|. `bound` holds for the stated model of evaluation and
    `bound_any_order` for every order of summation, with or without FMA; both bound `error`, and
    less the representation error they bound `arithmetic`.
    """

    float: str
    step: int
    name: str
    computed: Array  # in the format's own dtype
    ulp: Array
    vanishes: Array  # of booleans
    error: Array
    representation: Array
    arithmetic: Array
    bound: Array
    bound_any_order: Array
    arithmetic_bound: Array
    arithmetic_bound_any_order: Array


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
