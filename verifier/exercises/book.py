"""Who has which variant: the table that `vary` writes, read back."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath

from verifier import effort
from verifier.errors import Place, ProblemError, shown
from verifier.exercises.roster import same
from verifier.problem import Problem, load

TABLE = "variants.csv"
COLUMNS = ("person", "id", "file", "sha256")


@dataclass(frozen=True)
class Entry:
    """A row of the table: a person, and the problem that is theirs."""

    person: str
    id: str
    file: Path
    digest: str
    place: Place


@dataclass(frozen=True, eq=False)
class Book:
    """The variants in a folder; `meant` is what the command line makes of each of them."""

    table: Path
    entries: tuple[Entry, ...]
    meant: Callable[[Problem], Problem]
    known: Mapping[str, Entry] = field(default_factory=dict)

    def entry(self, person: str, *also: str) -> Entry | None:
        """The row of a person, by name, by the id of the variant, or by what else is known."""
        short = person.rpartition(" (")[0]  # what tells two files of one name apart stands behind
        keys = (same(text) or " " for text in (person, short, *also))
        return next((self.known[key] for key in keys if key in self.known), None)

    def asked(self, question: str) -> Entry | None:
        """The row of the variant that a bank calls so: its name ends in the id."""
        return self.known.get(question.rpartition("-")[2] or " ")

    def problem(self, entry: Entry) -> Problem:
        """The problem of a row.

        Errors: VerifierError where it is not there, or not as it was made.
        """
        found = load(entry.file)
        if sha256(entry.file.read_bytes()).hexdigest() != entry.digest:
            what = f"{entry.file} is not as it was when {self.table.name} was written"
            raise ProblemError(what, entry.place, "the file as `verifier vary` wrote it")
        return self.meant(found)

    @property
    def question(self) -> Problem:
        """The first variant, under the name of the folder: what a class has in common.

        Its title is that of all, and its digest that of the table, which has everyone's.
        """
        entry = self.entries[0]
        first = self.problem(entry)
        stem, title = self.table.resolve().parent.name, first.title.removesuffix(f" · {entry.id}")
        digest = sha256(self.table.read_bytes()).hexdigest()
        files = (self.table, *first.files)
        return replace(first, stem=stem, title=title, sha256=digest, files=files)


def book(folder: Path, meant: Callable[[Problem], Problem]) -> Book:
    """The variants of a folder.

    Errors: ProblemError for a table that is not there or cannot be read.
    """
    table = folder / TABLE
    entries = tuple(map(_entry(folder, table), _rows(table)))
    if not entries:
        raise ProblemError(f"{table}: nobody is in it", accepted="a row a person")
    known = {same(entry.id): entry for entry in entries}
    known |= {same(entry.person): entry for entry in entries if same(entry.person)}
    return Book(table, entries, meant, known)


def _rows(table: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        if table.stat().st_size > effort.ROSTER:
            raise ProblemError(f"{table}: larger than {effort.ROSTER} bytes")
        text = table.read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        what = f"{table}: {getattr(error, 'strerror', None) or 'this is not UTF-8'}"
        accepted = "a problem file, or a folder that `verifier vary` wrote"
        raise ProblemError(what, accepted=accepted) from None
    rows = csv.DictReader(text.splitlines())
    if not {*COLUMNS} <= {*(rows.fieldnames or ())}:
        place = Place(str(table), 1, 1)
        raise ProblemError("the columns are not known", place, ",".join(COLUMNS))
    return [(rows.line_num, row) for row in rows]


def _entry(folder: Path, table: Path) -> Callable[[tuple[int, dict[str, str]]], Entry]:
    def made(numbered: tuple[int, dict[str, str]]) -> Entry:
        line, row = numbered
        place = Place(str(table), line, 1)
        person, id, name, digest = (row[column] or "" for column in COLUMNS)
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or "\\" in name or PurePosixPath(name).is_absolute():
            raise ProblemError(f"{shown(name)} is no file here", place, "a file below the folder")
        return Entry(person, id, folder.joinpath(*parts), digest, place)

    return made
