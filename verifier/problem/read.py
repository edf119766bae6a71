"""Problems from files: TOML, or JSON with the same keys."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from verifier import cells
from verifier.errors import EquationError, Place, ProblemError, VerifierError, nearest
from verifier.language.parse import parse
from verifier.numbers import Numbers
from verifier.problem.locate import locate
from verifier.problem.model import DETAILS, KeyedError, Notation, Problem
from verifier.problem.weights import load_weights
from verifier.rewrites import column
from verifier.rounding import Policy, Rounding

MAX_BYTES = 64 * 2**20
MAX_TITLE = 500
Key = tuple[str | int, ...]
Data = Mapping[str, Any]

SECTIONS = ("rounding", "notation", "parameters", "initial", "final", "inputs")
KEYS = ("title", "cell", "equations", "convention", "steps", "detail", *SECTIONS)


class Literal(str):
    """The text of a number that stood unquoted."""


def load(path: str | Path) -> Problem:
    """The problem in a file; its name ends in .toml or .json.

    Errors: VerifierError that names the file, line and column.
    """
    path = Path(path)
    raw = _bytes(path)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ProblemError("this is not UTF-8", Place(str(path), line, 1), "a UTF-8 text") from None
    return loads(text, str(path), path.parent, path.stem)


def loads(
    text: str, file: str = "<problem>.toml", folder: Path | None = None, stem: str = "problem"
) -> Problem:
    """The problem in a text; `folder` is where the files that it names are looked for."""
    data = _parsed(text, file)
    try:
        problem = from_data(data, folder or Path.cwd(), text.encode())
    except EquationError as error:
        raise _in_file(error, text, file, data) from None
    except KeyedError as error:
        raise error.at(locate(text, file, error.key)) from None
    except VerifierError as error:
        raise error.at(Place(file, 1, 1)) from None
    return replace(problem, stem=stem)


def from_data(data: Data, folder: Path, source: bytes | None = None) -> Problem:
    """The problem of nested dictionaries; numbers are texts or integers.

    Errors: KeyedError at the key that cannot be used.
    """
    for key in data:
        if key not in KEYS:
            raise KeyedError(f"unknown key {key!r}{nearest(key, KEYS)}", (key,), ", ".join(KEYS))
    digest = hashlib.sha256(source or json.dumps(data, sort_keys=True, default=str).encode())
    given = {name: _table(data, name) for name in SECTIONS}
    parameters = _parameters(given["parameters"], folder, digest.update)
    return Problem(
        cell=_cell(data),
        parameters=parameters,
        inputs=_numbers(given["inputs"], "inputs"),
        initial=_numbers(given["initial"], "initial"),
        final=_numbers(given["final"], "final"),
        steps=_whole(data, ("steps",), 1) if "steps" in data else 0,
        title=_text(data, "title"),
        sha256=digest.hexdigest(),
        detail=_choice(data, "detail", DETAILS, "full"),
        **_rounding(given["rounding"]),
        notation=_notation(given["notation"]),
    )


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ProblemError(f"{path}: larger than {MAX_BYTES} bytes", accepted="a smaller file")
        raw = path.read_bytes()
    except OSError as error:
        raise ProblemError(f"{path}: {error.strerror or error}", accepted="a problem file") from None
    if path.suffix not in (".toml", ".json"):
        raise ProblemError(f"{path}: the kind of file is not known", accepted=".toml or .json")
    return raw


def _parsed(text: str, file: str) -> Data:
    if not text.strip():
        raise ProblemError("the file is empty", Place(file, 1, 1), "a problem: cell, numbers, …")
    try:
        data = _from_json(text) if file.endswith(".json") else tomllib.loads(text, parse_float=Literal)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line, at = map(int, found.groups()) if found else (len(text.splitlines()), 1)
        what = str(error).split(" (at ")[0]
        raise _unreadable(text, file, line, at, f"this is not TOML: {what}") from None
    except json.JSONDecodeError as error:
        what = f"this is not JSON: {error.msg}"
        raise _unreadable(text, file, error.lineno, error.colno, what) from None
    except (RecursionError, ValueError) as error:
        raise ProblemError(f"this cannot be read: {error}", Place(file, 1, 1)) from None
    if not isinstance(data, dict):
        raise ProblemError("this is no table of keys", Place(file, 1, 1), '{"cell": …}')
    return data


def _from_json(text: str) -> Any:
    return json.loads(
        text, parse_float=Literal, parse_int=Literal, parse_constant=Literal, object_pairs_hook=_pairs
    )


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice")
    return found


def _unreadable(text: str, file: str, line: int, at: int, what: str) -> ProblemError:
    lines = text.splitlines() or [""]
    shown = lines[line - 1] if line <= len(lines) else ""
    return ProblemError(what, Place(file, line, at, shown))


def _in_file(error: EquationError, text: str, file: str, data: Data) -> EquationError:
    """The error placed in the file instead of in the text of equations."""
    if "equations" not in data:
        error.place = locate(text, file, ("cell",))
        return error
    value = locate(text, file, ("equations",))
    inner, error.place = error.place, value
    if inner is None or file.endswith(".json"):
        return error
    opening = value.text[value.column - 1 :][:3]
    multi = opening in ('"""', "'''")
    if multi and not value.text[value.column + 2 :].strip():
        line, shift = value.line + inner.line, 0
    else:
        first = inner.line == 1
        line = value.line + inner.line - 1
        shift = (value.column - 1 + (3 if multi else 1)) if first else 0
    shown = text.splitlines()[line - 1]
    error.place = Place(file, line, inner.column + shift, shown, inner.width)
    return error


