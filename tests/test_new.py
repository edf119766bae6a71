"""Problem files to start from: they solve at once, name what can change, overwrite nothing."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from verifier import cells, loads
from verifier.cli import main
from verifier.errors import ProblemError
from verifier.problem.starter import Sizes, starter
from verifier.solution import solve

SIZES = [
    Sizes(),
    Sizes(steps=1, inputs=1, hidden=1),
    Sizes(steps=3, inputs=3, hidden=2, biases=True),
    Sizes(batch=2),
    Sizes(batch=1, biases=True, hidden=1),
    Sizes(column=True, biases=True, inputs=4),
    Sizes(inputs=30, hidden=20),
]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


OWN = [name for name in cells.catalogue() if not cells.load(name).same_as]


CLASSIC = ("gru", "lstm", "rnn")
"""Cells that are tried in all sizes; the others in every third one."""

STARTS = [(name, sizes) for name in OWN for sizes in SIZES[:: 1 if name in CLASSIC else 3]]


@pytest.mark.parametrize(("cell", "sizes"), STARTS, ids=str)
def test_a_new_problem_solves_at_once(cell: str, sizes: Sizes) -> None:
    if sizes.batch and not cells.load(cell).batch:
        with pytest.raises(ProblemError, match=f"{cell} takes one sequence at a time"):
            starter(cell, sizes)
        return
    text = starter(cell, sizes)
    problem = loads(text)
    assert problem.steps == sizes.steps
    batch = (sizes.batch,) if sizes.batch else ()
    assert (*batch, sizes.hidden) in {problem.shapes[name] for name in problem.cell.equation}
    optional = cells.load(cell).optional
    assert optional & {*problem.parameters} == (optional if sizes.biases else set())
    assert solve(problem).complete
    assert max(map(len, text.splitlines())) <= 140 or sizes.inputs == 30


@pytest.mark.parametrize("cell", [name for name in cells.catalogue() if name not in OWN])
def test_a_cell_of_the_same_equations_starts_with_its_own_name(cell: str) -> None:
    assert solve(loads(starter(cell))).problem.cell.name == cell


@pytest.mark.parametrize("cell", OWN)
@pytest.mark.parametrize("column", [False, True])
def test_what_is_commented_out_is_right_too(cell: str, column: bool) -> None:
    text = starter(cell, Sizes(column=column, inputs=12, hidden=10))
    full = re.sub(r"^# (?=\[|\w+ = |  \[|\]$)", "", text, flags=re.MULTILINE)
    assert full.count("\n#") < text.count("\n#")
    problem = loads(full)
    assert {*problem.parameters} == {*cells.load(cell).roles.parameters}
    assert problem.texts.statement
    assert problem.notation.names


def test_numbers_are_decimals_of_two_places_and_the_same_each_time() -> None:
    data = tomllib.loads(starter("gru"), parse_float=str)
    flat = [text for row in data["parameters"]["U_h"] for text in row]
    assert all(re.fullmatch(r"-?0\.\d\d", text) and float(text) for text in flat)
    assert starter("gru") == starter("gru")
    assert data["parameters"]["W_z"] != data["parameters"]["W_r"]


def test_new_writes_a_file_that_the_other_commands_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("new", "gru", "--steps", 2, "--inputs", 2, "--hidden", 3)
    assert (done.exit_code, done.output) == (0, "wrote gru.toml\n")
    assert run("solve", "gru.toml").exit_code == 0
    assert run("sheet", "gru.toml", "--format", "md").exit_code == 0
    assert (tmp_path / "output/gru/solution.pdf").exists()


def test_new_overwrites_nothing_unasked(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("mine")
    refused = run("new", "lstm", "-o", path)
    assert refused.exit_code == 2
    assert "is there already" in refused.output
    assert path.read_text() == "mine"
    assert run("new", "lstm", "-o", path, "--force").exit_code == 0
    assert 'cell = "lstm"' in path.read_text()
    dangling = tmp_path / "link.toml"
    dangling.symlink_to(tmp_path / "nowhere.toml")
    assert run("new", "lstm", "-o", dangling).exit_code == 2


def test_new_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("new", "rnn", "--batch", 3, "--stdout")
    assert loads(done.stdout).shapes["h"] == (3, 3)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (("gruu",), "did you mean 'gru'"),
        (("../gru",), "there is no cell"),
        (("gru", "--hidden", "0"), "--hidden"),
        (("gru", "--hidden", "100000"), "--hidden"),
        (("gru", "-o", "gru.json"), ".toml"),
        (("gru", "-o", "/proc/nowhere/gru.toml"), "cannot be written"),
    ],
)
def test_a_bad_call_says_what_is_accepted(call: tuple[str, ...], says: str) -> None:
    done = run("new", *call)
    assert done.exit_code == 2
    assert says in done.output


@pytest.mark.parametrize("command", ["solve", "sheet", "check", "audit", "embed"])
@pytest.mark.parametrize("cell", ["lstm", "GRU"])
def test_a_cell_where_a_problem_is_wanted_is_told_so(
    command: str, cell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    more = {"check": ["answers.toml"], "embed": ["--piece", "table"]}.get(command, [])
    done = run(command, cell, *more)
    assert done.exit_code == 2
    assert "is a cell of the catalogue" in done.output
    assert f"verifier new {cell.lower()}" in done.output
