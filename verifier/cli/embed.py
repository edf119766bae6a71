"""`verifier embed`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verifier.cli.options import changed, problem_options, working
from verifier.errors import VerifierError
from verifier.formats import WRAPS, Wrap, piece_formats
from verifier.problem import load

if TYPE_CHECKING:
    from verifier.report.selection import Piece


@click.command()
@click.argument("problem", type=click.Path(path_type=Path), required=False)
@click.option("--step", type=click.IntRange(0), help="Step, from 1.")
@click.option("--name", default="", help="Quantity, such as z.")
@click.option(
    "--link", help="A link of the chain, such as numbers; or table, step, solution, audit, …"
)
@click.option("--index", help="One entry, counted from 0: 1, or 0,1 of a matrix.")
@click.option("--piece", help="All in one: z@2:numbers, s[2][1], table, audit:drift.")
@click.option(
    "--format",
    type=click.Choice(piece_formats()),
    default="tex",
    show_default=True,
    help="The format of the notes.",
)
@click.option(
    "--wrap",
    type=click.Choice(WRAPS),
    default="none",
    show_default=True,
    help="What stands around mathematics.",
)
@click.option("--label", help="Label of a numbered equation; one is made when left out.")
@click.option(
    "--answers",
    multiple=True,
    type=click.Path(path_type=Path),
    help="What people handed in, for feedback, class and lecture; may be given several times.",
)
@click.option(
    "--float",
    "floats",
    multiple=True,
    help="A floating-point format of an audit; may be given several times.  [default: all]",
)
@click.option("--width", type=click.IntRange(20, 1000), help="Digits on a line; 40 in two columns.")
@problem_options
@click.option(
    "--all",
    "notes",
    type=click.Path(path_type=Path),
    help="Write all pieces listed in a TOML file.",
)
def embed(
    problem: Path | None,
    step: int | None,
    name: str,
    link: str | None,
    index: str | None,
    piece: str | None,
    format: str,
    wrap: Wrap,
    label: str | None,
    answers: tuple[Path, ...],
    floats: tuple[str, ...],
    width: int | None,
    notes: Path | None,
    **rounding: str | int | None,
) -> None:
    """Print one piece of PROBLEM's solution for notes; or write all pieces of a list."""
    if (problem is None) == (notes is None):
        raise VerifierError("what is to be embedded?", accepted="PROBLEM, or --all notes.toml")
    if notes is not None:
        if any((name, link, index, piece, label, answers, floats, width)) or step is not None:
            raise VerifierError("--all with one piece's options", accepted="--all notes.toml alone")
        _write_all(notes)
        return
    assert problem is not None
    from verifier.documents.pieces import parse, piece_text
    from verifier.documents.source import Source
    from verifier.solution import solve

    wanted = parse(piece) if piece else _selected(step, name, link, index)
    source = Source(solve(changed(load(problem), **rounding)), answers, floats)
    click.echo(piece_text(source, wanted, format, wrap=wrap, label=label, width=width))
    _tell(source.solution.complete)


def _selected(step: int | None, name: str, link: str | None, index: str | None) -> Piece:
    from verifier.report.selection import Piece

    if index is not None and not re.fullmatch(r"\d{1,7}(,\d{1,7})*", index):
        raise VerifierError(f"--index {index[:40]}", accepted="an index such as 1, or 0,1")
    entry = tuple(map(int, index.split(","))) if index else ()
    if not name and not link:
        raise VerifierError("no piece is named", accepted="--name and --step, --link, or --piece")
    if entry and link not in (None, "number"):
        raise VerifierError("--link and --index together", accepted="one of the two")
    default = "number" if entry or step is None else "chain"
    return Piece(link or default, name, step, entry)


def _write_all(notes: Path) -> None:
    from verifier.documents.embed import embedded, solutions_of
    from verifier.report.listing import read
    from verifier.report.write import write_changed

    listing = read(notes)
    with working(f"solving the problems of {notes.name}"):
        solutions = solutions_of(listing)
        files = list(embedded(listing, solutions))
    for path, content in files:
        click.echo(f"{'wrote' if write_changed(path, content) else 'stays'} {path}")
    _tell(all(solution.complete for solution in solutions.values()))


def _tell(complete: bool) -> None:
    if not complete:
        click.echo("verifier: some entries are undecided", err=True)
        sys.exit(1)
