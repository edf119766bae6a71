"""The numbers of a section: typed ones, and those of files beside the problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verifier.errors import VerifierError, shown
from verifier.numbers import Numbers
from verifier.problem.keyed import KeyedError
from verifier.problem.source import Data, Literal
from verifier.problem.tables import table_of

RESERVED = ("file", "select", "map")
"""Keys of a section that has a file: they are not names there."""

Typed = Callable[[Any, tuple[str, str]], Numbers]


@dataclass(frozen=True)
class Section:
    """A section's numbers, the files that they are from, and bytes that tell these apart."""

    numbers: Mapping[str, Numbers]
    files: tuple[Path, ...] = ()
    told: tuple[bytes, ...] = ()


def section_of(table: Data, name: str, folder: Path, typed: Typed) -> Section:
    """The numbers of a section; `typed` reads those that stand in the problem.

    With `file`, arrays have the names of the equations; `select` is what their names begin with in
    the file, and `map` says which part of which array a name has. A name has a file of its own as
    {file = …} or {file = …, map = …}. Errors: KeyedError at the key that cannot be used.
    """
    section = Section({})
    if "file" in table:
        section = _from_file(table, (name,), folder)
        table = {key: value for key, value in table.items() if key not in RESERVED}
    for key, value in table.items():
        if key in section.numbers:
            what = f"{key} is in {shown(section.files[0].name)} too"
            raise KeyedError(what, (name, key), "one value a name")
        if isinstance(value, dict) and "file" in value:
            section = _joined(section, _alone(value, (name, key), folder))
        else:
            section = _joined(section, Section({key: typed(value, (name, key))}))
    return section


def _joined(one: Section, other: Section) -> Section:
    numbers = {**one.numbers, **other.numbers}
    return Section(numbers, one.files + other.files, one.told + other.told)


def _alone(value: Data, key: tuple[str, str], folder: Path) -> Section:
    """The numbers of one name that has a file of its own."""
    for unknown in (k for k in value if k not in ("file", "map")):
        raise KeyedError(f"unknown key {shown(unknown)}", (*key, unknown), "file, map")
    part = _text(value, "map", key) if "map" in value else Path(_text(value, "file", key)).stem
    return _from_file({**value, "map": {key[1]: part}}, key, folder, of_table=False)


def _from_file(table: Data, key: tuple[str, ...], folder: Path, of_table: bool = True) -> Section:
    from verifier.problem.headers import PLAIN
    from verifier.problem.weights import (
        SEQUENCES,
        MapError,
        load_mapped,
        load_selected,
        load_weights,
    )

    path = folder / _text(table, "file", key)
    prefix = _text(table, "select", key) if "select" in table else ""
    limits = SEQUENCES if key[0] == "inputs" else PLAIN
    parts = _map(table, key) if "map" in table else None
    try:
        if parts is not None:
            found, told = load_mapped(path, prefix, parts)
        elif prefix:
            found, told = load_selected(path, prefix, limits)
        else:
            found, told = load_weights(path, limits)
    except MapError as error:
        at = (*key, "map", error.name) if of_table else key
        raise KeyedError(error.what, at, error.accepted) from None
    except VerifierError as error:
        raise KeyedError(error.what, (*key, "file"), error.accepted) from None
    return Section(found, (path,), (told,))


def _map(table: Data, key: tuple[str, ...]) -> dict[str, str]:
    parts = table_of(table, "map", key)
    return {name: _text(parts, name, (*key, "map")) for name in parts}


KINDS = {"file": "the name of a file of arrays", "select": "what names of arrays begin with"}


def _text(table: Data, name: str, key: tuple[str, ...]) -> str:
    value = table[name]
    if not isinstance(value, str) or isinstance(value, Literal):
        accepted = KINDS.get(name, "an array's name, such as w, or a part of it: w[0:3].T")
        raise KeyedError(f"{name} is no text", (*key, name), accepted)
    return value
