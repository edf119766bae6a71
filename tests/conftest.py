"""What all tests share: golden files with an approve switch, and tools that may be missing."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
SEED = ROOT / "examples" / "hw10_question2.toml"

settings.register_profile("verifier", deadline=None, print_blob=True)
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


def module(name: str) -> Any:
    """An optional package; without it the test is skipped, or fails where all must be there."""
    if os.environ.get("VERIFIER_REQUIRE_TOOLS"):
        return importlib.import_module(name)
    return pytest.importorskip(name)


def tool(name: str) -> str:
    """The path of a program; without it the test is skipped, or fails where all must be there."""
    found = shutil.which(name)
    if found is None:
        if os.environ.get("VERIFIER_REQUIRE_TOOLS"):
            pytest.fail(f"{name} is not installed")
        pytest.skip(f"{name} is not installed")
    return found


def need_tex(*files: str) -> None:
    """Skip the test where TeX lacks a file, or fail where all must be there."""
    command = [tool("kpsewhich"), *files]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if len(found.stdout.split()) == len(files):
        return
    if os.environ.get("VERIFIER_REQUIRE_TOOLS"):
        pytest.fail(f"TeX lacks one of {', '.join(files)}")
    pytest.skip(f"TeX lacks one of {', '.join(files)}")
