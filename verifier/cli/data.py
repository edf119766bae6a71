"""`verifier solve PROBLEM --data FILE`: the cell over many sequences."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from verifier.cli.options import deliver, working
from verifier.errors import VerifierError
from verifier.problem import Problem


def solve_data(
    task: Problem, data: Path, formats: tuple[str, ...], output: Path, stdout: bool
) -> None:
    """Write the results of every sequence as JSON; exit code 1 where some are undecided."""
    from verifier.many import solve_many
    from verifier.problem.sequences import sequences
    from verifier.report.contract import many_lines

    if {*formats} - {"json"}:
        named = ", ".join(format for format in formats if format != "json")
        raise VerifierError(f"--data with --format {named}", accepted="--format json, or none")
    with working(f"solving {task.stem} for {data.name}"):
        many = solve_many(task, sequences(data, task))
    undecided: list[int] = []
    deliver({"json": many_lines(many, undecided)}, task, output, "sequences", stdout)
    if undecided:
        click.echo(f"verifier: {len(undecided)} entries are undecided", err=True)
        sys.exit(1)
