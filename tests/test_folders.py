"""The folders of documents: named after the problem's file, and of one problem only."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.conftest import missing
from verifier.cli import main
from verifier.cli.folders import LONGEST, folder_name

PROBLEM = 'equations = "s[t] = tanh(x[t])"\n[inputs]\nx = [0.5]\n'
OTHER = PROBLEM.replace("0.5", "0.25")


def made(path: Path, text: str = PROBLEM) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def solve(path: Path, output: Path, *options: str, command: str = "solve") -> Result:
    call = [command, str(path), "--format", "md", "--output", str(output), *options]
    return CliRunner().invoke(main, call)


@pytest.mark.parametrize("command", ["solve", "sheet", "audit", "derive"])
def test_two_problems_of_one_name_do_not_overwrite_each_other(tmp_path: Path, command: str) -> None:
    first, second = made(tmp_path / "a/q.toml"), made(tmp_path / "b/q.toml", OTHER)
    assert solve(first, tmp_path / "out").exit_code == 0
    before = (tmp_path / "out/q/solution.md").read_bytes()
    refused = solve(second, tmp_path / "out", command=command)
    assert refused.exit_code == 2
    assert "a/q.toml" in refused.output
    assert "--output" in refused.output
    assert (tmp_path / "out/q/solution.md").read_bytes() == before
    assert [path.name for path in (tmp_path / "out/q").iterdir()] == ["solution.md"]
    assert solve(second, tmp_path / "else", command=command).exit_code == 0
    assert solve(second, tmp_path / "out", "--stdout", command=command).exit_code == 0


def test_a_problem_keeps_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = made(tmp_path / "a/q.toml")
    assert solve(file, tmp_path / "out").exit_code == 0
    made(file, OTHER)
    monkeypatch.chdir(tmp_path / "a")
    assert solve(Path("q.toml"), Path("../out")).exit_code == 0
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert solve(tmp_path / "link/q.toml", tmp_path / "out").exit_code == 0
    assert "0.2449" in (tmp_path / "out/q/solution.md").read_text()


def test_a_folder_whose_problem_is_gone_is_free(tmp_path: Path) -> None:
    first, second = made(tmp_path / "a/q.toml"), made(tmp_path / "b/q.toml")
    assert solve(first, tmp_path / "out").exit_code == 0
    first.unlink()
    assert solve(second, tmp_path / "out").exit_code == 0


def test_claims_move_with_the_files(tmp_path: Path) -> None:
    assert solve(made(tmp_path / "x/a/q.toml"), tmp_path / "x/out").exit_code == 0
    (tmp_path / "x").rename(tmp_path / "y")
    assert solve(tmp_path / "y/a/q.toml", tmp_path / "y/out").exit_code == 0
    assert solve(made(tmp_path / "y/b/q.toml"), tmp_path / "y/out").exit_code == 2


def test_endings_in_the_same_folder_are_two_problems(tmp_path: Path) -> None:
    first = made(tmp_path / "q.toml")
    second = made(tmp_path / "q.json", '{"equations": "s[t] = x[t]", "inputs": {"x": [1]}}')
    assert solve(first, tmp_path / "out").exit_code == 0
    assert solve(second, tmp_path / "out").exit_code == 2


@pytest.mark.parametrize(
    "name",
    ["...toml", "....toml", "..toml.toml", "a:b.toml", "CON.toml", "\\..\\x.toml", "\udce9.toml"],
)
def test_documents_stay_inside_the_output(tmp_path: Path, name: str) -> None:
    if os.name != "posix":
        missing("a file system with such names", "a POSIX system")
    file = made(tmp_path / "in" / name)
    done = solve(file, tmp_path / "deep/out")
    assert done.exit_code == 0, done.output
    (written,) = tmp_path.rglob("solution.md")
    assert written.parent.parent == tmp_path / "deep/out"


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("hw10_question2", "hw10_question2"),
        ("Übung 3.1", "Übung 3.1"),
        ("..", "_"),
        (".", "_"),
        (".sources", "_.sources"),
        ("q. .", "q"),
        ("CON", "_CON"),
        ("aux", "_aux"),
        ("nul.2026", "_nul.2026"),
        ("com1", "_com1"),
        ("console", "console"),
        ("verifier.sty", "_verifier.sty"),
        ("a:b*c?", "a_b_c_"),
        ("a\nb", "a_b"),
    ],
)
def test_names(stem: str, name: str) -> None:
    assert folder_name(stem) == name


def test_long_names_are_short_and_stay_apart() -> None:
    names = {folder_name("问" * 80 + end) for end in "ab"} | {folder_name("q" * 240)}
    assert len(names) == 3
    assert all(len(name.encode()) <= LONGEST for name in names)


def test_names_that_differ_in_case_are_kept_apart(tmp_path: Path) -> None:
    first, second = made(tmp_path / "a/Q.toml"), made(tmp_path / "b/q.toml", OTHER)
    assert solve(first, tmp_path / "out").exit_code == 0
    done = solve(second, tmp_path / "out")
    alike = (tmp_path / "A").exists()  # whether this file system tells them apart
    assert done.exit_code == (2 if alike else 0)
    assert "0.4621" in (tmp_path / "out/Q/solution.md").read_text()
