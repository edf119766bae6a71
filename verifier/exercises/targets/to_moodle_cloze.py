"""Moodle XML: a cloze question for each problem, a table of its quantities with a box an entry.

What is in a box is a numerical question (`qtype_multianswer_extract_question` of
question/type/multianswer/questiontype.php), which takes the first answer that holds the response.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from xml.etree.ElementTree import Element

from verifier.exercises.model import Exercise, Field, Window
from verifier.exercises.targets.to_moodle import percent, text
from verifier.exercises.targets.tree import child, document

SIGNS = {ord(sign): f"&#{ord(sign)};" for sign in "{}~\\"}
"""What boxes are made of, as text."""


def files(bank: Sequence[Exercise]) -> dict[str, str | bytes]:
    """The question bank as one file."""
    quiz = Element("quiz")
    for exercise in bank:
        found = child(quiz, "question", type="cloze")
        text(found, "name", exercise.name)
        text(found, "questiontext", _asked(exercise), format="html")
    return {"moodle-cloze.xml": document(quiz)}


def _asked(exercise: Exercise) -> str:
    rows = "\n".join(_row(fields) for _, fields in exercise.quantities)
    return f"{exercise.statement.translate(SIGNS)}\n<table>\n{rows}\n</table>"


def _row(fields: Sequence[Field]) -> str:
    cells = (f"<td>{field.label.translate(SIGNS)} = {_box(field)}</td>" for field in fields)
    return f"<tr>{''.join(cells)}</tr>"


def _box(field: Field) -> str:
    return f"{{1:NUMERICAL:{'~'.join(_answer(field, one) for one in field.windows)}}}"


def _answer(field: Field, window: Window) -> str:
    told = f"#{escape(window.feedback).translate(SIGNS)}" if window.feedback else ""
    return f"%{percent(window)}%{field.centre(window)}:{window.tolerance}{told}"
