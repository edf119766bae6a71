"""`verifier check`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from verifier.cli.folders import folder_of
from verifier.cli.options import (
    changed,
    check_stdout,
    deliver,
    engine_option,
    output_options,
    problem_options,
    show,
    working,
)
from verifier.errors import DocumentError, VerifierError
from verifier.formats import CHECK_FORMATS, FAIRNESS_FORMATS, Engine
from verifier.problem import Problem, load

if TYPE_CHECKING:
    from verifier.check.model import Checked

T = TypeVar("T")


@click.command()
@click.argument("problem", type=click.Path(path_type=Path))
@click.argument("answers", nargs=-1, type=click.Path(path_type=Path))
@output_options(CHECK_FORMATS, ())
@problem_options
@engine_option
@click.option("--fairness", is_flag=True, help="Ask of the question itself whether it is fair.")
def check(
    problem: Path,
    answers: tuple[Path, ...],
    formats: tuple[str, ...],
    output: Path,
    stdout: bool,
    engine: Engine,
    fairness: bool,
    **rounding: str | int | None,
) -> None:
    """Check the numbers in ANSWERS against PROBLEM: files, notebooks, or folders of them.

    Each person gets feedback (md by default); several people are a class, with a table as well
    (html and csv by default). Exit codes: 0 all right, 1 something is wrong, 2 unusable.
    """
    check_stdout(formats or ("md",), stdout)
    task = changed(load(problem), **rounding)
    if fairness:
        _fairness(task, formats or ("md",), output, stdout, engine)
        return
    if not answers:
        raise VerifierError("no answers", accepted="files or folders of answers, or --fairness")
    everyone = _checked(task, answers)
    failed = 0
    if stdout:
        _print(task, everyone, formats[0] if formats else "md", engine)
    else:
        with folder_of(task, output) as folder:
            failed = _write(task, everyone, formats, folder, engine)
    _summarise(task, everyone, err=stdout)
    sys.exit(_code(everyone) or min(failed, 1))


def _checked(task: Problem, paths: Sequence[Path]) -> list[Checked]:
    """The verdicts on everyone's answers."""
    from verifier.check.answers import read, works
    from verifier.check.engine import check as verdicts
    from verifier.report.feedback import explained
    from verifier.report.words import Words
    from verifier.solution import solve

    found, words = works(paths), Words(task.texts.language)
    with working(f"solving {task.stem}"):
        solution = solve(task)
    return [
        explained(task, verdicts(solution, given), words)
        for work in _watched(found, "checking")
        for given in read(task, [work])
    ]


def _watched(found: Sequence[T], what: str) -> Iterable[T]:
    """The things to do, with a bar on a terminal that shows how many are done."""
    if not sys.stderr.isatty() or len(found) < 2:
        return found
    from rich.console import Console
    from rich.progress import track

    return track(found, what, console=Console(stderr=True), transient=True)


def _print(task: Problem, everyone: Sequence[Checked], format: str, engine: Engine) -> None:
    from verifier.report import feedback_documents

    tables = _tables(task, everyone, [format])
    if not tables and len(everyone) > 1:
        raise VerifierError(
            f"--stdout with the {format} of {len(everyone)} people", accepted="json, csv or html"
        )
    texts = tables or feedback_documents(task, everyone[0], [format], engine)
    show(next(iter(texts.values())))


def _write(
    task: Problem, everyone: Sequence[Checked], formats: Sequence[str], folder: Path, engine: Engine
) -> int:
    """Write everyone's feedback, and the tables of all; how many documents could not be made."""
    from verifier.report.write import write

    several = len(everyone) > 1
    formats = formats or (("html", "csv") if several else ("md",))
    own = [format for format in dict.fromkeys(formats) if format not in ("json", "csv")]
    failed = 0
    for name, checked in _watched(list(zip(_names(everyone), everyone, strict=True)), "writing"):
        for format in own:
            failed += not _feedback(task, checked, folder / f"{name}.{format}", engine, several)
    if own and several:
        click.echo(f"wrote the feedback of {len(everyone)} people to {folder / 'feedback'}")
    for name, text in _tables(task, everyone, formats).items():
        write(folder / name, text)
        click.echo(f"wrote {folder / name}")
    return failed


def _feedback(task: Problem, checked: Checked, path: Path, engine: Engine, several: bool) -> bool:
    """Write one document; of several people, one that cannot be made does not stop the others."""
    from verifier.report import feedback_documents
    from verifier.report.write import write

    format = path.suffix[1:]
    try:
        text = feedback_documents(task, checked, [format], engine)[format]
    except DocumentError as error:
        if not several:
            raise
        click.echo(f"verifier: {path.name}: {error}", err=True)
        return False
    write(path, text)
    if not several:
        click.echo(f"wrote {path}")
    return True


def _tables(
    task: Problem, everyone: Sequence[Checked], formats: Sequence[str]
) -> dict[str, str | bytes]:
    """What is written of all people together, by the name of the file."""
    from verifier.report import class_page
    from verifier.report.check_contract import check_json
    from verifier.report.classroom import classroom_csv
    from verifier.report.words import Words

    made: dict[str, str | bytes] = {}
    if "json" in formats:
        made["check.json"] = check_json(task, everyone)
    if "csv" in formats:
        made["class.csv"] = classroom_csv(task, everyone, Words(task.texts.language))
    if "html" in formats and len(everyone) > 1:
        links = [f"{name}.html" for name in _names(everyone)]
        made["class.html"] = class_page(task, everyone, links)
    return made


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


def _summarise(task: Problem, everyone: Sequence[Checked], err: bool) -> None:
    from verifier.report.summary import summary

    for checked in everyone:
        for line in summary(task, checked, every=len(everyone) == 1):
            click.echo(line, err=err)


def _code(everyone: Sequence[Checked]) -> int:
    if not any(checked.answers.given for checked in everyone):
        return 2
    fine = all(checked.right and not checked.answers.complaints for checked in everyone)
    return 0 if fine else 1


def _fairness(
    task: Problem, formats: Sequence[str], output: Path, stdout: bool, engine: Engine
) -> None:
    for format in formats:
        if format not in FAIRNESS_FORMATS or (format == "pdf" and engine == "latex"):
            raise VerifierError(f"--fairness with {format}", accepted=", ".join(FAIRNESS_FORMATS))
    from verifier.check.fairness import fairness
    from verifier.report import fairness_documents
    from verifier.solution import solve

    with working(f"weighing {task.stem}"):
        solution = solve(task)
        texts = fairness_documents(task, fairness(solution), formats, engine)
    deliver(texts, task, output, "fairness", stdout)
