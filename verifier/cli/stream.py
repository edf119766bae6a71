"""`verifier solve PROBLEM --stream FILE`: the cell over one long sequence."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verifier.cli.folders import folder_of
from verifier.cli.options import show, working
from verifier.errors import VerifierError
from verifier.problem import Problem
from verifier.report.streamed import ROWS
from verifier.report.write import Growing

if TYPE_CHECKING:
    from verifier.solution import Solution


def solve_stream(
    task: Problem, file: Path, formats: tuple[str, ...], output: Path, stdout: bool
) -> None:
    """Write the rows of every step as they come; exit code 1 where some are undecided."""
    from verifier.streams.files import opened
    from verifier.streams.walk import Walk, check

    check(task)
    others = [format for format in formats if format not in ROWS]
    if others or len({*formats}) > 1:
        said = f"--stream with --format {', '.join(others or formats)}"
        raise VerifierError(said, accepted=f"one of {', '.join(ROWS)}")
    format, told = (*formats, "jsonl")[0], Told()
    walk = Walk(task, opened(file, task))
    with working(f"solving {task.stem} for {file.name}"):
        solutions = told.looked_at(walk.solutions())
        if stdout:
            _print(solutions, format)
        else:
            _write(solutions, format, task, output)
    if told.balls:
        what = f"over blocks of {told.balls} steps in all, bounds along the steps do not tell every"
        click.echo(f"verifier: {what} digit; balls of up to {told.bits} bits stand in", err=True)
    if told.undecided:
        click.echo(f"verifier: {told.undecided} entries are undecided", err=True)
        sys.exit(1)


class Told:
    """What is to be told of a stream: how much is undecided, and over how many steps balls stood
    in for bounds along the steps, with how many bits at most."""

    undecided = balls = bits = 0

    def looked_at(self, solutions: Iterator[Solution]) -> Iterator[Solution]:
        """The solutions as they are."""
        for solution in solutions:
            self.undecided += len(solution.undecided)
            if solution.full.instead is not None:
                self.balls += solution.problem.steps
                self.bits = max(self.bits, *solution.full.precisions)
            yield solution


def _print(solutions: Iterator[Solution], format: str) -> None:
    head, rows = ROWS[format]
    show(head)
    for solution in solutions:
        show(rows(solution))
        sys.stdout.buffer.flush()


def _write(solutions: Iterator[Solution], format: str, task: Problem, output: Path) -> None:
    """Write all rows to the folder of the problem; what is done stays where something fails."""
    head, rows = ROWS[format]
    with folder_of(task, output) as folder:
        growing, steps = Growing(folder / f"stream.{format}"), 0
        try:
            for solution in solutions:
                growing.put(_with(head if not steps else "", rows(solution)))
                steps = solution.problem.past + solution.problem.steps
            growing.done()
        except BaseException:
            if growing.kept():
                kept = f"verifier: the rows of steps 1 to {steps} are kept in {growing.part}"
                click.echo(kept, err=True)
            raise
        click.echo(f"wrote {growing.path}")


def _with(head: str, rows: Iterator[str]) -> Iterator[str]:
    yield head
    yield from rows
