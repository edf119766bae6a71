"""The Python interface: `load` a problem, `solve` it, read its rows, write its documents."""

from __future__ import annotations

from verifier.problem import Problem, load, loads
from verifier.report import solution_text
from verifier.solution import Solution as PlainSolution

__all__ = ["Problem", "Solution", "load", "loads", "solve"]


class Solution(PlainSolution):
    """A worked problem that writes itself; notebooks show it as Markdown."""

    def to_markdown(self, digits: int = 0) -> str:
        """The worked solution as Markdown; with `digits`, every entry to so many figures too."""
        return solution_text(self, "md", digits)

    def to_latex(self, digits: int = 0) -> str:
        """The worked solution as a LaTeX document."""
        return solution_text(self, "tex", digits)

    def to_json(self) -> str:
        """The rows as in the published schema."""
        return solution_text(self, "json")

    def _repr_markdown_(self) -> str:
        return self.to_markdown()


def solve(problem: Problem, *, exact: bool | None = None, policies: bool | None = None) -> Solution:
    """The solution of a problem; `exact` and `policies` ask for what large problems go without."""
    return Solution(problem, exact, policies).computed()
