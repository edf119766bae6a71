"""The report of an audit: documents, the JSON contract, the figure of drift."""

from __future__ import annotations

from collections.abc import Iterable

from verifier.audit.findings import Findings
from verifier.report.audit.contract import audit_json
from verifier.report.audit.figure import figure
from verifier.report.audit.parts import report
from verifier.report.documents import made
from verifier.report.means import means
from verifier.report.passages import tidied
from verifier.report.render import render


def audit_documents(findings: Findings, formats: Iterable[str]) -> dict[str, str | bytes]:
    """The report in each of the formats; svg and png are the figure alone."""
    return {format: _document(findings, format) for format in formats}


def audit_fragment(findings: Findings, format: str) -> str:
    """The report as a part of a host's document, in one of html, tex, md and txt.

    It opens no section of the host's. LaTeX needs amsmath, array, booktabs, longtable and what
    `templates/latex/verifier.sty` defines.
    Errors: DocumentError for a language that the format has no letters for.
    """
    style, words = means(findings.audit.solution.problem.texts.language, format)
    text = render("audit_body", style, inner=True, **vars(report(findings, style, words)))
    return tidied(text)


def _document(findings: Findings, format: str) -> str | bytes:
    if format == "json":
        return audit_json(findings)
    problem = findings.audit.solution.problem
    if format in ("svg", "png"):
        return figure(findings.drift, format, problem.texts.language)
    style, words = means(problem.texts.language, format)
    return made("audit", format, style, report(findings, style, words))
