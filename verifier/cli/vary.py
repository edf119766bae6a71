"""`verifier vary`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verifier import effort
from verifier.cli.folders import folder_name
from verifier.cli.options import (
    changed,
    engine_option,
    narrowed,
    problem_options,
    shown_options,
    watched,
    working,
)
from verifier.errors import VerifierError
from verifier.formats import BLANKS, Blank, Engine
from verifier.problem import Problem, load
from verifier.report.kinds import KINDS

if TYPE_CHECKING:
    from verifier.documents.variants import Made, Press

SEEDS = 2**63
BATCH = 4
"""Variants that a process prints at a time."""


@click.command()
@click.argument("problem", type=click.Path(path_type=Path))
@click.option(
    "--roster",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A table (CSV) of the people, in order.",
)
@click.option("--count", type=click.IntRange(1, effort.VARIANTS), help="So many variants.")
@click.option(
    "--seed",
    type=click.IntRange(0, SEEDS - 1),
    default=0,
    show_default=True,
    help="Another number gives other variants.",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(KINDS["sheet"].formats),
    default=("pdf",),
    show_default="pdf",
    help="A format of sheets and keys; may be given several times.",
)
@click.option("--only-problems", is_flag=True, help="Problem files alone, no sheets and keys.")
@click.option(
    "--together", is_flag=True, help="All sheets in one document and all keys in another."
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the variants; output/<problem>/variants by default.",
)
@click.option(
    "--blank",
    type=click.Choice(BLANKS),
    default="table",
    show_default=True,
    help="What answers are written into.",
)
@click.option(
    "--jobs", type=click.IntRange(1, 256), default=1, help="Processes that search and print."
)
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler whose workers do that.")
@problem_options
@shown_options
@engine_option
def vary(
    problem: Path,
    roster: Path | None,
    count: int | None,
    seed: int,
    formats: tuple[str, ...],
    only_problems: bool,
    together: bool,
    output: Path | None,
    blank: Blank,
    jobs: int,
    scheduler: str | None,
    engine: Engine,
    only: tuple[str, ...],
    steps: tuple[str, ...],
    **rounding: str | int | None,
) -> None:
    """Make variants of PROBLEM, one a person, each proven to be fair.

    DIR/<id>/ has each variant's problem.toml, its sheet and its key (solution); DIR/variants.csv
    says who has which. `verifier check DIR ANSWERS…` finds each person's variant.
    """
    from verifier.documents.variants import Press
    from verifier.exercises.search import variants
    from verifier.report.write import write

    people = _people(roster, count)
    base = load(problem)
    task = narrowed(changed(base, **rounding), only, steps)
    with working(f"looking for {len(people)} fair variants of {task.stem}"):
        found = variants(task, len(people), seed, jobs, scheduler)
    wanted = () if only_problems else tuple(dict.fromkeys(formats))
    press = Press(base, task, () if together else wanted, blank, engine)
    numbered = ((k + 1, one.problem, people[k]) for k, one in enumerate(found))
    sets = _printed(press, numbered, jobs, scheduler)
    folder = output or Path("output") / folder_name(base.stem) / "variants"
    texts = _write(watched(sets, "writing", len(people)), folder)
    for format in wanted if together else ():
        with working(f"binding {len(people)} sheets and keys"):
            bound = press.together(texts, people, format)
        for name, content in bound.items():
            write(folder / name, content)
            click.echo(f"wrote {folder / name}")


def _printed(
    press: Press, numbered: Iterable[tuple[int, Problem, str]], jobs: int, scheduler: str | None
) -> Iterable[Made]:
    """The files of variants: several processes, or one that does not wait for its compiler."""
    from verifier.processes import in_batches, spread

    if jobs == 1 and scheduler is None:
        return press.made(numbered)
    return spread(press.batch, in_batches(numbered, BATCH), jobs, scheduler)


def _people(roster: Path | None, count: int | None) -> list[str]:
    """The people, who have no names where there is no roster."""
    if (roster is None) == (count is None):
        raise VerifierError(
            "neither --roster nor --count" if count is None else "--roster and --count",
            accepted="one of the two",
        )
    if roster is None:
        return [""] * (count or 0)
    from verifier.exercises.roster import roster as read

    people = read(roster)
    if len(people) > effort.VARIANTS:
        raise VerifierError(f"{len(people)} people", accepted=f"at most {effort.VARIANTS}")
    return people


def _write(sets: Iterable[Made], folder: Path) -> list[str]:
    """Write the files of variants, and at last the table that says whose they are.

    What comes back are the problems' texts.
    """
    from verifier.documents.variants import PROBLEM, table
    from verifier.exercises.book import TABLE
    from verifier.report.write import write

    rows, texts = [], []
    for made in sets:
        for name, content in made.files.items():
            write(folder / made.id / name, content)
        rows.append(made.row)
        texts.append(str(made.files[PROBLEM]))
    write(folder / TABLE, table(rows))
    click.echo(f"wrote {len(rows)} variants to {folder}, and who has which to {folder / TABLE}")
    return texts
