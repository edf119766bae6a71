"""The JSON contract of `check`; its schema is `schemas/check.schema.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from verifier.check.model import Checked, Complaint, Finding
from verifier.check.scores import points, points_text, score
from verifier.check.verdicts import counts
from verifier.language.tree import Name
from verifier.notation.paper import in_columns
from verifier.notation.text import TextPrinter
from verifier.outcomes.model import Explanation
from verifier.problem import Problem
from verifier.report.contract import lines, problem_data, rounding_data
from verifier.version import __version__


def check_json(problem: Problem, everyone: Sequence[Checked]) -> str:
    """The verdicts as JSON text: one row an entry, with the person whose it is."""
    return "".join(check_json_parts(problem, everyone))


def check_json_parts(problem: Problem, everyone: Sequence[Checked]) -> Iterator[str]:
    """That text in parts, of one person at a time."""
    head: dict[str, Any] = {
        "problem": problem_data(problem),
        "rounding": rounding_data(problem),
        "version": __version__,
        "people": [],
    }
    parts = lines(head, (row for checked in everyone for row in _rows(problem, checked)))
    before, after = next(parts).split(NOBODY, 1)
    yield before
    yield from _people(problem, everyone)
    yield after
    yield from parts


NOBODY = '"people": []'


def _people(problem: Problem, everyone: Sequence[Checked]) -> Iterator[str]:
    yield NOBODY[:-1]
    for k, checked in enumerate(everyone):
        text = json.dumps(_person(problem, checked), ensure_ascii=False, indent=2)
        yield (",\n    " if k else "\n    ") + text.replace("\n", "\n    ")
    yield "\n  ]" if everyone else "]"


def _rows(problem: Problem, checked: Checked) -> Iterator[dict[str, Any]]:
    for row in checked.rows:
        data = {"person": checked.answers.person, **asdict(row)}
        data["points"] = points_text(points(problem, row))
        del data["share"]
        data["by_hand"] = row.by_hand is not None
        yield {**data, "explanation": _explanation(row.explanation)}


def _person(problem: Problem, checked: Checked) -> dict[str, Any]:
    found = score(problem, checked)
    own = {} if checked.problem is None else {"problem": problem_data(checked.problem)}
    return {
        "person": checked.answers.person,
        "file": checked.answers.file,
        **own,
        "right": checked.right,
        "points": points_text(found.points),
        "by_hand": checked.by_hand is not None,
        "most": points_text(found.most),
        "counts": counts(checked),
        "first": _entry(checked.first),
        "findings": [_finding(problem, finding) for finding in checked.findings],
        "complaints": [_complaint(complaint) for complaint in checked.answers.complaints],
    }


def _entry(entry: Any) -> dict[str, Any] | None:
    if entry is None:
        return None
    step, name, index = entry
    return {"step": step, "name": name, "index": list(index)}


def _finding(problem: Problem, found: Finding) -> dict[str, Any]:
    trees = [equation.expression for equation in problem.cell.equations]
    columns = in_columns(trees, problem.shapes)
    printer = TextPrinter({**problem.cell.names, **problem.notation.names}, columns=columns)
    used = {
        equation.name: f"{printer.show(Name(equation.name, 0))} = "
        + printer.show(equation.expression)
        for equation in found.used
    }
    return {
        "explanation": _explanation(found.explanation),
        "about": {part: list(names) for part, names in found.explanation.about},
        "entries": [_entry(entry) for entry in found.entries],
        "used": used,
        "also": [_explanation(other) for other in found.also],
        "chance": None if found.chance is None else float(f"{float(found.chance):.2g}"),
    }


def _explanation(explanation: Explanation | None) -> dict[str, Any] | None:
    if explanation is None:
        return None
    return {"kind": explanation.kind, "id": explanation.id}


def _complaint(complaint: Complaint) -> dict[str, Any]:
    place = complaint.place
    return {
        "what": complaint.what,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "entry": _entry(complaint.entry),
    }
