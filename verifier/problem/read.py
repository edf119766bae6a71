"""Problems from files: TOML, or JSON with the same keys."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from verifier import cells, effort
from verifier.cells.combine import HEADS, MOST, Stack, combine
from verifier.errors import (
    EquationError,
    Place,
    ProblemError,
    VerifierError,
    nearest,
    shown,
)
from verifier.language.parse import parse
from verifier.numbers import Numbers
from verifier.problem.aim import aim, names_of
from verifier.problem.entries import refuse_intervals, typed
from verifier.problem.filed import section_of
from verifier.problem.keyed import KeyedError
from verifier.problem.locate import Written, locate, locate_inside
from verifier.problem.model import Problem
from verifier.problem.scoring import scoring
from verifier.problem.settings import DETAILS, Texts
from verifier.problem.signs import notation
from verifier.problem.source import Data, Literal, parsed, text_of
from verifier.problem.tables import Key, table_of, whole
from verifier.problem.varied import vary
from verifier.rewrites import column
from verifier.rounding import Policy, Rounding

Lookup = Callable[[str, str], Numbers | None]
"""The numbers of a name in a section (parameters, inputs, initial, final), where there are any."""

NUMBERED = ("parameters", "inputs", "initial", "final")
SECTIONS = ("rounding", "scoring", "notation", "vary", *NUMBERED)
TEXTS = ("statement", "points", "course", "author", "date", "language")
LOSS = ("loss", "loss_at", "rate", "gradients")
STACK = ("layers", "bidirectional", "output_layer")
CELL = ("cell", *STACK, "equations", "convention")
KEYS = ("title", *CELL, "steps", "detail", *LOSS, *TEXTS, *SECTIONS)
LANGUAGES = ("en", "de", "zh")


def load(path: str | Path, *, intervals: bool = False) -> Problem:
    """The problem in a file; its name ends in .toml or .json.

    Only what works with whole ranges asks for `intervals`; they are refused else.
    Errors: VerifierError that names the file, line and column.
    """
    path = Path(path)
    problem = loads(text_of(path), str(path), path.parent, path.stem, intervals=intervals)
    return replace(problem, files=(path, *problem.files))


def loads(
    text: str,
    file: str = "<problem>.toml",
    folder: Path | None = None,
    stem: str = "problem",
    lookup: Lookup | None = None,
    *,
    intervals: bool = False,
) -> Problem:
    """The problem in a text; `folder` is where the files that it names are looked for.

    `lookup` is asked for the numbers that the text does not give; `intervals` as in `load`.
    """
    data = parsed(text, file)
    written = Written(text, file, "equations" in data)
    try:
        source = text.encode()
        if lookup is not None:
            data, found = filled(data, lookup)
            source += found
        problem = from_data(data, folder or Path.cwd(), source, intervals=intervals)
    except EquationError as error:
        error.place = written.place(error.place, given_key(error.about, data) or ("cell",))
        raise error from None
    except KeyedError as error:
        raise error.at(_place(error, text, file)) from None
    except VerifierError as error:
        raise error.at(Place(file, 1, 1)) from None
    return replace(problem, stem=stem, written=written)


def _place(error: KeyedError, text: str, file: str) -> Place:
    if error.inside is None:
        return locate(text, file, error.key)
    inner = error.inside
    return locate_inside(text, file, error.key, inner.line, inner.column, inner.width)


def filled(data: Data, lookup: Lookup) -> tuple[Data, bytes]:
    """The data with the numbers that only `lookup` has, and bytes that tell these numbers apart."""
    cell, full, found = cell_of(data), dict(data), b""
    own = names_of(data)
    for section in NUMBERED:
        given = dict(table_of(data, section))
        of_loss = (name for name in own.get(section, ()) if name not in cell.equation)
        known = dict.fromkeys((*getattr(cell.roles, section), *of_loss))
        for name in (name for name in known if name not in given):
            numbers = None if "file" in given else lookup(section, name)
            if numbers is not None:
                given[name] = numbers
                found += f"\n{section}.{name} {numbers.shape} {numbers.fractions}".encode()
        full |= {section: given} if given else {}
    return full, found


def from_data(
    data: Data, folder: Path, source: bytes | None = None, *, intervals: bool = False
) -> Problem:
    """The problem of nested dictionaries; numbers are texts, integers or `Numbers`.

    `intervals` as in `load`.

    Errors: KeyedError at the key that cannot be used.
    """
    for key in data:
        if key not in KEYS:
            raise KeyedError(
                f"unknown key {shown(key)}{nearest(key, KEYS)}", (key,), ", ".join(KEYS)
            )
    digest = hashlib.sha256(source or _source(data))
    given = {name: table_of(data, name) for name in SECTIONS}
    sections = {name: section_of(given[name], name, folder, typed) for name in NUMBERED}
    for told in (told for section in sections.values() for told in section.told):
        digest.update(told)
    numbers = {name: dict(section.numbers) for name, section in sections.items()}
    if not intervals:
        refuse_intervals(numbers)
    cell = cell_of(data)
    loss = aim(data, cell, numbers["parameters"], numbers["inputs"])
    return Problem(
        cell=cell,
        parameters=numbers["parameters"],
        inputs=numbers["inputs"],
        initial=numbers["initial"],
        final=numbers["final"],
        steps=whole(data, ("steps",), 1, effort.STEPS) if "steps" in data else 0,
        title=_text(data, "title"),
        texts=_texts(data),
        sha256=digest.hexdigest(),
        files=tuple(dict.fromkeys(f for section in sections.values() for f in section.files)),
        detail=_choice(data, "detail", DETAILS, "full"),
        **_rounding(given["rounding"]),
        notation=notation(given["notation"]),
        scoring=scoring(given["scoring"]),
        vary=vary(given["vary"]) if "vary" in data else None,
        loss=loss,
    )


def _source(data: Data) -> bytes:
    """Bytes that tell the data from others."""
    try:
        return json.dumps(data, sort_keys=True, default=str).encode()
    except (ValueError, TypeError, RecursionError):
        what = "lists that hold themselves, or are nested too deeply"
        raise KeyedError(what, ("problem",), "tables of texts, numbers and lists") from None


def given_key(names: tuple[str, ...], data: Data) -> Key:
    """The key of the first of these names that the problem gives; empty when it gives none."""
    keys = ((section, name) for name in names for section in ("parameters", "initial", "inputs"))
    return next((key for key in keys if key[1] in data.get(key[0], {})), ())


def cell_of(data: Data) -> cells.Cell:
    """The cell of a problem's data, before anything optional is left out.

    Errors: KeyedError and EquationError for what cannot be read.
    """
    if ("cell" in data) == ("equations" in data):
        raise KeyedError("a problem has either a cell or equations", ("cell",), "one of the two")
    if "cell" in data:
        name = _text(data, "cell")
        try:
            cell = combine(cells.load(name), _stack(data))
        except ProblemError as error:
            raise KeyedError(error.what, ("cell",), error.accepted) from None
    elif given := [key for key in STACK if key in data]:
        raise KeyedError(f"{given[0]} beside equations", (given[0],), "a cell of the catalogue")
    else:
        cell = cells.Cell("", parse(_text(data, "equations", 10**6)))
    if _choice(data, "convention", ("row", "column"), "row") == "column":
        return replace(cell, equations=column.turn(cell.equations))
    return cell


def _stack(data: Data) -> Stack:
    layers = whole(data, ("layers",), 1, MOST) if "layers" in data else 1
    both = data.get("bidirectional", False)
    if not isinstance(both, bool):
        raise KeyedError(f"bidirectional = {shown(both)}", ("bidirectional",), "true or false")
    return Stack(layers, both, _choice(data, "output_layer", ("", *HEADS), ""))


def _text(data: Data, name: str, limit: int = effort.TITLE) -> str:
    value = data.get(name, "")
    if not isinstance(value, str) or isinstance(value, Literal):
        raise KeyedError(f"{name} is no text", (name,), "a text in quotes")
    if len(value) > limit:
        raise KeyedError(f"{name} has {len(value)} characters", (name,), f"at most {limit}")
    return value


def _texts(data: Data) -> Texts:
    given = {
        name: _text(data, name, effort.STATEMENT) for name in ("statement", "course", "author")
    }
    return Texts(
        **given,
        points=_points(data),
        date=_date(data),
        language=_choice(data, "language", LANGUAGES, "en"),
    )


def _points(data: Data) -> str:
    value = data.get("points", "")
    if isinstance(value, int | Literal) and not isinstance(value, bool):
        text = str(value)
        if re.fullmatch(r"\d{1,6}(\.\d{1,3})?", text):
            return text
    if value != "":
        raise KeyedError(f"points = {shown(value)}", ("points",), "a number such as 10 or 2.5")
    return ""


def _date(data: Data) -> str:
    value = data.get("date", "")
    return value.isoformat() if isinstance(value, date) else _text(data, "date")


def _choice(data: Data, name: str, known: tuple[Any, ...], default: str) -> Any:
    value = data.get(name, default)
    if value not in known:
        hint = nearest(value, known) if isinstance(value, str) else ""
        raise KeyedError(f"{name} = {shown(value)}{hint}", (name,), ", ".join(known))
    return value


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
    ties = "mode" in own
    found = {"rounding": base, "policy": policy, "rules": rules, "states_ties": ties}
    return {**found, "carry": _carried(own, base, policy, rules) if "carry" in own else None}


def _carried(own: Data, base: Rounding, policy: Policy, rules: dict[str, Rounding]) -> int:
    """The places that are to be carried: no fewer than are asked of any quantity."""
    key = ("rounding", "carry")
    if policy.kind != "final":
        accepted = 'carry with policy = "final" only: others say themselves what is carried'
        raise KeyedError(f"carry beside policy = {policy.kind!r}", key, accepted)
    least = max(rule.count for rule in (base, *rules.values()))
    return whole(own, key, least, effort.PLACES)


def _rule(table: Data, key: Key, base: Rounding) -> Rounding:
    known = ("places", "figures", "mode") + (("policy", "carry") if len(key) == 1 else ())
    for name in table:
        if name not in known:
            hint = nearest(name, known)
            raise KeyedError(f"unknown key {shown(name)}{hint}", (*key, name), ", ".join(known))
    if "places" in table and "figures" in table:
        raise KeyedError("places and figures together", (*key, "figures"), "one of the two")
    least = {"places": 0, "figures": 1}
    count = {n: whole(table, (*key, n), least[n], effort.PLACES) for n in least if n in table}
    places = None if "figures" in count else count.get("places", base.places)
    figures = None if "places" in count else count.get("figures", base.figures)
    try:
        return Rounding(places, table.get("mode", base.mode), figures)
    except ProblemError as error:
        raise KeyedError(error.what, (*key, "mode"), error.accepted) from None
