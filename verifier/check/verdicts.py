"""One person's answers while they are judged."""

from __future__ import annotations

from dataclasses import dataclass, field

from verifier.check.explain import Mistakes
from verifier.check.honest import Question
from verifier.check.model import Answers, Entry, Explanation, Finding, Given, Verdict

Numbers = list[tuple[Entry, Given]]
Told = tuple[Verdict, Explanation | None]


@dataclass
class Verdicts:
    """The answers, and what is told of them so far.

    `told` holds the verdicts; `alone` the numbers that are honest by a way that others are not.
    """

    mistakes: Mistakes
    answers: Answers
    told: dict[Entry, Told] = field(default_factory=dict)
    alone: set[Entry] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    @property
    def question(self) -> Question:
        """The question that was asked."""
        return self.mistakes.question

    def open(self, given: Numbers) -> Numbers:
        """The numbers without a verdict."""
        return [(entry, number) for entry, number in given if entry not in self.told]
