"""What the report says of deploying: which formats keep the digits, and what the models assume."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from verifier.arithmetic.ieee import Ieee
from verifier.audit.deploy import Keeping
from verifier.audit.findings import Findings
from verifier.audit.nonfinite import text_of
from verifier.report.audit.view import Part
from verifier.report.scribe import Scribe
from verifier.report.words import Prose


def deploying(findings: Findings, scribe: Scribe) -> Part | None:
    """Which of the formats keep the problem's places; nothing where no entry has digits."""
    found = [one for one in findings.keeping if one.entries]
    if not found:
        return None
    heading = scribe.words("audit.deploy.heading")
    return Part("deploy", heading, tuple(_sentences(scribe, found)))


def _sentences(scribe: Scribe, found: Sequence[Keeping]) -> Iterator[Prose]:
    words, entries = scribe.words, found[0].entries
    proven = [one for one in found if one.proven == entries]
    measured = [one for one in found if one.kept == entries > one.proven]
    for key, some in (("proven", proven), ("measured", measured)):
        if some:
            floats = words.join([(one.float,) for one in some])
            yield words(f"audit.deploy.{key}", entries, floats=floats)
    for one in found:
        if one.kept < entries:
            yield words("audit.deploy.lost", entries - one.kept, float=one.float, all=entries)
    if proven:
        yield words("audit.deploy.assumed")


def assumed(scribe: Scribe, model: Ieee) -> Prose:
    """The stated model of evaluation of a format, and of a deployed model what it may do."""
    words, format = scribe.words, model.format
    values: dict[str, Any] = {
        "float": model.float,
        "order": words.text(f"audit.order.{model.order}"),
        "accumulator": model.sums.name,
        "fma": words.text("audit.fma.with" if model.fma else "audit.fma.without"),
        "sigmoid": words.text(f"audit.sigmoid.{model.logistic}"),
        "low": format.functions,
        "largest": scribe.plain_number(text_of(format.cast(format.largest))),
    }
    return words(f"audit.model.{format.kind}" if format.kind else "audit.model.text", **values)
