"""`verifier import`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from verifier.errors import DocumentError, ProblemError, VerifierError

if TYPE_CHECKING:
    from verifier.problem import Problem


@click.command("import")
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="The problem file to write; its numbers stand beside it, in .npz.",
)
@click.option(
    "--inputs",
    multiple=True,
    metavar="[NAME=]FILE",
    help="The sequences: .npy, or .npz with an array for each name; NAME is any value's of the "
    "model. May be given several times.",
)
@click.option("--layer", default="", metavar="NAME", help="The layer whose output is wanted.")
@click.option(
    "--item",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="The sequence of the batch, from 0.",
)
@click.option(
    "--assume",
    multiple=True,
    metavar="KEY=VALUE",
    help="What the file does not say, such as nonlinearity=relu.",
)
@click.option("--force", is_flag=True, help="Take the place of files that are there.")
def import_model(
    model: Path,
    output: Path,
    inputs: tuple[str, ...],
    layer: str,
    item: int,
    assume: tuple[str, ...],
    force: bool,
) -> None:
    """Write a problem file for MODEL: .onnx, .safetensors, .npz or .keras.

    What was taken for granted is printed, and stands in the problem file.
    """
    from verifier.models.problem_file import problem_files
    from verifier.models.read import given_arrays, read_model
    from verifier.models.wanted import Wanted
    from verifier.report.write import write

    if output.suffix.lower() != ".toml":
        raise DocumentError(f"{output} would not be read as TOML", accepted="a name in .toml")
    said = dict(_pair(text) for text in assume)
    found = read_model(model, Wanted(given_arrays(inputs), layer, item, said))
    files = problem_files(found, output.stem)
    for name in files:
        path = output.parent / name
        if path.resolve() == model.resolve():
            raise DocumentError(f"{path} is the model itself", accepted="another name (-o)")
        if not force and (path.exists() or path.is_symlink()):
            raise DocumentError(f"{path} is there already", accepted="another file, or --force")
    problem = _tried(files, output.name)
    for name, content in files.items():
        write(output.parent / name, content)
    for note in found.notes:
        click.echo(f"note: {note}")
    click.echo(f"wrote {output} ({problem.steps} steps) and {output.with_suffix('.npz').name}")


def _tried(files: Mapping[str, str | bytes], name: str) -> Problem:
    """The problem, read from a folder of its own: what cannot be a problem is not written."""
    from verifier.problem import load
    from verifier.report.write import write

    with TemporaryDirectory() as folder:
        for one, content in files.items():
            write(Path(folder) / one, content)
        try:
            return load(Path(folder) / name)
        except VerifierError as error:
            raise ProblemError(
                f"the model is no problem: {error.what}", None, error.accepted
            ) from None


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise DocumentError(f"--assume {text[:40]!r}", accepted="KEY=VALUE")
    return key, value
