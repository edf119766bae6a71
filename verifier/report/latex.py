"""PDF from the LaTeX document, through whichever TeX is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from verifier.errors import DocumentError, MissingExtraError

ENGINES = {
    "latexmk": ("-pdf", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"),
    "lualatex": ("-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"),
    "pdflatex": ("-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"),
    "tectonic": ("--untrusted",),
}
"""The programs in the order in which they are looked for; none may run other programs."""

RUNS = {"latexmk": 1, "tectonic": 1}
SECONDS = 120


def latex_pdf(source: str) -> bytes:
    """The compiled LaTeX document.

    Errors: MissingExtraError when no TeX is installed, DocumentError when it fails.
    """
    engine = next((name for name in ENGINES if shutil.which(name)), None)
    if engine is None:
        raise MissingExtraError("no TeX is installed", accepted=f"one of {', '.join(ENGINES)}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "document.tex"
        path.write_text(source, encoding="utf-8")
        for _ in range(RUNS.get(engine, 2)):  # tables over several pages need a second run
            _run([engine, *ENGINES[engine], path.name], folder)
        return path.with_suffix(".pdf").read_bytes()


def _run(command: list[str], folder: str) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, check=False, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        raise DocumentError(f"{command[0]} took more than {SECONDS} s") from None
    if done.returncode:
        said = done.stdout.decode(errors="replace").strip().splitlines()[-3:]
        raise DocumentError(f"{command[0]} failed: {' '.join(said)}", accepted="--engine typst")
