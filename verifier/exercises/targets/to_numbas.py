"""Numbas: an exam with a question for each problem, and a number entry for each number.

A part holds the digits that are asked for, with minimum = maximum; its alternatives the other
windows. Numbas widens each end by 1e-12 (runtime/scripts/parts/numberentry.js) and takes the
alternative that earns most, the first of these (`markAlternatives` of runtime/scripts/part.js).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from html import escape
from textwrap import indent
from typing import Any

from verifier.exercises.model import Exercise, Field, Parts, Window, decimal

SIGNS = re.compile(r"[{}\\$]")
"""What stands around expressions that Numbas works out in names, and around TeX."""

PLAIN = '<div nosubvars class="tex2jax_ignore mathjax_ignore">{}</div>'
"""HTML in which nothing is worked out (`sub_element` of runtime/scripts/jme-variables.js)."""


def files(bank: Sequence[Exercise]) -> dict[str, Parts]:
    """The exam as one file."""
    return {"questions.exam": _texts(bank)}


def _texts(bank: Sequence[Exercise]) -> Iterator[str]:
    """The exam, a question after the other."""
    name = _title(bank[0].name) if len(bank) == 1 else f"{len(bank)} problems"
    group = {"name": name, "pickingStrategy": "all-ordered", "questions": []}
    exam = {"name": name, "question_groups": [group], "type": "exam", "extensions": []}
    before, empty, behind = _json(exam).rpartition('"questions": []')
    yield f"// Numbas version: exam_results_page_options\n{before}{empty[:-1]}"
    for k, exercise in enumerate(bank):
        yield f"{',' * (k > 0)}\n{indent(_json(_question(exercise)), '    ')}"
    yield f"\n   ]{behind}\n"


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1)


def _question(exercise: Exercise) -> dict[str, Any]:
    return {
        "name": _name(exercise),
        "statement": PLAIN.format(exercise.statement),
        "advice": "",
        "variables": {},
        "functions": {},
        "rulesets": {},
        "parts": [_part(field) for field in exercise.fields],
    }


def _part(field: Field) -> dict[str, Any]:
    first, *others = field.windows
    prompt = PLAIN.format(f"<p>{field.label} =</p>")
    alternatives = [_entry(field, window) for window in others]
    return {**_entry(field, first), "prompt": prompt, "alternatives": alternatives}


def _entry(field: Field, window: Window) -> dict[str, Any]:
    """A number entry that holds the numbers of a window."""
    return {
        "type": "numberentry",
        "marks": float(window.share * field.points),
        "minValue": decimal(window.low),
        "maxValue": decimal(window.high),
        "allowFractions": False,
        "notationStyles": ["plain", "en", "si-en"],
        "precisionType": "none",
        "alternativeFeedbackMessage": PLAIN.format(escape(window.feedback)),
    }


def _title(text: str) -> str:
    """A text that begins no element where pages take it for HTML (`latex` of their templates)."""
    return re.sub(r"<(?=[A-Za-z/!?])", "< ", text)


def _name(exercise: Exercise) -> str:
    """The title, in which Numbas works out what stands in braces, and takes dollars for TeX."""
    return SIGNS.sub(_plain, _title(exercise.name))


def _plain(found: re.Match[str]) -> str:
    sign = found[0]
    return r"\$" if sign == "$" else "{'" + sign.replace("\\", r"\\") + "'}"
