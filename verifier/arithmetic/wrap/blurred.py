"""Radii that hold what any rounding on the way gives: one walk in place of one a policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier.arithmetic.discs import ROOM, Discs
from verifier.arithmetic.protocol import Site, Value
from verifier.arithmetic.wrap.wrapped import Wrapped
from verifier.language.operations import MOVES
from verifier.rounding import Rounding


@dataclass(frozen=True, eq=False)
class Blurred(Wrapped):
    """Radii, widened after every operation by what a name's rule may move its result.

    Whoever rounds results by this rule or a finer one, wherever, gets numbers in these discs.
    """

    rules: Callable[[str], Rounding]

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        """The value of an operation, with all that its rounding may give."""
        value: Discs = super().apply(operation, arguments, site)
        if site.path and operation in MOVES:
            return value
        return Discs(value.mid, (value.rad + _moved(value, self.rules(site.name))) * ROOM)


def _moved(value: Discs, rule: Rounding) -> Any:
    """How far a rule moves a value at most: half a unit of its last place, or a whole one."""
    part = 0.5 if rule.mode.startswith("half") else 1.0
    if rule.places is not None:
        moved = np.full(value.mid.shape, part * 10.0**-rule.places)
    else:  # a unit of the last figure is no more than so much of the size
        moved = part * (np.abs(value.mid) + value.rad) * 10.0 ** (1 - rule.count)
    return np.where((value.mid == 0) & (value.rad == 0), 0.0, moved)
