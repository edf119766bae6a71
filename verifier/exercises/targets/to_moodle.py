"""Moodle XML: a numerical question for each number that is asked.

Moodle takes the first answer whose closed interval, answer ± tolerance, holds the response, after
it widened the tolerance by 1e-14 times the answer's size or one (`get_tolerance_interval` of
question/type/numerical/question.php).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from verifier.exercises.model import Exercise, Field, Parts, Window
from verifier.exercises.targets.tree import child, streamed


def files(bank: Sequence[Exercise]) -> dict[str, Parts]:
    """The question bank as one file."""
    return {"moodle.xml": streamed("quiz", (_question(*asked) for asked in questions(bank)))}


def questions(bank: Sequence[Exercise]) -> Iterator[tuple[Exercise, Field, str]]:
    """A question for each number, with its name."""
    for exercise in bank:
        for number, field in enumerate(exercise.fields, 1):
            yield exercise, field, f"{exercise.name} {number:03d} {field.name}"


def asked(exercise: Exercise, field: Field) -> str:
    """The text of a question for one number: HTML."""
    return f"{exercise.statement}\n<p>{field.label} =</p>"


def percent(window: Window) -> str:
    """The share in per cent."""
    return f"{float(100 * window.share):g}"


def _question(exercise: Exercise, field: Field, name: str) -> Element:
    found = Element("question", type="numerical")
    text(found, "name", name)
    text(found, "questiontext", asked(exercise, field), format="html")
    child(found, "defaultgrade", str(float(field.points)))
    for window in field.windows:
        answer = child(found, "answer", fraction=percent(window))
        child(answer, "text", field.centre(window))
        child(answer, "tolerance", window.tolerance)
        text(answer, "feedback", window.feedback, format="plain_text")
    return found


def text(parent: Element, tag: str, content: str, **attributes: str) -> None:
    """A new last child with a text in an element of its own, as Moodle has it."""
    child(child(parent, tag, **attributes), "text", content)
