"""PrairieLearn: a question folder for each problem, whose grading stands alone.

`pl-number-input` reads and shows numbers; `grade` of server.py runs after it and decides, in exact
decimals of what was typed (elements/pl-number-input/pl-number-input.py shows what it is given).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import escape
from pprint import pformat

from verifier.exercises.model import Exercise, Field, Parts, decimal
from verifier.exercises.targets.names import distinct, made_later, mark

SERVER = '''\
"""Grades by a table: the first interval that holds a number decides."""

from decimal import Decimal, InvalidOperation

# By name: what is shown as the answer, the weight, and intervals with a share and a feedback.
TABLE = {table}


def generate(data):
    for name, (digits, _, _) in TABLE.items():
        data["correct_answers"][name] = float(digits)


def number(data, name):
    text = str(data["raw_submitted_answers"].get(name) or "").strip().replace("\\u2212", "-")
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def earned(value, intervals):
    for low, high, share, feedback in intervals:
        if value is not None and Decimal(low) <= value <= Decimal(high):
            return share, feedback
    return 0.0, ""


def grade(data):
    won = most = 0.0
    for name, (_, weight, intervals) in TABLE.items():
        share, feedback = earned(number(data, name), intervals)
        data["partial_scores"][name] = {{"score": share, "weight": weight, "feedback": feedback}}
        won, most = won + share * weight, most + weight
    data["score"] = won / most if most else 0.0
'''


def files(bank: Sequence[Exercise]) -> dict[str, Parts]:
    """The folders of questions."""
    return {
        f"questions/{folder}/{name}": made_later(bank, k, make)
        for k, folder in enumerate(distinct(one.name for one in bank))
        for name, make in FILES.items()
    }


def identifiers(exercise: Exercise) -> tuple[str, ...]:
    """What answers are called: s_1_0, no two alike."""
    found: dict[str, None] = {}
    for field in exercise.fields:
        name = re.sub(r"\W+", "_", field.name).strip("_")
        found[name if name not in found else f"{name}_{len(found)}_"] = None
    return tuple(found)


def _info(exercise: Exercise) -> str:
    told = {
        "uuid": mark(exercise),
        "title": exercise.name,
        "topic": "verifier",
        "tags": [],
        "type": "v3",
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _question(exercise: Exercise) -> str:
    rows = "\n".join(map(_row, exercise.fields, identifiers(exercise)))
    page = f"<pl-question-panel>\n{exercise.statement}\n</pl-question-panel>\n{rows}\n"
    return page.replace("{", "&#123;")  # what Mustache takes for its tags is text here


def _row(field: Field, name: str) -> str:
    """A box for a number; what the element says of tolerances is not what is graded."""
    attributes = {
        "answers-name": name,
        "label": f"{field.label} =",
        "comparison": "decdig",
        "digits": str(field.places),
        "allow-fractions": "false",
        "show-help-text": "false",
        "show-placeholder": "false",
    }
    told = " ".join(f'{key}="{escape(value)}"' for key, value in attributes.items())
    return f"<p><pl-number-input {told}></pl-number-input></p>"


def _server(exercise: Exercise) -> str:
    table = {
        name: (
            field.digits,
            float(field.points),
            [
                (decimal(one.low), decimal(one.high), float(one.share), escape(one.feedback, False))
                for one in field.windows
            ],
        )
        for name, field in zip(identifiers(exercise), exercise.fields, strict=True)
    }
    return SERVER.format(table=pformat(table, width=100, sort_dicts=False))


FILES = {"info.json": _info, "question.html": _question, "server.py": _server}
