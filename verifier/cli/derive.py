"""`verifier derive`."""

from __future__ import annotations

from pathlib import Path

import click

from verifier import cells
from verifier.cli.options import (
    cells_beginning,
    check_stdout,
    deliver,
    engine_option,
    output_options,
    unchosen_options,
    working,
)
from verifier.formats import Engine
from verifier.problem import Problem, load
from verifier.report.kinds import KINDS


@click.command()
@click.argument("cell", shell_complete=cells_beginning)
@output_options(KINDS["derivation"].formats, ("md", "tex"))
@engine_option
@unchosen_options
@click.option("-n", "inputs", type=click.IntRange(1, 16), default=2, help="Length of the input.")
@click.option("-m", "hidden", type=click.IntRange(1, 16), default=2, help="Hidden size.")
@click.option("--expand", is_flag=True, help="Every entry written out; so it is without options.")
@click.option("--unroll", type=click.IntRange(1), help="States as functions of inputs.")
@click.option("--jacobian", is_flag=True, help="Derivatives, checked by dual numbers.")
@click.option(
    "--backward",
    is_flag=True,
    help="The gradients of the problem's loss; of half the squared error, where there is none.",
)
def derive(
    cell: str,
    formats: tuple[str, ...],
    output: Path,
    stdout: bool,
    engine: Engine,
    inputs: int,
    hidden: int,
    expand: bool,
    unroll: int | None,
    jacobian: bool,
    backward: bool,
) -> None:
    """Write the general derivation of CELL (a name of the catalogue, or a problem file)."""
    check_stdout(formats, stdout)
    from verifier.derive.general import default_shapes
    from verifier.documents.derivation import derivation_documents
    from verifier.report.derivation import Parts

    parts = Parts(expand or not (unroll or jacobian), unroll or 0, jacobian)
    task: Problem | None = None
    named: Problem | str = cell
    if Path(cell).suffix.lower() in (".toml", ".json"):
        named = task = load(cell)
        known, shapes, language = task.cell, task.shapes, task.texts.language
    else:
        known = cells.load(cell)
        shapes, language = default_shapes(known, {"n": inputs, "m": hidden}), "en"
    if backward:
        from verifier.derive.backward import passed_back

        task = passed_back(task, known, shapes)
        known, shapes = task.cell, task.shapes
    with working(f"deriving {cell}"):
        texts = derivation_documents(
            known, shapes, dict.fromkeys(formats), parts, language, engine, task
        )
    deliver(texts, named, output, "derivation", stdout)
