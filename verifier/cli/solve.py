"""`verifier solve`."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from verifier.cli.options import (
    changed,
    check_stdout,
    deliver,
    engine_option,
    meant,
    narrowed,
    output_options,
    problem_options,
    shown_options,
    tell_lost,
    working,
)
from verifier.effort import DIGITS
from verifier.errors import VerifierError
from verifier.formats import SOLVED, STREAMED, Engine
from verifier.problem import Problem, load
from verifier.report.kinds import KINDS

if TYPE_CHECKING:
    from verifier.report.write import Content


def solve_options(command: click.decorators.FC, more: tuple[str, ...] = ()) -> click.decorators.FC:
    """The problem and the options of a worked solution, which may have `more` formats."""
    options = (
        click.argument("problem", type=click.Path(path_type=Path)),
        output_options((*KINDS["solution"].formats, *more), (), SOLVED),
        problem_options,
        shown_options,
        click.option(
            "--digits",
            type=click.IntRange(1, DIGITS),
            help="Also show every entry to so many significant digits.",
        ),
        engine_option,
        click.option(
            "--exact/--no-exact", default=None, help="Make closed forms, whatever the size."
        ),
        click.option("--policies/--no-policies", default=None, help="Make all policies' digits."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@partial(solve_options, more=STREAMED)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Many sequences in .npy or .npz: their results as JSON.",
)
@click.option(
    "--stream",
    type=click.Path(path_type=Path),
    help="One long sequence in .npy, .csv or .jsonl: its rows as JSON Lines or CSV, as they come.",
)
def solve(data: Path | None, stream: Path | None, **options: Any) -> None:
    """Write the worked solution of PROBLEM (.toml or .json)."""
    if stream is None:
        _refuse_rows(options["formats"])
    if data is None and stream is None:
        solved("solution", False, **options)
        return
    if stream is not None:
        _check_stream(data, **options)
    rounding = {key: options[key] for key in ("places", "figures", "mode", "policy", "detail")}
    task = narrowed(
        changed(load(options["problem"]), **rounding), options["only"], options["steps"]
    )
    rest = options["formats"], options["output"], options["stdout"]
    if stream is not None:
        from verifier.cli.stream import solve_stream

        solve_stream(task, stream, *rest)
    elif data is not None:
        from verifier.cli.data import solve_data

        solve_data(task, data, *rest)


def _check_stream(data: Path | None, **options: Any) -> None:
    """Errors: VerifierError for what a stream does not have."""
    if data is not None:
        raise VerifierError("--data with --stream", accepted="one of the two")
    _refuse_more(options["digits"], options["exact"], options["policies"], "--stream")
    if options["steps"]:
        raise VerifierError("--step with --stream", accepted="all steps: rows name theirs")


def _refuse_rows(formats: tuple[str, ...]) -> None:
    """Errors: VerifierError for formats that a stream alone has."""
    for format in formats:
        if format in STREAMED:
            raise VerifierError(f"--format {format} without --stream", accepted="--format json")


def solved(
    document: str,
    backward: bool,
    *,
    problem: Path,
    formats: tuple[str, ...],
    output: Path,
    stdout: bool,
    digits: int | None,
    engine: Engine,
    only: tuple[str, ...],
    steps: tuple[str, ...],
    exact: bool | None,
    policies: bool | None,
    **rounding: str | int | None,
) -> None:
    """Write the worked solution of a problem, or of its backward pass."""
    if digits and set(formats) == {"json"}:
        raise VerifierError("--digits with json alone", accepted="--format md, tex, typ or pdf")
    lost: dict[str, VerifierError] | None = None if formats else {}
    formats = formats or SOLVED
    check_stdout(formats, stdout)
    posed = meant(load(problem, intervals=not backward), backward)
    task = narrowed(changed(posed, **rounding), only, steps)
    if task.intervals:
        _refuse_more(digits, exact, policies)
        with working(f"solving {problem.name}"):
            texts = _ranges(task, formats, engine, lost)
        deliver(texts, task, output, document, stdout)
        tell_lost(lost or {})
        return
    from verifier.documents.solution import solution_documents
    from verifier.report.contract import solution_lines
    from verifier.solution import solve as certified

    with working(f"solving {problem.name}"):
        solution = certified(task, exact=exact, policies=policies)
        others = [format for format in dict.fromkeys(formats) if format != "json"]
        texts = {**solution_documents(solution, others, digits or 0, engine, lost)}
    if "json" in formats:
        texts["json"] = solution_lines(solution)
    deliver(texts, task, output, document, stdout)
    tell_lost(lost or {})
    if not solution.complete:
        click.echo("verifier: some entries are undecided; see the notes on rounding", err=True)
        sys.exit(1)


def _refuse_more(
    digits: int | None, exact: bool | None, policies: bool | None, what: str = "intervals"
) -> None:
    """Errors: VerifierError for what neither ranges nor streams have."""
    asked = {"--digits": digits, "--exact": exact, "--policies": policies}
    for option in (option for option, value in asked.items() if value):
        other = "numbers, or " if what == "intervals" else ""
        raise VerifierError(f"{option} with {what}", accepted=f"{other}no such option")


def _ranges(
    task: Problem, formats: tuple[str, ...], engine: Engine, lost: dict[str, VerifierError] | None
) -> dict[str, Content]:
    """The documents of a problem with intervals."""
    from verifier.documents.ranged import ranges_documents
    from verifier.ranges import Ranges

    return {**ranges_documents(Ranges(task), dict.fromkeys(formats), engine, lost)}
