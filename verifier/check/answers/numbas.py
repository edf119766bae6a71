"""Attempts at a Numbas exam, as its tools store and export them.

The LTI provider writes the SCORM elements of all attempts in JSON (`Attempt.data_dump` of
numbas_lti/models.py, `resource_json_dump_report` of its tasks.py); the runtime keeps an attempt's
own as `suspend_data` (`examSuspendData` of runtime/scripts/storage.js, keys of SCORM in
scorm-storage.js). Part k of a question is the number k that it asks for, question and parts counted
from 0: q0p3. The analysis of files that people downloaded is a table
(`table_header_computer` of themes/default/files/scripts/analysis-display.js).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from verifier.check.answers.bank import Attempt, Bank
from verifier.check.answers.collect import Collector
from verifier.check.answers.grammar import Pairs
from verifier.check.answers.numerals import is_blank
from verifier.check.answers.records import Record
from verifier.errors import Place, shown

PART = re.compile(r"q(?P<question>\d{1,6})p(?P<number>\d{1,6})")
IDS = re.compile(r"cmi\.interactions\.(\d{1,7})\.id")
ANSWER = re.compile(r"group(\d{1,6})q(?P<question>\d{1,6})p(?P<number>\d{1,6}) ?answer")
QUESTION = re.compile(r"group\d{1,6}q\d{1,6}")
READABLE = 4
"""Rows below the machine's head of the table that say it in words; questions stand in the first."""


def add_attempts(data: Any, file: str, collectors: Mapping[str, Collector]) -> bool:
    """Take in attempts; whether the data are any."""
    found = _listed(_plain(data))
    stored = [own for own in map(_stored, found) if own is not None]
    if not stored or len(stored) < len(found):
        return False
    bank = Bank(collectors)
    for k, (one, own) in enumerate(zip(found, stored, strict=True), 1):
        _add(bank.attempt(_said(one, own)), own, Place(f"{file} (attempt {k})", 1, 1))
    return True


def _plain(data: Any) -> Any:
    """An object as a dict; of a key that stands twice the last value counts."""
    return dict(data) if isinstance(data, Pairs) else data


def _listed(data: Any) -> list[Any]:
    """The attempts in the data: those of a resource, or one."""
    attempts = data.get("attempts") if isinstance(data, dict) else None
    return [*map(_plain, attempts)] if isinstance(attempts, list) else [data]


Stored = Mapping[str, Any]
"""SCORM elements with their values, `cmi.suspend_data` among them."""


def _stored(attempt: Any) -> Stored | None:
    """The elements of an attempt; None for other data."""
    if not isinstance(attempt, dict):
        return None
    scorm = _plain(attempt.get("scorm"))
    elements = _plain(scorm.get("current")) if isinstance(scorm, dict) else attempt
    if not isinstance(elements, dict):
        return None
    if "questions" in elements and "questionSubsets" in elements:
        return {"cmi.suspend_data": elements, "cmi.learner_name": elements.get("student_name")}
    known = any(key.startswith(("cmi.interactions.", "cmi.suspend_data")) for key in elements)
    return {key: _value(value) for key, value in elements.items()} if known else None


def _value(element: Any) -> Any:
    """The value of an element, which may stand beside its time."""
    found = _plain(element)
    return found.get("value") if isinstance(found, dict) else found


def _said(attempt: Mapping[str, Any], stored: Stored) -> list[tuple[str, str]]:
    """What is said of the person, in pairs of role and text."""
    user = _plain(attempt.get("user"))
    if not isinstance(user, dict):
        user = {}
    roles = (("given", user.get("first_name")), ("family", user.get("last_name")))
    named = any(text for _, text in roles)
    full = None if named else stored.get("cmi.learner_name")
    more = (("full", full), ("id", user.get("username") or stored.get("cmi.learner_id")))
    return [(role, text) for role, text in (*roles, *more) if isinstance(text, str)]


def _add(attempt: Attempt, stored: Stored, where: Place) -> None:
    """Take in the answers of an attempt: of its elements, else of what was kept to go on with."""

    def place(at: Any) -> Place:
        return where

    kept = _suspended(stored.get("cmi.suspend_data"))
    names = [str(_plain(one).get("name", "")) for one in kept]
    given = dict(_interactions(stored)) or dict(_parts(kept))
    for path, text in given.items():
        found = PART.fullmatch(path)
        title = _title(names, stored, int(found["question"])) if found else ""
        if found and title:
            attempt.take(title, int(found["number"]), text, place)
        elif not is_blank(text):
            what = f"an answer to the part {shown(path)}, which no exported question has"
            attempt.into(title).complain(what, place)
    for number in range(len(names)):
        attempt.into(_title(names, stored, number))


def _suspended(data: Any) -> list[Any]:
    """The questions in an attempt's suspend data."""
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except (ValueError, RecursionError):
            return []
    found = _plain(data)
    questions = found.get("questions") if isinstance(found, dict) else None
    kept = questions if isinstance(questions, list) else []
    return [one for one in map(_plain, kept) if isinstance(one, dict)]


def _title(names: Sequence[str], stored: Stored, number: int) -> str:
    """The title of a question."""
    if number < len(names) and names[number]:
        return names[number]
    return str(stored.get(f"cmi.objectives.{number}.description") or "")


def _interactions(stored: Stored) -> Iterator[tuple[str, str]]:
    """What was answered to each part, by its path."""
    for key, path in stored.items():
        found = IDS.fullmatch(key)
        if found and isinstance(path, str):
            text = stored.get(f"cmi.interactions.{found[1]}.learner_response")
            yield path, "" if text is None else str(text)


def _parts(questions: Sequence[Any]) -> Iterator[tuple[str, str]]:
    for k, question in enumerate(questions):
        parts = question.get("parts")
        for n, part in enumerate(map(_plain, parts if isinstance(parts, list) else ())):
            text = part.get("student_answer") if isinstance(part, dict) else None
            yield f"q{k}p{n}", "" if text is None else str(text)


def add_details(rows: Sequence[Record], collectors: Mapping[str, Collector]) -> bool:
    """Take in the table of all details; whether it is one. A row a person, below six of heads."""
    heads = rows[0].cells if len(rows) > READABLE else ()
    if not any(map(ANSWER.fullmatch, heads)):
        return False
    titles, bank = _titles(heads, rows[1].cells), Bank(collectors)
    for row in rows[READABLE + 2 :]:
        attempt = bank.attempt([("full", cell) for cell in row.cells[:1]])
        for head, title, cell in zip(heads, titles, row.cells, strict=False):
            if found := ANSWER.fullmatch(head):
                attempt.take(title, int(found["number"]), cell, row.at)
    return True


def _titles(heads: Sequence[str], names: Sequence[str]) -> list[str]:
    """The title of the question that each column is of: it stands above its first."""
    found, title = [], ""
    for head, name in zip(heads, names, strict=False):
        title = name if QUESTION.fullmatch(head) else title
        found.append(title)
    return found
