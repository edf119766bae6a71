"""The Python interface: `load` a problem, `solve` it, `check` answers, write documents."""

from __future__ import annotations

from pathlib import Path

from verifier.check.model import Answers, Checked
from verifier.problem import Problem, load, loads
from verifier.report import solution_text
from verifier.solution import Solution as PlainSolution

__all__ = ["Answers", "Checked", "Problem", "Solution", "check", "load", "loads", "solve"]


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

    def check(self, answers: str | Path | Answers) -> tuple[Checked, ...]:
        """The verdicts on the answers in a file or folder, or on plain ones: one a person."""
        return check(self, answers)

    def _repr_markdown_(self) -> str:
        return self.to_markdown()


def solve(problem: Problem, *, exact: bool | None = None, policies: bool | None = None) -> Solution:
    """The solution of a problem; `exact` and `policies` ask for what large problems go without."""
    return Solution(problem, exact, policies).computed()


def check(problem: Problem | PlainSolution, answers: str | Path | Answers) -> tuple[Checked, ...]:
    """The verdicts on the answers in a file or folder, or on plain ones: one a person.

    `rows` has a row an entry with its reason in the problem's language, `findings` the mistakes,
    `answers.complaints` what could not be read. Errors: VerifierError for a path without answers.
    """
    from verifier.check.answers import read
    from verifier.check.engine import check as verdicts
    from verifier.report.feedback import explained
    from verifier.report.words import Words

    solution = solve(problem) if isinstance(problem, Problem) else problem
    given = [answers] if isinstance(answers, Answers) else read(solution.problem, [Path(answers)])
    words = Words(solution.problem.texts.language)
    return tuple(explained(solution.problem, verdicts(solution, one), words) for one in given)
