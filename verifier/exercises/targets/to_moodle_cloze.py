"""Moodle XML: a cloze question for each problem, a table of its quantities with a box an entry.

What is in a box is a numerical question (`qtype_multianswer_extract_question` of
question/type/multianswer/questiontype.php), which takes the first answer that holds the response.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import lcm
from xml.etree.ElementTree import Element

from verifier.exercises.model import Exercise, Field, Parts, Window
from verifier.exercises.targets.to_moodle import percent, text
from verifier.exercises.targets.tree import streamed

SIGNS = {ord(sign): f"&#{ord(sign)};" for sign in "{}~\\"}
"""What boxes are made of, as text."""


def files(bank: Sequence[Exercise]) -> dict[str, Parts]:
    """The question bank as one file."""
    return {"moodle-cloze.xml": streamed("quiz", map(_question, bank))}


def _question(exercise: Exercise) -> Element:
    found = Element("question", type="cloze")
    text(found, "name", exercise.name)
    text(found, "questiontext", _asked(exercise), format="html")
    return found


def _asked(exercise: Exercise) -> str:
    unit = lcm(*(field.points.denominator for field in exercise.fields))
    rows = "\n".join(_row(fields, unit) for _, fields in exercise.quantities)
    return f"{exercise.statement.translate(SIGNS)}\n<table>\n{rows}\n</table>"


def _row(fields: Sequence[Field], unit: int) -> str:
    cells = (f"<td>{field.label.translate(SIGNS)} = {_box(field, unit)}</td>" for field in fields)
    return f"<tr>{''.join(cells)}</tr>"


def _box(field: Field, unit: int) -> str:
    """A box; its weight is a whole number."""
    answers = "~".join(_answer(field, window) for window in field.windows)
    return f"{{{field.points * unit}:NUMERICAL:{answers}}}"


def _answer(field: Field, window: Window) -> str:
    told = f"#{escape(window.feedback).translate(SIGNS)}" if window.feedback else ""
    return f"%{percent(window)}%{field.centre(window)}:{window.tolerance}{told}"
