"""Tables and lines of Excel, LibreOffice and Word files: .xlsx, .ods and .docx.

Such a file is a zip of XML. It is read as a stream by Python's own parser, with limits on what is
expanded: libraries lay out a whole sheet first, so that one cell at its far end fills the memory.
Formulas and macros are never run; a cell is what the program stored for it.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import Any
from xml.etree.ElementTree import Element, ParseError, iterparse

from verifier import effort
from verifier.errors import ProblemError


@dataclass
class Sheet:
    """A sheet, or a table or lines of a text: a title, numbered rows, and the line `above`."""

    title: str
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    is_table: bool = True
    above: str = ""


def sheets(raw: bytes, kind: str) -> list[Sheet]:
    """What an office file holds, in order.

    Errors: ProblemError for what is no such file, or would expand without measure.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            _measured(archive)
            return _bounded(KINDS[kind](archive))
    except (zipfile.BadZipFile, zlib.error, ParseError, KeyError, ValueError, RuntimeError,
            NotImplementedError, EOFError) as error:  # fmt: skip
        accepted = f"save it anew as {kind}, without a password"
        what = f"this {kind} file cannot be read: {error}"[:200]
        raise ProblemError(what, accepted=accepted) from None


def _measured(archive: zipfile.ZipFile) -> None:
    """Refuse a zip that expands without measure; Python reads no more than its headers say."""
    parts = archive.infolist()
    size = sum(part.file_size for part in parts if part.filename.endswith((".xml", ".rels")))
    if len(parts) > effort.ZIP_PARTS or size > effort.ZIP_BYTES:
        raise ProblemError(
            f"a file that expands to {size} bytes in {len(parts)} parts",
            accepted=f"at most {effort.ZIP_BYTES} bytes of XML in {effort.ZIP_PARTS} parts",
        )


def _bounded(found: Iterator[Sheet]) -> list[Sheet]:
    kept = list(islice(found, effort.SHEETS + 1))
    if len(kept) > effort.SHEETS:
        raise ProblemError(f"a file of more than {effort.SHEETS} sheets or tables")
    return kept


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _attribute(element: Element, name: str) -> str:
    """An attribute by its name, whatever its namespace."""
    return next((value for key, value in element.attrib.items() if _local(key) == name), "")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def _ends(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, Element]]:
    """Elements of a part as they end, by their local names.

    A document type is refused: its entities could expand, and no office program writes one.
    """
    with archive.open(part) as file:
        if b"<!DOCTYPE" in file.read(4096):
            raise ValueError("it has a document type")
    with archive.open(part) as file:
        for _, element in iterparse(file):
            yield _local(element.tag), element


def _texts(element: Element, name: str = "t") -> str:
    return "".join(part.text or "" for part in element.iter() if _local(part.tag) == name)


class _Filled:
    """The rows of a sheet while they are filled: a limit on all cells, blanks included."""

    def __init__(self, title: str) -> None:
        self.sheet = Sheet(title)
        self.left = effort.SHEET_CELLS
        self.cells: list[str] = []

    def cell(self, text: str, column: int | None = None, times: int = 1) -> None:
        """A cell, in its column or behind the last; blanks in front of it are there as well."""
        column = len(self.cells) if column is None else column
        blanks = max(0, column - len(self.cells))
        self.left -= blanks + times
        if self.left < 0:
            raise ProblemError(f"a sheet of more than {effort.SHEET_CELLS} cells")
        self.cells += [""] * blanks + [text] * times

    def row(self, number: int) -> None:
        """The row is full."""
        if any(self.cells):
            self.sheet.rows.append((number, self.cells))
        self.cells = []


def _xlsx(archive: zipfile.ZipFile) -> Iterator[Sheet]:
    shared = []
    if "xl/sharedStrings.xml" in archive.namelist():
        for name, element in _ends(archive, "xl/sharedStrings.xml"):
            if name == "si":
                shared.append(_texts(element))
                element.clear()
    dates = _dates(archive) if "xl/styles.xml" in archive.namelist() else frozenset[int]()
    parts = {}
    for name, element in _ends(archive, "xl/_rels/workbook.xml.rels"):
        if name == "Relationship":
            parts[element.get("Id", "")] = element.get("Target", "").removeprefix("/xl/")
    for name, element in list(_ends(archive, "xl/workbook.xml")):
        part = f"xl/{parts.get(element.get(RELATION, ''), '')}" if name == "sheet" else ""
        if part.startswith("xl/worksheets/"):
            yield _xlsx_sheet(archive, part, element.get("name", ""), _Stored(shared, dates))


RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_COLUMN = re.compile(r"([A-Z]{1,3})(\d{1,7})")


@dataclass(frozen=True)
class _Stored:
    """What cells of a workbook point to: its texts, and the styles that show a number as a date."""

    texts: Sequence[str]
    dates: frozenset[int]


DATE = re.compile(r"[dmyhs]", re.IGNORECASE)
LITERAL = re.compile(r"\"[^\"]*+\"|\\.|\[[^\]]*+\]|general|standard", re.IGNORECASE)
"""What a format of numbers prints as it stands: texts in quotes, colours."""

DATES = frozenset((*range(14, 23), *range(45, 48)))
"""Excel's own formats of dates and times, by number."""

FIRST_DAY = date(1899, 12, 30)


