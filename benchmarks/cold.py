"""Cold `verifier solve` of the seed to md, tex and json beside the bare imports."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.timing import ratio

SEED = Path(__file__).resolve().parent.parent / "examples" / "hw10_question2.toml"
IMPORTS = "import sympy, mpmath, jinja2, numpy, flint"


def main() -> None:
    """At most 1.5."""
    with tempfile.TemporaryDirectory() as folder:
        formats = [f"--format={name}" for name in ("md", "tex", "json")]
        solve = [sys.executable, "-m", "verifier", "solve", str(SEED), "--output", folder, *formats]
        bare = [sys.executable, "-c", IMPORTS]
        print("cold solve / bare imports     ", ratio(lambda: _run(solve), lambda: _run(bare), 15))


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main()
