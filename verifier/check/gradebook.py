"""Marks in the table that a learning system exported, for it to import again.

Moodle and Canvas know people by columns of names, addresses and numbers, and want their own rows
back with one column filled in. All else stays as it was.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from verifier.check.answers.columns import of_person
from verifier.errors import Place, VerifierError

NAMES, EXACT = ("given", "family", "full"), ("mail", "id")
SEPARATORS = ",;\t"
TOLD_APART = re.compile(r" \([^()]*\)$")
LEAST_NUMBER = 3
"""A number of fewer digits in the name of a file may be any number."""


@dataclass(frozen=True)
class Marked:
    """The table with marks, the people who are not in it, and how many rows got none."""

    text: str
    unknown: tuple[str, ...]
    empty: int


def marked(text: str, file: str, title: str, marks: Mapping[tuple[str, str], str]) -> Marked:
    """The table with the marks of people, by their names and files, in the column of a title.

    Errors: VerifierError for a text that is no table of people.
    """
    first = text.partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=separator))
    roles = [of_person(head) for head in rows[0]] if rows else []
    if not any(roles):
        accepted = "a table that Moodle or Canvas exported, with names, addresses or numbers"
        raise VerifierError("no column says whose a row is", Place(file, 1, 1), accepted)
    column = _column(rows[0], title)
    if column == len(rows[0]):
        rows = [[*rows[0], title], *([*row, ""] for row in rows[1:] if row)]
    known, theirs = _index(rows, roles), dict[int, list[tuple[str, str]]]()
    found = {who: set().union(*(known.get(key, ()) for key in _said_of(*who))) for who in marks}
    for who, where in found.items():
        for k in where:
            theirs.setdefault(k, []).append(who)
    alone = {who: k for k, people in theirs.items() for who in people if len(people) == 1}
    sure = {who: alone[who] for who, where in found.items() if len(where) == 1 and who in alone}
    for who, k in sure.items():
        rows[k][column] = marks[who]
    unknown = [who[0] for who in marks if who not in sure]
    empty = sum(not row[column].strip() for row in rows[1:] if len(row) > column)
    return Marked(_written(rows, separator), tuple(unknown), empty)


def _column(heads: Sequence[str], title: str) -> int:
    """The column of a title, as Canvas writes it with a number behind; else one more."""
    alike = re.compile(rf"{re.escape(title.strip())}\s*(\(.*\))?", re.IGNORECASE)
    found = (k for k, head in enumerate(heads) if alike.fullmatch(head.strip()))
    return next(found, len(heads))


def _written(rows: Sequence[Sequence[str]], separator: str) -> str:
    made = io.StringIO()
    csv.writer(made, delimiter=separator, lineterminator="\n").writerows(rows)
    return made.getvalue()


Known = tuple[str, ...]
"""What finds a person: "turned" and the words of the name in order of the alphabet, and so on."""


def _index(
    rows: Sequence[Sequence[str]], roles: Sequence[str | None]
) -> Mapping[Known, Sequence[int]]:
    """The rows below the head by all that is said of their people."""
    found: dict[Known, list[int]] = {}
    for k, row in enumerate(rows[1:], 1):
        for key in set(_keys(row, roles)):
            found.setdefault(key, []).append(k)
    return found


def _keys(row: Sequence[str], roles: Sequence[str | None]) -> Iterator[Known]:
    """A row's name, in any order of its words or written as one, its address and its number."""
    said = [(role, cell) for role, cell in zip(roles, row, strict=False) if role and cell.strip()]
    words = [part for role, cell in said if role in NAMES for part in _words(cell)]
    if words:
        yield "turned", *sorted(words)
        yield "joined", "".join(words)
    yield from (("exact", cell.strip().casefold()) for role, cell in said if role in EXACT)


def _said_of(person: str, file: str) -> Iterator[Known]:
    """What may stand in a row of a person; what tells them from others of the name does not."""
    for name in dict.fromkeys((person, TOLD_APART.sub("", person))):
        yield "turned", *sorted(_words(name))
        yield "joined", "".join(_words(name))
    yield from (("exact", text) for text in _known(person, file))


def _known(person: str, file: str) -> Iterator[str]:
    """What is known of a person beside the name: addresses, and numbers of a file's name."""
    yield person.strip().casefold()
    yield from (part.strip("()").casefold() for part in person.split())
    parts = re.findall(r"\d+", Path(file).name)
    yield from (part for part in parts if len(part) >= LEAST_NUMBER)


def _words(text: str) -> list[str]:
    """The words of a name, small and without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.findall(r"\w+", letters)
