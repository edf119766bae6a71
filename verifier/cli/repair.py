"""`verifier check PROBLEM --fairness --repair`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verifier import effort
from verifier.cli.folders import folder_of
from verifier.cli.options import working
from verifier.problem import Problem

if TYPE_CHECKING:
    from verifier.check.repair import Change


def write_repaired(task: Problem, output: Path) -> int:
    """Write the nearest fair question beside the documents: 0 where there is one, else 1."""
    from verifier.check.repair import repaired, rewritten
    from verifier.report.write import write

    with working(f"looking for a fair question near {task.stem}"):
        found = repaired(task)
    if found is None:
        tried = f"{effort.REPAIRS} changes of one or two numbers, or of the places to carry"
        click.echo(f"no fair question among {tried}; other numbers may help", err=True)
        return 1
    if not found.changes:
        click.echo("the question is fair as it is: nothing to repair", err=True)
        return 0
    text = rewritten(task, found.changes)
    with folder_of(task, output) as folder:
        path = _free(folder, task, text)
        write(path, text)
    for change in found.changes:
        before = change.before or "not said"
        click.echo(f"{_place(change)}: {before} becomes {change.after}", err=True)
    click.echo(f"wrote {path}", err=True)
    return 0


def _place(change: Change) -> str:
    """Where a number stands: parameters.W_z[2][0]."""
    section, name, *index = change.key
    return f"{section}.{name}" + "".join(f"[{k}]" for k in index)


def _free(folder: Path, task: Problem, text: str) -> Path:
    """The first name that no other text has: nothing is overwritten."""
    return next(path for path in _names(folder, task) if _is_free(path, text))


def _names(folder: Path, task: Problem) -> Iterator[Path]:
    ending = task.files[0].suffix if task.files else ".toml"
    yield folder / f"fair{ending}"
    k = 1
    while True:
        k += 1
        yield folder / f"fair_{k}{ending}"


def _is_free(path: Path, text: str) -> bool:
    try:
        return path.read_text("utf-8") == text
    except (OSError, UnicodeDecodeError):
        return not path.exists()
