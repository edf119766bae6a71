"""`verifier slides`."""

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
    working,
)
from verifier.formats import Engine
from verifier.problem import load
from verifier.report.kinds import KINDS


@click.command()
@click.argument("problem", type=click.Path(path_type=Path))
@output_options(KINDS["slides"].formats, ("html",))
@problem_options
@shown_options
@engine_option
@backward_option
def slides(
    problem: Path,
    formats: tuple[str, ...],
    output: Path,
    stdout: bool,
    engine: Engine,
    only: tuple[str, ...],
    steps: tuple[str, ...],
    backward: bool,
    **rounding: str | int | None,
) -> None:
    """Write slides of PROBLEM: a quantity a slide, revealed link by link (Beamer, Typst, HTML)."""
    check_stdout(formats, stdout)
    from verifier.documents.slides import slides_documents
    from verifier.solution import solve

    task = narrowed(changed(meant(load(problem), backward), **rounding), only, steps)
    with working(f"solving {problem.name}"):
        texts = slides_documents(solve(task), dict.fromkeys(formats), engine)
    deliver(texts, task, output, "slides", stdout)
