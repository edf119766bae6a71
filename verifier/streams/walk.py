"""The blocks of a stream, solved one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from verifier.along.certifier import applies, enclosures, settled
from verifier.along.held import Held
from verifier.certify import Certified, Lack, Plain, Terms, certify
from verifier.errors import ProblemError
from verifier.language.tree import Name, names
from verifier.problem import Problem
from verifier.rounding import Policy
from verifier.solution import Solution
from verifier.streams.balls import Balls
from verifier.streams.behind import Behind, Kept
from verifier.streams.points import Point, Rows, beginning, carried

STEPS, ENTRIES = 4096, 2**17
"""Steps of a block, and results in it at most."""


class Source(Protocol):
    """Where the inputs of a stream come from."""

    def blocks(self, size: int, past: int = 0) -> Iterator[Rows]:
        """The inputs behind a step, so many steps at a time."""


@dataclass(frozen=True)
class Worked(Plain):
    """What was found of a block: in full precision, and as its policy carries it on."""

    full: Certified
    carried: Certified

    def certified(self, problem: Problem, policy: Policy) -> Certified:
        """What was found."""
        return self.full if policy.exact else self.carried

    def terms(self, certified: Certified) -> Terms:
        """Nothing: rows have no sub-terms."""
        return Terms({}, {})


def check(problem: Problem) -> None:
    """Refuse what cannot be worked from its first step on.

    Errors: ProblemError at the equation that looks ahead; for a loss, and for no inputs.
    """
    ahead = problem.cell.roles.final
    if ahead:
        later = Name(ahead[0], 1)
        user = next(eq for eq in problem.cell.equations if later in names(eq.expression))
        what = f"the equation of {user.name} uses {ahead[0]}[t+1], which a stream has not read yet"
        raise ProblemError(what, problem.place(user.name), "states and inputs at t and t-1")
    if problem.loss is not None:
        raise ProblemError("a stream of a problem with a loss", accepted="one without")
    if not problem.inputs:
        raise ProblemError("a problem without inputs has no stream", accepted="inputs")


@dataclass(eq=False)
class Walk:
    """The steps of a problem's cell over the inputs of a source."""

    problem: Problem
    source: Source
    behind: Behind = field(default_factory=Behind)

    def __post_init__(self) -> None:
        check(self.problem)

    @cached_property
    def size(self) -> int:
        """Steps of a block."""
        problem = self.problem
        given = sum(numbers.size // numbers.shape[0] for numbers in problem.inputs.values())
        entries = given + sum(map(problem.size, problem.cell.equation))
        return max(1, min(STEPS, ENTRIES // entries))

    @cached_property
    def balls(self) -> Balls:
        """Balls for the blocks that floats leave open."""
        return Balls(self.problem, self._again)

    def solutions(self) -> Iterator[Solution]:
        """The solutions of the blocks; their problems say how many steps are past."""
        point = hand = beginning(self.problem)
        for inputs in self.source.blocks(self.size):
            block = point.block(self.problem, inputs)
            full, after = self._full(block, point)
            found = full
            if not self.problem.policy.exact:
                found = certify(block, self.problem.policy, hand.begins)
                hand = hand.after(block, carried(block, found.trace.values))
            yield Solution(block, False, False, Worked(full, found))
            point = after

    def _full(self, block: Problem, point: Point) -> tuple[Certified, Point]:
        """A block in full precision, and the point after it."""
        before = point.values if point.step else None
        trace, lack = enclosures(block, before, self.behind.ended), self.lack
        if trace is not None and isinstance(trace.values, Held):
            kept = Kept(block, before, trace.values)
            precisions = settled(trace, self.behind.reaching(kept))
            if precisions is not None:
                self.behind.add(kept)
                states = {name: trace.values.coarse((block.steps, name)) for name in point.values}
                return Certified(trace, frozenset(), precisions), point.after(block, states)
            lack = "open"
        self.behind.clear()
        found, after = self.balls.block(block, point)
        return replace(found, instead=lack), after

    @cached_property
    def lack(self) -> Lack | None:
        """What a block lacks of which floats give no enclosures; nothing where none are tried."""
        return "unbounded" if applies(self.problem) else None

    def _again(self, past: int, last: int) -> Iterator[Rows]:
        """The inputs behind one step and up to another."""
        for inputs in self.source.blocks(self.size, past):
            count = next(iter(inputs.values())).shape[0]
            if past + count >= last:
                yield {name: numbers.until(last - past) for name, numbers in inputs.items()}
                return
            yield inputs
            past += count
