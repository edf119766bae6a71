"""Marks in tables of Moodle and Canvas: their own rows, with one column filled in."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conftest import SEED
from verifier.check.gradebook import marked
from verifier.cli import main
from verifier.errors import VerifierError

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,HW 10 · Question 2 (771)
    Points Possible,,,,,16
"Lee, Ann",4711,,alee,Math,
"Müller, Jörg",4712,,jm,Math,
"Lee, Anna",4713,,alee2,Math,3
"""
MOODLE = """Vorname;Nachname;Matrikelnummer;E-Mail-Adresse
Ann;Lee;4711;ann@uni.edu
Jörg;Müller;4712;jm@uni.edu
"""


def test_canvas_gets_its_own_rows_back() -> None:
    marks = {("Ann Lee", "a.txt"): "14.5", ("muellerjorg", "mullerjorg_4712_99_hw.txt"): "7"}
    found = marked(CANVAS, "c.csv", "HW 10 · Question 2", marks)
    assert found.text == CANVAS.replace("alee,Math,\n", "alee,Math,14.5\n").replace(
        "jm,Math,\n", "jm,Math,7\n"
    )
    assert not found.unknown
    assert found.empty == 0


def test_moodle_gets_a_column_more() -> None:
    marks = {("jm@uni.edu", "b"): "16", ("Lee Ann", "a"): "0", ("Eve", "e"): "3"}
    found = marked(MOODLE, "m.csv", "HW", marks)
    assert [line.split(";")[-1] for line in found.text.splitlines()] == ["HW", "0", "16"]
    assert found.unknown == ("Eve",)


@pytest.mark.parametrize("person", ["Ann Lee", "annlee", "Lee, Ann", "ANN  LEE", "x (ann@uni.edu)"])
def test_people_are_found_by_name_in_any_order_or_address(person: str) -> None:
    found = marked(MOODLE, "m.csv", "HW", {(person, "f"): "1"})
    assert found.text.splitlines()[1].endswith(";1")


def test_two_rows_of_one_name_are_no_ones() -> None:
    twice = MOODLE + "Ann;Lee;4719;other@uni.edu\n"
    found = marked(
        twice, "m.csv", "HW", {("Ann Lee", "f"): "1", ("ann lee", "x_4719_1_hw.txt"): "2"}
    )
    assert found.unknown == ("Ann Lee", "ann lee")
    assert found.empty == 3


def test_what_is_no_table_of_people_is_an_error() -> None:
    with pytest.raises(VerifierError, match="no column says whose"):
        marked("a,b\n1,2\n", "x.csv", "HW", {})


def test_the_command_writes_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "Ann Lee.txt").write_text("z_1 = 0.5381")
    (tmp_path / "in" / "Jörg Müller.txt").write_text("z_1 = 0.9")
    book = tmp_path / "book.csv"
    book.write_text(CANVAS)
    call = ["check", str(SEED), str(tmp_path / "in"), "--gradebook", str(book)]
    done = CliRunner().invoke(main, [*call, "--format", "csv", "--output", str(tmp_path)])
    assert done.exit_code == 1, done.output
    made = (tmp_path / SEED.stem / "marks.csv").read_text()
    assert "alee,Math,1\n" in made
    assert "jm,Math,0\n" in made
    assert book.read_text() == CANVAS
