"""Long sequences: digits proven after the fact, many steps at once.

`CHOSEN` is the certifier of every solution: it takes `Along` where that is predicted to be cheaper
than balls.
"""

from __future__ import annotations

from dataclasses import dataclass

from verifier.along.cost import along_is_cheaper
from verifier.certify import Certified, Plain, Terms
from verifier.problem import Problem
from verifier.rounding import Policy


@dataclass(frozen=True)
class Chosen(Plain):
    """Balls, or the bounds along the steps, whichever is predicted to be cheaper."""

    def certified(self, problem: Problem, policy: Policy) -> Certified:
        """The enclosures of all quantities under a policy."""
        if not (policy.exact and along_is_cheaper(problem)):
            return super().certified(problem, policy)
        from verifier.along.certifier import Along

        return Along().certified(problem, policy)

    def terms(self, certified: Certified) -> Terms:
        """The sub-terms of what was certified."""
        if isinstance(certified.trace.values, dict):
            return super().terms(certified)
        from verifier.along.certifier import Along

        return Along().terms(certified)


CHOSEN = Chosen()
