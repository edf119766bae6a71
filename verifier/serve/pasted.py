"""The matrix in a pasted text: from a spreadsheet, NumPy, MATLAB, LaTeX, or plain columns."""

from __future__ import annotations

import re
from typing import Any

from verifier.check.answers.grammar import Items, Leaf, Tree, parsed
from verifier.check.answers.numerals import commas_are_decimal
from verifier.check.answers.tex import lines as tex_lines
from verifier.errors import ProblemError
from verifier.serve.asked import number_text

ACCEPTED = "rows of numbers from a spreadsheet, NumPy, MATLAB or LaTeX"
_BRACKETED = re.compile(r"[\[({]")
_ASSIGNED = re.compile(r"^\s*[^\W\d]\w*\s*=\s*(?=[\[({\w\\])")


def matrix(text: str) -> list[list[str]]:
    """The rows of a pasted matrix, entries as they were written; a vector is one row.

    Errors: ProblemError for what holds no numbers, or rows of several lengths.
    """
    text = _ASSIGNED.sub("", text.strip()).rstrip(";")
    if "\\begin" in text:
        text = " ".join(part for _, part in tex_lines(text)).strip(" $")
    found = _bracketed(text) if _BRACKETED.search(text) else _plain(text)
    rows = [[number_text(entry) for entry in row] for row in found if row]
    if not rows:
        raise ProblemError("there are no numbers in what was pasted", accepted=ACCEPTED)
    if len({len(row) for row in rows}) > 1:
        lengths = ", ".join(str(len(row)) for row in rows[:8])
        raise ProblemError(f"rows of several lengths: {lengths}", accepted=ACCEPTED)
    return rows


def _plain(text: str) -> list[list[str]]:
    """Lines of cells; tabs part them, else semicolons, spaces, or commas that are no decimals."""
    lines = [line for line in text.splitlines() if line.strip()]
    if any("\t" in line for line in lines):
        return [[cell.strip() for cell in line.rstrip("\t").split("\t")] for line in lines]
    if any("&" in line for line in lines):
        return [re.split(r"\s*&\s*", line.strip().removesuffix(r"\\").strip()) for line in lines]
    return [_cells(line) for line in lines]


def _cells(line: str) -> list[str]:
    if ";" in line:
        return [cell.strip() for cell in line.split(";") if cell.strip()]
    decimal = commas_are_decimal(line) or re.fullmatch(r"\s*[+-−]?\d+,\d+\s*", line)
    return line.split() if decimal else re.split(r"[\s,]+", line.strip(" \t,"))


def _bracketed(text: str) -> list[list[str]]:
    """Brackets as programs print them; semicolons and ends of lines part MATLAB's rows."""
    inner = re.fullmatch(r"\s*\[([^\[\]]*)\]\s*", text)
    if inner and re.search(r"[;\n]", inner[1]):
        rows = [part for part in re.split(r"[;\n]", inner[1].replace("...\n", " ")) if part.strip()]
        return [_cells(row) for row in rows]
    return _rows(parsed(text))


def _rows(tree: Tree) -> list[list[str]]:
    match tree:
        case Leaf(text):
            return [[text]]
        case Items((Items() as only,)) if any(isinstance(part, Items) for part in only.parts):
            return _rows(only)
        case Items(parts) if all(isinstance(part, Leaf) for part in parts):
            return [[part.text for part in parts if isinstance(part, Leaf)]]
        case Items(parts) if all(isinstance(part, Items) for part in parts):
            return [_row(part) for part in parts]
    raise ProblemError("this is no matrix", accepted=ACCEPTED)


def _row(tree: Any) -> list[str]:
    if not all(isinstance(part, Leaf) for part in tree.parts):
        raise ProblemError("lists nested deeper than a matrix", accepted=ACCEPTED)
    return [part.text for part in tree.parts]
