"""The problem that a request asks about: the keys of a problem file, entries as they are typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from verifier.errors import EquationError, VerifierError
from verifier.problem import KeyedError, Problem
from verifier.problem.read import NUMBERED, from_data, given_key
from verifier.problem.source import Data, Literal
from verifier.serve.filed import toml_text

_COMMA = re.compile(r"([+-]?\d+),(\d+(?:[eE][+-]?\d+)?)")


def problem_of(data: Data) -> Problem:
    """The problem of a request's data; its hash is that of the file that `toml_text` makes of it.

    Errors: KeyedError at the key that cannot be used, files among them: a page reads none.
    """
    data = typed(data)
    problem = from_data(data, _no_folder(data), toml_text(data).encode())
    return replace(problem, stem="problem")


def typed(data: Data) -> dict[str, Any]:
    """The data with numbers as files have them: a decimal comma is a point, a long minus short."""
    tables = {name: _entries(data[name]) for name in NUMBERED if name in data}
    return {**data, **tables}


def _entries(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _entries(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_entries(part) for part in value]
    return number_text(value) if isinstance(value, str) else value


def number_text(text: str) -> str:
    """A typed number with a point and a minus of ASCII; what is none stays as it is.

    >>> number_text(" −0,35 "), number_text("1,2,3")
    ('-0.35', '1,2,3')
    """
    plain = text.strip().replace("−", "-")
    found = _COMMA.fullmatch(plain)
    plain = f"{found[1]}.{found[2]}" if found else plain
    return Literal(plain) if isinstance(text, Literal) else plain


def _no_folder(data: Data) -> Any:
    from pathlib import Path

    for section in NUMBERED:
        table = data.get(section, {})
        values = table.items() if isinstance(table, dict) else ()
        for name, value in values:
            if name == "file" or isinstance(value, dict):
                what = "the page reads no files of this machine"
                raise KeyedError(what, (section, name), "numbers; or `verifier solve` for files")
    return Path()


def error_data(error: VerifierError, data: Data) -> dict[str, Any]:
    """An error as the page shows it: what, what would be accepted, and the key or place of it."""
    told: dict[str, Any] = {"what": error.what, "accepted": error.accepted}
    if isinstance(error, KeyedError):
        return told | {"key": list(error.key)} | _inside(error)
    if isinstance(error, EquationError):
        key = () if "equations" in data else given_key(error.about, data)
        return (
            told
            | {"key": list(key or ("equations" if "equations" in data else "cell",))}
            | (_spot(error) if "equations" in data else {})
        )
    return told | {"key": []}


def _inside(error: KeyedError) -> dict[str, Any]:
    place = error.inside
    return {"line": place.line, "column": place.column} if place else {}


def _spot(error: VerifierError) -> dict[str, Any]:
    place = error.place
    if place is None:
        return {}
    return {"line": place.line, "column": place.column, "width": place.width}


def blanked(data: Data) -> Mapping[str, Any]:
    """The data with a zero for every entry, so that equations print while numbers are typed."""
    return {**data, **{name: _zeros(data[name]) for name in NUMBERED if name in data}}


def _zeros(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _zeros(part) for name, part in value.items()}
    return [_zeros(part) for part in value] if isinstance(value, list) else "0"
