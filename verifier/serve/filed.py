"""A problem's data as the text of a problem file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from verifier.problem.read import NUMBERED
from verifier.problem.source import Data, Literal

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_DECIMAL = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.\d+)?")


def toml_text(data: Data) -> str:
    """The TOML text of a problem's data; reading it gives the data again."""
    return "\n".join(_table(data, ())).strip("\n") + "\n"


def json_text(data: Data) -> str:
    """The JSON text of a problem's data."""
    return json.dumps(plain(data), ensure_ascii=False, indent=1) + "\n"


def plain(value: Any) -> Any:
    """The data as JSON holds it: whole numbers that stood unquoted are numbers, the rest texts."""
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, Literal):
        return int(value) if re.fullmatch(r"-?\d{1,9}", value) else str(value)
    return value.isoformat() if isinstance(value, date) else value


def _table(data: Data, key: tuple[str, ...]) -> Iterator[str]:
    """The lines of a table: its own values, then the tables in it."""
    if key:
        yield f"\n[{'.'.join(map(_key, key))}]"
    numbers = bool(key) and key[0] in NUMBERED
    for name, value in data.items():
        if not isinstance(value, dict):
            yield f"{_key(name)} = {_value(value, numbers)}"
    for name, value in data.items():
        if isinstance(value, dict):
            yield from _table(value, (*key, name))


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _quoted(name)


def _value(value: Any, number: bool = False) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_value(part, number) for part in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and (number or isinstance(value, Literal)):
        return value if _DECIMAL.fullmatch(value) else _quoted(value)
    if isinstance(value, str):
        return f"'''\n{value}'''" if _is_block(value) else _quoted(value)
    return str(value)


def _is_block(text: str) -> bool:
    """Whether a text of several lines can stand as it is."""
    return "\n" in text and "'" not in text and text.replace("\n", "").isprintable()


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
