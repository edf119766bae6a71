"""`verifier check`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial, reduce
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from verifier.cli.folders import folder_of
from verifier.cli.marks import by_hand, marks_of, tell_changes, write_gradebook
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
    show,
    shown_options,
    watched,
    working,
)
from verifier.cli.repair import write_repaired
from verifier.errors import DocumentError, VerifierError
from verifier.formats import Engine, suffix_of
from verifier.problem import Problem, load
from verifier.problem.settings import LEVELS, Level
from verifier.report.kinds import KINDS

if TYPE_CHECKING:
    from verifier.check.model import Answers, Checked
    from verifier.exercises.book import Book
    from verifier.report.write import Content

T = TypeVar("T")


@click.command()
@click.argument("problem", type=click.Path(path_type=Path))
@click.argument("answers", nargs=-1, type=click.Path(path_type=Path))
@output_options(KINDS["feedback"].formats, ())
@problem_options
@shown_options
@engine_option
@backward_option
@click.option("--feedback", type=click.Choice(LEVELS), help="How much feedback tells.")
@click.option("--hide-answers", is_flag=True, help="No right digit anywhere: --feedback verdicts.")
@click.option(
    "--corrections",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Points given by hand; corrections.csv beside the documents is read by itself.",
)
@click.option(
    "--gradebook",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A table of Moodle or Canvas, to be written with the points of a class.",
)
@click.option(
    "--jobs", type=click.IntRange(1, 256), default=1, help="Processes that check a class."
)
@click.option(
    "--scheduler", metavar="ADDRESS", help="A Dask scheduler whose workers check a class."
)
@click.option("--fairness", is_flag=True, help="Ask of the question itself whether it is fair.")
@click.option("--repair", is_flag=True, help="With --fairness: write the nearest fair question.")
def check(
    problem: Path,
    answers: tuple[Path, ...],
    formats: tuple[str, ...],
    output: Path,
    stdout: bool,
    engine: Engine,
    feedback: Level | None,
    hide_answers: bool,
    corrections: Path | None,
    gradebook: Path | None,
    jobs: int,
    scheduler: str | None,
    fairness: bool,
    repair: bool,
    backward: bool,
    only: tuple[str, ...],
    steps: tuple[str, ...],
    **rounding: str | int | None,
) -> None:
    """Check the numbers in ANSWERS against PROBLEM: files, notebooks, or folders of them.

    Where PROBLEM is a folder that `verifier vary` wrote, each person's own variant is found there.
    Each person gets feedback (md by default); several people are a class, with a table as well
    (html and csv by default). With --only or --step, these results alone are judged. Exit codes: 0
    all right, 1 something is wrong, 2 unusable.
    """
    check_stdout(formats or ("md",), stdout)

    def asked(problem: Problem) -> Problem:
        own = changed(meant(problem, backward, uniform=True), **rounding)
        return _telling(narrowed(own, only, steps), feedback, hide_answers)

    book = _book(problem, asked, fairness)
    task = asked(load(problem)) if book is None else book.question
    if repair and not fairness:
        raise VerifierError("--repair alone", accepted="--fairness --repair")
    if fairness:
        _fairness(task, formats or ("md",), output, stdout, engine)
        if repair:
            sys.exit(write_repaired(task, output))
        return
    if not answers:
        raise VerifierError("no answers", accepted="files or folders of answers, or --fairness")
    if "xlsx" in formats:
        from verifier.report.workbook import writer

        writer()  # before anything is written, if it is missing
    tasks, everyone = _everyone(task, book, answers, jobs, scheduler)
    if stdout:
        everyone, taken = by_hand(task, everyone, corrections)
        _print(task, tasks, everyone, formats[0] if formats else "md", engine)
    else:
        with folder_of(task, output) as folder:
            everyone, taken = by_hand(task, everyone, corrections, folder)
            before = marks_of(folder)
            everyone = _write(task, tasks, everyone, formats, folder, engine)
            tell_changes(before, task, everyone, folder)
            if gradebook is not None:
                write_gradebook(task, everyone, gradebook, folder)
    _summarise(tasks, everyone, err=stdout)
    sys.exit(max(_code(everyone), int(not taken)))


def _book(problem: Path, asked: Callable[[Problem], Problem], fairness: bool) -> Book | None:
    """The variants in a folder; None where the problem is a file."""
    if not problem.is_dir():
        return None
    if fairness:
        what = "--fairness of a folder of variants, which are fair"
        raise VerifierError(what, accepted="a problem file")
    from verifier.exercises.book import book

    return book(problem, asked)


def _everyone(
    task: Problem, book: Book | None, answers: Sequence[Path], jobs: int, scheduler: str | None
) -> tuple[Sequence[Problem], Sequence[Checked]]:
    """What each person was asked, and the verdicts."""
    if book is None:
        found = _checked(task, answers, jobs, scheduler)
        return [task] * len(found), found
    from verifier.check.kept import Kept
    from verifier.documents.crowd import judged_own_all
    from verifier.documents.own import sittings, with_own

    everyone = list(sittings(book, answers))
    done = watched(judged_own_all(everyone, jobs, scheduler), "checking", len(everyone))
    return [one.problem for one in everyone], Kept(map(with_own, everyone, done))


def _telling(task: Problem, level: Level | None, hide: bool) -> Problem:
    """The problem with the feedback that the command line asks for; hints hide answers as well."""
    if hide and level == "full":
        raise VerifierError("--hide-answers with --feedback full", accepted="one of the two")
    own = task.scoring.feedback
    told = level or ("verdicts" if hide and own == "full" else own)
    return replace(task, scoring=replace(task.scoring, feedback=told))


def _checked(
    task: Problem, paths: Sequence[Path], jobs: int, scheduler: str | None
) -> Sequence[Checked]:
    """The verdicts on everyone's answers, which are read one after the other."""
    from verifier.check.answers import works
    from verifier.check.answers.people import People
    from verifier.check.kept import Kept
    from verifier.documents.everyone import apart, handed_in

    found, names = works(paths), People()
    first, people = _peeked(apart(names, one) for work in found for one in handed_in(task, work))
    if scheduler is not None or (jobs > 1 and len(first) > 1):
        from verifier.documents import crowd

        many = crowd.judged_here(task, people, jobs)
        if scheduler is not None:
            many = crowd.judged_there(task, people, scheduler)
        return Kept(watched(many, "checking", len(found)))
    return Kept(watched(_by_itself(task, people), "checking", len(found)))


