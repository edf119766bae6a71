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
from benchmarks.timing import ratio, seconds, told
from verifier.documents.printing import Begun
from verifier.documents.sheet import begun_sheet
from verifier.documents.solution import begun_solution
from verifier.problem import Problem
from verifier.processes import ahead
from verifier.solution import solve

SEED = Path(__file__).resolve().parent.parent / "examples" / "hw10_question2.toml"
IMPORTS = "import sympy, mpmath, jinja2, numpy, flint, typst"
FORMATS = ("md", "tex", "html", "pdf", "json")
COUNT, BLOCK = 200, 25


def main() -> None:
    """Cold: at most 1.75. Many keys: at most 1.3, and flat memory."""
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
    """Blocks of different keys and sheets, each beside Typst alone on the same sources."""
    gc.set_threshold(200_000)  # as the command itself does
    tasks = [replace(gru(3, 2, 2, seed=k), title=f"Variant {k}") for k in range(COUNT + 1)]
    compiler = typst.Compiler(ignore_system_fonts=True)
    compile_all(compiler, _sources(tasks[0]))
    _print(tasks[:1])
    blocks = [tasks[k : k + BLOCK] for k in range(1, COUNT, BLOCK)]
    times, peaks = [], []
    for block in blocks:
        sources = [source for task in block for source in _sources(task)]
        times.append(
            (seconds(partial(_print, block)), seconds(partial(compile_all, compiler, sources)))
        )
        peaks.append(peak())
    print(f"{COUNT} keys and sheets / typst alone: {told(times)}")
    print(f"  memory: {peaks[0]:.0f} MiB, at the end {peaks[-1]:.0f} MiB")


def _print(tasks: list[Problem]) -> None:
    """The PDF of every key and sheet, as `verifier vary` makes them."""
    for _ in ahead(begun for task in tasks for begun in _begun(task, "pdf")):
        pass


def _begun(task: Problem, format: str) -> list[Begun]:
    keys = begun_solution(solve(task), [format], "typst")
    return [*keys.values(), begun_sheet(task, format, "table", "typst")]


def _sources(task: Problem) -> list[str]:
    return [str(begun()) for begun in _begun(task, "typ")]


def compile_all(compiler: typst.Compiler, sources: list[str]) -> None:
    """Typst alone, as warm as it gets."""
    for source in sources:
        compiler.compile(source.encode(), format="pdf", pdf_standards=["ua-1"], timestamp=0)


def peak() -> float:
    """The most memory that the process had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