def _dates(archive: zipfile.ZipFile) -> frozenset[int]:
    """The styles of a workbook that show a number as a date or a time."""
    formats, found = set(DATES), frozenset[int]()
    for name, element in _ends(archive, "xl/styles.xml"):
        if name == "numFmt" and DATE.search(LITERAL.sub("", element.get("formatCode", ""))):
            formats.add(_number(element.get("numFmtId", "")))
        elif name == "cellXfs":
            kinds = [_number(style.get("numFmtId", "")) for style in element]
            found = frozenset(k for k, kind in enumerate(kinds) if kind in formats)
    return found


def _date(stored: str) -> str:
    """The day of a number that is shown as a date: Excel makes one of 1/2."""
    try:
        return (FIRST_DAY + timedelta(days=int(float(stored)))).isoformat()
    except (ValueError, OverflowError):
        return "a date"


def _xlsx_sheet(archive: zipfile.ZipFile, part: str, title: str, shared: _Stored) -> Sheet:
    filled, number = _Filled(title), 0
    for name, element in _ends(archive, part):
        if name == "c":
            place = _COLUMN.fullmatch(element.get("r", ""))
            filled.cell(_xlsx_text(element, shared), _column(place[1]) if place else None)
        elif name == "row":
            number = _number(element.get("r", "")) if element.get("r") else number + 1
            filled.row(number)
            element.clear()
    return filled.sheet


def _column(letters: str) -> int:
    """The number of a column from 0: A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number - 1


def _xlsx_text(cell: Element, shared: _Stored) -> str:
    kind, stored = cell.get("t", "n"), _texts(cell, "v")
    if kind == "s":
        known = stored.isdigit() and int(stored) < len(shared.texts)
        return shared.texts[int(stored)] if known else ""
    if kind == "inlineStr":
        return _texts(cell)
    if kind == "b":
        return "TRUE" if stored.strip() == "1" else "FALSE"
    if kind == "n" and stored and _number(cell.get("s", "0")) in shared.dates:
        return _date(stored)
    if not stored and (formula := _texts(cell, "f")):
        return f"={formula}"  # a program that computes nothing wrote it; it is no number
    return shortest(stored) if kind == "n" else stored


def shortest(stored: str) -> str:
    """The number that was typed: programs store the 17 digits of its float.

    >>> shortest("0.53810000000000002")
    '0.5381'
    """
    digits = sum(map(str.isdigit, stored))
    return repr(float(stored)) if digits > 15 and len(stored) < 30 else stored


def _ods(archive: zipfile.ZipFile) -> Iterator[Sheet]:
    filled = _Filled("")
    number = 1
    for name, element in _ends(archive, "content.xml"):
        if name in ("table-cell", "covered-table-cell"):
            text = _ods_text(element)
            times = _number(_attribute(element, "number-columns-repeated"))
            filled.cell(text, times=times if text else min(times, effort.BLANK_COLUMNS))
        elif name == "table-row":
            filled.row(number)
            number += _number(_attribute(element, "number-rows-repeated"))
            element.clear()
        elif name == "table":
            filled.sheet.title = _attribute(element, "name")
            yield filled.sheet
            filled, number = _Filled(""), 1


def _ods_text(cell: Element) -> str:
    stored = _attribute(cell, "value")
    if stored and _attribute(cell, "value-type") in ("float", "percentage"):
        return shortest(stored)
    if stored := _attribute(cell, "date-value"):
        return stored
    lines = ("".join(part.itertext()) for part in cell if _local(part.tag) == "p")
    return "\n".join(lines)


def _docx(archive: zipfile.ZipFile) -> Iterator[Sheet]:
    body = next(e for name, e in _ends(archive, "word/document.xml") if name == "body")
    text, number, said = Sheet("", is_table=False), 0, ""
    for part in body:
        kind = _local(part.tag)
        if kind == "tbl":
            rows = [row for row in part if _local(row.tag) == "tr"]
            cells = [[_docx_cell(c) for c in row if _local(c.tag) == "tc"] for row in rows]
            yield Sheet("", list(enumerate(cells, number + 1)), above=said)
            number += len(rows)
        else:
            for line in _docx_text(part).split("\n"):
                number += 1
                text.rows.append((number, [line]))
                said = line if line.strip() else said
    yield text


def _docx_cell(cell: Element) -> str:
    lines = (_docx_text(part) for part in cell if _local(part.tag) in ("p", "tbl", "sdt"))
    return "\n".join(lines).strip()


def _docx_text(element: Element) -> str:
    """The text of a paragraph, its formulas in a line: h_(1) = [0.1; 0.2]."""
    kind = _local(element.tag)
    if kind in _LEAVES:
        return element.text or "" if kind == "t" else _LEAVES[kind]
    if kind in ("del", "instrText"):
        return ""
    texts = [_docx_text(part) for part in element]
    before, between, behind = _MATH.get(kind, ("", "", ""))
    return f"{before}{between.join(text for text in texts if text)}{behind}"


_LEAVES: Mapping[str, str] = {"t": "", "tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_MATH: Mapping[str, tuple[str, str, str]] = {
    "sSub": ("", "_", ""), "sSup": ("", "^", ""), "f": ("", "/", ""), "d": ("(", "; ", ")"),
    "m": ("[", ", ", "]"), "mr": ("[", "; ", "]"),
}  # fmt: skip

Read = Callable[[Any], Iterator[Sheet]]
KINDS: Mapping[str, Read] = {".xlsx": _xlsx, ".xlsm": _xlsx, ".ods": _ods, ".docx": _docx}
