"""Steps before a block that are kept, so that thin steps can begin far enough back."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice

from verifier.along.held import Ended, Held, Part
from verifier.along.states import States
from verifier.along.thin import BITS, MOST_BITS, Thin
from verifier.arithmetic.protocol import Value
from verifier.numbers import Numbers
from verifier.problem import Problem

STEPS, ENTRIES = 2**14, 2**22
"""Steps that are kept, and numbers in them, about: a cell that forgets one part in 400 a step has
forgotten 2⁻⁵⁸ of its state over so many."""


@dataclass(frozen=True, eq=False)
class Kept:
    """Steps whose quantities floats hold, as a problem, and the states before the first of them.

    `before` is None at the beginning of a stream: there the problem says them.
    """

    problem: Problem
    before: Mapping[str, Value] | None
    held: Held

    @cached_property
    def states(self) -> Held:
        """What is held of the states alone."""
        names = (*States(self.problem).shapes,)
        parts = [
            Part(
                part.first,
                *({n: found[n] for n in names} for found in (part.values, part.rational)),
            )
            for part in self.held.parts
        ]
        finer = {site: value for site, value in self.held.finer.items() if site[1] in names}
        return Held(names, parts, finer)


@dataclass(eq=False)
class Behind:
    """The last blocks of a stream, each of which begins where the one before it ends."""

    kept: deque[Kept] = field(default_factory=deque)
    ended: Ended | None = None

    def add(self, block: Kept) -> None:
        """Keep a block, and of those before it no more than are needed."""
        self.kept.append(Kept(block.problem, block.before, block.states))
        self.ended = block.held.ended
        while len(self.kept) > 1 and self._enough():
            self.kept.popleft()

    def _enough(self) -> bool:
        """Whether the blocks behind the first are enough."""
        problem = self.kept[0].problem
        given = sum(numbers.size for numbers in problem.inputs.values()) // problem.steps
        most = min(STEPS, ENTRIES // (given + States(problem).width))
        return sum(block.problem.steps for block in islice(self.kept, 1, None)) >= most

    def clear(self) -> None:
        """Keep nothing: states are known otherwise."""
        self.kept.clear()
        self.ended = None

    def reaching(self, block: Kept) -> Reaching:
        """Thin steps of the next block."""
        return Reaching((*self.kept, block))


@dataclass(frozen=True, eq=False)
class Reaching:
    """Thin steps of the last of some blocks, which begin in those before it where need be."""

    blocks: tuple[Kept, ...]

    @cached_property
    def past(self) -> int:
        """The steps before the last block."""
        return sum(block.problem.steps for block in self.blocks[:-1])

    @cached_property
    def thin(self) -> Thin:
        """The thin steps of all blocks as one sequence."""
        first, problem = self.blocks[0], self.blocks[-1].problem
        inputs = {
            name: Numbers.joined([block.problem.inputs[name] for block in self.blocks])
            for name in problem.inputs
        }
        whole = replace(problem, inputs=inputs, initial=first.problem.initial, steps=0)
        known_exactly = first.before is None
        bits = MOST_BITS if known_exactly else BITS  # more do not help where a box is begun from
        return Thin(States(whole, first.before), self._held(), bits)

    def _held(self) -> Held:
        found, past = Held(self.blocks[-1].held.names), 0
        for block in self.blocks:
            found.parts += [
                Part(past + part.first, part.values, part.rational) for part in block.held.parts
            ]
            found.finer |= {(past + t, name): v for (t, name), v in block.held.finer.items()}
            past += block.problem.steps
        return found

    def settle(self, t: int, name: str, k: int) -> None:
        """Hold the quantities of a step of the last block so finely that an entry is decided.

        Errors: OpenError.
        """
        self.thin.settle(self.past + t, name, k)
        held, found = self.blocks[-1].held, self.thin.held.finer
        held.finer |= {(t, each): found[self.past + t, each] for each in held.names}
