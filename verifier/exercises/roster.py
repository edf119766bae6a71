"""Who gets a variant: the rows of a roster, in order."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from verifier import effort
from verifier.errors import Place, ProblemError, shown

FORMULA = "=+-@−＝＋－＠﹦﹢﹣﹫"
"""Signs with which a spreadsheet's formula begins, and no name."""

HEADS = ("person", "name", "full name", "student", "participant", "email", "e-mail", "mail", "id")
"""Heads of the column of people, the best first; without one of them, the first column has them."""

PARTS = (("first name", "given name", "first"), ("last name", "family name", "surname", "last"))


def roster(path: Path) -> list[str]:
    """The people of a roster in CSV, in order.

    Errors: ProblemError with the line of what is no name, or stands twice.
    """
    return list(_told_apart(_people(_text(path), str(path)), str(path)))


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or str(error)
        raise ProblemError(f"{path}: {what}", accepted="a roster in CSV") from None
    if len(raw) > effort.ROSTER:
        raise ProblemError(f"{path}: larger than {effort.ROSTER} bytes", accepted="a smaller file")
    try:
        return raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise ProblemError(f"{path}: this is not UTF-8", accepted="a UTF-8 text") from None


def _people(text: str, file: str) -> Iterator[tuple[int, str]]:
    """The names with their lines."""
    rows = list(_rows(text, file))
    if not rows:
        raise ProblemError(f"{file}: nobody is in it", accepted="a row a person")
    columns = _columns([_plain(cell).casefold() for cell in rows[0][1]])
    for line, cells in rows[1:] if columns else rows:
        parts = (cells[k] if k < len(cells) else "" for k in columns or (0,))
        yield line, " ".join(filter(None, map(_plain, parts)))


def _rows(text: str, file: str) -> Iterator[tuple[int, Sequence[str]]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        yield from ((rows.line_num, cells) for cells in rows if any(c.strip() for c in cells))
    except csv.Error as error:
        raise ProblemError(f"this is not CSV: {error}", Place(file, rows.line_num, 1)) from None


def _columns(heads: Sequence[str]) -> tuple[int, ...]:
    """The columns of the name that a header tells; none without a header."""
    found = tuple(next((heads.index(w) for w in words if w in heads), -1) for words in PARTS)
    if -1 not in found:
        return found
    return next(((heads.index(head),) for head in HEADS if head in heads), ())


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _told_apart(people: Iterator[tuple[int, str]], file: str) -> Iterator[str]:
    seen: dict[str, int] = {}
    for line, person in people:
        place = Place(file, line, 1)
        _check(person, place)
        first = seen.setdefault(same(person), line)
        if first != line:
            what = f"{shown(person)} stands in line {first}, too"
            raise ProblemError(what, place, "people who can be told apart, by an address perhaps")
        yield person


def _check(person: str, place: Place) -> None:
    if not any(sign.isalnum() for sign in person):
        raise ProblemError("a row without a name", place, "a name, an address or a number")
    if len(person) > effort.PERSON:
        what = f"a name of {len(person)} characters"
        raise ProblemError(what, place, f"at most {effort.PERSON}")
    if person[0] in FORMULA:
        raise ProblemError(f"{shown(person)} is a formula", place, "a name")
    if any(unicodedata.category(sign) in ("Cc", "Cs", "Cn") for sign in person):
        raise ProblemError(f"{shown(person)} has signs that cannot be seen", place, "a name")


def same(person: str) -> str:
    """What two spellings of a person have in common: letters, digits and the marks on them."""
    plain = unicodedata.normalize("NFKC", person).casefold()
    kept = (sign for sign in plain if unicodedata.category(sign)[0] in "LNM")
    return "".join(kept)
