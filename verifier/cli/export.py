"""`verifier export`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verifier.cli.options import watched
from verifier.errors import DocumentError, VerifierError

if TYPE_CHECKING:
    from verifier.problem import Problem
    from verifier.report.write import Content

BATCH = 32
"""Problems of which a process makes questions at a time."""

MOST_TOLD = 20
"""Files that are named when they are written."""


@click.command()
@click.argument(
    "problems", nargs=-1, required=True, metavar="PROBLEM…", type=click.Path(path_type=Path)
)
@click.option(
    "--to",
    "to",
    required=True,
    metavar="TARGET",
    help="onnx, pytorch, keras, numpy, fpcore; canvas, gift, moodle, moodle-cloze, numbas, "
    "nbgrader, prairielearn, qti3.",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the files.",
)
@click.option(
    "--float",
    "float_",
    type=click.Choice(("float16", "bfloat16", "float32", "float64")),
    default="float32",
    show_default=True,
    help="The format of the numbers.",
)
@click.option("--force", is_flag=True, help="Take the place of files that are there.")
@click.option(
    "--split",
    type=click.IntRange(1),
    metavar="N",
    help="So many problems of a bank a file: moodle-001.xml, moodle-002.xml …",
)
@click.option(
    "--jobs", type=click.IntRange(1, 256), default=1, help="Processes that make a bank's questions."
)
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler whose workers do that.")
def export(
    problems: tuple[Path, ...],
    to: str,
    output: Path,
    float_: str,
    force: bool,
    split: int | None,
    jobs: int,
    scheduler: str | None,
) -> None:
    """Write PROBLEMS for another program.

    A framework gets one problem as a model, with its inputs beside it; a learning system gets a
    bank of questions of all problems; a folder that `verifier vary` wrote is all of its variants.
    """
    from verifier.report.write import write

    files, notes = _made(problems, to, float_, _Many(split, jobs, scheduler))
    for name in files:
        path = output / name
        if not force and (path.exists() or path.is_symlink()):
            raise DocumentError(f"{path} is there already", accepted="another folder, or --force")
    for name, content in watched(files.items(), "writing", len(files)):
        write(output / name, content)
    for note in notes:
        click.echo(f"note: {note}")
    click.echo(f"wrote {_listed([str(output / name) for name in files])}")


@dataclass(frozen=True)
class _Many:
    """How a bank is made: problems a file, processes, and the address of a scheduler."""

    split: int | None
    jobs: int
    scheduler: str | None


def _listed(names: Sequence[str]) -> str:
    """The names; of very many, the first ones."""
    more = f" and {len(names) - MOST_TOLD} more" if len(names) > MOST_TOLD else ""
    return ", ".join(names[:MOST_TOLD]) + more


def _made(
    paths: Sequence[Path], to: str, float_: str, many: _Many
) -> tuple[Mapping[str, Content], Sequence[str]]:
    """What is written, by the names of files, and what is to be said of it."""
    from verifier.errors import nearest
    from verifier.exercises.targets import targets as systems
    from verifier.models.targets import exported, targets
    from verifier.problem import load

    every = (*targets(), *systems())
    if to not in every:
        what = f"no target {to[:40]!r}{nearest(to, every)}"
        raise VerifierError(what, accepted=", ".join(every))
    if to in systems():
        return _bank(paths, to, many)
    if many.split is not None:
        raise VerifierError(f"--split to {to}", accepted="a learning system")
    if len(paths) > 1:
        raise VerifierError(f"{len(paths)} problems to {to}", accepted="one problem at a time")
    made = exported(load(paths[0]), to, float_)
    return made.files, made.notes


def _bank(
    paths: Sequence[Path], to: str, many: _Many
) -> tuple[Mapping[str, Content], Sequence[str]]:
    """A bank of questions: all are made and held against the system before anything is written."""
    from verifier.documents.exercise import exercises
    from verifier.exercises.bank import Bank
    from verifier.exercises.targets import Notes, files, holding
    from verifier.processes import in_batches, spread

    asked = _Asked(paths)
    made = spread(exercises, in_batches(asked, BATCH), many.jobs, many.scheduler)
    notes = Notes(to)
    bank = Bank(holding(to, watched(made, "making questions", asked.count), notes))
    return files(to, bank, many.split), (*asked.without(), *notes.said())


class _Asked:
    """The problems of files, and of folders of variants, read one after the other."""

    def __init__(self, paths: Sequence[Path]) -> None:
        from verifier.exercises.book import book

        folders = {path: book(path, lambda problem: problem) for path in paths if path.is_dir()}
        self.paths, self.folders, self.losses = paths, folders, 0
        self.count = sum(len(folders[p].entries) if p in folders else 1 for p in paths)

    def __iter__(self) -> Iterator[Problem]:
        from verifier.problem import load

        for path in self.paths:
            found = self.folders.get(path)
            problems = (load(path),) if found is None else map(found.problem, found.entries)
            for problem in problems:
                self.losses += problem.loss is not None
                yield problem

    def without(self) -> Iterator[str]:
        """What questions leave out of the problems that were read."""
        if self.losses:
            yield "questions ask for the forward pass; a loss and its gradients are left out"
