"""The text of a TOML or JSON file and what it holds, with errors at their lines."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from verifier import effort
from verifier.cells import catalogue
from verifier.errors import Place, ProblemError, place_at, shown
from verifier.problem.locate import is_json, second_key

Data = Mapping[str, Any]

DEEP = re.compile(
    rf"^[ \t\[]*(?:(?:[\w-]+|\"[^\"\n]*\"|'[^'\n]*')[ \t]*\.[ \t]*){{{effort.LEVELS}}}",
    re.MULTILINE,
)
"""A key of too many parts at the start of a line: TOML's reader takes their square."""


class Literal(str):
    """The text of a number that stood unquoted."""


def text_of(path: Path, wanted: str = "a problem file") -> str:
    """The text of a file whose name ends in .toml or .json; `wanted` is what errors ask for.

    Errors: ProblemError for what is no file, too large, or not UTF-8.
    """
    raw = _bytes(path, wanted)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        readable = raw.decode("utf-8", errors="replace")
        start = len(raw[: error.start].decode())
        place = place_at(readable, str(path), start, start + 1)
        raise ProblemError("this is not UTF-8", place, "a UTF-8 text") from None


def _bytes(path: Path, wanted: str) -> bytes:
    try:
        size = path.stat().st_size
        if not path.is_file():  # a pipe or a device may never end
            raise ProblemError(f"{path}: this is no file", accepted=wanted)
        if path.suffix.lower() not in (".toml", ".json"):
            raise ProblemError(f"{path}: the kind of file is not known", accepted=".toml or .json")
        if size > effort.SOURCE_BYTES:
            raise ProblemError(
                f"{path}: larger than {effort.SOURCE_BYTES} bytes", accepted="a smaller file"
            )
        return path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        if str(path).lower() in catalogue():
            what = f"{path} is a cell of the catalogue, no file"
            accepted = f"{wanted}; `verifier new {str(path).lower()}` writes one to start from"
            raise ProblemError(what, accepted=accepted) from None
        what = getattr(error, "strerror", None) or str(error)
        raise ProblemError(f"{path}: {what}", accepted=wanted) from None


def parsed(text: str, file: str, wanted: str = "a problem: cell, numbers, …") -> Data:
    """The tables and values of the text; numbers with a point are texts.

    Errors: ProblemError with the place of what cannot be read.
    """
    if not text.strip():
        raise ProblemError("the file is empty", Place(file, 1, 1), wanted)
    if not is_json(file) and (deep := DEEP.search(text)):
        raise _too_deep(place_at(text, file, *deep.span()))
    try:
        data = from_json(text) if is_json(file) else tomllib.loads(text, parse_float=Literal)
    except tomllib.TOMLDecodeError as error:
        raise ProblemError(*_toml_error(str(error), text, file)) from None
    except json.JSONDecodeError as error:
        place = place_at(text, file, error.pos, error.pos + 1)
        raise ProblemError(f"this is not JSON: {error.msg}", place) from None
    except TwiceError as error:
        what = f"the key {shown(error.args[0])} stands twice"
        raise ProblemError(what, second_key(text, file), "one value a key") from None
    except RecursionError:
        raise _too_deep(Place(file, 1, 1)) from None
    except ValueError as error:  # Python reads no integer of more than 4300 digits
        found = re.search(r"[\d_]{4000,}", text)
        place = place_at(text, file, *found.span()) if found else Place(file, 1, 1)
        what = "a number of too many digits" if found else shown(str(error))
        raise ProblemError(what, place) from None
    if not isinstance(data, dict):
        raise ProblemError("this is no table of keys", Place(file, 1, 1), '{"cell": …}')
    _check_data(data, text, file)
    return data


def _toml_error(message: str, text: str, file: str) -> tuple[str, Place]:
    found = re.search(r"\(at line (\d+), column (\d+)\)", message)
    what = f"this is not TOML: {message.split(' (at ')[0]}"
    if found is None:  # at the end of the document
        return what, place_at(text, file, len(text.rstrip()), len(text))
    line, column = map(int, found.groups())
    start = sum(len(part) + 1 for part in text.split("\n")[: line - 1]) + column - 1
    return what, place_at(text, file, start, start + 1)


def _too_deep(place: Place) -> ProblemError:
    return ProblemError("this is nested too deeply", place, f"{effort.LEVELS} levels")


class TwiceError(Exception):
    """A key that stands twice in an object of a JSON text."""


def from_json(text: str) -> Any:
    """What a JSON text holds, each number as the text that it is.

    Errors: JSONDecodeError, RecursionError; TwiceError for a key that stands twice.
    """
    return json.loads(
        text,
        parse_float=Literal,
        parse_int=Literal,
        parse_constant=Literal,
        object_pairs_hook=_pairs,
    )


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise TwiceError(name)
        found[name] = value
    return found


def _check_data(data: Data, text: str, file: str) -> None:
    """Refuse what later code should not meet: endless nesting, and halves of surrogate pairs."""
    waiting: list[tuple[Any, int]] = [(data, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > effort.LEVELS:
            raise _too_deep(Place(file, 1, 1))
        if isinstance(value, dict):
            waiting += ((part, depth + 1) for pair in value.items() for part in pair)
        elif isinstance(value, list):
            waiting += ((part, depth + 1) for part in value)
        elif isinstance(value, str) and not value.isascii() and SURROGATE.search(value):
            found = re.search(r"\\u[dD][89a-fA-F]", text)
            place = place_at(text, file, *found.span()) if found else Place(file, 1, 1)
            raise ProblemError("half of a surrogate pair", place, "characters of Unicode")


SURROGATE = re.compile("[\ud800-\udfff]")
