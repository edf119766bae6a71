"""Answers in plain text: lines, transcripts of consoles, and tables pasted from a spreadsheet."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from verifier import effort
from verifier.check.answers.collect import Collector
from verifier.check.answers.grammar import Locate
from verifier.check.answers.grids import WITH_DOTS, grid
from verifier.check.answers.heads import Heads, heads_of
from verifier.check.answers.numerals import is_numeral
from verifier.check.answers.prints import HEADING, add_prints
from verifier.check.answers.records import Record
from verifier.check.answers.tables import add_table
from verifier.check.answers.transcripts import Line, canonical
from verifier.errors import Place

SEPARATORS = ("\t", "|", ";", ",")


def add_text(text: str, file: str, collectors: Mapping[str, Collector]) -> None:
    """Take in what a text says, in the lines and tables that it has."""
    lines = text.split("\n")
    letters = text.replace("∂", "d").split("\n")  # a sign, which begins no name
    add_lines(list(enumerate(letters)), collectors, lambda line: _place(file, line, lines))


def _place(file: str, line: int, lines: Sequence[str]) -> Place:
    return Place(file, line + 1, 1, lines[line][:300] if line < len(lines) else "")


def add_lines(
    lines: Sequence[Line], collectors: Mapping[str, Collector], place: Callable[[int], Place]
) -> None:
    """Take in numbered lines; `place` says where each stands."""
    heads = heads_of(collectors[""].labels)
    rest: list[Line] = []
    k, heading = 0, ""
    while k < len(lines):
        rows, end, dots = _rows(lines, k, heads)
        if dots:
            collectors[""].complain(WITH_DOTS, partial(_at, place, lines[k][0]))
        if rows:
            records = [Record(cells, place(lines[i][0])) for i, cells in rows]
            add_table(records, collectors, heading)
        else:
            found = HEADING.match(lines[k][1])
            heading = found[1] or "" if found else heading
            rest.append(lines[k])
        k = end
    _add_rest(rest, collectors[""], place)


def _at(place: Callable[[int], Place], line: int, at: object) -> Place:
    return place(line)


def _rows(
    lines: Sequence[Line], first: int, heads: Heads
) -> tuple[list[tuple[int, list[str]]], int, bool]:
    """The rows of a table that begins at a line, where it ends, and whether some are dots."""
    block = grid(lines, first, heads)
    if block is not None:
        return [(first, block.head), *block.rows], block.end, block.dots
    rows = list(_table(lines, first, heads))
    return rows, rows[-1][0] + 1 if rows else first + 1, False


def _add_rest(lines: Sequence[Line], into: Collector, place: Callable[[int], Place]) -> None:
    """Take in the lines that stand in no table."""
    add_prints(*numbered(list(_canonical(lines)), place), into)


def numbered(said: Sequence[Line], place: Callable[[int], Place]) -> tuple[str, Locate]:
    """Numbered lines as one text, and what says where a position in it stands."""
    starts: list[int] = []
    at = 0
    for _, text in said:
        starts.append(at)
        at += len(text) + 1

    def where(position: object) -> Place:
        k = bisect_right(starts, position if isinstance(position, int) else 0) - 1
        return place(said[max(k, 0)][0] if said else 0)

    return "\n".join(text for _, text in said), where


def _canonical(lines: Sequence[Line]) -> Iterator[Line]:
    numbers = [number for number, _ in lines]
    for k, text in canonical([text for _, text in lines]):
        yield numbers[k], text


def _table(lines: Sequence[Line], first: int, heads: Heads) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table that begins at a line, each with its number."""
    sign = _sign(lines, first, heads)
    if sign is None:
        return
    size = len(cells_of(lines[first][1], sign))
    for k in range(first, len(lines)):
        cells = cells_of(lines[k][1], sign)
        if len(cells) == size or (sign == "\t" and len(cells) > 1):
            yield k, cells
        elif lines[k][1].strip():
            return


def _sign(lines: Sequence[Line], first: int, heads: Heads) -> str | None:
    """What separates the cells of a table that begins here; None where none does.

    Its first line is a head, and the next has as many cells with numbers among them; or the cells
    of the line stand between tabs, and the first is a name.
    """
    line = lines[first][1]
    if len(line) > effort.LINE or (first + 1 >= len(lines) and "\t" not in line):
        return None
    following = next((text for _, text in lines[first + 1 : first + 3] if text.strip()), "")
    for sign in SEPARATORS:
        if sign not in line:
            continue
        cells, below = cells_of(line, sign), cells_of(following, sign)
        numbers = any(is_numeral(cell) or "[" in cell for cell in below)
        if 1 < len(cells) == len(below) and numbers and heads.head(cells) is not None:
            return sign
        if sign == "\t" and heads.column(cells[0].strip()).named and not line.count("="):
            return sign
    return None


def cells_of(line: str, sign: str) -> list[str]:
    """The cells of a line of a pasted table."""
    return [
        cell.strip()
        for cell in (line.strip().strip("|") if sign == "|" else line.rstrip("\r\n")).split(sign)
    ]
