"""What is told of one person's numbers: a value that each judge adds to by making another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from verifier.check.judge import Told
from verifier.check.model import Checked, Finding, Verdict
from verifier.outcomes.model import Entry, Given

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

Numbers = list[tuple[Entry, Given]]


@dataclass(frozen=True)
class Verdicts:
    """What is told of numbers, and what explains them.

    `alone` are the numbers that earn a part for being close or short.
    """

    told: Mapping[Entry, Told] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    alone: frozenset[Entry] = frozenset()

    def open(self, given: Numbers) -> Numbers:
        """The numbers without a verdict."""
        return [(entry, number) for entry, number in given if entry not in self.told]

    def also(self, told: Mapping[Entry, Told], *findings: Finding) -> Verdicts:
        """These verdicts with others beside them, or in their place."""
        return Verdicts({**self.told, **told}, (*self.findings, *findings), self.alone)


def counts(checked: Checked) -> dict[Verdict, int]:
    """How many entries have each verdict."""
    found = Counter(row.verdict for row in checked.rows)
    return {verdict: found[verdict] for verdict in VERDICTS}
