"""Answers in office files: each sheet or table as any table, each line as any line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from verifier.check.answers.collect import Collector
from verifier.check.answers.office import Sheet, sheets
from verifier.check.answers.prints import HEADING
from verifier.check.answers.records import Record
from verifier.check.answers.tables import add_table
from verifier.check.answers.texts import add_lines
from verifier.errors import Place


class _OfSheet(Mapping[str, Collector]):
    """The collectors of a sheet of its own: what names nobody is its title's."""

    def __init__(self, collectors: Mapping[str, Collector], title: str) -> None:
        self.collectors, self.title = collectors, title

    def __getitem__(self, person: str) -> Collector:
        return self.collectors[person or self.title]

    def __iter__(self) -> Iterator[str]:
        return iter(self.collectors)

    def __len__(self) -> int:
        return len(self.collectors)


def add_office(raw: bytes, kind: str, file: str, collectors: Mapping[str, Collector]) -> None:
    """Take in an office file; of several sheets with answers, each is a person's."""
    found = [sheet for sheet in sheets(raw, kind) if sheet.rows]
    several = len([sheet for sheet in found if sheet.title]) > 1
    for sheet in found:
        own = several and bool(sheet.title)
        _add(sheet, file, _OfSheet(collectors, sheet.title) if own else collectors)


def _add(sheet: Sheet, file: str, collectors: Mapping[str, Collector]) -> None:
    where = f"{file} ({sheet.title})" if sheet.title else file
    cells = dict(sheet.rows)

    def place(number: int) -> Place:
        return Place(where, number, 1, "\t".join(cells.get(number, []))[:300])

    if sheet.is_table:
        rows = [Record(cells, place(number)) for number, cells in sheet.rows]
        found = HEADING.match(sheet.above)
        add_table(rows, collectors, found[1] or "" if found else "")
    else:
        lines = [(number, cells[0]) for number, cells in sheet.rows]
        add_lines(lines, collectors, place)
