"""An audit in a few lines for a terminal, in plain text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from verifier.audit.findings import Findings
from verifier.notation.text import TextPrinter
from verifier.report.audit.compared import comparison
from verifier.report.audit.summary import summary
from verifier.report.scribe import Scribe
from verifier.report.style import STYLES
from verifier.report.words import Words

PLAIN = replace(STYLES["md"], printer=TextPrinter())


def terminal_lines(findings: Findings) -> Iterator[str]:
    """The summary, and a line for each program that was compared."""
    scribe = Scribe(findings.audit.solution.problem, PLAIN, Words())
    for sentence in summary(findings, scribe):
        yield "".join(sentence)
    for found in findings.comparisons:
        yield "".join(comparison(findings, scribe, found))
