"""One person's answers while they are judged."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import get_args

from verifier.check.explain import Mistakes
from verifier.check.honest import Question
from verifier.check.judge import Told
from verifier.check.model import Answers, Checked, Entry, Finding, Given, Verdict

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

Numbers = list[tuple[Entry, Given]]


@dataclass
class Verdicts:
    """The answers, and what is told of them so far.

    `told` holds the verdicts; `alone` the numbers that earn a part for being close or short.
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


def counts(checked: Checked) -> dict[Verdict, int]:
    """How many entries have each verdict."""
    found = Counter(row.verdict for row in checked.rows)
    return {verdict: found[verdict] for verdict in VERDICTS}
