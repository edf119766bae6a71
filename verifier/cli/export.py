"""`verifier export`."""

from __future__ import annotations

from pathlib import Path

import click

from verifier.errors import DocumentError


@click.command()
@click.argument("problem", type=click.Path(path_type=Path))
@click.option(
    "--to", "to", required=True, metavar="TARGET", help="onnx, pytorch, keras, numpy, fpcore."
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
def export(problem: Path, to: str, output: Path, float_: str, force: bool) -> None:
    """Write PROBLEM as a model of a framework, with its inputs beside it."""
    from verifier.models.targets import exported
    from verifier.problem import load
    from verifier.report.write import write

    made = exported(load(problem), to, float_)
    for name in made.files:
        path = output / name
        if not force and (path.exists() or path.is_symlink()):
            raise DocumentError(f"{path} is there already", accepted="another folder, or --force")
    for name, content in made.files.items():
        write(output / name, content)
    for note in made.notes:
        click.echo(f"note: {note}")
    click.echo(f"wrote {', '.join(str(output / name) for name in made.files)}")
