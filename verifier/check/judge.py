"""How right a number is by itself, whatever else the sheet shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from verifier.certify import Ends, rounded_between
from verifier.check.model import Verdict
from verifier.outcomes.honest import Question
from verifier.outcomes.model import Entry, Explanation, Given
from verifier.rounding import Mode, Rounding, power

FLOAT32, EIGHT_DIGITS = Fraction(1, 2**21), Fraction(1, 10**7)
"""What digits beyond the asked ones may be off: some roundings of float32, or the eighth digit."""

DIRECTED: tuple[Mode, ...] = ("down", "up", "floor", "ceiling")
"""The modes that a number close to the right one may be rounded in."""


@dataclass(frozen=True)
class Told:
    """A verdict with its reason, and the share that it earns of what such a verdict can earn."""

    verdict: Verdict
    why: Explanation | None = None
    share: Fraction = Fraction(1)


def graded(question: Question, entry: Entry, number: Given) -> Told | None:
    """What a number earns by itself: all, a part for being close or short; None where it is far."""
    if correct(question, entry, number):
        return Told("correct", _digits_told(question, entry, number))
    rule = question.problem.scoring
    ends, asked = question.ends(question.problem.policy.kind)[entry], _places(question, entry)
    if ends is None:
        return None
    short = 0 if number.places is None else max(0, asked - number.places)
    if short:
        return _short(question, ends, number, short)
    off = max(abs(number.value - end) for end in ends)
    if off > rule.half_within * power(-asked):
        return None
    return Told("rounding", _within_units(off, asked), rule.half)


def correct(question: Question, entry: Entry, number: Given) -> bool:
    """Whether the number prints the question's digits, or is right at more places than asked.

    With more places it is right within half a unit of the true value, too: what lies nearer than
    the digits that are asked earns no less than they do.
    """
    expected, asked = expected_text(question, entry), _places(question, entry)
    if expected is not None and Fraction(expected) == number.value:
        return True
    if number.places is not None and number.places <= asked:
        return False
    rule = question.problem.rule(entry[1])
    if expected is not None and Rounding(max(0, asked), rule.mode).round(number.value) == Fraction(
        expected
    ):
        return True
    return _at(question, entry, number) or _within(question, entry, number)


def _within(question: Question, entry: Entry, number: Given) -> bool:
    """Whether a number lies within half a unit of the last asked place of the true value."""
    ends = question.ends(question.problem.policy.kind)[entry]
    half = power(-_places(question, entry)) / 2
    return ends is not None and max(abs(number.value - end) for end in ends) <= half


def _at(question: Question, entry: Entry, number: Given) -> bool:
    """Whether a fraction, or a number to more places than asked, is right as it stands."""
    kind = question.problem.policy.kind
    ends, rule = question.ends(kind)[entry], question.problem.rule(entry[1])
    if ends is None:
        return False
    if number.places is None:
        return ends[0] <= number.value <= ends[1]
    places = question.places(entry, number)
    shown = Rounding(max(0, places), rule.mode)
    return kind == "final" and rounded_between(ends, ends[0], shown) == shown.text(number.value)


def _short(question: Question, ends: Ends, number: Given, short: int) -> Told | None:
    """A number of fewer places than asked: right as far as it goes, or not."""
    rule, places = question.problem.scoring, number.places or 0
    shown = Rounding(places, question.problem.rounding.mode)
    if not number.value and not ends[0] <= 0 <= ends[1]:
        return None  # a zero without digits says nothing of another number
    if rounded_between(ends, ends[0], shown) != shown.text(number.value):
        off = max(abs(number.value - end) for end in ends)
        near = off <= rule.half_within * power(-places - short)
        why = _within_units(off, places + short)
        return Told("coarse", why, rule.half) if near else None
    share = rule.half if short <= rule.least_places else Fraction(0)
    return Told("coarse", Explanation("places", str(places)), share)


def _within_units(off: Fraction, asked: int) -> Explanation:
    """How many units of the last asked place a number is off at most."""
    return Explanation("units", str(max(1, ceil(off / power(-asked)))))


def directed(question: Question, numbers: Sequence[tuple[Entry, Given]]) -> Mode | None:
    """The directed mode that gives all of some numbers that are close to the right ones."""
    return next((m for m in DIRECTED if all(_by(question, m, e, n) for e, n in numbers)), None)


def _by(question: Question, mode: Mode, entry: Entry, number: Given) -> bool:
    """Whether a mode gives a number of the asked places."""
    ends, asked = question.ends(question.problem.policy.kind)[entry], _places(question, entry)
    return ends is not None and number.places == asked >= 0 and _gives(mode, ends, number, asked)


def _gives(mode: Mode, ends: Ends, number: Given, places: int) -> bool:
    shown = Rounding(places, mode)
    return rounded_between(ends, ends[0], shown) == shown.text(number.value)


def expected_text(question: Question, entry: Entry) -> str | None:
    """The certified digits under the problem's own policy."""
    step, name, _ = entry
    texts = question.solution.digits(question.problem.policy.kind)[step, name]
    return texts[question.number[entry] - question.number[first(question, entry)]]


def first(question: Question, entry: Entry) -> Entry:
    """The first entry of the same quantity."""
    shape = question.problem.shapes[entry[1]]
    return entry[0], entry[1], (0,) * len(shape)


def _places(question: Question, entry: Entry) -> int:
    return question.asked_places(entry)


def _digits_told(question: Question, entry: Entry, number: Given) -> Explanation | None:
    """What is said of a right number with more places than asked."""
    asked = _places(question, entry)
    if number.places is None or number.places <= asked:
        return None
    ends = question.ends("final")[entry]
    if ends is None:
        return None
    if number.places <= question.places(entry, number) and _at(question, entry, number):
        return Explanation("places", str(number.places))
    return Explanation("digits", "beyond" if _beyond(ends, number) else "more")


def _beyond(ends: Ends, number: Given) -> bool:
    """Whether the digits beyond the asked ones are off by more than float32 or eight digits are."""
    off = min(abs(number.value - end) for end in ends)
    excused = max(FLOAT32 * abs(ends[0]), EIGHT_DIGITS, power(-(number.places or 0)) / 2)
    return off > excused
