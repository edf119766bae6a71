"""A mistake, or two made together, with the numbers that come of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from verifier.arithmetic.protocol import QuantityAt
from verifier.language.tree import Equation
from verifier.notation.paper import on_paper
from verifier.outcomes.asked import Floats
from verifier.outcomes.honest import Question
from verifier.outcomes.model import Explanation
from verifier.problem import Problem
from verifier.rewrites.model import Variant, unwrapped


@dataclass(frozen=True, eq=False)
class Tried:
    """A changed problem (by one mistake or two), and its numbers in full precision."""

    variant: Variant[Problem]
    made: tuple[Variant[Problem], ...]
    full: Floats
    question: Question

    @cached_property
    def values(self) -> Floats:
        """The numbers under every way that is tried with mistakes: ways by entries."""
        found = self.question.values(self.variant.problem, wrapped(self.made))
        return (
            np.full((len(self.question.plain), len(self.full)), np.nan) if found is None else found
        )

    @property
    def explanation(self) -> Explanation:
        """The mistake, or both joined with a plus sign."""
        ids = "+".join(part.rule for part in self.made)
        about = tuple(item for part in self.made for item in part.about)
        return Explanation("mistake", ids, about)

    def used(self, own: Problem) -> tuple[Equation, ...]:
        """The equations that differ from a problem's own, as they print.

        They may hold names that the problem does not have, so their shapes are the changed one's.
        """
        changed = self.variant.problem
        return tuple(
            replace(eq, expression=on_paper(eq.expression, changed.shapes))
            for eq in changed.cell.equations
            if eq not in own.cell.equations
        )

    def changes(self, site: QuantityAt) -> bool:
        """Whether a quantity is computed otherwise at a step, whatever stands before it."""
        return any(part.changes(site) for part in self.made)


def wrapped(made: Sequence[Variant[Problem]]) -> Any:
    """What operations mean after all changes."""
    wraps = [part.wrap for part in made]
    first, last = wraps[0], wraps[-1]
    if len(wraps) == 1 or first is last or not _changes(first):
        return last
    return first if not _changes(last) else lambda inner: first(last(inner))


def _changes(wrap: Any) -> bool:
    return wrap is not unwrapped


def full_of(tried: Sequence[Tried], question: Question) -> Floats:
    """Full precision: changed problems by entries."""
    if not tried:
        return np.zeros((0, len(question.entries)))
    return np.stack([each.full for each in tried])


def agreement(wide: float, far: float) -> Fraction:
    """How likely a number agrees within a width, if it lay as far off as this one, or twice."""
    if not np.isfinite(wide) or not np.isfinite(far) or 4 * far <= wide:
        return Fraction(1)
    return Fraction(wide / (4 * far)).limit_denominator(10**12)
