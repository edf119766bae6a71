"""Whether a number is the right one, at the places at which it is given."""

from __future__ import annotations

from fractions import Fraction

from verifier.certify import rounded_between
from verifier.check.honest import Question
from verifier.check.model import Entry, Explanation, Given
from verifier.rounding import Rounding, power


def correct(question: Question, entry: Entry, number: Given) -> bool:
    """Whether the number is the certified one in the required mode.

    Fewer or more places than asked are judged as they are given, more only as far as is proven.
    """
    problem = question.problem
    expected = expected_text(question, entry)
    asked = question.asked_places(entry)
    if expected is not None and Fraction(expected) == number.value:
        return True
    if number.places == asked and expected is not None:
        return False
    return any(_at(question, entry, number, kind) for kind in {"final", problem.policy.kind})


def _at(question: Question, entry: Entry, number: Given, kind: str) -> bool:
    """The same at other places; a fraction may also be exact."""
    ends, rule = question.ends(kind)[entry], question.problem.rule(entry[1])
    if ends is None:
        return False
    if number.places is None and ends[0] <= number.value <= ends[1]:
        return True
    places = max(0, question.places(entry, number))
    if kind != "final" and places > question.asked_places(entry):
        return False
    shown = Rounding(places, rule.mode)
    right = rounded_between(ends, ends[0], shown)
    if right is None:
        return ends[0] - power(-places) <= number.value <= ends[1] + power(-places)
    return right == shown.text(number.value)


def expected_text(question: Question, entry: Entry) -> str | None:
    """The certified digits under the problem's own policy."""
    step, name, _ = entry
    texts = question.solution.digits(question.problem.policy.kind)[step, name]
    return texts[question.number[entry] - question.number[first(question, entry)]]


def first(question: Question, entry: Entry) -> Entry:
    """The first entry of the same quantity."""
    shape = question.problem.shapes[entry[1]]
    return entry[0], entry[1], (0,) * len(shape)


def places_told(question: Question, entry: Entry, number: Given) -> Explanation | None:
    """What is said of a right number with other places than asked."""
    rule = question.problem.rule(entry[1])
    if number.places is None or rule.places is None or number.places == rule.places:
        return None
    return Explanation("places", str(number.places))
