"""Questions go out and answers come back: each person gets the marks of their own variant.

The tables are as the systems export them, made of the texts of the exported questions.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

from tests.learning_systems import QTI
from verifier.check.answers.labels import asked_last
from verifier.cli import main
from verifier.documents.exercise import exercise
from verifier.problem import load

TEXT = """
title = "Two quantities"
equations = '''
s[t] = z[t] * tanh(x[t] * u + s[t-1] * w)
z[t] = sigmoid(x[t] * v)
'''
[rounding]
places = 4
[parameters]
u = [0.351, -0.626]
v = 0.418
w = 0.53
[initial]
s = [0.25, 0.1]
[inputs]
x = [0.522, 0.814]
"""
PEOPLE = ("Ada Lovelace", "Zoë O'Neil")
COUNT = 6
"""Numbers that a variant asks for: z of two steps, and s of two entries."""


def run(*arguments: object) -> str:
    """What a command says."""
    return CliRunner().invoke(main, list(map(str, arguments))).output


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people with a variant each, and its banks."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "p.toml").write_text(TEXT, "utf-8")
    (folder / "class.csv").write_text("name\n" + "".join(f"{p}\n" for p in PEOPLE), "utf-8")
    options = ("--roster", folder / "class.csv", "--output", folder / "v", "--only-problems")
    assert "2 variants" in run("vary", folder / "p.toml", *options)
    for name in ("moodle", "moodle-cloze", "canvas", "prairielearn"):
        assert "wrote" in run("export", folder / "v", "--to", name, "--output", folder / "bank")
    return folder


@pytest.fixture(scope="module")
def given(course: Path) -> list[list[str]]:
    """What both people answer: Ada all right, Zoë the first number wrong."""
    variants = [exercise(load(course / "v" / id / "problem.toml")) for id in ("0001", "0002")]
    found = [[field.digits for field in one.fields] for one in variants]
    assert len(set(found[0]) & set(found[1])) < COUNT
    found[1][0] = "0.9999"
    return found


def table(head: list[str], *rows: list[str]) -> str:
    """A table of values separated by commas, all of them quoted."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([head, *rows])
    return out.getvalue()


MOODLE = ["Last name", "First name", "Email address", "Status", "Started", "Completed"]


def attempt(person: str) -> list[str]:
    """What Moodle says of an attempt."""
    first, last = person.split()
    return [last, first, f"{first.lower()}@x.edu", "Finished", "1 March", "1 March"]


def flat(html: str) -> str:
    """A question as Moodle's table has it: its text without elements."""
    return re.sub(r"<[^<>]+>", "", html)


Tables = dict[str, str]


def moodle(bank: Path, given: list[list[str]]) -> Tables:
    """The report of responses, without the texts of questions."""
    head = [*MOODLE, "Grade/6.00", *(f"Response {k}" for k in range(1, COUNT + 1))]
    rows = [[*attempt(p), "5.00", *texts] for p, texts in zip(PEOPLE, given, strict=True)]
    return {"responses.csv": table(head, *rows)}


def moodle_asked(bank: Path, given: list[list[str]]) -> Tables:
    """The same with the texts of questions, which a random choice put in another order."""
    quiz = list(fromstring((bank / "moodle.xml").read_bytes()))
    texts = [flat(one.findtext("questiontext/text", "")) for one in quiz]
    head = [f"{what} {k}" for k in range(1, COUNT + 1) for what in ("Question", "Response")]
    rows = []
    for k, person in enumerate(PEOPLE):
        own = list(zip(texts[k * COUNT :], given[k], strict=False))[::-1]
        rows.append([*attempt(person), *(cell for pair in own for cell in pair)])
    return {"responses.csv": table([*MOODLE, *head], *rows)}


def moodle_cloze(bank: Path, given: list[list[str]]) -> Tables:
    """The report of responses, a cell for all boxes of a cloze question."""
    cells = ["; ".join(f"part {k}: {t}" for k, t in enumerate(texts, 1)) for texts in given]
    rows = [[*attempt(p), cell] for p, cell in zip(PEOPLE, cells, strict=True)]
    return {"responses.csv": table([*MOODLE, "Response 1"], *rows)}


