"""The command line. Exit codes: 0 done, 1 done and something is wrong, 2 unusable input or call."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from verifier import __version__, cells
from verifier.errors import DocumentError, VerifierError
from verifier.formats import BLANKS, ENGINES, FORMATS, Blank, Engine
from verifier.problem import Problem, load
from verifier.problem.model import DETAILS
from verifier.rounding import MAX_PLACES, MODES, POLICIES, Mode, Policy, Rounding

MAX_DIGITS = 100_000


class Commands(click.Group):
    """Commands whose errors are messages, never tracebacks."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except VerifierError as error:
            click.echo(f"verifier: {error}", err=True)
            ctx.exit(2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="verifier")
def main() -> None:
    """Worked solutions for recurrent cells in which every printed digit is proven."""


def problem_options(command: click.decorators.FC) -> click.decorators.FC:
    """The options that change a problem's rounding."""
    options = (
        click.option("--places", type=click.IntRange(0, MAX_PLACES), help="Decimal places."),
        click.option("--figures", type=click.IntRange(1, MAX_PLACES), help="Significant figures."),
        click.option("--mode", type=click.Choice(MODES), help="Rounding mode."),
        click.option("--policy", type=click.Choice(POLICIES), help="When to round."),
        click.option("--detail", type=click.Choice(DETAILS), help="How much of each chain."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def output_options(
    formats: tuple[str, ...], default: tuple[str, ...]
) -> Callable[[click.decorators.FC], click.decorators.FC]:
    """The options that say what is written and where."""

    def decorate(command: click.decorators.FC) -> click.decorators.FC:
        options = (
            click.option(
                "--format",
                "formats",
                multiple=True,
                type=click.Choice(formats),
                default=default,
                show_default=True,
                help="A format; may be given several times.",
            ),
            click.option(
                "--output",
                type=click.Path(file_okay=False, path_type=Path),
                default=Path("output"),
                show_default=True,
                help="Folder for the documents.",
            ),
            click.option("--stdout", is_flag=True, help="Print the one format instead."),
        )
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


engine_option = click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default="typst",
    show_default=True,
    help="What makes the PDF; latex needs a TeX installation.",
)


@main.command()
@click.argument("problem", type=click.Path(path_type=Path))
@output_options(FORMATS, ("md", "tex"))
@problem_options
@click.option(
    "--digits",
    type=click.IntRange(1, MAX_DIGITS),
    help="Also show every entry to so many significant digits.",
)
@engine_option
@click.option("--exact/--no-exact", default=None, help="Make closed forms, whatever the size.")
@click.option("--policies/--no-policies", default=None, help="Make all policies' digits.")
def solve(
    problem: Path,
    formats: tuple[str, ...],
    output: Path,
    stdout: bool,
    digits: int | None,
    engine: Engine,
    exact: bool | None,
    policies: bool | None,
    **rounding: str | int | None,
) -> None:
    """Write the worked solution of PROBLEM (.toml or .json)."""
    if digits and set(formats) == {"json"}:
        raise VerifierError("--digits with json alone", accepted="--format md, tex, typ or pdf")
    check_stdout(formats, stdout)
    from verifier.report import solution_documents
    from verifier.solution import solve as solved

    task = changed(load(problem), **rounding)
    with working(f"solving {problem.name}"):
        solution = solved(task, exact=exact, policies=policies)
        texts = solution_documents(solution, dict.fromkeys(formats), digits or 0, engine)
    deliver(texts, output / task.stem / "solution", stdout)
    if not solution.complete:
        click.echo("verifier: some entries are undecided; see the notes on rounding", err=True)
        sys.exit(1)


@main.command("sheet")
@click.argument("problem", type=click.Path(path_type=Path))
@output_options(FORMATS[:-1], ("md", "tex"))
@problem_options
@engine_option
@click.option("--blank", type=click.Choice(BLANKS), default="table", show_default=True)
def make_sheet(
    problem: Path,
    formats: tuple[str, ...],
    output: Path,
    stdout: bool,
    engine: Engine,
    blank: Blank,
    **rounding: str | int | None,
) -> None:
    """Write the question sheet of PROBLEM: the task, the numbers, and blanks for the answers."""
    check_stdout(formats, stdout)
    from verifier.report import sheet_documents

    task = changed(load(problem), **rounding)
    texts = sheet_documents(task, dict.fromkeys(formats), blank, engine)
    deliver(texts, output / task.stem / "sheet", stdout)


@main.command()
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


@main.command("cells")
@click.argument("name", required=False)
def list_cells(name: str | None) -> None:
    """List the catalogue, or show the cell NAME."""
    from verifier.report.terminal import show_catalogue, show_cell

    if name is None:
        show_catalogue([cells.load(known) for known in cells.catalogue()])
    else:
        show_cell(cells.load(name))


def changed(problem: Problem, **options: str | int | None) -> Problem:
    """The problem with the command line's rounding in place of its own.

    Errors: VerifierError for places and figures together.
    """
    places, figures, mode, policy, detail = (
        options[key] for key in ("places", "figures", "mode", "policy", "detail")
    )
    if places is not None and figures is not None:
        raise VerifierError("--places and --figures together", accepted="one of the two")
    if places is not None or figures is not None:
        kept: Mode = problem.rounding.mode
        rule = Rounding(places, mode or kept, figures)  # type: ignore[arg-type]
        problem = problem.rounded_by(rounding=rule)
    elif mode is not None:
        from verifier.solution import in_mode

        problem = in_mode(problem, mode)  # type: ignore[arg-type]
    if policy is not None:
        problem = problem.rounded_by(policy=Policy(policy))  # type: ignore[arg-type]
    return problem if detail is None else replace(problem, detail=detail)  # type: ignore[arg-type]


def check_stdout(formats: tuple[str, ...], stdout: bool) -> None:
    """Refuse several documents on one stream before any of them is made."""
    if stdout and len(set(formats)) != 1:
        raise DocumentError("--stdout with several formats", accepted="one --format")


def deliver(texts: Mapping[str, str | bytes], stem: Path, stdout: bool) -> None:
    """Print the one text, or write each to its file and say so."""
    from verifier.report.write import write

    if stdout:
        (document,) = texts.values()
        sys.stdout.buffer.write(document if isinstance(document, bytes) else document.encode())
        return
    for format, text in texts.items():
        path = stem.with_suffix(f".{format}")
        write(path, text)
        click.echo(f"wrote {path}")


@contextmanager
def working(what: str) -> Iterator[None]:
    """A sign of life on a terminal while something takes long; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield
