"""`verifier check` of a folder of variants: everyone is held against their own."""

from __future__ import annotations

import csv
import json
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.test_feedback import schemas
from verifier.cli import main
from verifier.problem import load
from verifier.solution import Solution

TEXT = """
equations = "s[t] = tanh(x[t] * u + s[t-1] * w)"
[rounding]
places = 3
[parameters]
u = 0.351
w = 0.626
[initial]
s = 0.25
[inputs]
x = [0.522, 0.814]
[vary]
steps = [2, 3]
"""
PEOPLE = ("Ada Lovelace", "王小明", "Zoë O'Neil", "Max")


def run(*arguments: object) -> tuple[int, str]:
    """The exit code of a command, and what it says."""
    done = CliRunner().invoke(main, list(map(str, arguments)))
    return done.exit_code, done.output


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four people with variants of two lengths."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "p.toml").write_text(TEXT, "utf-8")
    (folder / "class.csv").write_text("name\n" + "".join(f"{p}\n" for p in PEOPLE), "utf-8")
    options = ("--roster", folder / "class.csv", "--output", folder / "v", "--only-problems")
    assert run("vary", folder / "p.toml", *options)[0] == 0
    return folder


def right(course: Path, number: int) -> list[str]:
    """The right answers to a variant, as lines of a table."""
    rows = Solution(load(course / "v" / f"{number:04}" / "problem.toml")).rows
    return [f"{row.step},{row.name},{row.rounded}" for row in rows]


def points(course: Path, *answers: Path) -> dict[str, tuple[str, str]]:
    """Points and what could not be read, by person."""
    out = course / "out"
    run("check", course / "v", *answers, "--output", out, "--format", "csv")
    rows = csv.DictReader((out / "v" / "class.csv").read_text("utf-8").splitlines())
    return {row["person"]: (row["points"], row["could_not_be_read"]) for row in rows}


def test_everyone_is_held_against_their_own(course: Path) -> None:
    folder = course / "answers"
    folder.mkdir()
    head = "step,name,value"
    for k, name in ((1, "ada_lovelace"), (2, "0002"), (3, "Zoë O'Neil"), (1, "Max")):
        (folder / f"{name}.csv").write_text("\n".join([head, *right(course, k)]), "utf-8")
    (folder / "Nobody.csv").write_text("\n".join([head, *right(course, 1)]), "utf-8")
    found = points(course, folder)
    assert found["ada_lovelace"][0] == "2"
    assert found["0002"][0] == "3"
    assert found["Zoë O'Neil"][0] == "2"
    assert found["Max"][0] in ("0", "0.5", "1")  # another person's numbers
    assert found["Nobody"][0] == ""
    assert "no variant" in found["Nobody"][1]


def test_the_contract_says_whose_variant_is_whose(course: Path) -> None:
    folder = course / "contract"
    folder.mkdir()
    for k in (1, 2):
        lines = ["step,name,value", *right(course, k)]
        (folder / f"{k:04}.csv").write_text("\n".join(lines), "utf-8")
    out = course / "json"
    run("check", course / "v", folder, "--output", out, "--format", "json")
    data = json.loads((out / "v" / "check.json").read_text("utf-8"))
    variants = [load(course / "v" / f"{k:04}" / "problem.toml") for k in (1, 2)]
    assert [one["problem"]["sha256"] for one in data["people"]] == [v.sha256 for v in variants]
    assert [one["problem"]["title"] for one in data["people"]] == [v.title for v in variants]
    assert [(one["points"], one["most"]) for one in data["people"]] == [("2", "2"), ("3", "3")]
    table = (course / "v" / "variants.csv").read_bytes()
    assert data["problem"]["sha256"] == sha256(table).hexdigest()
    assert f"{data['problem']['title']} · 0001" == variants[0].title
    schemas().validate(data)


def test_one_table_of_all(course: Path) -> None:
    lines = ["person,step,name,value"]
    lines += [f"{PEOPLE[k]},{line}" for k in range(4) for line in right(course, k + 1)]
    file = course / "all.csv"
    file.write_text("\n".join(lines), "utf-8")
    assert [p for p, _ in points(course, file).values()] == ["2", "3", "2", "3"]


def test_a_class_of_several_lengths_is_told_by_shares(course: Path) -> None:
    """Two of two points and two of three are 100 % and 66.67 %; a row has its own most."""
    lines = ["person,step,name,value"]
    lines += [f"{PEOPLE[k]},{line}" for k in (0, 1) for line in right(course, k + 1)[:2]]
    file = course / "shares.csv"
    file.write_text("\n".join(lines), "utf-8")
    out = course / "shares"
    run("check", course / "v", file, "--output", out, "--format", "md")
    text = (out / "v" / "class.md").read_text("utf-8")
    assert "2 people; 2 to 3 points can be had, by the variant." in text
    assert "On average 83.33 % of the points; the median is 83.33 %, the least 66.67 %" in text
    assert "| 60 – 70 | 1 |\n| 90 – 100 | 1 |" in text
    assert [line.split("|")[2] for line in text.splitlines() if "feedback/" in line] == [
        " 2 / 2 ",
        " 2 / 3 ",
    ]


def test_blanks_beyond_the_steps_of_a_variant_are_nothing(course: Path) -> None:
    """A form has as many questions as the longest variant: TEXT's have two steps or three."""
    numbers = [[line.rsplit(",", 1)[1] for line in right(course, k)] for k in (1, 2)]
    rows = [f"{PEOPLE[k]},{','.join([*numbers[k], ''][:3])}" for k in (0, 1)]
    file = course / "form.csv"
    file.write_text("\n".join(["person,s_1,s_2,s_3", *rows]), "utf-8")
    assert [*points(course, file).values()][:2] == [("2", ""), ("3", "")]


def test_a_variant_that_was_changed_costs_no_other(course: Path) -> None:
    path = course / "v" / "0004" / "problem.toml"
    text = path.read_text("utf-8")
    file = course / "all.csv"
    lines = ["person,step,name,value"]
    lines += [f"{PEOPLE[k]},{line}" for k in (0, 3) for line in right(course, k + 1)]
    file.write_text("\n".join(lines), "utf-8")
    path.write_text(text + "# changed\n", "utf-8")
    try:
        found = points(course, file)
    finally:
        path.write_text(text, "utf-8")
    assert found["Ada Lovelace"][0] == "2"
    assert "not as it was" in found["Max"][1]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (None, "a folder that `verifier vary` wrote"),
        ("who,what\n", "the columns are not known"),
        ("person,id,file,sha256\n", "nobody is in it"),
        ("person,id,file,sha256\nAda,1,../secret.toml,0\n", "is no file here"),
        ("person,id,file,sha256\nAda,1,/etc/x.toml,0\n", "is no file here"),
    ],
)
def test_folders_that_are_no_variants(table: str | None, said: str, tmp_path: Path) -> None:
    if table is not None:
        (tmp_path / "variants.csv").write_text(table, "utf-8")
    code, text = run("check", tmp_path, tmp_path)
    assert (code, said in text, "Traceback" in text) == (2, True, False), text
