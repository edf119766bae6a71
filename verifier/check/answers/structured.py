"""Answers in TOML and JSON: keys say the quantity and the step, in any order of nesting.

A list of rows with step, name, index and value (or `rounded`, as `verifier solve` writes) is read
as well. A TOML file that breaks its grammar is read line by line, and complained of.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from verifier import effort
from verifier.check.answers.collect import Collector
from verifier.check.answers.grammar import Items, Leaf, Pairs, Piece, Table, Tree
from verifier.check.answers.numbas import add_attempts
from verifier.check.answers.prints import add_prints
from verifier.errors import Place, ProblemError, place_at
from verifier.problem.locate import locate, second_key

Key = tuple[str | int, ...]
TWICE: Key = ("", -1)
"""Where a key stands for the second time: no key tells that place from the first."""

_PART = r"""(?:[\w\-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""
DOTTED = re.compile(rf"(?<![\w\-.])(?:{_PART}){{{effort.KEY_PARTS}}}+")
"""A key of so many parts that Python's reader, which takes their square, would be slow."""

IGNORED = ("title", "course", "date", "problem", "rounding", "version", "comment", "notes")


def add_toml(text: str, file: str, into: Collector) -> None:
    """Take in the answers of a TOML text."""
    try:
        if DOTTED.search(text):
            raise ValueError(f"a key of more than {effort.KEY_PARTS} parts")
        data = tomllib.loads(text, parse_float=str)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line, column = map(int, found.groups()) if found else (1, 1)
        lines = text.splitlines() or [""]
        place = Place(file, line, column, lines[min(line, len(lines)) - 1])
        what = f"this is not TOML: {str(error).split(' (at ')[0]}"
        into.complain(f"{what}; what could be read of its lines is judged", lambda at: place)
        add_prints(text, lambda at: place_at(text, file, at, at + 1), into)
        return
    _add(data, text, file, into)


def add_json(text: str, file: str, collectors: Mapping[str, Collector]) -> None:
    """Take in the answers of a JSON text; of a key that stands twice, both values.

    What Numbas stored of attempts is of as many people. Errors: ProblemError for what is no JSON.
    """
    try:
        data = json.loads(
            text, object_pairs_hook=Pairs, parse_float=str, parse_int=str, parse_constant=str
        )
    except json.JSONDecodeError as error:
        place = place_at(text, file, error.pos, error.pos + 1)
        raise ProblemError(f"this is not JSON: {error.msg}", place) from None
    except RecursionError:
        raise ProblemError("this is nested too deeply", Place(file, 1, 1)) from None
    if not add_attempts(data, file, collectors):
        _add(data, text, file, collectors[""])


def _add(data: Any, text: str, file: str, into: Collector) -> None:
    place = _locator(text, file)
    tree = _tree(data)
    if isinstance(tree, Table):
        pairs = [pair for pair in tree.pairs if pair[0] not in IGNORED]
        persons = [pair for pair in pairs if pair[0] == "person" and isinstance(pair[1], Leaf)]
        for _, value in persons:
            into.named(value.text)  # type: ignore[union-attr]
        kept = tuple(pair for pair in pairs if pair not in persons)
        rows = dict(kept).get("rows")
        tree = rows if isinstance(rows, Items) else replace(tree, pairs=kept)
    into.add(Piece((), tree, place))


def _locator(text: str, file: str) -> Callable[[Any], Place]:
    def place(key: Any) -> Place:
        if key == TWICE:
            return second_key(text, file)
        return locate(text, file, key if isinstance(key, tuple) else ())

    return place


def _pairs(data: Pairs, key: Key) -> Iterator[tuple[str, Tree]]:
    seen: set[str] = set()
    for name, part in data:
        yield name, _tree(part, TWICE if name in seen else (*key, name))
        seen.add(name)


def _tree(data: Any, key: Key = ()) -> Tree:
    if len(key) > effort.ANSWER_LEVELS:
        raise ProblemError(f"tables nested deeper than {effort.ANSWER_LEVELS}")
    if isinstance(data, dict):
        data = Pairs(data.items())
    if isinstance(data, Pairs):
        return Table(tuple(_pairs(data, key)), key)
    if isinstance(data, list):
        return Items(tuple(_tree(part, (*key, k)) for k, part in enumerate(data)), key)
    return Leaf("" if data is None else str(data), key)
