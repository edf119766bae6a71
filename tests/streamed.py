"""Problems whose own inputs are a stream, in blocks of any length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from verifier.problem import Problem
from verifier.solution import Row
from verifier.streams.points import Rows
from verifier.streams.walk import Walk

SAME = ("step", "name", "index", "rounded", "status", "exact")
"""What the rows of a stream and those of the whole agree in."""


class Held:
    """A problem's own inputs as a stream."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem

    def blocks(self, size: int, past: int = 0) -> Iterator[Rows]:
        """Some steps at a time."""
        for first in range(past, self.problem.steps, size):
            which = range(first, min(first + size, self.problem.steps))
            yield {name: numbers.picked(which) for name, numbers in self.problem.inputs.items()}


def streamed(problem: Problem, size: int = 16) -> list[Row]:
    """The rows of a problem's sequence, as a stream in blocks of so many steps."""
    one = {name: numbers.until(1) for name, numbers in problem.inputs.items()}
    found = Walk(replace(problem, inputs=one, steps=0), Held(problem))
    found.__dict__["size"] = size
    return [row for solution in found.solutions() for row in solution.rows]
