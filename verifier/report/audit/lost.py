"""What the report says of numbers that are not finite: which is the first, where, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from verifier.arithmetic.floats.deployed import FORMATS
from verifier.audit.findings import Findings
from verifier.audit.nonfinite import UNDEFINED, Event, NonFinite, text_of
from verifier.notation.paper import on_paper
from verifier.report.audit.numbers import value_text
from verifier.report.notes import entry
from verifier.report.scribe import Scribe
from verifier.report.words import Math, Prose
from verifier.solution import Solution

SIGNS = {"inf-inf": "∞ − ∞", "0*inf": "0 · ∞", "0/0": "0/0", "inf/inf": "∞/∞"}


def lost(findings: Findings, scribe: Scribe, float: str) -> list[Prose]:
    """How many entries of a format are not finite, and what became of the first."""
    found = next((each for each in findings.lost if each.float == float), None)
    if found is None:
        return []
    rows = [row for row in findings.audit.measured.values() if row.float == float]
    count = sum(int((~row.finite).sum()) for row in rows)
    where, value = place(findings.audit.solution, scribe, found), shown_value(scribe, found)
    said = scribe.words("audit.lost", count, float=float, entry=where, value=value)
    return [said, *reasons(scribe, found)]


def place(solution: Solution, scribe: Scribe, found: Any) -> Prose:
    """An entry, by its step, name and index, in words."""
    shape = solution.problem.shapes[found.name]
    k = int(np.ravel_multi_index(found.index, shape)) if shape else 0
    return entry(solution, scribe, (found.step, found.name, k))


def shown_value(scribe: Scribe, found: Any) -> str:
    """A number that is not finite, of an entry."""
    return scribe.plain_number(value_text(found.computed))


def reasons(scribe: Scribe, found: NonFinite) -> Iterator[Prose]:
    """A sentence for the cause, and one for what it led to."""
    for event in found.events:
        yield _reason(scribe, event)


def _reason(scribe: Scribe, event: Event) -> Prose:
    words, numbers = scribe.words, [(scribe.plain_number(text),) for text in event.operands]
    term: Math = scribe.math(on_paper(event.term, scribe.problem.shapes), event.step)
    if event.reason in UNDEFINED:
        return words("audit.lost.undefined", term=term, form=SIGNS[event.reason])
    format = FORMATS[event.format]
    values: dict[str, Any] = {
        "term": term,
        "float": event.format,
        "largest": scribe.plain_number(text_of(format.cast(format.largest))),
        "operands": words.join(list(numbers)),
    }
    return words(f"audit.lost.{event.reason}", **values)
