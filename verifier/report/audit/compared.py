"""What the report says of programs that computed the problem too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

from verifier.audit.against import Comparison, Deviation
from verifier.audit.conventions import Convention
from verifier.audit.explain import Explanation
from verifier.audit.findings import Findings
from verifier.audit.power import Power
from verifier.problem import Problem
from verifier.report.audit.lost import place, reasons, shown_value
from verifier.report.audit.numbers import bound_text, error_text, least_text, sized
from verifier.report.audit.summary import joined
from verifier.report.audit.view import Part
from verifier.report.scribe import Scribe
from verifier.report.words import Prose
from verifier.rewrites.catalogue import CATALOGUE
from verifier.rewrites.copies import kinds
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
    return Part("programs", words("audit.against.heading"), tuple(sentences))


def comparison(solution: Solution, scribe: Scribe, found: Comparison) -> Prose:
    """Whether a program's outputs lie inside the bound, and what would explain them if not."""
    own = _Sentences(solution, scribe, found)
    if found.not_finite:
        return joined(list(own.lost()))
    return joined(list(own.inside() if found.inside else own.outside()))


MOST_NAMES = 12
"""Names of one convention that are listed."""

SIGNS = {"limit": "±", "slope": ""}
"""The numbers that a convention may be about, and what stands before them."""

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
        yield from told(self.scribe, found.power)
        if found.power.rules:
            yield words("audit.against.probe")

    def outside(self) -> Iterator[Prose]:
        """The first entry outside, and what would explain all."""
        words, found = self.scribe.words, self.found
        yield words("audit.against.outside", found.outside, **self.who, **self.sizes(found.first))
        yield from _explained(self.scribe, found)
        if found.own_steps:
            steps = words.join([(str(step),) for step in found.own_steps])
            yield words("audit.against.own-state", len(found.own_steps), steps=steps)

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


def told(scribe: Scribe, power: Power) -> Iterator[Prose]:
    """Which conventions cannot be told apart, and the nearest that can."""
    words = scribe.words
    if power.rules:
        first, *others = (_what(scribe, rule) for rule in power.rules)
        listed = (*first, *(part for other in others for part in ("; ", *other)))
        yield words("audit.against.blind", 1 + len(others), conventions=listed)
    if power.nearest is not None and isfinite(power.times):
        times = scribe.plain_number(least_text(power.times))
        near = convention(scribe, power.nearest)
        sentence = "audit.against.nearest" if power.rules else "audit.against.all-told"
        yield words(sentence, convention=near, times=times)


def _explained(scribe: Scribe, found: Comparison) -> Iterator[Prose]:
    words = scribe.words
    if found.coarser:
        yield words("audit.against.coarser", float=found.coarser)
        return
    if not found.explanations:
        yield words("audit.against.unknown")
        return
    one, *others = (
        words.join([convention(scribe, c) for c in each.conventions]) for each in found.explanations
    )
    yield words(_sentence(found.explanations[0]), conventions=one)
    for other in others:
        yield words("audit.against.or", conventions=other)


def _sentence(found: Explanation) -> str:
    """What is said of an explanation: a mistake is no convention."""
    rows = [CATALOGUE[c.rule] for c in found.conventions if c.rule in CATALOGUE]
    if not all("convention" in row.tags for row in rows):
        return "audit.against.mistake"
    return "audit.against.explained" if found.own_bound else "audit.against.explained.near"


def convention(scribe: Scribe, found: Convention) -> Prose:
    """A convention in words, with the names that it is about."""
    problem, words = scribe.problem, scribe.words
    about = dict.fromkeys(name for _, names in found.about for name in names)
    names = [name for name in about if name in problem.shapes]
    own = _of_first_copies(problem, names)
    what = _what(scribe, found.rule)
    limits = [(SIGNS[kind] + text,) for kind, of in found.about if kind in SIGNS for text in of]
    if own or limits:
        listed = words.join([*((scribe.bare(name),) for name in own[:MOST_NAMES]), *limits])
        what = words("audit.convention.about", what=what, names=listed)
    return words("audit.convention.whole", what=what) if len(own) < len(names) else what


def _what(scribe: Scribe, rule: str) -> Prose:
    """A rule in words: of a convention, else as a mistake is called."""
    words = scribe.words
    if words.has(f"audit.convention.{rule}"):
        return words(f"audit.convention.{rule}")
    mistake = words.has(f"check.mistake.{rule}.name")
    return words(f"check.mistake.{rule}.name") if mistake else (rule,)


def _of_first_copies(problem: Problem, names: list[str]) -> list[str]:
    """The names without those of other copies, where all copies have some."""
    found = kinds(problem.cell.equations, joined=True)
    copies = [copy for kind in found for copy in kind]
    if not copies or not all(any(name in copy.tokens for name in names) for copy in copies):
        return names
    first = {name for kind in found for name in kind[0].tokens}
    later = {name for kind in found for copy in kind[1:] for name in copy.tokens} - first
    return [name for name in names if name not in later]
