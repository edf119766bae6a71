"""Digits of held enclosures, made for all steps of a part at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from verifier.along.held import Held, Part
from verifier.arithmetic.enclosed import Enclosed
from verifier.arithmetic.protocol import QuantityAt
from verifier.lane_rows import LaneRows
from verifier.problem import Problem
from verifier.rounding import Rounding

KEPT = 32
"""Quantities of parts of which texts are kept: rows ask for all of one part, and then the next."""


@dataclass(frozen=True, eq=False)
class AtStep:
    """The entries of a quantity at one step, among those of all steps of a part."""

    rows: LaneRows
    where: slice

    @property
    def texts(self) -> list[str]:
        """The digits."""
        return self.rows.texts[self.where]

    @property
    def ends(self) -> tuple[list[str], list[str]]:
        """Decimals below and above."""
        low, high = self.rows.ends
        return low[self.where], high[self.where]

    @property
    def margins(self) -> list[str]:
        """How close each call was."""
        return self.rows.margins[self.where]


@dataclass(eq=False)
class Printed:
    """What is printed of enclosures that are held, under the rules of their problem."""

    held: Held
    problem: Problem
    made: OrderedDict[tuple[int, str, Rounding], LaneRows] = field(default_factory=OrderedDict)

    def at(self, step: int, name: str, rule: Rounding) -> AtStep | None:
        """The texts of a quantity at a step; None where floats alone do not tell them all."""
        part = None if (step, name) in self.held.finer else self.held.part(step)
        if part is None:
            return None
        at, size = step - part.first, self.problem.size(name)
        where = slice(at * size, (at + 1) * size)
        rows = self._rows(part, name, rule)
        if part.rational[name][at].any() or not rows.sure[where].all():
            return None
        return AtStep(rows, where)

    def _rows(self, part: Part, name: str, rule: Rounding) -> LaneRows:
        key = part.first, name, rule
        if key not in self.made:
            value = part.values[name]
            flat = Enclosed(value.middle.reshape(-1), value.radius.reshape(-1))
            self.made[key] = LaneRows(flat, rule)
            while len(self.made) > KEPT:
                self.made.popitem(last=False)
        return self.made[key]


@dataclass(frozen=True, eq=False)
class AsAsked(Mapping[QuantityAt, Any]):
    """A value for each quantity at each step, made when it is asked for."""

    sites: Callable[[], Iterator[QuantityAt]]
    make: Callable[[QuantityAt], Any]

    def __getitem__(self, site: QuantityAt) -> Any:
        return self.make(site)

    def __iter__(self) -> Iterator[QuantityAt]:
        return self.sites()

    def __len__(self) -> int:
        return sum(1 for _ in self.sites())
