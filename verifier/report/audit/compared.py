"""What the report says of programs that computed the problem too."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.audit.against import Comparison, Convention, Entry
from verifier.audit.findings import Findings
from verifier.report.audit.numbers import bound_text, error_text
from verifier.report.audit.summary import joined
from verifier.report.audit.view import Part
from verifier.report.notes import entry
from verifier.report.scribe import Scribe
from verifier.report.words import Math, Prose
from verifier.solution import Solution


def compared(findings: Findings, scribe: Scribe) -> Part | None:
    """A paragraph for each program and format."""
    if not findings.comparisons:
        return None
    words = scribe.words
    sentences = [words("audit.against.text")]
    sentences += [
        comparison(findings.audit.solution, scribe, found) for found in findings.comparisons
    ]
    return Part(words("audit.against.heading"), tuple(sentences))


def comparison(solution: Solution, scribe: Scribe, found: Comparison) -> Prose:
    """Whether a program's outputs lie inside the bound, and what would explain them if not."""
    words, shown = scribe.words, found.worst if found.inside else found.first
    values = {
        "who": f"{found.outputs.implementation} {found.outputs.version}".strip(),
        "float": found.outputs.float,
        "entry": _entry(solution, scribe, shown),
        "error": scribe.plain_number(error_text(shown.error)),
        "bound": scribe.plain_number(bound_text(shown.bound)),
    }
    if found.inside:
        count = sum(len(row.error) for row in found.held)
        return words("audit.against.inside", count, **values)
    parts = [words("audit.against.outside", found.outside, **values)]
    return joined([*parts, *_explained(scribe, found)])


def _entry(solution: Solution, scribe: Scribe, found: Entry) -> Prose:
    held = solution.problem.shapes[found.name]
    k = 0
    for size, i in zip(held, found.index, strict=True):
        k = k * size + i
    return entry(solution, scribe, (found.step, found.name, k))


def _explained(scribe: Scribe, found: Comparison) -> Iterator[Prose]:
    words = scribe.words
    if not found.explanations:
        yield words("audit.against.unknown")
        return
    one, *others = (
        words.join([convention(scribe, c) for c in path]) for path in found.explanations
    )
    yield words("audit.against.explained", conventions=one)
    for other in others:
        yield words("audit.against.or", conventions=other)


def convention(scribe: Scribe, found: Convention) -> Prose:
    """A convention in words, with the names that it is about."""
    names: dict[str, Math] = {}
    for _, about in found.about:
        for name in about:
            if name in scribe.problem.shapes:
                names[name] = scribe.bare(name)
    words = scribe.words
    known = words.has(f"audit.convention.{found.rule}")
    what = words(f"audit.convention.{found.rule}") if known else (found.rule,)
    if not names:
        return what
    listed = words.join([(name,) for name in names.values()])
    return words("audit.convention.about", what=what, names=listed)
