"""The tables of a problem, with keys in the form that equations have their names in."""

from __future__ import annotations

import unicodedata

from verifier.errors import shown
from verifier.problem.model import KeyedError
from verifier.problem.source import Data

Key = tuple[str | int, ...]


def table_of(data: Data, name: str, above: Key = ()) -> Data:
    """The table of a name, its keys as Python's parser reads names; `above` is where it stands.

    Errors: KeyedError for what is no table, and for two keys that are one name.
    """
    value = data.get(name, {})
    key = (*above, name)
    if not isinstance(value, dict):
        where = ".".join(map(str, key))
        raise KeyedError(f"{name} is no table", key, f"[{where}] with a key for each name")
    first: dict[str, str] = {}
    for written in value:
        # Python's parser reads names in this normal form, so the keys must have it too.
        same = first.setdefault(unicodedata.normalize("NFKC", written), written)
        if same != written:
            raise KeyedError(_twice(same, written), (*key, written), "one value a name")
    return {normal: value[written] for normal, written in first.items()}


def _twice(first: str, second: str) -> str:
    codes = (" ".join(f"U+{ord(sign):04X}" for sign in key[:8]) for key in (first, second))
    one, two = codes
    return f"{shown(first)} ({one}) and {shown(second)} ({two}) are one name"
