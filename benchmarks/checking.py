"""A class of 300 sheets of the seed, checked, beside one plain cold solve of it.

The sheets are honest ones, other policies' ones, and ones with a mistake or a slip; each is
different from the others, so nothing that was found for one sheet answers the next.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.timing import seconds
from verifier.arithmetic.decimals import by_hand
from verifier.evaluate import evaluate
from verifier.problem import Problem, load
from verifier.rewrites.catalogue import variants
from verifier.rounding import Policy

SEED = Path(__file__).resolve().parent.parent / "examples" / "hw10_question2.toml"
COUNT, RUNS = 300, 3
SOLVES, MILLISECONDS = 4, 10


def main() -> None:
    """At most four cold solves and 10 ms a sheet."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _sheets(load(SEED), folder / "class")
        check = ["check", str(SEED), str(folder / "class"), "--output", str(folder / "out")]
        solve = ["solve", str(SEED), "--output", str(folder / "out")]
        for _ in range(RUNS):
            ours, theirs = seconds(lambda: _run(check, 1)), seconds(lambda: _run(solve, 0))
            allowed = SOLVES * theirs + COUNT * MILLISECONDS / 1000
            print(
                f"{COUNT} sheets / {SOLVES} cold solves and {MILLISECONDS} ms a sheet: "
                f"{ours:.2f} s / {allowed:.2f} s = {ours / allowed:.3f}"
            )


def _run(command: list[str], code: int) -> None:
    done = subprocess.run([sys.executable, "-m", "verifier", *command], capture_output=True)
    if done.returncode != code:
        raise SystemExit(done.stderr.decode())


def _sheets(problem: Problem, folder: Path) -> None:
    folder.mkdir()
    dice = random.Random(1)
    mistaken = [variant.problem for variant in variants(problem, "mistake")]
    for k in range(COUNT):
        task = problem if k % 3 == 0 else dice.choice(mistaken)
        rows = _numbers(task, dice.choice(("final", "equation", "operation")))
        if k % 3 == 2 or k < 30:
            at = dice.randrange(len(rows))
            rows[at] = (rows[at][0], f"{float(rows[at][1]) + dice.randint(1, 99) / 1000:.4f}")
        lines = "".join(f"{name},{value}\n" for name, value in rows)
        (folder / f"person{k}.csv").write_text("step,name,index,value\n" + lines)


def _numbers(task: Problem, kind: str) -> list[tuple[str, str]]:
    trace = evaluate(task, by_hand(Policy(kind), task.rounding))  # type: ignore[arg-type]
    return [
        (f"{step},{name},{k}", f"{float(entry):.4f}")
        for step, name in trace.values
        for k, entry in enumerate(trace.entries(step, name))
    ]


if __name__ == "__main__":
    main()
