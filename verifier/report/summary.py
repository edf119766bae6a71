"""What the terminal says of checked answers: a line a person."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.check.answers.ledger import entry_text
from verifier.check.hidden import HIDDEN
from verifier.check.model import Checked
from verifier.check.scores import points_text, score
from verifier.check.verdicts import counts
from verifier.errors import VerifierError
from verifier.problem import Problem
from verifier.report.classroom import mistakes, unread


def summary(problem: Problem, checked: Checked, every: bool) -> Iterator[str]:
    """What the terminal says of one person: points, verdicts, and what could not be read.

    With `every`, each complaint has lines of its own; else the first is named and the rest counted.
    """
    complaints = checked.answers.complaints
    told = "" if every or not complaints else f"; could not be read: {unread(checked)}"
    yield f"{plain(checked.answers.person)}: {_standing(problem, checked)}{told}"
    for complaint in complaints if every else ():
        yield str(VerifierError(complaint.what, complaint.place))


def _standing(problem: Problem, checked: Checked) -> str:
    if not checked.marked:
        return "not judged"
    found = score(problem, checked)
    points = f"{points_text(found.points)} of {points_text(found.most)} points"
    told = [f"{count} {verdict}" for verdict, count in counts(checked).items() if count]
    if checked.first is not None:
        told.append(f"first wrong: {entry_text(checked.first)}")
    told += [f"{found.kind}: {found.id}" for found in mistakes(checked) if found.id != HIDDEN]
    return "; ".join([points, ", ".join(told)]) if told else points


def plain(text: str) -> str:
    """A text of a stranger on one line, without control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
