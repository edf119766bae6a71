"""A list of pieces for notes, in TOML: which piece of which problem goes to which file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from verifier.errors import DocumentError, VerifierError, nearest, shown
from verifier.formats import OF_A_NUMBER, WRAPS, Wrap, piece_formats, wraps_of
from verifier.problem import KeyedError
from verifier.problem.locate import Key, is_json, locate
from verifier.problem.source import parsed, text_of
from verifier.report.selection import Piece, label_of, parse

COMMON = ("format", "wrap", "width", "profile", "answers", "float")
KEYS = ("output", "sty", *COMMON, "problems", "piece")
KEYS_OF_A_PIECE = ("problem", "piece", "file", "label", *COMMON)
MAX_PIECES = 10_000
WIDTHS = range(20, 1001)
PROFILE = re.compile(r"[\w-]{1,40}")


@dataclass(frozen=True)
class Listed:
    """A piece and where it goes; `key` is its place in the list, for errors."""

    key: Key
    problem: str
    piece: Piece
    path: Path
    format: str
    wrap: Wrap
    label: str | None
    width: int | None
    profile: str
    answers: tuple[Path, ...] = ()
    floats: tuple[str, ...] = ()

    @property
    def source(self) -> tuple[str, tuple[Path, ...], tuple[str, ...]]:
        """What the piece is made from; pieces with the same need it once."""
        return self.problem, self.answers, self.floats


@dataclass(frozen=True)
class Listing:
    """A list of pieces: its text and file, its problems by their short names, its entries."""

    text: str
    file: Path
    problems: Mapping[str, Path]
    entries: tuple[Listed, ...]
    sty: bool  # whether the style file is wanted beside the list, where LaTeX looks for it

    def placed(self, error: VerifierError, key: Key) -> VerifierError:
        """The error at a key of the list; one that has a place keeps it."""
        return error.at(locate(self.text, str(self.file), key))


def read(file: Path) -> Listing:
    """The list in a TOML file.

    Errors: VerifierError with line and column.
    """
    if is_json(str(file)):
        raise DocumentError(f"{file}: a list of pieces is TOML", accepted="notes.toml")
    text = text_of(file, "a list of pieces, such as notes.toml")
    data = parsed(text, str(file), "[problems] and [[piece]] tables")
    try:
        return _listing(data, text, file)
    except KeyedError as error:
        raise error.at(locate(text, str(file), error.key)) from None


def _listing(data: Mapping[str, Any], text: str, file: Path) -> Listing:
    _known(data, KEYS, ())
    output = file.parent / _inside(data.get("output", "."), ("output",))
    problems = dict(_problems(data.get("problems", {}), file))
    listed = data.get("piece")
    if not isinstance(listed, list) or not 0 < len(listed) <= MAX_PIECES:
        raise KeyedError("no list of pieces", ("piece",), "a [[piece]] table for each piece")
    sty = data.get("sty", False)
    if not isinstance(sty, bool):
        raise KeyedError(f"sty = {shown(sty)}", ("sty",), "true or false")
    entries = tuple(
        _entry(k, own, data, problems, output, file.parent) for k, own in enumerate(listed)
    )
    _apart(entries, {file.resolve(), *(path.resolve() for path in problems.values())})
    return Listing(text, file, problems, entries, sty)


def _problems(table: Any, file: Path) -> Iterator[tuple[str, Path]]:
    if not isinstance(table, dict) or not table:
        raise KeyedError("no problem is named", ("problems",), '[problems] with hw10 = "hw10.toml"')
    for name, path in table.items():
        yield name, file.parent / _text(path, ("problems", name))


def _entry(
    k: int,
    own: Any,
    data: Mapping[str, Any],
    problems: Mapping[str, Path],
    output: Path,
    beside: Path,
) -> Listed:
    key: Key = ("piece", k)
    if not isinstance(own, dict):
        raise KeyedError("a piece is no table", key, "[[piece]]")
    _known(own, KEYS_OF_A_PIECE, key)
    problem = _problem(own, problems, key)
    piece = _piece(own, key)
    places = {name: key if name in own else () for name in COMMON}
    given = {name: {**data, **own}.get(name) for name in COMMON}
    file = own.get("file") and _inside(own["file"], (*key, "file"))
    suffix = PurePath(file).suffix[1:] if file and "format" not in own else ""
    format = suffix if suffix in piece_formats() else given["format"] or "tex"
    _choice(format, piece_formats(), (*places["format"], "format"))
    wrap = _wrap(given["wrap"] or "none", format, piece, "wrap" in own, key)
    label = None if "label" not in own else _text(own["label"], (*key, "label"))
    name = file or label_of(problem, piece).removeprefix("eq:") + f".{format}"
    width = _width(given["width"], (*places["width"], "width"))
    profile = _profile(given["profile"], format, (*places["profile"], "profile"))
    answers = (beside / path for path in _texts(given["answers"], (*places["answers"], "answers")))
    floats = _texts(given["float"], (*places["float"], "float"))
    path, more = output / name, (tuple(answers), floats)
    return Listed(key, problem, piece, path, format, wrap, label, width, profile, *more)


def _problem(own: Mapping[str, Any], problems: Mapping[str, Path], key: Key) -> str:
    if "problem" in own:
        return _choice(own["problem"], tuple(problems), (*key, "problem"))
    if len(problems) > 1:
        raise KeyedError("which problem?", key, f"problem = one of {', '.join(problems)}")
    return next(iter(problems))


def _piece(own: Mapping[str, Any], key: Key) -> Piece:
    try:
        return parse(_text(own.get("piece", ""), (*key, "piece")))
    except DocumentError as error:
        raise KeyedError(error.what, (*key, "piece"), error.accepted) from None


def _wrap(wrap: Any, format: str, piece: Piece, own: bool, key: Key) -> Wrap:
    """The wrap; one for all pieces is for those that can take it."""
    _choice(wrap, WRAPS, (*key, "wrap") if own else ("wrap",))
    known = wraps_of(format)
    if piece.kind == "number":
        known = tuple(w for w in known if w in OF_A_NUMBER)
    elif piece.whole:
        known = ("none",)
    if wrap in known:
        return wrap  # type: ignore[no-any-return]
    if own:
        raise KeyedError(
            f"{piece} in {format} takes no wrap {wrap}", (*key, "wrap"), ", ".join(known)
        )
    return "dollars" if "dollars" in known else "none"


def _texts(value: Any, key: Key) -> tuple[str, ...]:
    """A text, or a list of texts; none where nothing is given."""
    several = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(_text(one, key) for one in several)


def _width(width: Any, key: Key) -> int | None:
    if width is None:
        return None
    if type(width) is not int or width not in WIDTHS:
        accepted = f"a whole number of digits from {WIDTHS[0]} to {WIDTHS[-1]}"
        raise KeyedError(f"width = {shown(width)}", key, accepted)
    return width


def _profile(profile: Any, format: str, key: Key) -> str:
    if profile is None:
        return ""
    if not PROFILE.fullmatch(_text(profile, key)):
        raise KeyedError(f"profile = {shown(profile)}", key, "a word such as solutions")
    if format != "md" and len(key) > 1:
        raise KeyedError(f"a profile for {format}", key, "profiles in md alone")
    return str(profile) if format == "md" else ""


def _known(table: Mapping[str, Any], keys: tuple[str, ...], at: Key) -> None:
    for name in table:
        if name not in keys:
            what = f"unknown key {shown(name)}{nearest(name, keys)}"
            raise KeyedError(what, (*at, name), ", ".join(keys))


def _choice(word: Any, known: tuple[str, ...], key: Key) -> str:
    if not isinstance(word, str) or word not in known:
        hint = nearest(word, known) if isinstance(word, str) else ""
        raise KeyedError(f"{key[-1]} = {shown(word)}{hint}", key, ", ".join(known))
    return word


def _text(value: Any, key: Key) -> str:
    if type(value) is not str or len(value) > 500 or not value.isprintable():
        raise KeyedError(f"{key[-1]} = {shown(value)}", key, "a text in quotes")
    return value


def _inside(value: Any, key: Key) -> str:
    """A path that stays below the folder of the list: whoever wrote it, nothing else is touched."""
    path = PurePath(_text(value, key))
    if path.is_absolute() or ".." in path.parts or not str(path).strip():
        raise KeyedError(f"{key[-1]} = {shown(value)}", key, "a path below the list's own folder")
    return str(path)


def _apart(entries: tuple[Listed, ...], sources: set[Path]) -> None:
    seen: set[Path] = set()
    for entry in entries:
        path = entry.path.resolve()
        if path in seen or path in sources:
            what = "two pieces go to" if path in seen else "a piece would take the place of"
            raise KeyedError(f"{what} {entry.path}", (*entry.key, "file"), "a file of its own")
        seen.add(path)
