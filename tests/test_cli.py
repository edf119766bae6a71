"""The command line: what it writes, its exit codes, and what it says about bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from tests.conftest import SEED
from verifier.cli import COMMANDS, main


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def written(output: Path) -> list[str]:
    return sorted(path.name for path in output.glob("*/solution.*"))


def test_solve_writes_md_tex_and_pdf_by_default(tmp_path: Path) -> None:
    done = run("solve", SEED, "--output", tmp_path)
    assert done.exit_code == 0
    assert written(tmp_path) == ["solution.md", "solution.pdf", "solution.tex"]
    assert (tmp_path / "hw10_question2/solution.pdf").read_bytes().startswith(b"%PDF")
    assert "wrote" in done.output


def without_typst(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    monkeypatch.delitem(sys.modules, "verifier.report.pdf", raising=False)


def without_tex(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")


@pytest.mark.parametrize(
    ("take_away", "options", "says"),
    [(without_typst, (), "typst"), (without_tex, ("--engine", "latex"), "no TeX is installed")],
)
def test_a_machine_that_makes_no_pdf_is_told_so_and_gets_the_rest(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    take_away: Callable[[pytest.MonkeyPatch], None],
    options: tuple[str, ...],
    says: str,
) -> None:
    take_away(monkeypatch)
    done = run("solve", SEED, "--output", tmp_path, *options)
    assert done.exit_code == 0
    assert written(tmp_path) == ["solution.md", "solution.tex"]
    assert "pdf is left out" in done.stderr
    assert says in done.stderr
    assert "accepted: " in done.stderr
    asked = run("solve", SEED, "--format=md", "--format=pdf", "--output", tmp_path / "b", *options)
    assert asked.exit_code == 2
    assert says in asked.stderr
    assert written(tmp_path / "b") == []


def test_what_keeps_every_format_from_being_made_is_an_error(tmp_path: Path) -> None:
    problem = tmp_path / "alike.toml"
    problem.write_text(
        'equations = "y[t] = x[t] * x_1"\n[parameters]\nx_1 = 2\n[inputs]\nx = [1]\n'
    )
    done = run("solve", problem, "--output", tmp_path)
    assert done.exit_code == 2
    assert "print alike" in done.stderr
    assert written(tmp_path) == []


def test_a_language_that_latex_cannot_set_loses_tex_alone(tmp_path: Path) -> None:
    problem = tmp_path / "zh.toml"
    problem.write_text('language = "zh"\n' + SEED.read_text())
    done = run("solve", problem, "--output", tmp_path)
    assert done.exit_code == 0
    assert "tex is left out" in done.stderr
    assert "solution.md" in written(tmp_path)


def test_stdout_holds_the_document_alone(tmp_path: Path) -> None:
    done = run("solve", SEED, "--format", "json", "--stdout", "--output", tmp_path)
    assert done.exit_code == 0
    assert len(json.loads(done.stdout)["rows"]) == 16
    assert not list(tmp_path.iterdir())


def rows(*options: str) -> list[dict[str, object]]:
    done = run("solve", SEED, "--format", "json", "--stdout", *options)
    assert done.exit_code == 0, done.output
    found: list[dict[str, object]] = json.loads(done.stdout)["rows"]
    return found


@pytest.mark.parametrize(
    ("options", "digits"),
    [
        ((), "0.0383"),
        (("--policy", "equation"), "0.0382"),
        (("--policy", "operation"), "0.0382"),
        (("--places", "2"), "0.04"),
        (("--places", "0"), "0"),
        (("--figures", "2"), "0.038"),
        (("--mode", "down"), "0.0382"),
        (("--mode", "ceiling", "--places", "3"), "0.039"),
        (("--places", "30"), "0.038253939915890393501244312228"),
    ],
)
def test_options_change_the_digits(options: tuple[str, ...], digits: str) -> None:
    row = next(r for r in rows(*options) if (r["step"], r["name"], r["index"]) == (1, "s", [1]))
    assert row["rounded"] == digits


def test_detail_and_digits() -> None:
    full = run("solve", SEED, "--format", "md", "--stdout").stdout
    vector = run("solve", SEED, "--format", "md", "--stdout", "--detail", "vector").stdout
    result = run("solve", SEED, "--format", "md", "--stdout", "--detail", "result").stdout
    assert len(full) > len(vector) > len(result)
    assert "0.23 \\cdot 0.35" in full
    assert "0.23 \\cdot 0.35" not in vector
    assert "## 40 digits" in run("solve", SEED, "--format=md", "--stdout", "--digits=40").stdout


def test_undecided_entries_end_with_1(tmp_path: Path) -> None:
    problem = tmp_path / "tie.toml"
    problem.write_text(
        'equations = "y[t] = (sigmoid(x[t]) + sigmoid(-x[t])) * 0.00005"\n[inputs]\nx = [1]\n'
    )
    done = run("solve", problem, "--format", "json", "--stdout")
    assert done.exit_code == 1
    row = json.loads(done.stdout)["rows"][0]
    assert (row["rounded"], row["status"]) == (None, "undecided")
    assert "undecided" in done.stderr
    shown = run("solve", problem, "--output", tmp_path)
    assert shown.exit_code == 1
    assert "could not be decided" in (tmp_path / "tie" / "solution.md").read_text()


BAD = [
    (("solve", "missing.toml"), "missing.toml"),
    (("solve", SEED, "--places", "-1"), "--places"),
    (("solve", SEED, "--places", "1001"), "--places"),
    (("solve", SEED, "--places", "3", "--figures", "3"), "one of the two"),
    (("solve", SEED, "--mode", "half-evne"), "half-even"),
    (("solve", SEED, "--format", "odt"), "docx"),
    (("solve", SEED, "--stdout"), "one --format"),
    (("solve", SEED, "--digits", "0"), "--digits"),
    (("solve", SEED, "--output", "/proc/nowhere"), "cannot be written"),
    (("derive", "gruu"), "did you mean 'gru'"),
    (("cells", "lstn"), "did you mean 'lstm'"),
    (("solv", SEED), "solve"),
]


@pytest.mark.parametrize(("call", "says"), BAD, ids=lambda value: str(value)[:40])
def test_a_bad_call_ends_with_2_and_says_what_is_accepted(
    call: tuple[str | Path, ...], says: str
) -> None:
    done = run(*call)
    assert done.exit_code == 2
    assert says in done.output
    assert "Traceback" not in done.output


def test_a_failed_run_leaves_the_old_document_whole(tmp_path: Path) -> None:
    run("solve", SEED, "--output", tmp_path)
    before = (tmp_path / "hw10_question2" / "solution.md").read_bytes()
    bad = tmp_path / "hw10_question2.toml"
    bad.write_text(SEED.read_text().replace("0.35", "nan"))
    done = run("solve", bad, "--output", tmp_path)
    assert done.exit_code == 2
    assert f"{bad}:11:9" in done.output
    assert (tmp_path / "hw10_question2" / "solution.md").read_bytes() == before
    assert len(written(tmp_path)) == 3


def test_derive_and_cells(tmp_path: Path) -> None:
    assert run("derive", "gru", "--output", tmp_path).exit_code == 0
    assert (tmp_path / "gru" / "derivation.tex").exists()
    own = run("derive", SEED, "--format", "md", "--stdout")
    assert "z_t &= " in own.stdout
    assert "lstm" in run("cells").output
    assert "update gate" in run("cells", "gru").output


def test_the_command_runs_as_a_module_without_a_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "verifier", "solve", "nothing.toml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "80"},
    )
    assert done.returncode == 2
    assert "nothing.toml" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


BEYOND = ["tanh(exp(exp(x[t])))", "softplus(-exp(exp(x[t])))", "sigmoid(-exp(exp(x[t])))"]


@pytest.mark.parametrize("tower", BEYOND)
def test_a_number_that_mpmath_cannot_hold_costs_no_other_its_digits(
    tower: str, tmp_path: Path
) -> None:
    path = tmp_path / "tower.toml"
    text = f'equations = """\ny[t] = {tower}\nz[t] = tanh(x[t])\n"""\n[inputs]\nx = [100, 0.5]\n'
    path.write_text(text, "utf-8")
    done = run("solve", path, "--digits", "20", "--format", "md", "--stdout")
    assert done.exit_code in (0, 1), done.output
    assert "```text\n?\n```" in done.output
    assert "0. 4621171572 6000975850" in done.output
    assert "0 entries" not in done.output


@pytest.mark.parametrize("width", ["40", "80"])
def test_no_help_is_cut_off(width: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", width)
    page = " ".join(run("--help").output.split())
    for name in COMMANDS:
        own = run(name, "--help").output
        first = own.split("\n\n")[1].split(". ")[0]
        assert f"{name} {' '.join(first.split()).rstrip('.')}" in page
        assert "..." not in own.replace("]...", "")


def test_every_option_says_what_it_does() -> None:
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        options = (part for part in command.params if isinstance(part, click.Option))
        assert [option.name for option in options if not (option.help or option.hidden)] == []


COMPLETED = [
    ("so", "solve"), ("solve --pol", "--policy"), ("solve --policy ", "equation"),
    ("new gru-py", "gru-pytorch"), ("derive lstm-pe", "lstm-peephole"), ("cells mg", "mgu"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "offered"), COMPLETED)
def test_a_shell_is_told_what_may_follow(typed: str, offered: str) -> None:
    *before, last = typed.split(" ")
    found = ShellComplete(main, {}, "verifier", "_VERIFIER_COMPLETE").get_completions(before, last)
    assert offered in [one.value for one in found]
