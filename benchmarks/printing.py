"""Printed documents: a cold solve to five formats, and 200 different keys and sheets as PDF."""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import typst

from benchmarks.problems import gru
from benchmarks.timing import ratio, seconds
from verifier.documents.sheet import sheet_documents
from verifier.documents.solution import solution_documents
from verifier.problem import Problem
from verifier.solution import solve

SEED = Path(__file__).resolve().parent.parent / "examples" / "hw10_question2.toml"
IMPORTS = "import sympy, mpmath, jinja2, numpy, flint, typst"
FORMATS = ("md", "tex", "html", "pdf", "json")
COUNT = 200


def main() -> None:
    """Cold: at most 1.75. Many keys: at most 1.5, and flat memory."""
    _cold()
    _many()


def _cold() -> None:
    with tempfile.TemporaryDirectory() as folder:
        formats = [f"--format={name}" for name in FORMATS]
        solution = [sys.executable, "-m", "verifier", "solve", str(SEED), "--output", folder]
        bare = [sys.executable, "-c", IMPORTS]
        print(
            "cold, five formats / imports  ",
            ratio(lambda: _run([*solution, *formats]), lambda: _run(bare), 15),
        )


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _many() -> None:
    gc.set_threshold(200_000)  # as the command itself does
    tasks = [replace(gru(3, 2, 2, seed=k), title=f"Variant {k}") for k in range(COUNT)]
    sources = [source for task in tasks for source in _sources(task)]
    compiler = typst.Compiler(ignore_system_fonts=True)
    _compile(compiler, sources[:1])
    ours = seconds(partial(_documents, tasks[: COUNT // 2]))
    half = _peak()
    ours += seconds(partial(_documents, tasks[COUNT // 2 :]))
    grown = _peak() - half
    theirs = seconds(partial(_compile, compiler, sources))
    times = f"{ours:.2f} s / {theirs:.2f} s = {ours / theirs:.3f}"
    print(f"{COUNT} keys and sheets / typst alone: {times}")
    print(f"  memory grown over the second {COUNT // 2}: {grown:.1f} MiB of {half:.0f}")


def _documents(tasks: list[Problem]) -> None:
    for task in tasks:
        solution_documents(solve(task), ["pdf"])
        sheet_documents(task, ["pdf"])


def _sources(task: Problem) -> tuple[str, str]:
    key = solution_documents(solve(task), ["typ"])["typ"]
    sheet = sheet_documents(task, ["typ"])["typ"]
    assert isinstance(key, str)
    assert isinstance(sheet, str)
    return key, sheet


def _compile(compiler: typst.Compiler, sources: list[str]) -> None:
    for source in sources:
        compiler.compile(source.encode(), format="pdf", pdf_standards=["ua-1"], timestamp=0)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
