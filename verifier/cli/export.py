"""`verifier export`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verifier.cli.options import watched
from verifier.errors import DocumentError, VerifierError

if TYPE_CHECKING:
    from verifier.models.targets import Written
    from verifier.problem import Problem


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
def export(problems: tuple[Path, ...], to: str, output: Path, float_: str, force: bool) -> None:
    """Write PROBLEMS for another program.

    A framework gets one problem as a model, with its inputs beside it; a learning system gets a
    bank of questions of all problems; a folder that `verifier vary` wrote is all of its variants.
    """
    from verifier.report.write import write

    made = _made(problems, to, float_)
    for name in made.files:
        path = output / name
        if not force and (path.exists() or path.is_symlink()):
            raise DocumentError(f"{path} is there already", accepted="another folder, or --force")
    for name, content in made.files.items():
        write(output / name, content)
    for note in made.notes:
        click.echo(f"note: {note}")
    click.echo(f"wrote {', '.join(str(output / name) for name in made.files)}")


def _made(paths: Sequence[Path], to: str, float_: str) -> Written:
    from verifier.errors import nearest
    from verifier.exercises.targets import targets as systems
    from verifier.models.targets import Written, exported, targets
    from verifier.problem import load

    every = (*targets(), *systems())
    if to not in every:
        what = f"no target {to[:40]!r}{nearest(to, every)}"
        raise VerifierError(what, accepted=", ".join(every))
    if to in systems():
        from verifier.documents.exercise import exercise
        from verifier.exercises.targets import files, notes

        asked = list(_asked(paths))
        bank = list(watched(map(exercise, asked), "making questions", len(asked)))
        return Written(files(to, bank), (*_without(asked), *notes(to, bank)))
    if len(paths) > 1:
        raise VerifierError(f"{len(paths)} problems to {to}", accepted="one problem at a time")
    return exported(load(paths[0]), to, float_)


def _without(asked: Sequence[Problem]) -> Iterator[str]:
    """What questions leave out of problems."""
    if any(problem.loss is not None for problem in asked):
        yield "questions ask for the forward pass; a loss and its gradients are left out"


def _asked(paths: Sequence[Path]) -> Iterator[Problem]:
    """The problems of files, and of folders of variants."""
    from verifier.exercises.book import book
    from verifier.problem import load

    for path in paths:
        if path.is_dir():
            variants = book(path, lambda problem: problem)
            yield from map(variants.problem, variants.entries)
        else:
            yield load(path)