def _cell(data: Data) -> cells.Cell:
    if ("cell" in data) == ("equations" in data):
        raise KeyedError("a problem has either a cell or equations", ("cell",), "one of the two")
    if "cell" in data:
        name = _text(data, "cell")
        try:
            cell = cells.load(name)
        except ProblemError as error:
            raise KeyedError(error.what, ("cell",), error.accepted) from None
    else:
        cell = cells.Cell("", parse(_text(data, "equations", 10**6)))
    if _choice(data, "convention", ("row", "column"), "row") == "column":
        return replace(cell, equations=column.turn(cell.equations))
    return cell


def _table(data: Data, name: str) -> Data:
    value = data.get(name, {})
    if not isinstance(value, dict):
        raise KeyedError(f"{name} is no table", (name,), f"[{name}] with a key for each name")
    return value


def _text(data: Data, name: str, limit: int = MAX_TITLE) -> str:
    value = data.get(name, "")
    if not isinstance(value, str) or isinstance(value, Literal):
        raise KeyedError(f"{name} is no text", (name,), "a text in quotes")
    if len(value) > limit:
        raise KeyedError(f"{name} has {len(value)} characters", (name,), f"at most {limit}")
    return value


def _choice(data: Data, name: str, known: tuple[Any, ...], default: str) -> Any:
    value = data.get(name, default)
    if value not in known:
        hint = nearest(str(value), known)
        raise KeyedError(f"{name} = {str(value)!r}{hint}", (name,), ", ".join(known))
    return value


def _whole(data: Data, key: Key, least: int) -> int:
    value = data[key[-1]]  # type: ignore[index]
    try:
        if isinstance(value, bool) or not isinstance(value, int | Literal):
            raise ValueError
        number = int(value)
    except ValueError:
        number = least - 1
    if number < least:
        raise KeyedError(f"{key[-1]} = {value!r}", key, f"a whole number from {least}")
    return number


def _parameters(table: Data, folder: Path, digest: Callable[[bytes], None]) -> dict[str, Numbers]:
    typed = {name: value for name, value in table.items() if name != "file"}
    if "file" not in table:
        return _numbers(typed, "parameters")
    name = table["file"]
    if not isinstance(name, str) or isinstance(name, Literal):
        raise KeyedError("file is no text", ("parameters", "file"), "the name of a weights file")
    try:
        loaded, raw = load_weights(folder / name)
    except VerifierError as error:
        raise KeyedError(error.what, ("parameters", "file"), error.accepted) from None
    digest(raw)
    for twice in typed.keys() & loaded.keys():
        raise KeyedError(f"{twice} is in {name} too", ("parameters", twice), "one value a name")
    return loaded | _numbers(typed, "parameters")


