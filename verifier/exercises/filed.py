"""The files of a variant: a problem file that is complete by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from verifier.errors import ProblemError, shown
from verifier.exercises.plan import SECTIONS
from verifier.numbers import Numbers
from verifier.problem import Problem, loads
from verifier.problem.source import Literal, parsed

BARE = re.compile(r"[A-Za-z0-9_-]+")
PLAIN = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
"""Numbers that TOML takes as they are."""


def variant_text(base: Problem, variant: Problem, title: str) -> str:
    """The text of a variant's problem file: the problem's own with other numbers.

    Errors: ProblemError for a problem that has no file.
    """
    return "\n".join(_lines(_data(base, variant, title))) + "\n"


def variant_problem(text: str, folder: Path, like: Problem) -> Problem:
    """The problem in a variant's file, with what the command line changed of the question."""
    path = folder / "problem.toml"
    found = loads(text, str(path), folder, "problem")
    return replace(found, only=like.only, files=(path, *found.files))


def beside(base: Problem) -> tuple[tuple[str, Path], ...]:
    """The files of arrays that variants need beside them: how they are named, and where they are.

    Errors: ProblemError for one that lies elsewhere than beside or below the problem.
    """
    if not base.files:
        return ()
    folder = base.files[0].parent.resolve()
    return tuple((_below(path, folder), path) for path in base.files[1:])


def _below(path: Path, folder: Path) -> str:
    try:
        return path.resolve().relative_to(folder).as_posix()
    except ValueError:
        what = f"{path} does not lie beside the problem: no variant is complete without it"
        raise ProblemError(what, accepted="arrays in the problem's folder") from None


def _data(base: Problem, variant: Problem, title: str) -> dict[str, Any]:
    if base.written is None:
        raise ProblemError("the problem has no file", accepted="a problem from a file")
    data = dict(parsed(base.written.text, base.written.file))
    data.pop("vary", None)
    data["title"] = title
    data["rounding"] = _rounding(variant, data.get("rounding", {}))
    if variant.detail != base.detail:
        data["detail"] = variant.detail
    if "steps" in data:
        data["steps"] = variant.steps
    for section in SECTIONS:
        data |= _section(base, variant, section, data)
    return data


def _rounding(variant: Problem, own: Mapping[str, Any]) -> dict[str, Any]:
    """The rule that holds, with the command line's changes, and what is to be carried."""
    rule, known = variant.rounding, ("places", "figures", "mode", "policy", "carry")
    count = {"figures": rule.figures} if rule.places is None else {"places": rule.places}
    said = {"mode": rule.mode} if variant.states_ties or "mode" in own else {}
    carry = {} if variant.carry is None else {"carry": variant.carry}
    rules = {n: table for n, table in own.items() if n not in known and variant.rules}
    return {**count, **said, "policy": variant.policy.kind, **carry, **rules}


def _section(
    base: Problem, variant: Problem, section: str, data: Mapping[str, Any]
) -> dict[str, Any]:
    """A section with the numbers that differ written out; files of arrays stay named."""
    before: Mapping[str, Numbers] = getattr(base, section)
    after: Mapping[str, Numbers] = getattr(variant, section)
    new = {n: nested(x) for n, x in after.items() if x.texts and x is not before.get(n)}
    own = data.get(section, {})
    spelt = {name: key for key in own for name in new if _same(key, name)}
    changed = {spelt.get(name, name): value for name, value in new.items()}
    every = len(new) == len(after)  # then no file of arrays is needed
    return {section: {**({} if every else own), **changed}} if new else {}


def _same(key: str, name: str) -> bool:
    from unicodedata import normalize

    return normalize("NFKC", key) == name


def nested(numbers: Numbers) -> Any:
    """Numbers as nested lists of their texts."""
    found: list[Any] = [_number(text) for text in numbers.texts]
    for side in reversed(numbers.shape[1:]):
        found = [found[k : k + side] for k in range(0, len(found), side)]
    return found if numbers.shape else found[0]


def _number(text: str) -> str:
    return Literal(text) if PLAIN.fullmatch(text) else text


def _lines(table: Mapping[str, Any], above: Sequence[str] = ()) -> Iterator[str]:
    """A table in TOML: its values, then its tables."""
    for key, value in table.items():
        if not isinstance(value, dict):
            yield f"{_key(key)} = {_value(value)}"
    for key, value in table.items():
        if isinstance(value, dict):
            yield f"\n[{'.'.join(map(_key, (*above, key)))}]"
            yield from _lines(value, (*above, key))


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else _quoted(key)


def _value(value: Any) -> str:
    match value:
        case Literal():
            return str(value) if PLAIN.fullmatch(value) else _quoted(value)
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str():
            return _quoted(value)
        case date():
            return value.isoformat()
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case dict():
            return f"{{{', '.join(f'{_key(k)} = {_value(v)}' for k, v in value.items())}}}"
    raise ProblemError(f"{shown(value)} cannot be written", accepted="texts, numbers and lists")


def _quoted(text: str) -> str:
    """The text between quotes; TOML knows JSON's escapes, and wants one for DEL, too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