def _peeked(found: Iterator[T]) -> tuple[list[T], Iterator[T]]:
    """The first two things, and all: who is one alone needs no other process."""
    first = list(islice(found, 2))
    return first, chain(first, found)


def _by_itself(task: Problem, people: Iterable[Answers | Checked]) -> Iterator[Checked]:
    from verifier.documents.everyone import verdicts
    from verifier.solution import solve

    with working(f"solving {task.stem}"):
        solution = solve(task)
    return (verdicts(solution, one) for one in people)


def _print(
    task: Problem,
    tasks: Sequence[Problem],
    everyone: Sequence[Checked],
    format: str,
    engine: Engine,
) -> None:
    from verifier.check.unforeseen import Failure, attempted
    from verifier.documents.feedback import feedback_documents

    tables, everyone = _tables(task, everyone, [format], engine)
    texts: Mapping[str, Content] = tables
    if not tables:
        made = attempted(lambda: feedback_documents(tasks[0], everyone[0], [format], engine))
        if isinstance(made, Failure):
            raise DocumentError(f"{format} could not be written: {made.told}")
        texts = made
    show(next(iter(texts.values())))


def _write(
    task: Problem,
    tasks: Sequence[Problem],
    everyone: Sequence[Checked],
    formats: Sequence[str],
    folder: Path,
    engine: Engine,
) -> Sequence[Checked]:
    """Write everyone's feedback, then the tables of all, which say what could not be written."""
    from verifier.check.kept import Kept
    from verifier.report.write import write

    several = len(everyone) > 1
    formats = formats or (("html", "csv") if several else ("md",))
    own = [format for format in dict.fromkeys(formats) if format not in KINDS["feedback"].more]
    pairs = zip(_names(everyone), tasks, everyone, strict=True)
    found = Kept(
        reduce(partial(_feedback, asked, folder / name, engine, several), own, checked)
        for name, asked, checked in watched(pairs, "writing", len(everyone))
    )
    if own and several:
        click.echo(f"wrote the feedback of {len(everyone)} people to {folder / 'feedback'}")
    tables, told = _tables(task, found, formats, engine)
    for name, text in tables.items():
        write(folder / name, text)
        click.echo(f"wrote {folder / name}")
    return told


def _feedback(
    task: Problem, place: Path, engine: Engine, several: bool, checked: Checked, format: str
) -> Checked:
    """Write one document; where it cannot be made, the person's row says so."""
    from verifier.check.unforeseen import Failure, attempted, unwritten
    from verifier.documents.feedback import feedback_documents
    from verifier.report.write import write

    path = place.with_name(f"{place.name}.{suffix_of(format)}")
    text = attempted(lambda: feedback_documents(task, checked, [format], engine)[format])
    if isinstance(text, Failure):
        click.echo(f"verifier: {path.name}: {text.told}", err=True)
        return unwritten(checked, format, text)
    write(path, text)
    if not several:
        click.echo(f"wrote {path}")
    return checked


def _tables(
    task: Problem, everyone: Sequence[Checked], formats: Sequence[str], engine: Engine
) -> tuple[dict[str, Content], Sequence[Checked]]:
    """What is written of all together, by the name of the file, and everyone as they are told."""
    from verifier.documents.everyone import tables

    return tables(task, everyone, formats, _names(everyone), engine)


def _names(everyone: Sequence[Checked]) -> list[str]:
    """What each person's document is called, without its ending; no two are alike."""
    if len(everyone) == 1:
        return ["feedback"]
    names: dict[str, str] = {}
    for checked in everyone:
        plain = re.sub(r"[^\w-]+", "_", checked.answers.person).strip("_")[:60] or "person"
        name, k = plain, 1
        while name.casefold() in names:
            k += 1
            name = f"{plain}_{k}"
        names[name.casefold()] = name
    return [f"feedback/{name}" for name in names.values()]


def _summarise(tasks: Sequence[Problem], everyone: Sequence[Checked], err: bool) -> None:
    from verifier.report.summary import summary

    for task, checked in zip(tasks, everyone, strict=True):
        for line in summary(task, checked, every=len(everyone) == 1):
            click.echo(line, err=err)


def _code(everyone: Sequence[Checked]) -> int:
    if not any(checked.answers.given and checked.judged for checked in everyone):
        return 2
    fine = all(checked.right and not checked.answers.complaints for checked in everyone)
    return 0 if fine else 1


def _fairness(
    task: Problem, formats: Sequence[str], output: Path, stdout: bool, engine: Engine
) -> None:
    known = KINDS["fairness"].formats
    for format in formats:
        if format not in known:
            raise VerifierError(f"--fairness with {format}", accepted=", ".join(known))
    from verifier.check.fairness import fairness
    from verifier.documents.fairness import fairness_documents
    from verifier.solution import solve

    with working(f"weighing {task.stem}"):
        solution = solve(task)
        texts = fairness_documents(task, fairness(solution), formats, engine)
    deliver(texts, task, output, "fairness", stdout)
