"""An audit in a few lines for a terminal, in plain text."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.audit.against import Comparison
from verifier.audit.findings import Findings
from verifier.formats import load
from verifier.report.audit.compared import comparison
from verifier.report.audit.summary import summary
from verifier.report.scribe import Scribe
from verifier.report.words import Words
from verifier.solution import Solution

PLAIN = load("txt")


def terminal_lines(findings: Findings) -> Iterator[str]:
    """The summary, and a line for each program that was compared."""
    solution = findings.audit.solution
    for sentence in summary(findings, Scribe(solution.problem, PLAIN, Words())):
        yield "".join(sentence)
    for found in findings.comparisons:
        yield comparison_line(solution, found)


def comparison_line(solution: Solution, found: Comparison) -> str:
    """Whether a program's outputs are inside the bound, and what explains them if not."""
    return "".join(comparison(solution, Scribe(solution.problem, PLAIN, Words()), found))
