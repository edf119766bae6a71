"""What all tests share: golden files with an approve switch, and tools that may be missing."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
SEED = ROOT / "examples" / "hw10_question2.toml"
BACKWARD = ROOT / "examples" / "hw10_backward.toml"

settings.register_profile(
    "verifier",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],  # it measures seconds
)
settings.load_profile("verifier")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--approve", action="store_true", help="take the documents as golden files")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compares a text with a file, byte for byte; with --approve, writes the file."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--approve"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        assert path.exists(), f"{path} is missing; look at it and approve it: make approve"
        assert text.encode() == path.read_bytes(), f"{path} differs; make approve shows how"

    return compare


PROGRAMS = {
    "chromedriver": "chromium-driver",
    "chromium": "chromium",
    "kpsewhich": "texlive-binaries",
    "node": "nodejs",
    "pdfinfo": "poppler-utils",
    "pdflatex": "texlive-latex-base",
    "pdftotext": "poppler-utils",
}
"""The Debian package of each program that a test may need."""

TEX = {
    "adjustbox.sty": "texlive-latex-extra",
    "amsmath.sty": "texlive-latex-base",
    "beamer.cls": "texlive-latex-recommended",
    "booktabs.sty": "texlive-latex-recommended",
    "lmodern.sty": "lmodern",
    "needspace.sty": "texlive-latex-extra",
    "tabulary.sty": "texlive-latex-extra",
    "tcolorbox.sty": "texlive-latex-extra",
    "tgtermes.sty": "tex-gyre",
    "ulem.sty": "texlive-plain-generic",
}
"""The Debian package of each file that a LaTeX document may load."""


def missing(what: str, package: str) -> NoReturn:
    """Skip a test and say what would run it; where all must be there, it fails.

    Nothing else in the suite skips, so that nothing is left out unseen.
    """
    reason = f"{what} is missing; {package} has it"
    if os.environ.get("VERIFIER_REQUIRE_TOOLS"):
        pytest.fail(reason)
    pytest.skip(reason)


def module(name: str) -> Any:
    """An optional package of Python's; without it the test is skipped."""
    try:
        return importlib.import_module(name)
    except ImportError:
        missing(name, f"{name.partition('.')[0]} from PyPI")


@pytest.fixture(scope="session")
def node_tests() -> dict[str, Any]:
    """ONNX's own tests of GRU, LSTM and RNN by name; all of its tests take a minute to make."""
    package = module("onnx.backend.test.case.node")
    with np.errstate(all="ignore"):
        for operator in ("gru", "lstm", "rnn"):
            importlib.import_module(f"{package.__name__}.{operator}")
    return {case.name: case for case in package._NodeTestCases}


def node(package: str, file: str) -> Path:
    """A file of a package of npm's; without it the test is skipped."""
    found = ROOT / ".ci" / "node_modules" / package / file
    return found if found.exists() else missing(package, "`npm install --prefix .ci`")


def tool(name: str) -> str:
    """The path of a program; without it the test is skipped."""
    return shutil.which(name) or missing(name, f"Debian's {PROGRAMS[name]}")


def pdflatex(*files: str) -> str:
    """The path of pdflatex beside LaTeX's files; where one is missing the test is skipped."""
    found = tool("pdflatex")
    for file in ("amsmath.sty", "booktabs.sty", "lmodern.sty", *files):
        done = subprocess.run([tool("kpsewhich"), file], capture_output=True, check=False)
        if done.returncode:
            missing(file, f"Debian's {TEX[file]}")
    return found
