"""The wheel, built, unpacked in an empty place and run from another folder."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.conftest import ROOT, SEED, missing


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", folder, ROOT]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("recurrent_verifier-*.whl"))


def test_the_wheel_holds_what_it_needs_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "verifier/templates/markdown/page.md.j2" in names
    assert "verifier/report/words/en.mo" in names
    assert "verifier/report/schemas/solve.schema.json" in names
    assert "verifier/hosts/sphinx/static/verifier.css" in names
    assert "verifier/py.typed" in names
    assert not [name for name in names if name.startswith(("tests/", "examples/", "benchmarks/"))]
    assert not [name for name in names if name.endswith(".pyc")]


WITHOUT_COMPILING = """
import jinja2, sys
from verifier.cli import main
jinja2.Environment.compile = None
main(["solve", sys.argv[1], "--format", "md", "--stdout"])
"""


def test_the_wheel_holds_its_templates_compiled(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "unpacked")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_COMPILING, SEED],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "unpacked")},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == (ROOT / "output" / "hw10_question2" / "solution.md").read_bytes()


def test_the_wheel_works_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    """Installed with nothing else around, and run from another folder."""
    venv.create(tmp_path / "env")
    python = tmp_path / "env" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-compile"]
    pip += ["-c", ROOT / "constraints.txt", wheel]
    installed = subprocess.run(pip, capture_output=True, text=True, check=False)
    if installed.returncode:
        missing(
            "what the wheel depends on", f"PyPI, out of pip's reach ({installed.stderr[-300:]}),"
        )
    problem = tmp_path / SEED.name
    problem.write_bytes(SEED.read_bytes())
    done = subprocess.run(
        [tmp_path / "env" / "bin" / "verifier", "solve", problem, "--output", "out"],
        cwd=tmp_path,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made = (tmp_path / "out" / "hw10_question2" / "solution.md").read_bytes()
    assert made == (ROOT / "output" / "hw10_question2" / "solution.md").read_bytes()
    types_are_seen(python, tmp_path)


USES = """
import verifier

row = verifier.solve(verifier.load("x.toml")).rows[0]
reveal_type(row.rounded)
wrong: int = row.step + row.name
"""


def types_are_seen(python: Path, folder: Path) -> None:
    """Hold mypy's word on a program that uses an installed wheel: it says what is wrong there."""
    (folder / "uses.py").write_text(USES)
    command = [sys.executable, "-m", "mypy", "--strict", "--python-executable", python]
    done = subprocess.run(
        [*command, "--cache-dir", folder / "cache", "uses.py"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = done.stdout.splitlines()
    assert [line for line in said if "uses.py:5: note: Revealed type is" in line and "str" in line]
    faults = [line for line in said if "error:" in line]
    assert len(faults) == 1, done.stdout
    assert "uses.py:6: error: Unsupported operand types for +" in faults[0]


def test_the_catalogues_are_compiled_from_their_sources() -> None:
    for source in (ROOT / "verifier" / "report" / "words").glob("*.po"):
        with source.open("rb") as text, source.with_suffix(".mo").open("rb") as binary:
            written, compiled = read_po(text), GNUTranslations(binary)
        for message in written:
            if isinstance(message.id, tuple):
                found = {compiled.ngettext(*message.id, n) for n in (1, 2, 5)}
                assert found == set(message.string), "run make"
            elif message.id:
                assert compiled.gettext(message.id) == message.string, "run make"


def test_the_installed_command_answers(tmp_path: Path) -> None:
    command = Path(sys.executable).parent / "verifier"
    done = subprocess.run(
        [command, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("verifier, version ")
