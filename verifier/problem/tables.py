"""The tables of a problem, with keys in the form that equations have their names in."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable

from verifier.errors import VerifierError, shown
from verifier.problem.keyed import KeyedError
from verifier.problem.source import Data, Literal

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

    def refused(what: str, written: str) -> KeyedError:
        return KeyedError(what, (*key, written), "one value a name")

    return {normal: value[written] for normal, written in normal_forms(value, refused).items()}


def whole(data: Data, key: Key, least: int, most: int) -> int:
    """The whole number at a key, the last part of which is one of the data.

    Errors: KeyedError for what is none, or not from `least` to `most`.
    """
    value = data[key[-1]]  # type: ignore[index]
    try:
        if isinstance(value, bool) or not isinstance(value, int | Literal):
            raise ValueError
        number = int(value)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        accepted = f"a whole number from {least} to {most}"
        raise KeyedError(f"{key[-1]} = {shown(value)}", key, accepted)
    return number


def normal_forms(
    names: Iterable[str], refused: Callable[[str, str], VerifierError]
) -> dict[str, str]:
    """The names by the form in which equations have them, which Python's parser makes of names.

    Errors: what `refused` makes of two that are one name, and of the second.
    """
    first: dict[str, str] = {}
    for written in names:
        same = first.setdefault(unicodedata.normalize("NFKC", written), written)
        if same != written:
            raise refused(_twice(same, written), written)
    return first


def _twice(first: str, second: str) -> str:
    codes = (" ".join(f"U+{ord(sign):04X}" for sign in key[:8]) for key in (first, second))
    one, two = codes
    return f"{shown(first)} ({one}) and {shown(second)} ({two}) are one name"
