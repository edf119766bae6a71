"""`verifier derive`."""

from __future__ import annotations

from pathlib import Path

import click

from verifier import cells
from verifier.cli.options import check_stdout, deliver, output_options
from verifier.problem import load


@click.command()
@click.argument("cell")
@output_options(("md", "tex"), ("md", "tex"))
@click.option("-n", "inputs", type=click.IntRange(1, 16), default=2, help="Length of the input.")
@click.option("-m", "hidden", type=click.IntRange(1, 16), default=2, help="Hidden size.")
def derive(
    cell: str, formats: tuple[str, ...], output: Path, stdout: bool, inputs: int, hidden: int
) -> None:
    """Write the general derivation of CELL (a name of the catalogue, or a problem file)."""
    check_stdout(formats, stdout)
    from verifier.derive.general import default_shapes
    from verifier.report import derivation_text

    if Path(cell).suffix.lower() in (".toml", ".json"):
        task = load(cell)
        known, shapes, stem = task.cell, task.shapes, task.stem
    else:
        known = cells.load(cell)
        shapes, stem = default_shapes(known, {"n": inputs, "m": hidden}), cell
    texts = {format: derivation_text(known, shapes, format) for format in dict.fromkeys(formats)}
    deliver(texts, output / stem / "derivation", stdout)
