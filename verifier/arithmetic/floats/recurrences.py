"""Which quantities carry deviations on together, and for how many steps.

A recurrence is a circle of quantities that need each other, such as one direction of a layer. Where
all states together have many entries, each recurrence has symbols of its own: what it reads of
others is off by no one knows what within its bounds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

from verifier.language.operations import Shape

MOST_SYMBOLS = 640
"""How many symbols of states are kept; a block ends when there are so many."""

FAR = 4 * MOST_SYMBOLS
"""So many symbols later, or with so many between them, slopes are dropped."""

FEWEST_STEPS, JOINT_STEPS = 4, 10
"""Symbols last for so many steps at least, up to `FAR` of them; where they would last less than so
many, recurrences are parted."""


@dataclass(frozen=True, eq=False)
class Recurrences:
    """The circles of quantities with what each needs, and the `states` that other steps need.

    `circles` stand in the order of evaluation.
    """

    shapes: Mapping[str, Shape]
    states: Collection[str]
    circles: Sequence[Sequence[str]]
    needs: Mapping[str, Collection[str]]

    @cached_property
    def number(self) -> Mapping[str, int]:
        """The number of each quantity's recurrence; 0 for what needs several of them, or none.

        What is in no recurrence, as an output layer, goes with the only one that it needs.
        """
        found: dict[str, int] = {}
        for k, own in enumerate(self.circles, 1):
            others = {found[name] for part in own for name in self.needs[part] if name not in own}
            only = others.pop() if len(others) == 1 else 0
            carried = not set(own).isdisjoint(self.states)
            found |= dict.fromkeys(own, k if carried else only)
        return found

    @cached_property
    def parted(self) -> bool:
        """Whether each recurrence has symbols of its own."""
        several = len(set(self.number.values())) > 1
        return several and self._entries(self.states) * JOINT_STEPS > MOST_SYMBOLS

    def home(self, name: str) -> int:
        """The number of a quantity's recurrence; 0 where all are one."""
        return self.number[name] if self.parted else 0

    def ends(self, name: str, step: int) -> bool:
        """Whether the symbols of a state are new ones after a step."""
        return name in self.states and step % self.block(name) == 0

    def block(self, name: str) -> int:
        """For how many steps the symbols of a state last."""
        own = self.home(name)
        carried = max(1, self._entries([n for n in self.states if self.home(n) == own]))
        return max(1, min(max(FEWEST_STEPS, MOST_SYMBOLS // carried), FAR // carried - 1))

    def _entries(self, names: Collection[str]) -> int:
        return sum(prod(self.shapes[name]) for name in names)
