"""Whose answers they are: the columns of a table, and the names of files and folders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path

from verifier import effort
from verifier.check.answers.ledger import entry_text
from verifier.check.answers.numerals import is_blank
from verifier.check.model import Answers, Complaint
from verifier.errors import Place

MOODLE = re.compile(r"(?P<key>(?P<who>.+?)_\d+_assignsubmission_)[a-z]+(?:_.*)?", re.DOTALL)
CANVAS = re.compile(r"(?P<who>[^_]+)(?:_LATE)?_\d+_\d+_.+")


def person_of(name: str) -> str:
    """The name in what a learning system calls a file or a folder."""
    found = MOODLE.fullmatch(name) or CANVAS.fullmatch(name)
    return found["who"] if found else name


def submission(name: str) -> str:
    """What all files and folders of one submission to Moodle begin with; empty for others."""
    found = MOODLE.fullmatch(name)
    return f"{found['key']}file_" if found else ""


BESIDE = frozenset({"timestamp.txt", "submission_metadata.yml", "thumbs.db", "desktop.ini"})
"""Files that systems put beside answers."""

_SUBMISSION = re.compile(r"(?P<folder>submission_\d+):\s*")
_NAME = re.compile(r"[\s\-]*:?name:\s*+(?P<who>\S.*)")


def submitters(folder: Path) -> dict[str, str]:
    """Whose the folders of an export of Gradescope are; empty without its list."""
    path = folder / "submission_metadata.yml"
    try:
        if not path.is_file() or path.stat().st_size > effort.SUBMITTERS:
            return {}
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    found: dict[str, list[str]] = {}
    at = ""
    for line in lines:
        if begins := _SUBMISSION.fullmatch(line):
            at = begins["folder"]
        elif at and (named := _NAME.fullmatch(line)):
            found.setdefault(at, []).append(named["who"].strip(" '\""))
    return {folder: " & ".join(names)[: effort.PERSON] for folder, names in found.items()}


class People:
    """The names under which the people of a table stand; no two people have one name.

    Who they are is said by all their columns together: a name, an address, a number.
    """

    def __init__(self) -> None:
        self._names: dict[tuple[tuple[str, str], ...], str] = {}
        self._taken: set[str] = set()

    def name(self, said: Sequence[tuple[str, str]], otherwise: str) -> str:
        """The name of the person of whom the columns say this, in pairs of role and text."""
        key = tuple((role, _text(text)) for role, text in said if not is_blank(text))
        if not key:
            return otherwise
        if key not in self._names:
            self._names[key] = self.apart(*called(key))
        return self._names[key]

    def apart(self, name: str, other: str = "") -> str:
        """The name, told from those before by what else is known, or by a number."""
        found = name
        if found in self._taken and other:
            found = f"{name} ({other})"
        k = 1
        while found in self._taken:
            k += 1
            found = f"{name} ({k})"
        self._taken.add(found)
        return found


def together(found: Iterable[Answers]) -> list[Answers]:
    """Answers of one name to one question from a person's files, as those of one sheet.

    Of two values for one entry neither is taken, as within a file.
    """
    groups: dict[tuple[str, str], list[Answers]] = {}
    for one in found:
        groups.setdefault((one.person, one.question), []).append(one)
    return [reduce(_joined, own) for own in groups.values()]


def _joined(one: Answers, other: Answers) -> Answers:
    given, told = {**other.given, **one.given}, [*one.complaints, *other.complaints]
    for entry in one.given.keys() & other.given.keys():
        first, second = one.given[entry], other.given[entry]
        if (first.value, first.places) != (second.value, second.places):
            what = f"{entry_text(entry)} has two values, {first.text} and {second.text}"
            told.append(Complaint(what, second.place or Place(other.file, 1, 1), entry))
            del given[entry]
    return replace(one, given=given, complaints=tuple(told))


def _text(text: str) -> str:
    return " ".join(text.split())[: effort.PERSON]


def called(said_of: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """What a person is called, and what tells them from others of that name."""
    said: Mapping[str, str] = {r: _text(text) for r, text in reversed(said_of) if _text(text)}
    parts = [said[part] for part in ("given", "full", "family") if part in said]
    # Nome and Cognome, Prénom and Nom: what is a full name elsewhere is half of one beside another.
    whole = [part for k, part in enumerate(parts) if not _within(part, parts, k)]
    known = [way for way in (" ".join(whole), said.get("mail"), said.get("id")) if way]
    return known[0][: effort.PERSON], " ".join(known[1:2])


def _within(part: str, parts: Sequence[str], k: int) -> bool:
    """Whether another part of a name has this one in it, as a full name has the others."""
    others = (other for j, other in enumerate(parts) if j != k)
    return any(set(part.split()) < set(other.split()) for other in others)
