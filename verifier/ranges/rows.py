"""The proven range of every result, a row an entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import prod

import numpy as np

from verifier.arithmetic.enclosed import Floats
from verifier.arithmetic.protocol import QuantityAt
from verifier.errors import ProblemError
from verifier.evaluate import sites
from verifier.problem import Problem
from verifier.ranges.search import Search
from verifier.rounding import decided_text
from verifier.solution import Row, outside


@dataclass(frozen=True)
class Ranges:
    """The proven range of every result of a problem with intervals.

    Errors: ProblemError for a policy other than `final`, and where a divisor may vanish.
    """

    problem: Problem

    def __post_init__(self) -> None:
        if self.problem.policy.kind != "final":
            raise ProblemError(
                f"intervals under the policy {self.problem.policy.kind!r}",
                accepted="the policy final: ranges are those of full precision",
            )

    @cached_property
    def wanted(self) -> tuple[QuantityAt, ...]:
        """The quantities that are asked for, step by step, in the order of the equations."""
        order = [name for block in self.problem.cell.blocks for name in block.names]
        shown = (site for site in sites(self.problem) if self.problem.only.shows(*site))
        return tuple(sorted(shown, key=lambda site: (site[0], order.index(site[1]))))

    @cached_property
    def found(self) -> tuple[Floats, Floats, float]:
        """The ends of all entries that are asked for, and how much too wide they may be."""
        with np.errstate(all="ignore"):
            return Search(self.problem, self.wanted).ranges()

    @property
    def slack(self) -> float:
        """A proven bound of the share of the widest range that no number in the box reaches."""
        return self.found[2]

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """A row for each entry that is asked for."""
        return tuple(self._rows())

    def _rows(self) -> Iterator[Row]:
        low, high, _ = self.found
        start = 0
        for step, name in self.wanted:
            shape = self.problem.shapes[name]
            chosen = self.problem.only.chosen(name)
            for k in range(prod(shape)) if chosen is None else chosen:
                index = tuple(int(i) for i in np.unravel_index(k, shape)) if shape else ()
                yield self._row(step, name, index, float(low[start + k]), float(high[start + k]))
            start += prod(shape)

    def _row(self, step: int, name: str, index: tuple[int, ...], low: float, high: float) -> Row:
        rule = self.problem.rule(name)
        known = (Fraction(low), Fraction(high)) if np.isfinite([low, high]).all() else None
        digits = None if known is None else decided_text(*known, rule)
        return Row(
            step, name, index, digits, *outside(known, rule), None, "range", None, {"final": digits}
        )
