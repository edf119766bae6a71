"""Tables that programs print: columns between spaces or bars, in blocks where a line is too short.

pandas, polars, R, MATLAB, Julia and others print a table so. Row numbers that say nothing are left
out; blocks of columns are put beside each other again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from verifier import effort
from verifier.check.answers.heads import Heads
from verifier.check.answers.numerals import is_blank
from verifier.check.answers.transcripts import PROMPT
from verifier.check.answers.words import STEPS

Line = tuple[int, str]
Split = Callable[[str], list[str]]

BARS: Final = str.maketrans("│┆┃║┊", "|||||")
RULE: Final = re.compile(r"(?=.*[-=_─═━┄┈])[\s\-=_+|:─═━┄┈┌┬┐├┼┤└┴┘╞╪╡╔╦╗╠╬╣╚╩╝╟╫╢╭╮╰╯]*+")
TYPES: Final = re.compile(
    r"(?:[\s|]*+(?:<\w{1,9}>|[iuf]\d{1,3}|(?:U?Int|Float)\d{1,3}\??|String\d{0,3}\??|Any|str|---))+[\s|]*+"
)
"""A line of what the columns hold: <int> <dbl>, i64 f64, Int64 Float64."""

DOTS: Final = frozenset({"...", "..", "…", "⋮", "⋯", "⋱"})
UNSET: Final = frozenset({"nan", "na", "<na>", "null", "missing", "none"})
OMITTED: Final = re.compile(
    r"\s*+(?:\[\s?reached\b.{0,80}omitted|#.{0,20}\b\d+ more (?:row|variable|column)s?\b"
    r"|\d+ (?:row|column)s? omitted)"
)
"""What a program says below a table of which it did not print all."""

NUMBERED: Final = re.compile(r"\[?(\d{1,6})(?:,?\])?")
_WIDE = re.compile(r"\s{2,}")
_NARROW = re.compile(r"\[[^\[\]]*+\]|\([^()]*+\)|\S+")
_STEP = re.compile(rf"\b(time ?step|step|{STEPS}|t) ?(?:= ?)?(?=\d)", re.IGNORECASE)
_NUMBER = re.compile(r"[≈~]?[+\-−–]?(?:\d|[.,]\d)|\[")
_SPACED = re.compile(r"[^\[({]*\d\s+[+\-−–]?[\d.,]")
ROW, LOOK, MANY = "row", 6, 2
"""What Julia calls the numbers of rows; how far below a head its first row stands; columns."""

WITH_DOTS = "the table was printed with dots, so not all of it can be read"


@dataclass
class Block:
    """Columns of a table: their heads, and rows with the numbers of their lines."""

    head: list[str]
    end: int
    wraps: bool = False
    title: str = ""
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    dots: bool = False

    @property
    def indexed(self) -> bool:
        """Whether something stands before each row that has no head."""
        return len(self.rows[0][1]) > len(self.head)

    @property
    def firsts(self) -> list[str]:
        """What stands first in each row."""
        return [cells[0] for _, cells in self.rows]


def grid(lines: Sequence[Line], first: int, heads: Heads) -> Block | None:
    """The table that begins at a line, its columns under their heads; None where none does."""
    text = lines[first][1]
    if len(text) > effort.LINE or "\t" in text or PROMPT.match(text):
        return None
    for split in (_barred, _single, _narrow, _wide):
        block = _begun(lines, first, split)
        if block is None or _headed(block, heads) is None:
            continue
        _grow(block, lines, split, len(lines))
        _join(block, lines, split)
        _close(block, lines)
        return _headed(block, heads)
    return None


def _barred(line: str) -> list[str]:
    text = line.translate(BARS).strip()
    return [cell.strip() for cell in text.strip("|").split("|")] if text.count("|") > 1 else []


def _wide(line: str) -> list[str]:
    return _WIDE.split(_bare(line))


def _single(line: str) -> list[str]:
    """Cells between two spaces or more; none where two numbers stand in a cell."""
    cells = _wide(line)
    return [] if any(map(_SPACED.match, cells)) else cells


def _narrow(line: str) -> list[str]:
    cells = _NARROW.findall(_STEP.sub(lambda found: found[1].replace(" ", ""), _bare(line)))
    return [] if any(cell.endswith((",", ";")) for cell in cells) else cells


def _bare(line: str) -> str:
    return line.translate(BARS).replace("|", "  ").strip()


def _begun(lines: Sequence[Line], first: int, split: Split) -> Block | None:
    """A head and the first row below it, whatever the head says; None where none is."""
    text = lines[first][1].rstrip()
    head = [] if RULE.fullmatch(text) else split(text.removesuffix("\\"))
    block = Block(head, first + 1, text.endswith("\\"))
    for k in range(first + 1, min(first + LOOK, len(lines))) if any(head) else ():
        line = lines[k][1]
        if len(line) > effort.LINE:
            return None
        cells = split(line)
        if _passed(line):
            continue
        if _is_row(cells, len(head)):
            block.rows, block.end = [(k, cells)], k + 1
            return block
        if block.title or len(cells) != 1 or not cells[0].isidentifier():
            return None
        block.title = cells[0]
    return None


def _passed(line: str) -> bool:
    """Whether a line is of no row: blank, a rule, or what the columns hold."""
    line = line.translate(BARS)
    return not line.strip() or bool(RULE.fullmatch(line) or TYPES.fullmatch(line))


def _is_row(cells: Sequence[str], size: int) -> bool:
    """Whether a line has as many cells as the head, or one more, and numbers in them."""
    if not size <= len(cells) <= size + 1 or any("=" in cell for cell in cells[1:]):
        return False
    if len(cells) < MANY or cells[0].startswith(">"):
        return False
    return any(map(_NUMBER.match, cells[1:])) or all(map(_is_unset, cells[1:]))


def _is_unset(cell: str) -> bool:
    return cell in DOTS or cell.casefold() in UNSET or is_blank(cell)


def _grow(block: Block, lines: Sequence[Line], split: Split, most: int) -> None:
    """Take in the rows behind the first one, up to a blank line."""
    size = len(block.rows[0][1])
    while block.end < len(lines) and len(block.rows) < most:
        line = lines[block.end][1]
        if not line.strip() or len(line) > effort.LINE:
            return
        if not _passed(line):
            cells = split(line)
            if len(cells) != size or not _is_row(cells, len(block.head)):
                return
            block.rows.append((block.end, cells))
        block.end += 1


def _join(block: Block, lines: Sequence[Line], split: Split) -> None:
    """Put the blocks that follow beside this one, where they have the same rows."""
    while block.indexed or block.wraps:
        first = block.end
        while (
            block.wraps
            and first < min(block.end + LOOK, len(lines))
            and not lines[first][1].strip()
        ):
            first += 1
        other = _begun(lines, first, split) if first < len(lines) else None
        if other is None or not set(other.head).isdisjoint(block.head) or not other.indexed:
            return
        _grow(other, lines, split, len(block.rows))
        if other.firsts != block.firsts:
            return
        block.head += other.head
        block.rows = [
            (k, cells + more[1:])
            for (k, cells), (_, more) in zip(block.rows, other.rows, strict=True)
        ]
        block.end, block.wraps = other.end, other.wraps


def _close(block: Block, lines: Sequence[Line]) -> None:
    """Leave out the dots that stand for rows and columns, and note that there were some."""
    if block.end < len(lines) and OMITTED.match(lines[block.end][1]):
        block.dots, block.end = True, block.end + 1
    rows = [row for row in block.rows if not _is_of_dots(row[1])]
    offset = int(block.indexed)
    gone = {k + offset for k, cell in enumerate(block.head) if cell in DOTS}
    block.dots |= bool(gone) or len(rows) < len(block.rows)
    block.head = [cell for cell in block.head if cell not in DOTS]
    kept = [(n, [cell for k, cell in enumerate(cells) if k not in gone]) for n, cells in rows]
    block.rows = [(n, ["" if c.casefold() in UNSET else c for c in cells]) for n, cells in kept]


def _is_of_dots(cells: Sequence[str]) -> bool:
    """Whether a row stands for others: dots in each cell but the first."""
    return all(cell in DOTS for cell in cells[1:])


def _headed(block: Block, heads: Heads) -> Block | None:
    """The block with a head for each column, where that is the head of a table; else None."""
    head, rows = block.head, block.rows
    if len(head) == 1:
        steps = heads.column(head[0]).named and all(map(heads.is_step, block.firsts))
        return replace(block, head=["t", *head]) if steps else None
    numbered = bool(rows) and _running(block.firsts)
    if rows and block.indexed:
        alone = None if block.title else heads.head(head)
        if alone is not None and (numbered or alone.having("step", "name")):
            rows = [(k, cells[1:]) for k, cells in rows]
        else:
            head = [block.title, *head]
    elif block.title:
        head = [block.title, *head[1:]]  # what the columns are called stood above it
    elif numbered and head[0].casefold() == ROW:
        head, rows = head[1:], [(k, cells[1:]) for k, cells in rows]
    if heads.head(head) is None and not heads.of_rows(head):
        return None
    return replace(block, head=head, rows=rows)


def _running(cells: Sequence[str]) -> bool:
    """Whether cells are numbers of rows, which say nothing else: 0, 1, 2 or [1,] [2,]."""
    found = [NUMBERED.fullmatch(cell) for cell in cells]
    numbers = [int(one[1]) for one in found if one]
    return len(numbers) == len(cells) and numbers in (
        [*range(len(cells))],
        [*range(1, len(cells) + 1)],
    )
