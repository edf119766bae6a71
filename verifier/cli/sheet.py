"""`verifier sheet`."""

from __future__ import annotations

from pathlib import Path

import click

from verifier.cli.options import (
    backward_option,
    changed,
    check_stdout,
    deliver,
    engine_option,
    meant,
    narrowed,
    output_options,
    problem_options,
    shown_options,
)
from verifier.formats import BLANKS, Blank, Engine
from verifier.problem import load
from verifier.report.kinds import KINDS


@click.command()
@click.argument("problem", type=click.Path(path_type=Path))
@output_options(KINDS["sheet"].formats, ("md", "tex"))
@problem_options
@shown_options
@engine_option
@backward_option
@click.option(
    "--blank",
    type=click.Choice(BLANKS),
    default="table",
    show_default=True,
    help="What answers are written into.",
)
def sheet(
    problem: Path,
    formats: tuple[str, ...],
    output: Path,
    stdout: bool,
    engine: Engine,
    only: tuple[str, ...],
    steps: tuple[str, ...],
    blank: Blank,
    backward: bool,
    **rounding: str | int | None,
) -> None:
    """Write the question sheet of PROBLEM: the task, the numbers, and blanks for the answers."""
    check_stdout(formats, stdout)
    from verifier.documents.sheet import sheet_documents

    task = narrowed(changed(meant(load(problem), backward), **rounding), only, steps)
    texts = sheet_documents(task, dict.fromkeys(formats), blank, engine)
    deliver(texts, task, output, "sheet", stdout)
