"""An audit in a few lines for a terminal, in plain text."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.audit.against import Comparison
from verifier.audit.findings import Findings
from verifier.audit.probe import Probe
from verifier.formats import load
from verifier.report.audit.compared import comparison, told
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


def probe_lines(found: Probe) -> Iterator[str]:
    """What a probe changes, and what it tells apart."""
    scribe = Scribe(found.problem, PLAIN, Words())
    yield scribe.words.text(f"audit.probe.{'weights' if found.weights else 'inputs'}")
    for sentence in told(scribe, found.power):
        yield "".join(sentence)


def comparison_line(solution: Solution, found: Comparison) -> str:
    """Whether a program's outputs are inside the bound, and what explains them if not."""
    return "".join(comparison(solution, Scribe(solution.problem, PLAIN, Words()), found))