def _numbers(table: Data, section: str) -> dict[str, Numbers]:
    return {name: _typed(value, (section, name)) for name, value in table.items()}


def _typed(value: Any, key: Key) -> Numbers:
    _check_entries(value, key)
    try:
        return Numbers.typed(value)
    except ProblemError as error:
        raise KeyedError(error.what, _bad_entry(value, key), error.accepted) from None


def _check_entries(value: Any, key: Key) -> None:
    if isinstance(value, list):
        for index, part in enumerate(value):
            _check_entries(part, (*key, index))
    elif isinstance(value, bool) or not isinstance(value, str | int):
        raise KeyedError(f"{value!r} is no number", key, "a number, or nested lists of numbers")


def _bad_entry(value: Any, key: Key) -> Key:
    """The key of the entry that is no number; the row that is ragged; else the whole value."""
    if not isinstance(value, list):
        return key
    for index, part in enumerate(value):
        try:
            Numbers.typed(part)
        except ProblemError:
            return _bad_entry(part, (*key, index))
        if _length(part) != _length(value[0]):
            return (*key, index)
    return key


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else -1


def _rounding(table: Data) -> dict[str, Any]:
    own = {key: value for key, value in table.items() if not isinstance(value, dict)}
    base, policy = _rule(own, ("rounding",), Rounding()), Policy()
    if "policy" in own:
        try:
            policy = Policy(own["policy"])
        except ProblemError as error:
            raise KeyedError(error.what, ("rounding", "policy"), error.accepted) from None
    rules = {
        name: _rule(value, ("rounding", name), base)
        for name, value in table.items()
        if isinstance(value, dict)
    }
    return {"rounding": base, "policy": policy, "rules": rules}


def _rule(table: Data, key: Key, base: Rounding) -> Rounding:
    known = ("places", "figures", "mode") + (("policy",) if len(key) == 1 else ())
    for name in table:
        if name not in known:
            hint = nearest(name, known)
            raise KeyedError(f"unknown key {name!r}{hint}", (*key, name), ", ".join(known))
    if "places" in table and "figures" in table:
        raise KeyedError("places and figures together", (*key, "figures"), "one of the two")
    count = {name: _whole(table, (*key, name), 0) for name in ("places", "figures") if name in table}
    last = next(iter(count), "mode" if "mode" in table else "")
    try:
        places = None if "figures" in count else count.get("places", base.places)
        figures = None if "places" in count else count.get("figures", base.figures)
        mode = table.get("mode", base.mode)
        return Rounding(places, mode, figures)
    except ProblemError as error:
        at = "mode" if error.what.startswith("mode") else last
        raise KeyedError(error.what, (*key, at) if at else key, error.accepted) from None


def _notation(table: Data) -> Notation:
    for name in table:
        if name not in ("hadamard", "names"):
            raise KeyedError(f"unknown key {name!r}", ("notation", name), "hadamard, names")
    sign = table.get("hadamard", "∘")
    if sign not in ("∘", "⊙"):
        raise KeyedError(f"hadamard = {sign!r}", ("notation", "hadamard"), "∘ or ⊙")
    names = table.get("names", {})
    for name, spelling in names.items() if isinstance(names, dict) else ():
        if not isinstance(spelling, str) or not SPELLING.fullmatch(spelling):
            raise KeyedError(
                f"{spelling!r} is no spelling of a name",
                ("notation", "names", name),
                "a base with an optional ^superscript and _subscript, such as U^z or alpha_1",
            )
    if not isinstance(names, dict):
        raise KeyedError("names is no table", ("notation", "names"), '[notation.names] with U_z = "U^z"')
    return Notation(sign, names)


SPELLING = re.compile(r"[^\W\d_]\w{0,30}?(\^\w{1,20})?(_\w{1,20})?|[^\W\d_]\w{0,30}?_\w{1,20}\^\w{1,20}")
