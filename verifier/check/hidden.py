"""Verdicts without right digits, for those who will try again.

What a person wrote is left out as well: where it is right, it is the key. Decimals in what could
not be read, and in names that hold digits of the key, become dots.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from verifier.check.model import Answers, Checked, Complaint, Finding, Judgement
from verifier.errors import Place
from verifier.outcomes.model import Explanation
from verifier.problem import Problem

HIDDEN = "hidden"
"""The slip of which is not said what it is: a right number with two digits exchanged is the key."""

NEAR = ("mode", "units", "digits")
"""Kinds of explanation that give a right digit away to who has the number."""

_DECIMAL = re.compile(r"[-−+]?\d*[.,]\d+(?:[eE][-−+]?\d+)?…?")
_NUMBER = re.compile(r"\d+(?:[.,_]\d+)?")
DOTS = "…"


def shown(problem: Problem, checked: Checked) -> Checked:
    """The verdicts as the problem's feedback may tell them: as they are, or without digits."""
    return checked if problem.scoring.feedback == "full" else hidden(checked)


def hidden(checked: Checked) -> Checked:
    """The verdicts without right digits, and without what was given."""
    key = _key(checked.rows)
    return replace(
        checked,
        answers=_nameless(checked.answers, key),
        rows=tuple(map(_row, checked.rows)),
        findings=tuple(map(_finding, checked.findings)),
    )


def _row(row: Judgement) -> Judgement:
    given = None if row.given is None else ""
    because = _DECIMAL.sub(DOTS, row.because)
    why = _plain(row.explanation)
    return replace(row, given=given, expected=None, explanation=why, because=because)


def _finding(found: Finding) -> Finding:
    explanation = _plain(found.explanation) or found.explanation
    return replace(found, explanation=explanation)


def _plain(explanation: Explanation | None) -> Explanation | None:
    """The explanation, unless it says how far a number is from the right one."""
    if explanation is None or explanation.kind in NEAR:
        return None
    if explanation.kind == "slip":
        return Explanation("slip", HIDDEN)
    return explanation


def _key(rows: Iterable[Judgement]) -> frozenset[str]:
    """The digits of the right numbers behind the point, and whole where there is none."""
    return frozenset(row.expected.rpartition(".")[2] for row in rows if row.expected is not None)


def _nameless(answers: Answers, key: frozenset[str]) -> Answers:
    told = tuple(map(_complaint, answers.complaints))
    person, file = (_without(text, key) for text in (answers.person, answers.file))
    return replace(answers, person=person, file=file, complaints=told)


def _without(text: str, key: frozenset[str]) -> str:
    """A name in which no number shows more than two digits of the key."""

    def put(match: re.Match[str]) -> str:
        digits = re.split(r"[.,_]", match[0])[-1]
        return DOTS if any(digits.startswith(part) for part in key if len(part) > 2) else match[0]

    return _NUMBER.sub(put, text)


def _complaint(complaint: Complaint) -> Complaint:
    place = complaint.place
    bare = None if place is None else Place(_DECIMAL.sub(DOTS, place.file), place.line, 1)
    return replace(complaint, what=_DECIMAL.sub(DOTS, complaint.what), place=bare)
