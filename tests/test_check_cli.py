"""`verifier check`: documents, exit codes, summaries; the seed's own notebook; a class."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SEED
from tests.notebooks import SHOWN, notebook, result, seed_notebook
from tests.test_cli import run
from tests.test_feedback import schemas
from verifier.api import check, load, solve
from verifier.check.model import Answers
from verifier.outcomes.model import Given


def rows(path: Path, *more: str) -> list[dict[str, Any]]:
    done = run("check", SEED, path, "--format", "json", "--stdout", *more)
    data = json.loads(done.stdout)
    schemas().validate(data)
    found: list[dict[str, Any]] = data["rows"]
    return found


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_seeds_own_notebook_is_all_correct(tmp_path: Path) -> None:
    path = written(tmp_path, "hw10_question2.ipynb", seed_notebook())
    assert {row["verdict"] for row in rows(path)} == {"correct"}
    done = run("check", SEED, path, "--output", tmp_path)
    assert done.exit_code == 0
    assert "16 of 16 points" in done.output
    made = (tmp_path / "hw10_question2" / "feedback.md").read_text()
    assert "Every number is right, to the last digit." in made


def test_the_same_with_another_policy_is_rounding_and_the_policy_is_named(tmp_path: Path) -> None:
    shown = {step: text.replace("0.0383", "0.0382") for step, text in SHOWN.items()}
    path = written(tmp_path, "hw.ipynb", seed_notebook(shown))
    found = rows(path)
    odd = [row for row in found if row["verdict"] != "correct"]
    assert [(row["step"], row["name"], row["index"]) for row in odd] == [(1, "s", [1])]
    assert odd[0]["verdict"] == "rounding"
    assert odd[0]["explanation"] == {"kind": "policy", "id": "equation"}
    assert "every equation" in odd[0]["because"]
    assert run("check", SEED, path, "--output", tmp_path).exit_code == 0


def test_a_mistake_is_named_and_shown(tmp_path: Path) -> None:
    text = "z_1 = 0.4619\nr_1 = 0.5294\nh_1 = 0.1516 0.0828 0.0939\n"
    path = written(tmp_path, "ada.txt", text)
    done = run("check", SEED, path, "--output", tmp_path)
    assert done.exit_code == 1
    assert "first wrong: z[0] at step 1" in done.output
    made = (tmp_path / "hw10_question2" / "feedback.md").read_text()
    assert "What seems to have happened" in made
    assert "Things first go wrong at $z_1$" in made


def test_what_is_written_for_one_person(tmp_path: Path) -> None:
    path = written(tmp_path, "ada.toml", "z_1 = 0.5381")
    formats = ("md", "html", "typ", "pdf", "json", "csv")
    done = run("check", SEED, path, "--output", tmp_path, *(f"--format={f}" for f in formats))
    assert done.exit_code == 0, done.output
    names = {found.name for found in (tmp_path / "hw10_question2").iterdir()}
    assert names == {
        *(f"feedback.{f}" for f in ("md", "html", "typ", "pdf")),
        "check.json",
        "class.csv",
    }


CLASS = {
    "ada.toml": "z_1 = 0.5381",
    "Bob.json": '{"z_1": 0.5381, "r_1": "x"}',
    "b/ob.txt": "z_1 = 0.5381",
    "B/ob.txt": "z_1 = 0.7",
    "broken.ipynb": "{",
    "empty.md": "",
}


def test_a_class_and_a_broken_file_in_it(tmp_path: Path) -> None:
    for name, text in CLASS.items():
        written(tmp_path / "class", name, text)
    done = run("check", SEED, tmp_path / "class", "--output", tmp_path)
    assert done.exit_code == 1
    assert "broken: not judged" in done.output
    assert "not JSON" in done.output
    folder = tmp_path / "hw10_question2"
    with (folder / "class.csv").open() as file:
        table = {row["person"]: row for row in csv.DictReader(file)}
    assert set(table) == {"ada", "Bob", "b", "B", "broken", "empty"}
    assert table["ada"]["correct"] == "1"
    assert "broken.ipynb:1" in table["broken"]["could_not_be_read"]
    assert "'x' is no number" in table["Bob"]["could_not_be_read"]
    pages = sorted(path.name for path in (folder / "feedback").iterdir())
    assert len(pages) == 6
    page = (folder / "class.html").read_text()
    assert all(f'href="feedback/{name}"' in page for name in pages)


def test_a_name_without_a_font_is_shown_by_code(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "person,z_1\n\U0001e922\uf8d0,0.5381\nBob,0.5381\n")
    done = run("check", SEED, path, "--format", "pdf", "--output", tmp_path)
    assert done.exit_code == 0
    assert "U+F8D0" in done.stderr
    assert len(list((tmp_path / "hw10_question2" / "feedback").glob("*.pdf"))) == 2


def test_stdout_holds_the_document_alone(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "person,z_1\nAda,0.5381\nBob,0.5381\n")
    for format in ("json", "csv", "html"):
        done = run("check", SEED, path, "--format", format, "--stdout", "--output", tmp_path / "o")
        assert done.exit_code == 0
        assert "Ada: 1 of 16 points" in done.stderr
        assert "16 points;" not in done.stdout
    assert not (tmp_path / "o").exists()


BAD: list[tuple[Sequence[str], str]] = [
    ((), "files or folders"),
    (("nothing.toml",), "no such file"),
    (("a.csv", "--format", "odt"), "docx"),
    (("a.csv", "--format", "md", "--format", "json", "--stdout"), "one --format"),
    (("--fairness", "--format", "csv"), "html, md"),
    (("broken.json",), "not JSON"),
    (("photo.png",), "is not known"),
]


@pytest.mark.parametrize(("call", "says"), BAD, ids=lambda value: str(value)[:40])
def test_a_bad_call_ends_with_2_and_says_what_is_accepted(
    call: Sequence[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "a.csv", "person,z_1\nAda,0.5381\nBob,0.5381\n")
    written(tmp_path, "broken.json", "{")
    written(tmp_path, "photo.png", "")
    done = run("check", SEED, *call)
    assert done.exit_code == 2
    assert says in done.output
    assert "Traceback" not in done.output


def test_other_rounding_is_checked_by_its_own_digits(tmp_path: Path) -> None:
    path = written(tmp_path, "a.toml", "s_1 = [0.0700, 0.0382, 0.0434]")
    found = {row["verdict"] for row in rows(path, "--policy", "equation")}
    assert found == {"correct", "missing"}


def test_language(tmp_path: Path) -> None:
    task = written(tmp_path, "hw.toml", 'language = "de"\n' + SEED.read_text())
    path = written(tmp_path, "a.toml", "s_1 = [0.07, 0.0382, 0.0434]")
    done = run("check", task, path, "--format", "json", "--stdout")
    because = {row["because"] for row in json.loads(done.stdout)["rows"] if row["given"]}
    assert any("Ergebnis jeder Gleichung gerundet" in text for text in because)


def test_from_python(tmp_path: Path) -> None:
    path = written(tmp_path, "a.toml", "z_1 = 0.5381")
    problem = load(SEED)
    given = Answers("Ada", "", {(1, "z", (0,)): Given("0.5381", load_number("0.5381"), 4)})
    for found in (check(problem, path), solve(problem).check(str(path)), check(problem, given)):
        (person,) = found
        assert person.right
        assert person.rows[0].verdict == "correct"


def load_number(text: str) -> Any:
    from fractions import Fraction

    return Fraction(text)


def test_a_notebook_with_other_things_in_it_is_right(tmp_path: Path) -> None:
    text = notebook(("z_1", [result("array([[0.5381]])")]), ("df", [result("   a  b\n0  1  2")]))
    assert (
        run("check", SEED, written(tmp_path, "n.ipynb", text), "--output", tmp_path).exit_code == 0
    )
