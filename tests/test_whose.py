"""Whose marks they are: several files of one person, several people of one name, nothing read."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conftest import SEED
from tests.test_hidden import sheet
from verifier.cli import main

MOODLE = "{}_assignsubmission_file_"
ONE = "z_1 = 0.5381\nr_1 = 0.5294\n"


def told(folder: Path, files: Mapping[str, str | bytes], *options: str) -> tuple[int, str]:
    """The exit code and the words of a check of files."""
    for name, content in files.items():
        path = folder / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    call = ["check", str(SEED), str(folder / "in"), "--output", str(folder / "out"), *options]
    done = CliRunner().invoke(main, call)
    return done.exit_code, done.output


def points(folder: Path, name: str = "class") -> dict[str, str]:
    with open(folder / "out" / SEED.stem / f"{name}.csv", newline="") as file:
        return {row["person"]: row["points"] for row in csv.DictReader(file)}


def test_files_of_one_person_are_one_sheet(tmp_path: Path) -> None:
    ada, bob = MOODLE.format("Ada Lovelace_123"), MOODLE.format("Bob_7")
    files = {f"{ada}/step1.txt": ONE, f"{ada}/step2.csv": "step,name,index,value\n2,z,0,0.6910\n"}
    _, output = told(tmp_path, {**files, f"{bob}/all.txt": ONE})
    assert points(tmp_path) == {"Ada Lovelace": "3", "Bob": "2"}
    assert "two values" not in output


def test_of_two_values_in_two_files_neither_is_taken(tmp_path: Path) -> None:
    ada, bob = MOODLE.format("Ada Lovelace_123"), MOODLE.format("Bob_7")
    files = {f"{ada}/a.txt": ONE, f"{ada}/b.txt": "z_1 = 0.53810\nr_1 = 0.5294\n"}
    code, output = told(tmp_path, {**files, f"{bob}/all.txt": ONE})
    assert points(tmp_path)["Ada Lovelace"] == "1"
    assert "b.txt:1: z[0] at step 1 has two values, 0.5381 and 0.53810" in output
    assert code == 1


@pytest.mark.parametrize(
    "names",
    [
        ("A/ann.txt", "B/ann.txt"),
        (f"{MOODLE.format('Ann Lee_1')}/x.txt", f"{MOODLE.format('Ann Lee_2')}/x.txt"),
        ("ann.txt", "other.txt"),
    ],
)
def test_people_of_one_name_are_told_apart(names: tuple[str, str], tmp_path: Path) -> None:
    first, second = names
    files = {first: f"Name: Ann Lee\n{ONE}", second: "Name: Ann Lee\nz_1 = 0.5381\n"}
    book = tmp_path / "book.csv"
    book.write_text("Student,ID\nAnn Lee,1\nBob,2\n")
    (tmp_path / "by_hand.csv").write_text("person,points\nAnn Lee,9\nNobody,1\n")
    options = "--gradebook", str(book), "--corrections", str(tmp_path / "by_hand.csv")
    code, output = told(tmp_path, {**files, "bob.txt": ONE}, *options)
    found = points(tmp_path)
    assert len(found) == 3
    assert found["Ann Lee"] == "9"
    assert "'Nobody' handed nothing in here" in output
    assert output.count("not one row is that of 'Ann Lee") == 2
    assert (tmp_path / "out" / SEED.stem / "marks.csv").read_text().splitlines()[1].endswith(",")
    assert code == 1


UNREAD = {
    "latin": "Größe;0,5\n".encode("latin-1"),
    "empty": "",
    "blank": "\n\n",
    "words": "z_1 = one half\n",
}


@pytest.mark.parametrize("ending", ["txt", "csv", "toml", "md", "tex"])
@pytest.mark.parametrize("name", UNREAD)
def test_who_could_not_be_read_has_no_points(name: str, ending: str, tmp_path: Path) -> None:
    book = tmp_path / "book.csv"
    book.write_text("Student,ID\nAnn,1\nBob,2\n")
    files = {f"Ann.{ending}": UNREAD[name], "Bob.txt": ONE}
    _, output = told(tmp_path, files, "--gradebook", str(book))
    assert points(tmp_path) == {"Ann": "", "Bob": "2"}
    assert "Ann: not judged; could not be read: " in output
    marks = (tmp_path / "out" / SEED.stem / "marks.csv").read_text().splitlines()
    assert marks[1:] == ["Ann,1,", "Bob,2,2"]


def test_points_by_hand_are_points_of_who_could_not_be_read(tmp_path: Path) -> None:
    own = tmp_path / "by_hand.csv"
    own.write_text("person,points\nAnn,7\n")
    _, output = told(tmp_path, {"Ann.txt": "", "Bob.txt": ONE}, "--corrections", str(own))
    assert points(tmp_path) == {"Ann": "7", "Bob": "2"}
    assert "Ann: 7 of 16 points" in output


FIRST = [
    ("h_1 = [0.1516, 0.0928, 0.0939]", "The first number that you gave and that goes wrong is"),
    ("z_1 = 0.5381\nr_1 = foo\nh_1 = [0.9, 0.0828, 0.0939]", "The first number that you gave"),
    ("z_1 = 0.5381\nr_1 = 0.9294", "Up to the reset gate"),
    ("z_1 = 0.9381", "Things first go wrong at"),
]


@pytest.mark.parametrize(("text", "said"), FIRST)
def test_nothing_is_said_of_numbers_that_were_not_given(
    text: str, said: str, tmp_path: Path
) -> None:
    told(tmp_path, {"a.txt": text}, "--format", "txt")
    (path,) = (tmp_path / "out").rglob("feedback.txt")
    assert said.split(" the ")[0] in " ".join(path.read_text().split())


def test_what_follows_alone_is_not_called_wrong(tmp_path: Path) -> None:
    """All numbers are given and z_2 is wrong, but s_2 alone is judged."""
    lines = sheet(z20="0.3090", s20="0.3490", s21="0.3727", s22="0.2596")
    told(tmp_path, {"a.txt": lines}, "--format", "txt", "--only", "s", "--step", "2")
    (path,) = (tmp_path / "out").rglob("feedback.txt")
    text = " ".join(path.read_text().split())
    assert "It follows from what you had before" in text
    assert "other number" not in text
    assert "again" not in text


def percent(text: str) -> str:
    name, _, number = text.partition(" = ")
    return f"{name} = {float(number) * 100:.2f}"


def test_only_quantities_that_were_given_are_called_percent(tmp_path: Path) -> None:
    lines = [percent(line) for line in sheet().splitlines() if line[0] in "zr"]
    told(tmp_path, {"a.txt": "\n".join(lines)}, "--format", "txt")
    (path,) = (tmp_path / "out").rglob("feedback.txt")
    assert "Written as percent (z, r)" in " ".join(path.read_text().split())


@pytest.mark.parametrize("language", ["en", "de", "zh"])
def test_a_slip_that_is_not_told_is_not_called_a_single_number(
    language: str, tmp_path: Path
) -> None:
    task = tmp_path / "hw.toml"
    task.write_text(f'language = "{language}"\n{SEED.read_text()}')
    sheets = tmp_path / "a.txt"
    sheets.write_text("\n".join(percent(line) for line in sheet().splitlines()))
    call = ["check", str(task), str(sheets), "--hide-answers", "--output", str(tmp_path / "out")]
    output = CliRunner().invoke(main, [*call, "--format", "txt"]).output
    (path,) = (tmp_path / "out").rglob("feedback.txt")
    text = " ".join(path.read_text().split())
    assert "hidden" not in text + output
    single = {"en": "single number", "de": "einzelne Zahl", "zh": "单个数字"}
    assert single[language] not in text
