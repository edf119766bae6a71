"""The place of a key in a TOML or JSON text, found by a grammar that keeps positions.

tomllib and json keep no positions, so this runs when an error is to be shown, and only then.
"""

from __future__ import annotations

import json
import tomllib
from typing import Any

from verifier.errors import Place

Key = tuple[str | int, ...]


def locate(text: str, file: str, key: Key) -> Place:
    """The place of the value at `key`, or of the longest part of the key that is there."""
    node, found = _root(text, file), None
    best = _find(node, key) if key else None
    while key and best is None:
        key = key[:-1]
        best = _find(node, key) if key else None
    found = best or node
    row, column = found.start_point
    lines = text.splitlines() or [""]
    line = lines[row] if row < len(lines) else ""
    shown = len(line.encode()[:column].decode(errors="ignore"))
    end = found.end_point[1] if found.end_point[0] == row else len(line)
    width = max(1, min(end - column, len(line) - shown)) if best is not None else 1
    return Place(file, row + 1, shown + 1, line, width)


def _root(text: str, file: str) -> Any:
    import tree_sitter

    if file.endswith(".json"):
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
        return _find(parts[index], key[1:]) if isinstance(index, int) and index < len(parts) else None
    for child in node.named_children:
        found = _in_child(child, key)
        if found is not None:
            return found
    return None


def _in_child(child: Any, key: Key) -> Any:
    if child.type == "object":
        return _find(child, key)
    if child.type not in ("pair", "table", "table_array_element"):
        return None
    names = _names(child.named_children[0])
    if key[: len(names)] != names:
        return None
    rest = key[len(names) :]
    if child.type == "pair":
        return _find(child.named_children[-1], rest) if rest else child.named_children[-1]
    return _find(child, rest) if rest else child


def _names(node: Any) -> Key:
    text = node.text.decode()
    if node.type == "dotted_key":
        return tuple(name for part in node.named_children for name in _names(part))
    if node.type == "quoted_key":
        return tuple(tomllib.loads(f"{text} = 0"))
    return (json.loads(text),) if node.type == "string" else (text,)
