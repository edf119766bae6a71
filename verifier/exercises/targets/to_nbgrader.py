"""nbgrader: an assignment for each problem, a notebook with a graded cell a number.

A graded cell whose last line has a number as its value earns so many points (nbgrader's
`utils.determine_grade`); what decides stands between its marks of hidden tests, which the
students' version is without.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from verifier.exercises.model import Exercise, Field, Parts, decimal
from verifier.exercises.targets.names import distinct, made_later, mark
from verifier.exercises.targets.to_prairielearn import identifiers

GRADER = '''\
from decimal import Decimal, InvalidOperation


def earned(text, points, intervals):
    """The points of a number: the first interval that holds it decides."""
    plain = str(text).strip().replace("\\u2212", "-")
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        if plain:
            print(f"{plain!r} is no number: give a decimal, as in \\"0.5\\"")
        return 0.0
    for low, high, share, feedback in intervals if value.is_finite() else ():
        if Decimal(low) <= value <= Decimal(high):
            if feedback:
                print(feedback)
            return share * points
    return 0.0
'''
ANSWERS = """\
answers = {{
{blanks}
}}
### BEGIN SOLUTION
answers.update({right})
### END SOLUTION
"""
TEST = """\
### BEGIN HIDDEN TESTS
earned(answers.get({name!r}, ""), {points}, [
{intervals}
])
### END HIDDEN TESTS
"""


def files(bank: Sequence[Exercise]) -> dict[str, Parts]:
    """The assignments of a course's folder `source`."""
    return {
        f"source/{folder}/{folder}.ipynb": made_later(bank, k, _notebook)
        for k, folder in enumerate(distinct(one.name for one in bank))
    }


def _notebook(exercise: Exercise) -> str:
    names = identifiers(exercise)
    tests = map(_test, exercise.fields, names)
    cells = [_posed(exercise), _code("grader", GRADER), _answers(exercise, names), *tests]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    told = {"kernelspec": kernel, "language_info": {"name": "python"}, "made_from": mark(exercise)}
    whole = {"cells": cells, "metadata": told, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _posed(exercise: Exercise) -> dict[str, Any]:
    cell = _cell("posed", f"{exercise.markdown}\n", points=None)
    return {**cell, "cell_type": "markdown"}


def _code(name: str, text: str, points: float | None = None, answer: bool = False) -> Any:
    cell = _cell(name, text, points, answer)
    return {**cell, "cell_type": "code", "execution_count": None, "outputs": []}


def _cell(name: str, text: str, points: float | None, answer: bool = False) -> dict[str, Any]:
    told: dict[str, Any] = {
        "grade": points is not None,
        "grade_id": name,
        "locked": not answer,
        "schema_version": 3,
        "solution": answer,
        "task": False,
    }
    worth = {} if points is None else {"points": points}
    return {"id": name, "metadata": {"nbgrader": {**told, **worth}}, "source": text}


def _answers(exercise: Exercise, names: Sequence[str]) -> Any:
    """Blanks for numbers, behind each what it is of; right ones where students have none."""
    pairs = list(zip(names, exercise.fields, strict=True))
    blanks = "\n".join(f'    "{name}": "",  # {_said(field)}' for name, field in pairs)
    right = json.dumps({name: field.digits for name, field in pairs}, indent=4)
    return _code("answers", ANSWERS.format(blanks=blanks, right=right), answer=True)


def _said(field: Field) -> str:
    return " ".join(field.plain.split())


def _test(field: Field, name: str) -> Any:
    intervals = "\n".join(
        f"    ({decimal(one.low)!r}, {decimal(one.high)!r}, {float(one.share)}, {one.feedback!r}),"
        for one in field.windows
    )
    points = float(field.points)
    text = TEST.format(name=name, points=points, intervals=intervals)
    return _code(name.replace("_", "-"), text, points)
