"""A setting put into the text of a problem file, in which all else stays as it was."""

from __future__ import annotations

import re
from typing import Any

from verifier.problem.locate import Key, characters, found_at, is_json, names_of, spelled

HEADER = re.compile(r"[^\n]*")


def with_setting(text: str, file: str, table: str, name: str, value: int) -> str:
    """The text with `name = value` in a table of the file: in place of what is there, or new."""
    span = spelled(text, file, (table, name))
    if span is not None:
        return text[: span[0]] + str(value) + text[span[1] :]
    node = found_at(text, file, (table,))
    if is_json(file):
        return _in_json(text, file, node, table, f'"{name}": {value}')
    return _in_toml(text, node, table, f"{name} = {value}")


def _in_json(text: str, file: str, node: Any, table: str, setting: str) -> str:
    if node is None:
        node, setting = found_at(text, file, ()), f'"{table}": {{{setting}}}'
    return _opened(text, text.index("{", characters(text, node)[0]), setting)


def _in_toml(text: str, node: Any, table: str, setting: str) -> str:
    if node is not None and node.type == "inline_table":
        return _opened(text, characters(text, node)[0], setting)
    if node is not None and node.type == "table" and _names(node) == (table,):
        header = HEADER.match(text, characters(text, node)[0])
        at = header.end() if header else 0
        return f"{text[:at]}\n{setting}{text[at:]}"
    if node is not None and node.type not in ("table", "table_array_element"):
        at = text.rfind("\n", 0, characters(text, node)[0]) + 1  # beside rounding.places = 4
        return f"{text[:at]}{table}.{setting}\n{text[at:]}"
    return f"{text.rstrip()}\n\n[{table}]\n{setting}\n"


def _names(node: Any) -> Key:
    return names_of(node.named_children[0])


def _opened(text: str, at: int, setting: str) -> str:
    """The setting behind a bracket, and before what stands in it."""
    empty = text[at + 1 :].lstrip().startswith("}")
    return text[: at + 1] + setting + ("" if empty else ", ") + text[at + 1 :].lstrip(" ")