def canvas(bank: Path, given: list[list[str]]) -> Tables:
    """The report of student analysis of each quiz, whose heads are questions without elements."""
    archive = ZipFile(bank / "canvas.zip")
    quizzes = [fromstring(archive.read(n)) for n in archive.namelist() if n != "imsmanifest.xml"]
    found = {}
    for k, (quiz, person) in enumerate(zip(quizzes, PEOPLE, strict=True)):
        asked = [
            cell
            for number, text in enumerate(_asked(quiz))
            for cell in (f"{number}77: {text}", "1.0")
        ]
        head = ["name", "id", "sis_id", "section", "submitted", "attempt", *asked, "n correct"]
        answers = [cell for text in given[k] for cell in (text, "1.0")]
        row = [person, "77", "s77", "Sec 1", "2026-11-26 13:00:00 UTC", "1", *answers, "6"]
        found[f"quiz{k}.csv"] = table([*head, "n incorrect", "score"], [*row, "0", "6.0"])
    return found


def _asked(quiz: Element) -> list[str]:
    return [flat(one.text or "") for one in quiz.iter(f"{QTI}mattext")]


def prairielearn(bank: Path, given: list[list[str]]) -> Tables:
    """Final submissions, with floats that keep no zeros at their ends."""
    pages = sorted((bank / "questions").glob("*/question.html"))
    head = ["UID", "UIN", "Username", "Name", "Role", "Assessment", "Question", "Variant", "Seed"]
    head += ["True answer", "Submitted answer", "Partial Scores", "Score", "Max points"]
    rows = []
    for page, person, texts in zip(pages, PEOPLE, given, strict=True):
        names = re.findall(r'answers-name="(\w+)"', page.read_text("utf-8"))
        submitted = json.dumps(dict(zip(names, map(float, texts), strict=True)))
        who = [f"{person.split()[0].lower()}@x.edu", "77", "u7", person, "Student"]
        rest = ["{}", submitted, json.dumps({"score": 1}), "1", "6"]
        rows.append([*who, "Homework 1", page.parent.name, "1", "12345", *rest])
    return {"final_submissions.csv": table(head, *rows)}


SYSTEMS = (moodle, moodle_asked, moodle_cloze, canvas, prairielearn)


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.__name__)
def test_each_person_gets_the_marks_of_their_variant(
    system: Callable[[Path, list[list[str]]], Tables],
    course: Path,
    given: list[list[str]],
    tmp_path: Path,
) -> None:
    folder = tmp_path / "answers"
    folder.mkdir()
    for name, text in system(course / "bank", given).items():
        (folder / name).write_text(text, "utf-8")
    run("check", course / "v", folder, "--output", tmp_path, "--format", "csv")
    found = list(csv.DictReader((tmp_path / "v" / "class.csv").read_text("utf-8").splitlines()))
    told = {one["person"]: (one["points"], one["could_not_be_read"]) for one in found}
    assert told == {PEOPLE[0]: (str(COUNT), ""), PEOPLE[1]: (str(COUNT - 1), "")}


LAST = (
    ("z_1 =", "z_1"),
    ("12: z_t = s_t h_{1,2} =", "h_{1,2}"),
    ("<p>z_t = tanh(x)</p>\n<p>h_{1,2} =</p></div>", "h_{1,2}"),
    ("z_1 = 0.5", None),
    ("What is z_1?", None),
)


@pytest.mark.parametrize(("text", "name"), LAST)
def test_what_a_question_ends_in(text: str, name: str | None) -> None:
    assert asked_last(text) == name


BROKEN = (
    ("0.5", "not JSON"),
    ('{"q_1": 0.5}', "no quantity 'q_1'"),
    ('{"z_1": "one half"}', "one half"),
    ('{"z_1": [[[1]]]}', "'z_1' is submitted as more than a number"),
    ('{"s_1_9": 2.5}', "s"),
    ('{"z_1": 1e999999999}', "z"),
    ("[" * 5000, "not JSON"),
)


@pytest.mark.parametrize(("cell", "told"), BROKEN)
def test_submitted_answers_that_cannot_be_read(cell: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(TEXT, "utf-8")
    (tmp_path / "a.csv").write_text(table(["UID", "Submitted answer"], ["a@x.edu", cell]), "utf-8")
    call = ("check", tmp_path / "p.toml", tmp_path / "a.csv", "--stdout", "--format", "md")
    done = CliRunner().invoke(main, list(map(str, call)))
    assert done.exit_code == 2
    assert told in done.output
