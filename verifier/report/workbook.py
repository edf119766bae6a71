"""The table of a class as an Excel workbook: its people, its totals, and its mistakes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from verifier.check.model import Checked
from verifier.errors import MissingExtraError, extra
from verifier.formats import load
from verifier.problem import Problem
from verifier.report.classroom import COLUMNS, classroom_rows, frequencies
from verifier.report.scribe import Scribe
from verifier.report.totals import totals
from verifier.report.words import Words

MADE = datetime(2000, 1, 1)
"""No time of day: the same class gives the same bytes."""

TEXT, NUMBER = 28, 11
"""Widths of columns, in letters."""


def classroom_xlsx(problem: Problem, everyone: Sequence[Checked], words: Words) -> bytes:
    """The workbook; texts are texts, whatever they begin with.

    Errors: MissingExtraError without XlsxWriter.
    """
    xlsxwriter = writer()
    file, scribe = io.BytesIO(), Scribe(problem, load("txt"), words)
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"created": MADE})
    title = words.text
    _sheet(book, title("check.class.people"), COLUMNS, classroom_rows(problem, everyone, words))
    found = totals(problem, everyone, scribe)
    heads = ("".join(map(str, found.heading)), title("check.class.count"))
    _counted(book, title("check.class.points"), heads, found.bins, "".join(found.sentence))
    heads = (title("check.class.mistakes"), title("check.class.how.many"))
    _counted(book, title("check.class.mistakes"), heads, frequencies(everyone, scribe))
    book.close()
    return file.getvalue()


def writer() -> Any:
    """The library that writes workbooks. Errors: MissingExtraError without it."""
    try:
        import xlsxwriter
    except ImportError:
        raise MissingExtraError("xlsx needs XlsxWriter", accepted=extra("xlsx")) from None
    return xlsxwriter


def _sheet(book: Any, name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Any:
    """A sheet of rows below their heads, which stay in sight."""
    sheet = book.add_worksheet(name[:31])
    bold = book.add_format({"bold": True})
    for k, head in enumerate(heads):
        sheet.write_string(0, k, head, bold)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(0, len(heads) - 1), NUMBER)
    sheet.set_column(0, 0, TEXT)
    for at, row in enumerate(rows, 1):
        for k, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(at, k, value)
            else:
                sheet.write_number(at, k, float(value))
    return sheet


def _counted(
    book: Any, name: str, heads: Sequence[str], counts: Sequence[tuple[str, int]], note: str = ""
) -> None:
    """A sheet of counts, with a chart of them; the note stands below."""
    sheet = _sheet(book, name, heads, counts)
    sheet.write_string(len(counts) + 2, 0, note)
    if not counts:
        return
    chart = book.add_chart({"type": "bar"})
    last = len(counts)
    chart.add_series(
        {"categories": [name[:31], 1, 0, last, 0], "values": [name[:31], 1, 1, last, 1]}
    )
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True})
    sheet.insert_chart(0, 3, chart)
