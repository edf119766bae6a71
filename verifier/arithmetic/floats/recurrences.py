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
    """The circles of quantities, and the `states` that other steps need."""

    shapes: Mapping[str, Shape]
    states: Collection[str]
    circles: Sequence[Sequence[str]]

    @cached_property
    def number(self) -> Mapping[str, int]:
        """The number of each quantity's recurrence; those outside of any have none."""
        found = [own for own in self.circles if not set(own).isdisjoint(self.states)]
        return {name: k for k, own in enumerate(found) for name in own}

    @cached_property
    def parted(self) -> bool:
        """Whether each recurrence has symbols of its own."""
        several = len(set(self.number.values())) > 1
        return several and self._entries(self.states) * JOINT_STEPS > MOST_SYMBOLS

    def ends(self, name: str, step: int) -> bool:
        """Whether the symbols of a state are new ones after a step."""
        return name in self.states and step % self.block(name) == 0

    def block(self, name: str) -> int:
        """For how many steps the symbols of a state last."""
        own = self.home(name)
        with_it = [n for n in self.states if not self.parted or self.home(n) == own]
        carried = max(1, self._entries(with_it))
        return max(1, min(max(FEWEST_STEPS, MOST_SYMBOLS // carried), FAR // carried - 1))

    def _entries(self, names: Collection[str]) -> int:
        return sum(prod(self.shapes[name]) for name in names)

    def home(self, name: str) -> int:
        """The number of a quantity's recurrence; −1 where it belongs to none."""
        return self.number.get(name, -1)

    def apart(self, name: str, other: str) -> bool:
        """Whether a quantity's recurrence has symbols that do not go with those of another one."""
        return self.parted and self.home(name) not in (-1, self.home(other))
