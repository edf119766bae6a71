"""A single number of the question that was read wrongly: hundreds of readings in one walk."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property

import numpy as np

from verifier.arithmetic.many_policies import ManyPolicies
from verifier.arithmetic.wrap.several import Several
from verifier.certify import total_products
from verifier.outcomes.asked import Floats
from verifier.outcomes.honest import Question
from verifier.problem import Problem
from verifier.rewrites.model import Variant, made
from verifier.rewrites.readings import MISSED, READINGS, Reading, change
from verifier.rounding import Policy

MOST_PRODUCTS = 20_000_000
"""Scalar products of all readings together: more take longer than anyone waits."""

ORIGINS = {"parameters": "parameter", "inputs": "input", "initial": "end"}


class Readings:
    """All ways to misread one number of a question, and what each gives."""

    def __init__(self, question: Question) -> None:
        self.question = question

    @cached_property
    def every(self) -> tuple[tuple[str, Reading], ...]:
        """The readings with their rules; none where there are too many."""
        problem = self.question.problem
        found = tuple((id, r) for id, rule in READINGS.items() for r in rule(problem))
        few = len(found) * total_products(problem) <= MOST_PRODUCTS
        return found if few and not problem.final else ()

    @cached_property
    def missed(self) -> Floats:
        """Which of them leave a number out of its products."""
        return np.array([id == MISSED for id, _ in self.every], dtype=bool)

    @cached_property
    def full(self) -> Floats:
        """The numbers that each gives in full precision: readings by entries."""
        count = len(self.every)
        if not count:
            return np.zeros((0, len(self.question.entries)))
        found = self.question.under(self._lanes, self.question.problem, lambda _: self.arithmetic)
        return np.full((count, len(self.question.entries)), np.nan) if found is None else found

    @property
    def _lanes(self) -> ManyPolicies:
        return ManyPolicies((Policy(),) * len(self.every), self.question.problem.rule)

    @cached_property
    def arithmetic(self) -> Several:
        """Float64 in a lane a reading."""
        return Several(self._lanes, self._others())

    def _others(self) -> dict[tuple[str, str], Floats]:
        """Each given array that some reading changes, once a lane."""
        found: dict[tuple[str, str], Floats] = {}
        for lane, (_, reading) in enumerate(self.every):
            key = ORIGINS[reading.section], reading.name
            if key not in found:
                own = getattr(self.question.problem, reading.section)[reading.name].doubles
                found[key] = np.repeat(own[None], len(self.every), axis=0)
            flat = found[key].reshape(len(self.every), -1)
            flat[lane, reading.at] = float(Fraction(reading.text))
        return found

    def variant(self, k: int) -> Variant[Problem] | None:
        """The problem as it was read."""
        rule, reading = self.every[k]
        return made(rule, self.question.problem, change(self.question.problem, reading))
