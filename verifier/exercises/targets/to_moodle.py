"""Moodle XML: a numerical question for each number that is asked.

Moodle takes the first answer whose closed interval, answer ± tolerance, holds the response, after
it widened the tolerance by 1e-14 times the answer's size or one (`get_tolerance_interval` of
question/type/numerical/question.php).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from verifier.errors import VerifierError
from verifier.exercises.model import Exercise, Field, Window

MOST_PLACES = 8
"""Beyond these places what Moodle adds to a tolerance would count."""

GRADES = (100, 90, 80, 75, 70, 60, 50, 40, 30, 25, 20, 10, 5, 0)
"""Percentages that Moodle's import accepts, thirds and sixths left out."""


def files(bank: Sequence[Exercise]) -> dict[str, str | bytes]:
    """The question bank as one file. Errors: VerifierError for what Moodle cannot hold."""
    quiz = Element("quiz")
    for exercise in bank:
        _held(exercise)
        for number, field in enumerate(exercise.fields, 1):
            quiz.append(_question(exercise, field, number))
    indent(quiz)
    return {"moodle.xml": tostring(quiz, encoding="utf-8", xml_declaration=True)}


def _held(exercise: Exercise) -> None:
    if exercise.places > MOST_PLACES:
        what = f"{exercise.name}: {exercise.places} places in Moodle"
        raise VerifierError(what, accepted=f"at most {MOST_PLACES}: --places {MOST_PLACES}")


def _question(exercise: Exercise, field: Field, number: int) -> Element:
    found = Element("question", type="numerical")
    _text(found, "name", f"{exercise.name} {number:03d} {field.name}")
    _text(found, "questiontext", f"{exercise.statement}\n<p>{field.label} =</p>", format="html")
    SubElement(found, "defaultgrade").text = str(float(field.points))
    found.extend(_answer(window) for window in field.windows)
    return found


def _answer(window: Window) -> Element:
    found = Element("answer", fraction=str(_grade(window.share)))
    SubElement(found, "text").text = window.centre
    SubElement(found, "tolerance").text = window.tolerance
    _text(found, "feedback", window.feedback, format="plain_text")
    return found


def _grade(share: Fraction) -> int:
    """The share in per cent. Errors: VerifierError for one that Moodle does not have."""
    found = next((grade for grade in GRADES if share * 100 == grade), None)
    if found is None:
        accepted = ", ".join(str(grade / 100) for grade in GRADES)
        raise VerifierError(f"a share of {share} of the points in Moodle", accepted=accepted)
    return found


def _text(parent: Element, tag: str, text: str, **attributes: str) -> None:
    SubElement(SubElement(parent, tag, attributes), "text").text = text
