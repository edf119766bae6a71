"""A new format of documents is a file and its templates; then all kinds of document have it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.every_kind import SEED, every_kind
from verifier.formats import NAMES, load
from verifier.report import templating
from verifier.report.kinds import KINDS

ROOT = Path(__file__).parent.parent
NEW = ROOT / "tests" / "org"
TEXTS = sorted({*NAMES} - {"pdf", "docx"})
MOST_LINES = 90


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package, with a format more."""
    copy = tmp_path_factory.mktemp("house")
    ignored = shutil.ignore_patterns("__pycache__", "compiled")
    for part in ("verifier", "templates", "examples"):
        shutil.copytree(ROOT / part, copy / part, ignore=ignored)
    (copy / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "every_kind.py", copy / "tests")
    shutil.copy(NEW / "org.py", copy / "verifier" / "formats")
    shutil.copytree(NEW, copy / "templates" / "org", ignore=shutil.ignore_patterns("*.py*", "__*"))
    return copy


def run(house: Path, *words: str) -> str:
    """What a program of the copy prints."""
    paths = {"PYTHONPATH": str(house), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONSAFEPATH": ""}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=house,
        env=os.environ | paths,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def added(house: Path) -> list[str]:
    """The files of the copy that the house does not have, or has otherwise."""
    rooms = [p for part in ("verifier", "templates") for p in (house / part).rglob("*")]
    found = [p for p in rooms if p.is_file() and "__pycache__" not in p.parts]
    places = {p.relative_to(house): p.read_bytes() for p in found}
    return sorted(
        str(place)
        for place, data in places.items()
        if not (ROOT / place).exists() or (ROOT / place).read_bytes() != data
    )


def test_a_new_format_is_one_file_and_its_templates(house: Path) -> None:
    templates = [f"templates/org/{name}.org.j2" for name in ("blocks", "inline", "page")]
    assert added(house) == [*templates, "verifier/formats/org.py"]


def test_all_kinds_are_there_in_the_new_format(house: Path) -> None:
    made: dict[str, str] = json.loads(run(house, "tests/every_kind.py", "org"))
    assert set(made) == {*KINDS}
    for text in made.values():
        assert text.startswith("#+TITLE: ")
        assert "\n* " in text


@pytest.mark.parametrize("command", ["solve", "sheet", "audit"])
def test_the_commands_know_the_new_format(house: Path, command: str) -> None:
    made = run(house, "-m", "verifier", command, str(SEED), "--format", "org", "--stdout")
    assert made.startswith("#+TITLE: ")
    assert "org" in run(house, "-m", "verifier", command, "--help")


def test_notes_take_pieces_in_the_new_format(house: Path) -> None:
    words = ("--format", "org", "--piece")
    assert "|-" in run(house, "-m", "verifier", "embed", str(SEED), *words, "table")
    assert "align*" in run(house, "-m", "verifier", "embed", str(SEED), *words, "z@1")


@pytest.mark.parametrize("format", NAMES)
def test_every_kind_in_every_format(format: str) -> None:
    made: dict[str, Any] = every_kind(SEED.read_text("utf-8"), format)
    assert set(made) == {*KINDS}
    assert all(made.values())
    assert all(isinstance(text, bytes) == (format in ("pdf", "docx")) for text in made.values())


@pytest.mark.parametrize("format", TEXTS)
def test_the_templates_of_a_format_are_few_and_short(format: str) -> None:
    """Style sheets and preambles are not counted."""
    folder, ending = load(format).folder, load(format).extension
    names = [f"{name}.{ending}.j2" for name in ("page", "blocks", "inline")]
    sources = [(templating.templates() / folder / name).read_text("utf-8") for name in names]
    assert sum(len(text.splitlines()) for text in sources) <= MOST_LINES
    assert max(len(line) for text in sources for line in text.splitlines()) <= 400
    assert not re.search(r"\(\(\* (?:set \w+ = .* [-+*/%] |for .* in range)", "".join(sources))
