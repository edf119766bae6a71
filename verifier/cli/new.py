"""`verifier new`."""

from __future__ import annotations

from pathlib import Path

import click

from verifier.cells.combine import HEADS, MOST, Stack
from verifier.cli.options import cells_beginning, show
from verifier.errors import DocumentError

LENGTH = click.IntRange(1, 256)


@click.command()
@click.argument("cell", shell_complete=cells_beginning)
@click.option("--steps", type=LENGTH, default=2, show_default=True, help="Steps of the sequence.")
@click.option("--inputs", type=LENGTH, default=2, show_default=True, help="Length of the input.")
@click.option("--hidden", type=LENGTH, default=3, show_default=True, help="Hidden size.")
@click.option("--batch", type=LENGTH, help="So many sequences at once, a matrix a step.")
@click.option("--biases", is_flag=True, help="Give what the cell may leave out.")
@click.option("--layers", type=click.IntRange(1, MOST), default=1, help="Layers, one on another.")
@click.option("--bidirectional", is_flag=True, help="Each layer in both directions.")
@click.option("--output-layer", type=click.Choice(HEADS), help="An output layer's function.")
@click.option(
    "--convention",
    type=click.Choice(("row", "column")),
    default="row",
    show_default=True,
    help="x @ W, or W @ x.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The file to write.  [default: CELL.toml, here]",
)
@click.option("--stdout", is_flag=True, help="Print the problem instead.")
@click.option("--force", is_flag=True, help="Take the place of a file that is there.")
def new(
    cell: str,
    steps: int,
    inputs: int,
    hidden: int,
    batch: int | None,
    biases: bool,
    layers: int,
    bidirectional: bool,
    output_layer: str | None,
    convention: str,
    output: Path | None,
    stdout: bool,
    force: bool,
) -> None:
    """Write a problem file to start from, for CELL of the catalogue (see verifier cells)."""
    from verifier.problem.starter import Sizes, starter

    column = convention == "column"
    stack = Stack(layers, bidirectional, output_layer or "")
    text = starter(cell, Sizes(steps, inputs, hidden, batch or 0, biases, column, stack))
    if stdout:
        show(text)
    else:
        _write(output or Path(f"{cell}.toml"), text, force)


def _write(path: Path, text: str, force: bool) -> None:
    from verifier.report.write import write

    if path.suffix.lower() != ".toml":
        raise DocumentError(f"{path} would not be read as TOML", accepted="a name in .toml")
    if not force and (path.exists() or path.is_symlink()):
        raise DocumentError(f"{path} is there already", accepted="another file (-o), or --force")
    write(path, text)
    click.echo(f"wrote {path}")
