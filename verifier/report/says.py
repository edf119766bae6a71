"""What feedback says first: that all is well, or where it goes wrong, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from verifier.check.model import Checked, Judgement
from verifier.check.verdicts import counts
from verifier.outcomes.model import Entry
from verifier.report.reasons import Reasons
from verifier.report.words import Prose

HELPED = ("digit", "point", "sign", "transposition")
"""Slips of which more can be said than that a number is wrong."""


def says(checked: Checked, reasons: Reasons) -> Iterator[Prose]:
    """The sentences that come first."""
    words = reasons.words
    if not checked.judged:
        return
    first = next((row for row in checked.rows if at(row) == checked.first), None)
    if not checked.answers.given:
        yield words("check.none")
    elif first is not None and first.verdict == "follows":
        yield words("check.first.follows", entry=reasons.entry(at(first)))
    elif first is not None:
        yield _where(first, checked, reasons)
        following = sum(row.verdict == "follows" and row.share > 0 for row in checked.rows)
        if following:
            yield words("check.consequential", following)
        yield from _again(first, reasons)
    else:
        yield words(f"check.all.{_standing(checked)}")
        yield from _onward(checked, reasons)


def at(row: Judgement) -> Entry:
    """The entry of a row."""
    return row.step, row.name, row.index


def quoted(text: str, reasons: Reasons) -> str:
    """What a person wrote, as they wrote it."""
    return reasons.words.text("quoted", text=text)


def _where(first: Judgement, checked: Checked, reasons: Reasons) -> Prose:
    """Where things first go wrong, with the right number where it may be told."""
    before, entry = _before(checked.rows[: checked.rows.index(first)]), reasons.entry(at(first))
    if first.expected is None and not first.given:
        return reasons.words(f"check.first.hidden.{before}", entry=entry)
    return reasons.words(
        f"check.first.{before}",
        entry=entry,
        given=quoted(first.given or "", reasons),
        expected=(reasons.scribe.number(first.expected),),
    )


def _before(rows: Sequence[Judgement]) -> str:
    """What can be said of what stands before: all well, not all, or nothing."""
    given = [row for row in rows if row.verdict != "missing"]
    if not all(map(_fine, given)):
        return "inexact"
    if len(given) < len(rows):
        return "gaps"
    return "well" if given else "beginning"


def _fine(row: Judgement) -> bool:
    return row.verdict == "correct" or (row.verdict == "rounding" and row.share == 1)


def _again(first: Judgement, reasons: Reasons) -> Iterator[Prose]:
    """What to do about the first wrong number."""
    why, others = first.explanation, (row for row in reasons.checked.rows if row is not first)
    if first.verdict == "wrong" and why is not None and why.kind == "slip" and why.id in HELPED:
        yield from ((text,) for text in reasons.help(why))
    key = "mistake" if first.verdict == "mistake" else "wrong"
    if key == "mistake" and why is not None and why.kind == "slip":
        key = "copied"
    if all(map(_fine, others)) and not reasons.checked.findings:
        key = "alone"
    yield reasons.words(f"check.next.{key}", entry=reasons.entry(at(first)))


def _standing(checked: Checked) -> str:
    """How well all stands where nothing is wrong: the end of the key of a message.

    A right number with fewer places than asked is equal to what is asked, so that "to the last
    digit" is true of it; where digits are hidden, nothing is said of those behind the asked ones.
    """
    found = counts(checked)
    if not checked.right:
        return "inexact"
    if found["rounding"]:
        return "rounding"
    if checked.answers.complaints:
        return "read"
    if found["missing"]:
        return "given"
    if any(map(_beyond, checked.rows)):
        return "beyond"
    return "right" if any(row.expected is None for row in checked.rows) else "correct"


def _beyond(row: Judgement) -> bool:
    """Whether digits behind the asked ones are not right."""
    why = row.explanation
    return why is not None and (why.kind, why.id) == ("digits", "beyond")


def _onward(checked: Checked, reasons: Reasons) -> Iterator[Prose]:
    """What to do where nothing is wrong: be more accurate, or go on."""
    rule, found = reasons.problem.rounding, counts(checked)
    if not checked.right:
        unit = "places" if rule.figures is None else "figures"
        yield reasons.words(f"check.next.coarse.{unit}", rule.count)
    if checked.answers.complaints:
        yield reasons.words("check.next.unread")
        return
    missing = next((row for row in checked.rows if row.verdict == "missing"), None)
    if found["missing"] and missing is not None:
        yield reasons.words("check.next.missing", entry=reasons.entry(at(missing)))
