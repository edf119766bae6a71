"""The folder of a problem's documents: named after its file, and of one problem only."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from verifier.errors import DocumentError
from verifier.problem import Problem
from verifier.report.write import write_changed

SOURCES = ".sources"
"""The folder in which each problem's folder has a file that says where the problem is."""

LONGEST = 100
"""Bytes of a folder's name: file systems allow 255, some of them less for a path in all."""

NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f\ud800-\udfff]')
RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])([. ].*)?|verifier\.sty", re.I
)
"""Names of devices on Windows, with any ending, and LaTeX's style file."""


@contextmanager
def folder_of(named: Problem | str, output: Path) -> Iterator[Path]:
    """The folder for the documents of a problem, or of a cell of the catalogue by its name.

    It is the problem's from when its documents are written: it keeps it when its numbers change,
    and a folder whose file is gone is free. Errors: DocumentError when it is another file's.
    """
    if isinstance(named, str) or not named.files:
        yield output / folder_name(named if isinstance(named, str) else named.stem)
        return
    folder, source = output / folder_name(named.stem), named.files[0]
    _check(folder, source)
    yield folder
    # Relative, so that it holds when both are moved together.
    marker = _marker(folder)
    write_changed(marker, os.fsencode(_relative(source, marker.parent)))


def folder_name(stem: str) -> str:
    """A name like the stem that every file system takes and that stays inside its folder."""
    name = NOT_IN_NAMES.sub("_", stem).rstrip(". ")
    if not name or name.startswith(".") or RESERVED.fullmatch(name):
        name = f"_{name}"
    raw = os.fsencode(name)
    if len(raw) <= LONGEST:
        return name
    mark = sha256(os.fsencode(stem)).hexdigest()[:12]
    return f"{raw[: LONGEST - 13].decode(errors='ignore').rstrip('. ')}-{mark}"


def _marker(folder: Path) -> Path:
    return folder.parent / SOURCES / folder.name


def _check(folder: Path, source: Path) -> None:
    owner = _owner(_marker(folder))
    if owner is not None and owner.is_file() and not os.path.samefile(owner, source):
        raise DocumentError(
            f"{folder} holds the documents of {os.path.normpath(owner)}, not of {source}",
            accepted="another folder (--output DIR), or another name for the problem's file",
        )


def _owner(marker: Path) -> Path | None:
    try:
        return marker.parent / os.fsdecode(marker.read_bytes())
    except OSError:  # no problem has claimed the folder
        return None


def _relative(source: Path, folder: Path) -> str:
    try:
        return os.path.relpath(source.resolve(), folder.resolve())
    except ValueError:  # on another drive of Windows
        return str(source.resolve())
