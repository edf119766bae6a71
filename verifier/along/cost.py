"""Which certifier takes less time, as far as a problem's sizes tell.

Balls take a walk of the equations a step, with bits that grow with the steps, so that their time
grows faster than these. Bounds along the steps take a dozen walks whatever the steps, and two
products of matrices as wide as the states a step. On GRUs of 1 to 256 units and LSTMs of 64 both
are even after 40 to 200 steps, later for wider states.
"""

from __future__ import annotations

from math import prod

from verifier.problem import Problem

SHORTEST = 150
"""Steps below which both are as fast, and balls the simpler ones."""


def along_is_cheaper(problem: Problem) -> bool:
    """Whether bounds along the steps are predicted to take less time than balls."""
    names = [name for name in problem.cell.roles.initial if name in problem.cell.equation]
    width = sum(prod(problem.shapes[name]) for name in names)
    return problem.steps >= max(SHORTEST, width)
