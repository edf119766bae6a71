"""Answers in CSV: step, name, index, value, and person where it is a class; or a column an entry.

The header says which sign separates (comma, semicolon, tab or |); a cell may hold a whole vector
or matrix. In a comma-separated file a row with one field too many has an unquoted decimal comma.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from verifier import effort
from verifier.check.answers.collect import Collector
from verifier.check.answers.grammar import Leaf, Piece
from verifier.errors import Place, ProblemError

NAMES = {
    "step": ("step", "t", "time", "timestep", "schritt", "步骤"),
    "name": ("name", "quantity", "variable", "größe", "groesse", "量"),
    "index": ("index", "entry", "eintrag", "i"),
    "value": ("value", "answer", "given", "rounded", "wert", "antwort", "值"),
    "person": ("person", "student", "who", "matriculation", "matrikelnummer", "email"),
}
COLUMNS = {alias.casefold(): column for column, aliases in NAMES.items() for alias in aliases}
DELIMITERS = ",;\t|"


def add_csv(text: str, file: str, collectors: Mapping[str, Collector]) -> None:
    """Take in the rows of a CSV text; `collectors` makes one for each person, "" for no one's.

    Errors: ProblemError for a header from which nobody can tell what the columns are.
    """
    lines = text.splitlines()
    head = next((k for k, line in enumerate(lines) if line.strip()), 0)
    delimiter, columns = _header(lines[head] if lines else "", file, collectors[""])
    before = csv.field_size_limit(effort.FIELD)
    try:
        rows = csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter)
        for fields in rows:
            if rows.line_num > head + ("step" in columns or "person" in columns or 1):
                place = Place(file, rows.line_num, 1, lines[rows.line_num - 1][:300])
                _row(fields, columns, place, collectors)
    except csv.Error as error:
        raise ProblemError(f"this is not CSV: {error}", Place(file, 1, 1)) from None
    finally:
        csv.field_size_limit(before)


def _header(line: str, file: str, plain: Collector) -> tuple[str, list[str]]:
    """The sign that separates, and what each column holds: a role, or the name of an entry."""
    for delimiter in sorted(DELIMITERS, key=lambda sign: -line.count(sign)):
        fields = [field.strip(' "\ufeff') for field in line.split(delimiter)]
        columns = [COLUMNS.get(field.casefold(), field) for field in fields]
        if "value" in columns and "name" in columns:
            return delimiter, columns
        if any((label := plain.labels.read(field)) and label.name for field in fields):
            return delimiter, columns
    accepted = "a header step,name,index,value (and person), or a column for each entry"
    raise ProblemError("the columns are not known", Place(file, 1, 1, line[:300]), accepted)


def _row(
    fields: Sequence[str], columns: Sequence[str], place: Place, collectors: Mapping[str, Collector]
) -> None:
    if not any(field.strip() for field in fields):
        return
    row = dict(zip(columns, _joined(fields, columns), strict=False))
    into = collectors[row.get("person", "").strip()[:200]]
    if "value" not in columns:
        _wide(row, place, into)
    elif "name" not in row or "value" not in row:
        into.complain(
            f"a row of {len(fields)} fields, the header has {len(columns)}", lambda at: place
        )
    else:
        step, index = row.get("step", ""), row.get("index", "")
        into.row(step, row["name"], index, Leaf(row["value"]), lambda at: place)


def _wide(row: Mapping[str, str], place: Place, into: Collector) -> None:
    """A row with a column for each entry."""
    for name, text in row.items():
        known = into.labels.read(name)
        if known is not None and known.name is not None:
            into.add(Piece((name,), Leaf(text), lambda at: place))


def _joined(fields: Sequence[str], columns: Sequence[str]) -> Sequence[str]:
    """The fields; an unquoted decimal comma in the value is put back."""
    if len(fields) != len(columns) + 1 or "value" not in columns:
        return fields
    k = columns.index("value")
    whole, rest = fields[k].strip(), fields[k + 1].strip()
    if not (whole.lstrip("+-−").isdigit() and rest.isdigit()):
        return fields
    return [*fields[:k], f"{whole},{rest}", *fields[k + 2 :]]
