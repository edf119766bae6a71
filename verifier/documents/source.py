"""What documents are made from: a solution, and what is found out about it when a kind asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.errors import DocumentError
from verifier.solution import Solution

if TYPE_CHECKING:
    from verifier.audit.findings import Findings
    from verifier.check.fairness import Fairness
    from verifier.check.model import Checked


@dataclass(frozen=True, eq=False)
class Source:
    """A solution, the files of answers to it, and the floating-point formats of an audit.

    Each finding is made once, however many pieces show it.
    """

    solution: Solution
    answers: tuple[Path, ...] = ()
    floats: tuple[str, ...] = ()  # all where none is named
    audited: Findings | None = None  # what there is already

    @cached_property
    def findings(self) -> Findings:
        """The audit. Errors: VerifierError for an unknown format."""
        from verifier.arithmetic.ieee import Ieee
        from verifier.audit.whole import whole

        models = [Ieee(float) for float in dict.fromkeys(self.floats)]
        return self.audited or whole(self.solution, models)

    @cached_property
    def fairness(self) -> Fairness:
        """What is asked of the question itself."""
        from verifier.check.fairness import fairness

        return fairness(self.solution)

    @cached_property
    def everyone(self) -> Sequence[Checked]:
        """The verdicts on all people. Errors: DocumentError where there are no answers."""
        from verifier.check.answers import works
        from verifier.documents.everyone import judged

        if not self.answers:
            raise DocumentError("no answers to tell of", accepted="files or folders of answers")
        return [one for work in works(self.answers) for one in judged(self.solution, work)]

    @property
    def person(self) -> Checked:
        """The verdicts on one person. Errors: DocumentError where there are several."""
        if len(self.everyone) != 1:
            what = f"feedback to {len(self.everyone)} people"
            raise DocumentError(what, accepted="the answers of one person, or the piece class")
        return self.everyone[0]


def sourced(given: Solution | Source) -> Source:
    """The source; a solution alone has no answers."""
    return given if isinstance(given, Source) else Source(given)
