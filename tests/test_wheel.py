"""The wheel, built, unpacked in an empty place and run from another folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.conftest import ROOT, SEED


def test_the_wheel_works_away_from_the_checkout(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", tmp_path, ROOT],
        check=True,
        capture_output=True,
    )
    wheel = next(tmp_path.glob("recurrent_verifier-*.whl"))
    names = zipfile.ZipFile(wheel).namelist()
    assert "verifier/templates/markdown/solution.md.j2" in names
    assert "verifier/report/words/en.po" in names
    assert not [name for name in names if name.startswith(("tests/", "examples/"))]

    place = tmp_path / "site"
    subprocess.run([sys.executable, "-m", "zipfile", "-e", wheel, place], check=True)
    problem = tmp_path / SEED.name
    problem.write_bytes(SEED.read_bytes())
    # -P and the path keep the checkout, which is installed for editing, out of the way.
    script = "import sys, verifier; from verifier.cli import main; print(verifier.__file__); main()"
    done = subprocess.run(
        [sys.executable, "-P", "-c", script, "solve", str(problem), "--output", "out"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(place)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert str(place) in done.stdout
    made = (tmp_path / "out" / "hw10_question2" / "solution.md").read_bytes()
    assert made == (ROOT / "output" / "hw10_question2" / "solution.md").read_bytes()


def test_the_installed_command_answers(tmp_path: Path) -> None:
    command = Path(sys.executable).parent / "verifier"
    done = subprocess.run(
        [command, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("verifier, version ")
