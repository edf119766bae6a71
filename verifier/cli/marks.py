"""What a class's marks were and are: points by hand, and those that changed since the last run."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verifier.problem import Problem

if TYPE_CHECKING:
    from verifier.check.model import Checked

BY_HAND = "corrections.csv"
GRADEBOOK = "marks.csv"
MARKS, CHANGES = "class.csv", "changes.csv"
MOST_TOLD = 10

Marks = Mapping[tuple[str, str], str]
"""Points as text, by person and file as `class.csv` writes them."""


def by_hand(
    task: Problem, everyone: Sequence[Checked], file: Path | None, folder: Path | None = None
) -> tuple[Sequence[Checked], bool]:
    """Everyone with the points of a table of corrections, and whether all of it was taken.

    It is that of the folder by default. A class that has none gets an empty one, to be filled in;
    one that is there is only read.
    """
    from verifier.check.corrections import EMPTY, Correction, corrected, corrections
    from verifier.errors import VerifierError
    from verifier.report.write import write

    own = file or (None if folder is None else folder / BY_HAND)
    if own is None:
        return everyone, True
    if file is None and not own.exists():
        if len(everyone) > 1:
            write(own, EMPTY)
        return everyone, True
    read = corrections(own, task)
    found, refused = corrected(everyone, [one for one in read if isinstance(one, Correction)])
    refused = (*(one for one in read if isinstance(one, VerifierError)), *refused)
    for error in refused:
        click.echo(f"verifier: points by hand were not taken: {error}", err=True)
    return found, not refused


def marks_of(folder: Path) -> Marks:
    """The points that the last run gave, where it was of a class."""
    try:
        with open(folder / MARKS, encoding="utf-8", newline="") as file:
            return {(row["person"], row["file"]): row["points"] for row in csv.DictReader(file)}
    except (OSError, UnicodeDecodeError, KeyError, csv.Error):
        return {}


def tell_changes(before: Marks, task: Problem, everyone: Sequence[Checked], folder: Path) -> None:
    """Say whose points are others than in the last run, and write all of them down."""
    from verifier.report.classroom import changes_csv, marks
    from verifier.report.write import write

    now = marks(task, everyone)
    changed = {who: (before[who], now[who]) for who in now if before.get(who, now[who]) != now[who]}
    if not before or len(everyone) < 2:
        return
    write(folder / CHANGES, changes_csv(changed))
    if not changed:
        return
    click.echo(f"points changed since the last run: {len(changed)} of {len(now)} people")
    for (person, _), (old, new) in list(changed.items())[:MOST_TOLD]:
        click.echo(f"  {person}: {old or 'none'} -> {new or 'none'}")
    if len(changed) > MOST_TOLD:
        click.echo(f"  … and {len(changed) - MOST_TOLD} more in {folder / CHANGES}")


def write_gradebook(task: Problem, everyone: Sequence[Checked], file: Path, folder: Path) -> None:
    """Write everyone's points into a copy of the table that a learning system exported.

    Errors: VerifierError for a file that is no such table.
    """
    from verifier.check.gradebook import marked
    from verifier.check.scores import points_text, score
    from verifier.report.write import write

    points = {
        (one.answers.person, one.answers.file): points_text(score(task, one).points)
        for one in everyone
        if one.marked
    }
    found = marked(_text(file), str(file), task.title.strip() or task.stem, points)
    write(folder / GRADEBOOK, found.text)
    click.echo(f"wrote {folder / GRADEBOOK}; {found.empty} rows have no mark")
    for person in found.unknown:
        click.echo(f"verifier: {file}: not one row is that of {person!r}, or several are", err=True)


def _text(file: Path) -> str:
    from verifier.errors import VerifierError

    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise VerifierError(f"{file} cannot be read: {error}", accepted="a CSV in UTF-8") from None
