"""Radii that hold what any rounding on the way gives: one walk in place of one a policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from verifier.arithmetic.enclosed import Enclosed, sound
from verifier.arithmetic.lane_digits import ROOM, is_zero
from verifier.arithmetic.protocol import Site, Value
from verifier.arithmetic.wrap.wrapped import Wrapped
from verifier.language.operations import MOVES
from verifier.rounding import Rounding


@dataclass(frozen=True, eq=False)
class Blurred(Wrapped):
    """Radii, widened after every operation by what a name's rule may move its result.

    Whoever rounds results by this rule or a finer one, wherever, gets numbers in these enclosures.
    """

    rules: Callable[[str], Rounding]

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Value:
        """The value of an operation, with all that its rounding may give."""
        value: Enclosed = super().apply(operation, arguments, site)
        if site.path and operation in MOVES:
            return value
        moved = _moved(value, self.rules(site.name))
        return sound(value.middle, (value.radius + moved) * ROOM)


def _moved(value: Enclosed, rule: Rounding) -> Any:
    """How far a rule moves a value at most: half a unit of its last place, or a whole one."""
    part = 0.5 if rule.mode.startswith("half") else 1.0
    if rule.places is not None:
        moved = np.full(value.middle.shape, part * 10.0**-rule.places)
    else:  # a unit of the last figure is no more than so much of the size
        moved = part * (np.abs(value.middle) + value.radius) * 10.0 ** (1 - rule.count)
    return np.where(is_zero(value), 0.0, moved)
