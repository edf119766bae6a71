"""What is given, and what is said of it: plain data that readers, the engine and reports share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from verifier.errors import Place
from verifier.language.tree import Equation
from verifier.outcomes.model import Entry, Explanation, Given
from verifier.problem import Problem

Verdict = Literal["correct", "rounding", "coarse", "mistake", "follows", "wrong", "missing"]


@dataclass(frozen=True)
class Complaint:
    """Something in an answer file that could not be read; the other entries are still judged."""

    what: str
    place: Place | None = None
    entry: Entry | None = None


@dataclass(frozen=True)
class Answers:
    """The numbers of one person, from one file (or one group of rows of it).

    `question` is what a bank calls the question that they answer, where a system reports it; `also`
    is what else it says of the person: an address, a number.
    """

    person: str
    file: str
    given: Mapping[Entry, Given]
    complaints: tuple[Complaint, ...] = ()
    question: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """One entry of the contract of `check`; `given` is None where nothing was written.

    `share` is how much of what its verdict can earn a number earns; `by_hand` are points that
    someone gave in place of these.
    """

    step: int
    name: str
    index: tuple[int, ...]
    given: str | None
    expected: str | None
    verdict: Verdict
    explanation: Explanation | None
    because: str
    share: Fraction = Fraction(1)
    by_hand: Fraction | None = None


@dataclass(frozen=True)
class Finding:
    """An explanation with the entries it speaks of, and the equations as they seem to be used.

    `used` holds the equations that differ from the cell's own, as they print; `also` names
    other explanations that give the very same numbers; `chance` is how likely so many digits agree
    by coincidence.
    """

    explanation: Explanation
    entries: tuple[Entry, ...]
    used: tuple[Equation, ...] = ()
    also: tuple[Explanation, ...] = ()
    chance: Fraction | None = None


@dataclass(frozen=True)
class Checked:
    """The verdicts on one person's answers; `first` is where things first go wrong.

    `by_hand` are points that someone gave for the whole sheet; `problem` is the person's own, where
    others have other ones.
    """

    answers: Answers
    rows: tuple[Judgement, ...]
    findings: tuple[Finding, ...] = ()
    first: Entry | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    by_hand: Fraction | None = None
    problem: Problem | None = field(default=None, repr=False)

    @property
    def judged(self) -> bool:
        """Whether there are verdicts; nothing is known of numbers that could not be judged."""
        return bool(self.rows)

    @property
    def marked(self) -> bool:
        """Whether there are points: by the verdicts, or by hand for the whole sheet."""
        return self.judged or self.by_hand is not None

    @property
    def right(self) -> bool:
        """Whether nothing is wrong: every given number is correct or fits a habit of rounding."""
        return self.judged and all(
            row.verdict in ("correct", "missing") or (row.verdict == "rounding" and row.share == 1)
            for row in self.rows
        )
