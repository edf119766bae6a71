"""300 variants of the seed's problem, searched, proven, printed and written, beside Typst alone."""

from __future__ import annotations

import gc
import sys
import tempfile
from functools import partial
from pathlib import Path

import typst
from click.testing import CliRunner

from benchmarks.printing import SEED, compile_all, peak
from benchmarks.timing import seconds, told
from verifier.cli import main as verifier
from verifier.documents.sheet import sheet_documents
from verifier.documents.solution import solution_documents
from verifier.problem import load
from verifier.solution import solve

COUNT, RUNS, WARM = 300, 2, 20


def main() -> None:
    """At most 1.4 of Typst alone, and flat memory: `verifier vary --count 300`, twice."""
    gc.set_threshold(200_000)  # as the command itself does
    compiler = typst.Compiler(ignore_system_fonts=True)
    times, peaks = [], []
    with tempfile.TemporaryDirectory() as folder:
        for k in range(RUNS + 1):  # the first to be warm
            own = Path(folder, str(k))
            ours = seconds(partial(_vary, own, k, COUNT if k else WARM))
            sources = [
                source for path in sorted(own.glob("*/problem.toml")) for source in _of(path)
            ]
            theirs = seconds(partial(compile_all, compiler, sources))
            times.append((ours, theirs))
            peaks.append(peak())
    print(f"{COUNT} variants, keys and sheets / typst alone: {told(times[1:])}")
    print(f"  memory: {peaks[0]:.0f} MiB after {WARM}, at the end {peaks[-1]:.0f} MiB")


def _vary(folder: Path, seed: int, count: int) -> None:
    words = ["vary", str(SEED), "--count", str(count), "--seed", str(seed), "--output", str(folder)]
    done = CliRunner().invoke(verifier, words)
    if done.exit_code:
        sys.exit(done.output)


def _of(path: Path) -> list[str]:
    """The sources of a variant's key and sheet."""
    task = load(path)
    made = solution_documents(solve(task), ["typ"]), sheet_documents(task, ["typ"])
    return [str(text) for documents in made for text in documents.values()]


if __name__ == "__main__":
    main()
