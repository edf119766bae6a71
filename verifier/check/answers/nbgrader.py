"""The cell of answers in an assignment of nbgrader: a dict of numbers by name, which is not run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from verifier import effort
from verifier.check.answers.collect import Collector
from verifier.check.answers.grammar import Locate
from verifier.check.answers.heads import heads_of
from verifier.check.answers.submitted import add_named
from verifier.errors import shown
from verifier.letters import plain_name

CELL, NAME = "answers", "answers"
"""The cell's id, by which nbgrader knows it, and the name that is assigned to."""


def is_asked(cell: Mapping[str, Any]) -> bool:
    """Whether a cell of a notebook is the cell of answers."""
    metadata = cell.get("metadata")
    told = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    found = isinstance(told, dict) and told.get("grade_id") == CELL and told.get("solution")
    return bool(found)


def add_asked(source: str, title: str, place: Locate, into: Collector) -> None:
    """Take in the answers of the cell; the assignment's name says which question they answer."""
    into.question, heads = plain_name(title), heads_of(into.labels)
    try:
        body = ast.parse(source[: effort.CELL_SOURCE]).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        into.complain(f"the cell of answers is no Python: {error}"[:200], place)
        return
    found = dict(pair for statement in body for pair in _assigned(statement))  # the last counts
    for name, value in found.items():
        text = _written(value, source)
        if text is None:
            what = f"{shown(name)} is worked out in the cell, which is not run"
            into.complain(f"{what} (accepted: a number)", place)
        else:
            add_named(name, text, heads, place, into)


def _assigned(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """What a statement assigns: answers = {…}, answers["s_1_0"] = …, answers.update({…})."""
    match statement:
        case ast.Assign([ast.Name(id)], ast.Dict() as pairs) if id == NAME:
            yield from _pairs(pairs)
        case ast.Assign([ast.Subscript(ast.Name(id), ast.Constant(str(key)))], value) if id == NAME:
            yield key, value
        case ast.Expr(ast.Call(ast.Attribute(ast.Name(id), "update"), [ast.Dict() as pairs])) if (
            id == NAME
        ):
            yield from _pairs(pairs)


def _pairs(pairs: ast.Dict) -> Iterator[tuple[str, ast.expr]]:
    for key, value in zip(pairs.keys, pairs.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value, value


def _written(value: ast.expr, source: str) -> str | None:
    """The text of a number as it was typed, with its zeros; None for anything else."""
    match value:
        case ast.Constant(str(text)):
            return text
        case ast.Constant(None):
            return ""
        case ast.Constant(int() | float()) | ast.UnaryOp(
            ast.USub() | ast.UAdd(), ast.Constant(int() | float())
        ):
            return ast.get_source_segment(source, value)
    return None
