"""Answers in Jupyter notebooks (nbformat 3 and 4): read from their outputs, never run.

What a value is called comes from the value (a dict's keys), from the text before it, or from the
cell's source: its last expression, or the arguments of its calls of print, in order. When a number
is printed again and both prints agree, the later one stands. An assignment that `verifier export
--to nbgrader` wrote is read from its cell of answers alone.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from verifier import effort
from verifier.check.answers.collect import Collector
from verifier.check.answers.grammar import Tree
from verifier.check.answers.nbgrader import add_asked, is_asked
from verifier.check.answers.prints import add_prints
from verifier.errors import Place, ProblemError, place_at
from verifier.problem.locate import locate

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

Key = tuple[str | int, ...]


def add_notebook(text: str, file: str, into: Collector) -> None:
    """Take in what the cells of a notebook show.

    Errors: ProblemError for what is no notebook.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        place = place_at(text, file, error.pos, error.pos + 1)
        raise ProblemError(f"this notebook is not JSON: {error.msg}", place) from None
    except (RecursionError, ValueError):
        raise ProblemError("this notebook cannot be read", Place(file, 1, 1)) from None
    cells = _cells(data)
    if cells is None:
        what = "this is no notebook: it has no list of cells"
        raise ProblemError(what, Place(file, 1, 1), "a file of Jupyter, nbformat 3 or 4")
    asked = [one for one in enumerate(cells, 1) if is_asked(one[1][1])]
    for number, (key, cell) in asked:
        where = partial(_located, (text, file), (*key, "source"), number)
        add_asked(_text(cell.get("source", "")), Path(file).stem, where, into)
    for number, (key, cell) in () if asked else enumerate(cells, 1):
        _cell(number, key, cell, (text, file), into)


def _cells(data: Any) -> list[tuple[Key, Mapping[str, Any]]] | None:
    """The code cells with the keys that they have in the file."""
    if not isinstance(data, dict):
        return None
    found: list[tuple[Key, Any]] = []
    if isinstance(data.get("cells"), list):
        found = [(("cells", k), cell) for k, cell in enumerate(data["cells"])]
    elif isinstance(data.get("worksheets"), list):
        for k, sheet in enumerate(data["worksheets"]):
            cells = sheet.get("cells", []) if isinstance(sheet, dict) else []
            found += [(("worksheets", k, "cells", i), cell) for i, cell in enumerate(cells)]
    else:
        return None
    return [(key, cell) for key, cell in found if isinstance(cell, dict)]


def _cell(
    number: int, key: Key, cell: Mapping[str, Any], source: tuple[str, str], into: Collector
) -> None:
    outputs = cell.get("outputs")
    if not isinstance(outputs, list):
        return
    code = _Code(_text(cell.get("source", cell.get("input", "")))[: effort.CELL_SOURCE])
    for k, output in enumerate(outputs):
        if not isinstance(output, dict):
            continue
        shown, inner = _shown(output)
        place = partial(_located, source, (*key, "outputs", k, *inner), number)
        if len(shown) > effort.OUTPUT:
            what = f"an output of {len(shown)} characters was not read (at most {effort.OUTPUT})"
            into.complain(what, place)
        elif shown.strip():
            names = _Names(code, printed=output.get("output_type") == "stream")
            add_prints(ANSI.sub("", shown), place, into, names)


def _shown(output: Mapping[str, Any]) -> tuple[str, Key]:
    """The text of an output, and where in the output it stands; errors show none."""
    kind = output.get("output_type")
    if kind == "stream" and output.get("name", output.get("stream")) != "stderr":
        return _text(output.get("text", "")), ("text",)
    data = output.get("data")
    if isinstance(data, dict) and "text/plain" in data:
        return _text(data["text/plain"]), ("data", "text/plain")
    return (_text(output.get("text", "")), ("text",)) if kind == "pyout" else ("", ())


def _text(value: Any) -> str:
    """A text that may be stored as a list of lines."""
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _located(source: tuple[str, str], key: Key, cell: int, at: Any) -> Place:
    """Where an output stands in the file, its cell named; in a very large file, by that only."""
    text, file = source[0], f"{source[1]} (cell {cell})"
    return Place(file, 1, 1) if len(text) > effort.LOCATED else locate(text, file, key)


class _Code:
    """The source of a cell, read once for all of its outputs."""

    def __init__(self, code: str) -> None:
        self.code = code

    @cached_property
    def body(self) -> list[ast.stmt]:
        """Its statements."""
        return _statements(self.code)

    @cached_property
    def printed(self) -> list[Sequence[str]]:
        """The names of what its calls of print show."""
        return list(_printed(self.body))

    @cached_property
    def last(self) -> list[Sequence[str]]:
        """The names in its last expression."""
        return list(_last(self.body))


class _Names:
    """What a cell's source calls the values that it shows without a name."""

    def __init__(self, code: _Code, printed: bool) -> None:
        self.names = code.printed if printed else []
        self.last = () if printed else code.last

    def __call__(self, count: int, tree: Tree) -> Sequence[Sequence[str]]:
        if self.last:
            return self.last if count == 0 else ()
        return self.names[count : count + 1]


def _statements(code: str) -> list[ast.stmt]:
    lines = [line for line in code.splitlines() if not line.lstrip().startswith(("%", "!"))]
    try:
        return ast.parse("\n".join(lines)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _last(body: Sequence[ast.stmt]) -> Iterator[Sequence[str]]:
    """The names in the last expression, one path for each part of a tuple."""
    if body and isinstance(body[-1], ast.Expr):
        shown = body[-1].value
        for part in shown.elts if isinstance(shown, ast.Tuple) else [shown]:
            yield _path(part)


def _printed(body: Sequence[ast.stmt]) -> Iterator[Sequence[str]]:
    """The names of what calls of print show, where no text is printed with it."""
    for statement in body:
        match statement:
            case ast.Expr(ast.Call(ast.Name("print"), arguments)) if not any(
                isinstance(part, ast.Constant | ast.JoinedStr) for part in arguments
            ):
                yield from map(_path, arguments)


def _path(node: ast.expr, most: int = effort.NAMES) -> Sequence[str]:
    """The names in an expression: output['t1'] has output and t1; none where there are too many."""
    if not most:
        return ()
    match node:
        case ast.Name(name):
            return (name,)
        case ast.Subscript(value, ast.Constant(key)):
            return (*_path(value, most - 1), f"[{key}]" if isinstance(key, int) else str(key))
        case ast.Attribute(value, name):
            return (*_path(value, most - 1), name)
        case ast.Call(_, [first, *_]):  # np.round(z_t1, 4)
            return _path(first, most - 1)
        case ast.Call(ast.Attribute(value)):  # z_t1.round()
            return _path(value, most - 1)
    return ()
