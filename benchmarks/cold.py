"""Cold `verifier solve` and `backward` of the seed to md, tex and json beside bare imports."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.timing import ratio

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SEED, BACKWARD = EXAMPLES / "hw10_question2.toml", EXAMPLES / "hw10_backward.toml"
IMPORTS = "import sympy, mpmath, jinja2, numpy, flint"


def main() -> None:
    """At most 1.5, and at most 2.0 backwards."""
    with tempfile.TemporaryDirectory() as folder:
        formats = [f"--format={name}" for name in ("md", "tex", "json")]
        options = ["--output", folder, *formats]
        for command, problem in (("solve", SEED), ("backward", BACKWARD)):
            whole = [sys.executable, "-m", "verifier", command, str(problem), *options]
            bare = [sys.executable, "-c", IMPORTS]
            took = ratio(partial(_run, whole), partial(_run, bare), 15)
            print(f"cold {command:8} / bare imports  ", took)


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main()
