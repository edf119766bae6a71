"""Answers in CSV and TSV: a table, and the sign that separates its cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from verifier import effort
from verifier.check.answers.collect import Collector
from verifier.check.answers.heads import Heads, heads_of
from verifier.check.answers.numbas import add_details
from verifier.check.answers.records import Record
from verifier.check.answers.tables import add_table
from verifier.errors import Place, ProblemError

DELIMITERS = ",;\t|"


def add_csv(text: str, file: str, collectors: Mapping[str, Collector]) -> None:
    """Take in the rows of a CSV text; `collectors` makes one for each person, "" for no one's.

    Errors: ProblemError for a table from which nobody can tell what the columns are.
    """
    lines = text.splitlines()
    first = next((k for k, line in enumerate(lines) if line.strip()), 0)
    delimiter = _delimiter(lines[first] if lines else "", heads_of(collectors[""].labels))
    rows = list(_rows(lines, delimiter, file))
    if not add_details(rows, collectors) and not add_table(rows, collectors):
        accepted = "a header step,name,index,value (and person), or a column for each entry"
        place = Place(file, first + 1, 1, (lines or [""])[first][:300])
        raise ProblemError("the columns are not known", place, accepted)


def _delimiter(line: str, heads: Heads) -> str:
    """The sign that separates: the one by which the first line names most."""

    def known(delimiter: str) -> tuple[int, int]:
        fields = [heads.column(field.strip(' "\ufeff')) for field in line.split(delimiter)]
        said = sum(column.role not in ("", "numeral", "passed") for column in fields)
        return said, line.count(delimiter)

    return max(DELIMITERS, key=known)


def _rows(lines: Sequence[str], delimiter: str, file: str) -> Iterator[Record]:
    """The rows, each with the line on which it ends."""
    before = csv.field_size_limit(effort.FIELD)
    try:
        rows = csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter)
        for cells in rows:
            place = Place(file, rows.line_num, 1, lines[rows.line_num - 1][:300])
            yield Record(cells, place)
    except csv.Error as error:
        raise ProblemError(f"this is not CSV: {error}", Place(file, 1, 1)) from None
    finally:
        csv.field_size_limit(before)
