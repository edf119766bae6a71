"""The order in which lanes are worked: first what leads soonest to a value that was shown.

A lane that is far off there is done, whatever else it has: of a stack in two directions whose last
layer is shown, half of the layers below need not be worked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from verifier.arithmetic.protocol import QuantityAt
from verifier.language.schedule import Block
from verifier.language.tree import Equation, names

Part = tuple[Block, int]
"""A block at a step."""


@dataclass(frozen=True, eq=False)
class Order:
    """Blocks over so many steps; `equations` are those of all lanes, each with all of its cases."""

    blocks: Sequence[Block]
    steps: int
    equations: Collection[Equation]

    def soonest(self, shown: Collection[QuantityAt]) -> list[Part]:
        """Every block at every step, with what the first shown values need in front."""
        usual = [(block, step) for block in self.blocks for step in block.steps(self.steps)]
        fronts = sorted(self._fronts(shown), key=lambda front: sum(front.values()))
        found: dict[Part, None] = {}
        for front in fronts:
            found |= dict.fromkeys(part for part in usual if self._place(*part) <= front[part[0]])
        return list(found | dict.fromkeys(usual))

    def _fronts(self, shown: Collection[QuantityAt]) -> Iterator[Mapping[Block, int]]:
        """How many steps of each block the first shown values of one need."""
        for block in self.blocks:
            places = [self._place(block, step) for step, name in shown if name in block.names]
            if places:
                yield self._front(block, min(places))

    def _front(self, block: Block, count: int) -> Mapping[Block, int]:
        """How many steps of each block are needed for so many of one: blocks need earlier ones."""
        found = dict.fromkeys(self.blocks, 0) | {block: count}
        for later in reversed(self.blocks):
            ends = later.steps(self.steps)[: found[later]]
            for step in {ends[0], ends[-1]} if ends else ():
                for other, offset in self._needs[later]:
                    at = min(max(step + offset, 1), self.steps)
                    found[other] = max(found[other], self._place(other, at))
        return found

    @cached_property
    def _needs(self) -> Mapping[Block, set[tuple[Block, int]]]:
        """The other blocks that each block needs, and at which step from its own."""
        home = {name: block for block in self.blocks for name in block.names}
        found: dict[Block, set[tuple[Block, int]]] = {block: set() for block in self.blocks}
        for equation in (one for one in self.equations if one.name in home):
            trees = (equation.expression, *equation.cases.values())
            for used in (name for tree in trees if tree is not None for name in names(tree)):
                if used.offset is not None and used.name in home:
                    found[home[equation.name]].add((home[used.name], used.offset))
        return {block: {o for o in own if o[0] != block} for block, own in found.items()}

    def _place(self, block: Block, step: int) -> int:
        """The number of a step in the order of a block, from 1 on."""
        return step if block.direction > 0 else self.steps + 1 - step
