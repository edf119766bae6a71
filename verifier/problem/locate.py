"""The place of a key in a TOML or JSON text, found by a grammar that keeps positions.

tomllib and json keep no positions, so this runs when an error is to be shown, and only then.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from typing import Any

from verifier.errors import Place, place_at

Key = tuple[str | int, ...]


def is_json(file: str) -> bool:
    """Whether the file's name is that of a JSON file."""
    return file.lower().endswith(".json")


@dataclass(frozen=True)
class Written:
    """The text that a problem was read from, so that what fails later has a place in it."""

    text: str
    file: str
    equations: bool  # whether they stand in it; else a cell of the catalogue is named

    def place(self, inner: Place | None, otherwise: Key = ("cell",)) -> Place:
        """The place in the file of one in its equations."""
        if not self.equations:
            return locate(self.text, self.file, otherwise)
        if inner is None:
            return locate(self.text, self.file, ("equations",))
        at = inner.line, inner.column, inner.width
        return locate_inside(self.text, self.file, ("equations",), *at)

    def key(self, *key: str) -> Place:
        """The place in the file of the value at a key."""
        return locate(self.text, self.file, key)


def locate(text: str, file: str, key: Key) -> Place:
    """The place of the value at `key`, or of the longest part of the key that is there."""
    start, end = _span(text, file, key) or (0, 1)
    return place_at(text, file, start, end)


def locate_inside(text: str, file: str, key: Key, line: int, column: int, width: int) -> Place:
    """The place in the file of a line and column of the text at `key`, escapes counted."""
    span = _span(text, file, key)
    if span is None:
        return place_at(text, file, 0, 1)
    where = _positions(text[span[0] : span[1]])
    value = "".join(letter for letter, _ in where)
    begins = [0, *(found.end() for found in re.finditer(r"\r\n|\r|\n", value))]
    start = begins[min(line, len(begins)) - 1] + column - 1
    ends = [at for _, at in where] + [span[1] - span[0] - 1]
    first, last = (ends[min(at, len(where))] for at in (start, start + width))
    return place_at(text, file, span[0] + first, span[0] + last)


def second_key(text: str, file: str) -> Place:
    """The place of the first key of a JSON text that stands twice in its object."""
    waiting = [_root(text, file)]
    while waiting:
        node = waiting.pop()
        seen: set[Key] = set()
        for child in node.named_children:
            name = names_of(child.named_children[0]) if child.type == "pair" else ()
            if name and name in seen:
                return place_at(text, file, *characters(text, child.named_children[0]))
            seen.add(name)
        waiting += reversed(node.named_children)
    return place_at(text, file, 0, 1)


def _span(text: str, file: str, key: Key) -> tuple[int, int] | None:
    """Where the value at the longest part of the key begins and ends, in characters."""
    root = _root(text, file)
    found = (_find(root, key[:length]) for length in range(len(key), 0, -1))
    node = next((node for node in found if node is not None), None)
    return characters(text, node) if node is not None else None


def spelled(text: str, file: str, key: Key) -> tuple[int, int] | None:
    """Where the number at exactly this key begins and ends, in characters; None without one."""
    node = _find(_root(text, file), key)
    plain = node is not None and node.type in ("integer", "float", "number", "string")
    return characters(text, node) if plain else None


def found_at(text: str, file: str, key: Key) -> Any:
    """The node of the grammar at exactly this key; None without one."""
    return _find(_root(text, file), key)


def characters(text: str, node: Any) -> tuple[int, int]:
    """Where a node begins and ends; the grammar counts bytes."""
    coded = text.encode()
    start = len(coded[: node.start_byte].decode(errors="replace"))
    return start, start + len(coded[node.start_byte : node.end_byte].decode(errors="replace"))


CONSTANT = re.compile(r'("(?:[^"\\]|\\.)*+"?)|-?Infinity|NaN')
"""What Python's json reads and JSON's grammar does not, outside of strings."""


def _root(text: str, file: str) -> Any:
    import tree_sitter

    grammar: Any
    if is_json(file):
        text = CONSTANT.sub(lambda found: found[1] or "1" * len(found[0]), text)
        import tree_sitter_json as grammar
    else:
        import tree_sitter_toml as grammar
    language = tree_sitter.Language(grammar.language())
    return tree_sitter.Parser(language).parse(text.encode()).root_node


def _find(node: Any, key: Key) -> Any:
    """The node of the value at `key` below `node`: a depth-first search over pairs and tables."""
    if not key:
        return node
    if node.type == "array":
        parts = [part for part in node.named_children if part.type != "comment"]
        index = key[0]
        if isinstance(index, int) and index < len(parts):
            return _find(parts[index], key[1:])
        return None
    seen = 0
    for child in node.named_children:
        rest = _behind(child, key)
        if rest is not None:
            seen += 1
            if seen == int(rest[0]) + 1:
                return _find(child, rest[1:])
            continue
        found = _in_child(child, key)
        if found is not None:
            return found
    return None


def _behind(child: Any, key: Key) -> Key | None:
    """What of the key follows the name of a `[[table]]`: an index, and a key in that table."""
    if child.type != "table_array_element" or not child.named_children:
        return None
    names = names_of(child.named_children[0])
    rest = key[len(names) :]
    counted = key[: len(names)] == names and rest and isinstance(rest[0], int)
    return rest if counted else None


def _in_child(child: Any, key: Key) -> Any:
    if child.type == "object":
        return _find(child, key)
    if child.type not in ("pair", "table", "table_array_element") or not child.named_children:
        return None
    names = names_of(child.named_children[0])
    parts = [part for part in child.named_children if part.type != "comment"]
    if child.type == "pair" and key == names[: len(key)]:
        return parts[-1]
    if key[: len(names)] != names:
        return child if key == names[: len(key)] else None
    rest = key[len(names) :]
    return _find(parts[-1] if child.type == "pair" else child, rest)


def names_of(node: Any) -> Key:
    """The parts of a key; those of a dotted one nest to the left, however many they are."""
    parts: list[str] = []
    while node.type == "dotted_key":
        parts.append(_name(node.named_children[-1]))
        node = node.named_children[0]
    return (_name(node), *reversed(parts))


def _name(node: Any) -> str:
    text: str = node.text.decode(errors="replace")
    try:
        if node.type == "quoted_key":
            return next(iter(tomllib.loads(f"{text} = 0")))
        return str(json.loads(text)) if node.type == "string" else text
    except ValueError:  # no key after all: the grammar reads on after an error, the parsers do not
        return text


ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|u\w{4}|U\w{8}|[ \t]*\r?\n\s*|.)", re.ASCII
)


def _positions(raw: str) -> list[tuple[str, int]]:
    """Every character that a quoted text stands for, with its place in the source.

    Of escaped characters, only line ends matter here; another one is shown as "?".
    """
    quotes = 3 if raw[:3] in ('"""', "'''") else 1
    at, stop = quotes, len(raw) - quotes
    if quotes == 3:
        at += 2 if raw[3:5] == "\r\n" else raw[3] == "\n"
    found: list[tuple[str, int]] = []
    while at < stop:
        escape = ESCAPE.match(raw, at, stop) if raw[0] == '"' else None
        letter = _LETTERS.get(escape[0], "?") if escape else raw[at]
        if escape is None or not escape[0][1:].isspace():  # a joined line stands for nothing
            found.append((letter, at))
        at += len(escape[0]) if escape else 1
    return found


_LETTERS = {r"\n": "\n", r"\r": "\r", r"\u000a": "\n", r"\u000A": "\n", r"\u000d": "\r"}
