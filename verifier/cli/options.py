"""What commands share: options, the changes that they ask for, and the delivery of documents."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
from click.shell_completion import CompletionItem

from verifier import effort
from verifier.errors import DocumentError, VerifierError
from verifier.formats import ENGINES, suffix_of
from verifier.problem import Problem
from verifier.problem.settings import DETAILS
from verifier.rounding import MODES, POLICIES, Mode, Policy, Rounding

if TYPE_CHECKING:
    from verifier.report.write import Content

T = TypeVar("T")


def problem_options(command: click.decorators.FC) -> click.decorators.FC:
    """The options that change a problem's rounding."""
    options = (
        click.option("--places", type=click.IntRange(0, effort.PLACES), help="Decimal places."),
        click.option(
            "--figures", type=click.IntRange(1, effort.PLACES), help="Significant figures."
        ),
        click.option("--mode", type=click.Choice(MODES), help="Rounding mode."),
        click.option("--policy", type=click.Choice(POLICIES), help="When to round."),
        click.option("--detail", type=click.Choice(DETAILS), help="How much of each chain."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def cells_beginning(
    context: click.Context, parameter: click.Parameter, begin: str
) -> list[CompletionItem]:
    """The catalogue's cells for a shell that completes a name; where none begins so, files."""
    from verifier.cells import catalogue

    found = [CompletionItem(name) for name in catalogue() if name.startswith(begin)]
    return found or [CompletionItem(begin, type="file")]


def output_options(
    formats: tuple[str, ...], default: tuple[str, ...], usual: tuple[str, ...] = ()
) -> Callable[[click.decorators.FC], click.decorators.FC]:
    """The options that say what is written and where.

    `usual` formats are the default too, but none is named then, so that a command knows that they
    were not asked for.
    """

    def decorate(command: click.decorators.FC) -> click.decorators.FC:
        options = (
            click.option(
                "--format",
                "formats",
                multiple=True,
                type=click.Choice(formats),
                default=default,
                show_default=", ".join(default or usual) or False,
                help="A format; may be given several times.",
            ),
            click.option(
                "--output",
                type=click.Path(file_okay=False, path_type=Path),
                default="output",
                show_default=True,
                help="Folder for the documents.",
            ),
            click.option("--stdout", is_flag=True, help="Print the one format instead."),
        )
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def shown_options(command: click.decorators.FC) -> click.decorators.FC:
    """The options that say which results a document shows."""
    options = (
        click.option(
            "--only",
            multiple=True,
            metavar="NAMES",
            help="Show these results only: h, h[2], or several, as in h,y[3].",
        ),
        click.option(
            "--step",
            "steps",
            multiple=True,
            metavar="STEPS",
            help="Show these steps only: 1,50 or 3-7; steps count from 1.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def unchosen_options(command: click.decorators.FC) -> click.decorators.FC:
    """The same options where there is nothing that they could choose, which they say."""
    for name in ("--only", "--step"):
        option = click.option(
            name, expose_value=False, hidden=True, multiple=True, callback=_unchosen
        )
        command = option(command)
    return command


def _unchosen(context: click.Context, option: click.Parameter, value: Sequence[str]) -> None:
    if value:
        raise VerifierError(
            f"{option.opts[0]}: a derivation in general has no results of single steps",
            accepted="--expand, --unroll N and --jacobian, or `verifier embed` for one equation",
        )


def narrowed(problem: Problem, only: Sequence[str], steps: Sequence[str]) -> Problem:
    """The problem with the results that the command line asks for.

    Errors: VerifierError for what the problem does not have, or does not have there.
    """
    from verifier.evaluate import shown_steps
    from verifier.problem.only import only as chosen

    wanted = chosen(problem, only, steps)
    if next(shown_steps(problem, wanted), None) is None:
        raise VerifierError("no such result at these steps", accepted="other steps or names")
    return replace(problem, only=wanted)


engine_option = click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default="typst",
    show_default=True,
    help="What makes the PDF; latex needs a TeX installation.",
)


backward_option = click.option(
    "--backward", is_flag=True, help="Of the backward pass: the gradients of the problem's loss."
)


def meant(problem: Problem, backward: bool, **how: bool) -> Problem:
    """The problem itself, or that of its backward pass; see `verifier.problem.backward`.

    Errors: VerifierError for a problem without a loss.
    """
    if not backward:
        return problem
    from verifier.problem.backward import backward as passed_back

    return passed_back(problem, **how)


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


def deliver(
    texts: Mapping[str, Content],
    named: Problem | str,
    output: Path,
    document: str,
    stdout: bool,
) -> None:
    """Print the one text, or write each to the folder of a problem or cell and say so."""
    from verifier.cli.folders import folder_of
    from verifier.report.write import write

    if stdout:
        (text,) = texts.values()
        show(text)
        return
    with folder_of(named, output) as folder:
        for format, text in texts.items():
            path = folder / f"{document}.{suffix_of(format)}"
            write(path, text)
            click.echo(f"wrote {path}")


def tell_lost(lost: Mapping[str, VerifierError]) -> None:
    """Say which of the usual formats could not be made, and why."""
    for format, error in lost.items():
        click.echo(f"verifier: {format} is left out: {error}", err=True)


def show(text: Content) -> None:
    """Print a document as it is, whatever the terminal's encoding."""
    from verifier.report.write import parts

    for part in parts(text):
        sys.stdout.buffer.write(part)


@contextmanager
def working(what: str) -> Iterator[None]:
    """A sign of life on a terminal while something takes long; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


def watched(found: Iterable[T], what: str, count: int) -> Iterable[T]:
    """The things to do, with a bar on a terminal that shows how many are done."""
    if not sys.stderr.isatty() or count < 2:
        return found
    from rich.console import Console
    from rich.progress import track

    return track(found, what, count, console=Console(stderr=True), transient=True)
