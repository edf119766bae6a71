"""What the report says of programs that computed the problem too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

from verifier.audit.against import Comparison, Convention, Deviation
from verifier.audit.findings import Findings
from verifier.report.audit.lost import place, reasons, shown_value
from verifier.report.audit.numbers import bound_text, error_text, least_text, sized
from verifier.report.audit.summary import joined
from verifier.report.audit.view import Part
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
    own = _Sentences(solution, scribe, found)
    if found.not_finite:
        return joined(list(own.lost()))
    return joined(list(own.inside() if found.inside else own.outside()))


Values = dict[str, Any]
"""What is filled into a sentence."""


@dataclass(frozen=True)
class _Sentences:
    """What is said of one comparison."""

    solution: Solution
    scribe: Scribe
    found: Comparison

    @property
    def who(self) -> Values:
        """The program and its format."""
        program = self.found.outputs
        who = f"{program.implementation} {program.version}".strip()
        return {"who": who, "float": program.float}

    def where(self, entry: Deviation) -> Prose:
        return place(self.solution, self.scribe, entry)

    def sizes(self, entry: Deviation) -> Values:
        """An entry with its error and its bound, in ulps and as absolute numbers."""
        rest = entry.ulp, entry.vanishes
        return {
            "entry": self.where(entry),
            "error": sized(self.scribe, entry.off, *rest, error_text),
            "bound": sized(self.scribe, entry.limit, *rest, bound_text),
        }

    def inside(self) -> Iterator[Prose]:
        """The largest error; where the true value vanishes, too; and what would not be seen."""
        words, found, worst = self.scribe.words, self.found, self.found.worst
        count = sum(len(row.error) for row in found.held)
        yield words("audit.against.inside", count, **self.who, **self.sizes(worst))
        zero = found.worst_vanishing
        if zero is not None and not worst.vanishes:
            yield words("audit.against.vanishing", **self.sizes(zero))
        if found.unbounded:
            yield words("audit.against.unbounded", found.unbounded)
            return
        least = found.blindest
        if not least.unseen:
            yield words("audit.against.seen")
            return
        size = sized(self.scribe, least.unseen, least.ulp, least.vanishes, least_text)
        yield words("audit.against.unseen", entry=self.where(least), size=size)

    def outside(self) -> Iterator[Prose]:
        """The first entry outside, and what would explain all."""
        words, found = self.scribe.words, self.found
        yield words("audit.against.outside", found.outside, **self.who, **self.sizes(found.first))
        yield from _explained(self.scribe, found)

    def lost(self) -> Iterator[Prose]:
        """The first entry that is not finite, and whether the format's own arithmetic does so."""
        words, found, entry = self.scribe.words, self.found, self.found.first_not_finite
        values: Values = {"entry": self.where(entry), "value": shown_value(self.scribe, entry)}
        yield words("audit.against.lost", found.not_finite, **self.who, **values)
        yield from self.why(entry)
        others = found.outside - found.not_finite
        if others:
            yield words("audit.against.lost.outside", others)

    def why(self, entry: Deviation) -> Iterator[Prose]:
        """Where the format's own arithmetic is lost; else whether another order may be."""
        words, own = self.scribe.words, self.found.lost
        if own is not None:
            value = shown_value(self.scribe, own)
            yield words("audit.against.lost.own", float=own.float, value=value)
            yield from reasons(self.scribe, own)
        elif isfinite(entry.limit):
            yield words("audit.against.lost.bug", float=self.found.outputs.float)
        else:
            yield words("audit.against.lost.open", float=self.found.outputs.float)


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
