"""Blocks of which floats do not tell the digits: balls, walked from the beginning of the stream.

Balls that begin in a block's box would never get narrower than it, so they begin where the states
are known to as many bits: after the last block that was theirs, else before the first step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from math import ceil

from verifier.arithmetic.ball import Ball
from verifier.certify import (
    ALLOWED,
    Certified,
    CoarseError,
    fine,
    first_precision,
    growth_a_step,
    needed_bits,
    top_precision,
    total_products,
    undecided,
)
from verifier.evaluate import Trace, evaluate
from verifier.problem import Problem
from verifier.streams.points import Point, Rows, beginning, carried

Again = Callable[[int, int], Iterator[Rows]]
"""The inputs behind one step and up to another, read again, some steps at a time."""


@dataclass(eq=False)
class Balls:
    """States in balls of so many bits after some step.

    `known` is the last point at which they were exact; behind it they are `lost` where all bits
    that are tried leave them wide. Where these leave other entries open alone, no more than the
    `most` bits of then are tried later on: such entries are ties, as far as anyone can tell.
    """

    problem: Problem
    again: Again
    bits: int = 0
    most: int | None = None
    lost: bool = False
    known: Point = field(init=False)
    point: Point = field(init=False)

    def __post_init__(self) -> None:
        self.known = self.point = beginning(self.problem)
        self.bits = self._least

    @property
    def _least(self) -> int:
        """The bits that are tried first."""
        return needed_bits(self.problem) + ALLOWED + ceil(growth_a_step(self.problem))

    def block(self, block: Problem, point: Point) -> tuple[Certified, Point]:
        """The quantities of the block behind a point, and the point after it.

        Bits are doubled until all entries are as fine as they are wanted, or given up.
        """
        tried: list[int] = []
        if point.exact:
            self.known = self.point = point
            self.lost = False
        while True:
            tried.append(self.bits)
            try:
                trace = self._tried(block, point)
            except CoarseError:
                self.bits, self.point = min(self._top(block), self._more()), self.known
                continue
            return self._found(trace, block, point, tuple(tried))

    def _found(
        self, trace: Trace, block: Problem, point: Point, tried: tuple[int, ...]
    ) -> tuple[Certified, Point]:
        left = undecided(trace, block)
        self.point = point.after(block, carried(block, trace.values))
        if not self.lost and self.point.wide:  # whatever follows is as wide, with however many bits
            self.lost, self.bits = True, self._least
        elif left and not self.lost and self.most is None:
            self.most = self.bits
        return Certified(trace, left, tried), self.point

    def _tried(self, block: Problem, point: Point) -> Trace:
        """Errors: CoarseError where more bits would change digits, and may be had."""
        start = point if self.lost else self._at(point)
        last = self.lost or self.bits >= self._top(block)
        look = None if last else partial(fine, block)
        return evaluate(block, start.begins(Ball(self.bits)), look=look)

    def _at(self, point: Point) -> Point:
        """The point at a step, of which the states are known to so many bits."""
        if self.point.step < point.step:
            for inputs in self.again(self.point.step, point.step):
                block = self.point.block(self.problem, inputs)
                trace = evaluate(block, self.point.begins(Ball(self.bits)), forget=True)
                self.point = self.point.after(block, carried(block, trace.values))
        return self.point

    def _more(self) -> int:
        """Bits with which twice as many may be lost."""
        needed = needed_bits(self.problem)
        return needed + 2 * (self.bits - needed)

    def _top(self, block: Problem) -> int:
        """The bits of which no more are tried, as for a whole sequence up to there."""
        if self.most is not None:
            return self.most
        steps = block.past + block.steps
        products = total_products(block) // block.steps * steps
        return top_precision(first_precision(block, steps), products)
