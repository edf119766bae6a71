"""Points by hand survive a new run, and a changed key says whose points change."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.conftest import SEED
from verifier.cli import main


def run(folder: Path, problem: Path = SEED, *options: str) -> Result:
    call = ["check", str(problem), str(folder / "in"), "--output", str(folder / "out"), *options]
    return CliRunner().invoke(main, call)


@pytest.fixture
def handed(tmp_path: Path) -> Path:
    """Two people's sheets."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "Ada.txt").write_text(
        "z_1 = 0.5381\nr_1 = 0.5987\nh_1 = [0.1516, 0.0828, 0.0939]"
    )
    (tmp_path / "in" / "Bob.txt").write_text("z_1 = 0.5380\n")
    return tmp_path


def table(folder: Path, name: str = "class") -> list[dict[str, str]]:
    with open(folder / "out" / SEED.stem / f"{name}.csv", newline="") as file:
        return list(csv.DictReader(file))


def points(folder: Path) -> dict[str, str]:
    return {row["person"]: row["points"] for row in table(folder)}


def test_corrections_survive_a_new_run(handed: Path) -> None:
    assert run(handed).exit_code == 1
    before = points(handed)
    own = handed / "out" / SEED.stem / "corrections.csv"
    assert own.read_text() == "person,step,name,index,points,reason\n"
    text = (
        own.read_text() + 'Ada,1,r,,0.5,half right\nAda,1,h,"0",0,\nBob,,,,7,"was ill"\nEve,,,,3,\n'
    )
    own.write_text(text)
    done = run(handed, SEED, "--format", "csv", "--format", "json", "--format", "md")
    assert "'Eve' handed nothing in here" in done.output
    assert before == {"Ada": "4", "Bob": "1"}
    assert points(handed) == {"Ada": "3.5", "Bob": "7"}
    assert own.read_text() == text
    assert [row["by_hand"] for row in table(handed)] == ["1", "1"]
    assert table(handed, "changes") == [
        {"person": "Ada", "file": "Ada.txt", "before": "4", "after": "3.5"},
        {"person": "Bob", "file": "Bob.txt", "before": "1", "after": "7"},
    ]
    data = json.loads((own.parent / "check.json").read_text())
    assert [row["index"] for row in data["rows"] if row["by_hand"]] == [[0], [0]]
    assert "points given by hand" in (own.parent / "feedback" / "Ada.md").read_text()
    assert run(handed).exit_code == 1
    assert points(handed) == {"Ada": "3.5", "Bob": "7"}
    assert table(handed, "changes") == []


def test_a_changed_key_says_whose_points_change(handed: Path) -> None:
    task = handed / SEED.name
    task.write_text(SEED.read_text())
    assert "points changed" not in run(handed, task).output
    task.write_text(SEED.read_text().replace("U_r = [[0.45], [0.12]]", "U_r = [[0.8], [1.8]]"))
    assert (
        "points changed since the last run: 1 of 2 people\n  Ada: 4 -> 5"
        in run(handed, task).output
    )


BAD = [
    ("person,points\nAda,x\n", "points 'x'"),
    ("person,points\nAda,-1\n", "points '-1'"),
    ("person,step,name,index,points\nAda,1,q,,1\n", "no quantity 'q'"),
    ("person,step,name,index,points\nAda,3,h,,1\n", "step 3"),
    ("person,step,name,index,points\nAda,1,h,3,1\n", "index '3'"),
    ("person,step,name,index,points\nAda,,h,,1\n", "belong together"),
]


@pytest.mark.parametrize(("text", "told"), BAD)
def test_what_is_no_correction_is_told_with_its_line(handed: Path, text: str, told: str) -> None:
    own = handed / "by_hand.csv"
    own.write_text(text + "Bob" + "," * (text.partition("\n")[0].count(",") - 1) + ",2\n")
    done = run(handed, SEED, "--corrections", str(own))
    assert done.exit_code == 1
    assert told in done.output
    assert f"{own}:2" in done.output
    assert points(handed)["Bob"] == "2"  # the next row counts


def test_what_is_no_table_of_corrections_is_refused(handed: Path) -> None:
    own = handed / "by_hand.csv"
    own.write_text("person,mark\nAda,3\n")
    done = run(handed, SEED, "--corrections", str(own))
    assert (done.exit_code, "no table of corrections" in done.output) == (2, True)


def test_semicolons_and_decimal_commas_are_read(handed: Path) -> None:
    own = handed / "by_hand.csv"
    own.write_text("person;points\nBob;2,5\n")
    run(handed, SEED, "--corrections", str(own))
    assert points(handed)["Bob"] == "2.5"
