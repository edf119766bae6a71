"""Work for one person of many: what nobody foresaw costs that person's result, and no other's.

This is the one place that catches every exception. Input that cannot be used is said by
VerifierError, and belongs to the person as well. Anything else is an error of the program: it is
told by its name, where the table of the class and the terminal show it, and never passed over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from verifier.check.model import Answers, Checked, Complaint
from verifier.errors import VerifierError

T = TypeVar("T")
LONGEST = 200


@dataclass(frozen=True)
class Failure:
    """What stopped some work, in words."""

    told: str


def attempted(work: Callable[[], T]) -> T | Failure:
    """What the work gives, or why it gave nothing; Ctrl-C is let through."""
    try:
        return work()
    except VerifierError as error:
        return Failure(str(error))
    except Exception as error:
        what = " ".join(str(error).split())[:LONGEST]
        said = f"{type(error).__name__}: {what}" if what else type(error).__name__
        return Failure(f"{said} (an error of the program; please report it)")


def unjudged(answers: Answers, why: Failure) -> Checked:
    """Answers without verdicts, and the reason among what could not be read."""
    return Checked(_complained(answers, f"could not be judged: {why.told}"), ())


def unwritten(checked: Checked, format: str, why: Failure) -> Checked:
    """The verdicts, and among what could not be read that a document could not be written."""
    told = _complained(checked.answers, f"the {format} could not be written: {why.told}")
    return replace(checked, answers=told)


def _complained(answers: Answers, what: str) -> Answers:
    return replace(answers, complaints=(Complaint(what), *answers.complaints))
