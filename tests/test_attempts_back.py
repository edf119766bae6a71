"""Attempts come back from QTI 3, Numbas, nbgrader and PrairieLearn, whose questions have names.

A person's variant is found by the table of people, else by the question that was answered.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement, fromstring, tostring
from zipfile import ZipFile

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from tests.learning_systems import qti3_items
from tests.test_answers_back import COUNT, PEOPLE, TEXT, prairielearn, run, table
from verifier.check.answers import read
from verifier.check.model import Answers
from verifier.documents.exercise import exercise
from verifier.problem import load, loads

NS = "http://www.imsglobal.org/xsd/imsqti_result_v3p0"
Given = list[list[str]]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people with a variant each, the same two for whoever comes, and their banks."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "p.toml").write_text(TEXT, "utf-8")
    (folder / "class.csv").write_text("name\n" + "".join(f"{p}\n" for p in PEOPLE), "utf-8")
    for who, where in ((("--roster", folder / "class.csv"), "v"), (("--count", 2), "w")):
        run("vary", folder / "p.toml", *who, "--output", folder / where, "--only-problems")
    for name in ("qti3", "numbas", "nbgrader", "prairielearn"):
        assert "wrote" in run("export", folder / "v", "--to", name, "--output", folder / "bank")
    return folder


@pytest.fixture(scope="module")
def given(course: Path) -> Given:
    """What both people answer: Ada all right, Zoë the first number wrong."""
    variants = [exercise(load(course / "v" / id / "problem.toml")) for id in ("0001", "0002")]
    found = [[field.digits for field in one.fields] for one in variants]
    found[1][0] = "0.9999"
    return found


Files = dict[str, str]


def items(bank: Path) -> list[str]:
    """The identifiers of all items, in order."""
    archive = ZipFile(bank / "qti3.zip")
    names = qti3_items(archive)
    return [fromstring(archive.read(name)).attrib["identifier"] for name in names]


def report(person: str, answers: Sequence[tuple[str, str, str]]) -> str:
    """A results report: of each item its identifier, its time, and what was answered."""
    root = Element("assessmentResult", xmlns=NS)
    context = SubElement(root, "context", sourcedId="c77")
    SubElement(context, "sessionIdentifier", sourceID="candidateName", identifier=person)
    SubElement(context, "sessionIdentifier", sourceID="https://x.edu/run", identifier="9")
    for identifier, time, text in answers:
        item = SubElement(root, "itemResult", identifier=identifier, datestamp=time)
        item.set("sessionStatus", "final")
        for name, value in (("numAttempts", "1"), ("RESPONSE", text)):
            variable = SubElement(item, "responseVariable", identifier=name, cardinality="single")
            right = SubElement(SubElement(variable, "correctResponse"), "value")
            right.text = "0.1234"
            SubElement(SubElement(variable, "candidateResponse"), "value").text = value
        score = SubElement(item, "outcomeVariable", identifier="SCORE", cardinality="single")
        SubElement(score, "value").text = "1.0"
    return tostring(root, encoding="unicode").replace("><", ">\n<")


def qti3(bank: Path, given: Given) -> Files:
    """A report a person; a first attempt at each item was wrong, and floats keep no zeros."""
    every, found = items(bank), {}
    for k, person in enumerate(PEOPLE):
        own = list(zip(every[k * COUNT :], given[k], strict=False))
        last = [(item, "2026-11-26T13:05:00", str(float(text))) for item, text in own]
        first = [(item, "2026-11-26T13:00:00", "0.5") for item, _ in own]
        found[f"result-{k}.xml"] = report(person, [*last, *first])
    return found


def titles(bank: Path) -> list[str]:
    """The names of all questions of the exam."""
    exam = json.loads((bank / "questions.exam").read_text("utf-8").partition("\n")[2])
    return [one["name"] for one in exam["question_groups"][0]["questions"]]


def elements(bank: Path, k: int, texts: list[str], suspended: bool) -> dict[str, str]:
    """SCORM elements of an attempt at all questions, of which one was answered."""
    found = {"cmi.learner_name": PEOPLE[k], "cmi.learner_id": f"u{k}", "cmi.score.raw": "5"}
    kept = []
    for q, name in enumerate(titles(bank)):
        found |= {f"cmi.objectives.{q}.id": f"q{q}", f"cmi.objectives.{q}.description": name}
        parts = texts if q == k else [""] * COUNT
        kept.append({"name": name, "parts": [{"student_answer": text} for text in parts]})
        for n, text in enumerate(parts):
            place = f"cmi.interactions.{q * COUNT + n}"
            found |= {f"{place}.id": f"q{q}p{n}", f"{place}.learner_response": text}
    whole = {"questions": kept, "questionSubsets": [[0, 1]], "student_name": PEOPLE[k]}
    return {"cmi.suspend_data": json.dumps(whole)} if suspended else found


def numbas_dump(bank: Path, given: Given) -> Files:
    """All attempts, as the LTI provider writes them: elements beside their times."""
    attempts = []
    for k, person in enumerate(PEOPLE):
        first, last = person.split()
        scorm = elements(bank, k, given[k], suspended=False)
        stamped = {key: {"value": value, "time": 1.5} for key, value in scorm.items()}
        user = {"pk": k, "username": f"u{k}", "first_name": first, "last_name": last}
        attempts.append({"attempt": k, "user": user, "scorm": {"current": stamped}})
    data = {"resource": {"pk": 1, "title": "Homework"}, "attempts": attempts}
    return {"homework-attempts_data.json": json.dumps(data)}


def numbas_kept(bank: Path, given: Given) -> Files:
    """What the runtime keeps of an attempt, a file a person."""
    found = {}
    for k in range(len(PEOPLE)):
        text = elements(bank, k, given[k], suspended=True)["cmi.suspend_data"]
        found[f"attempt-{k}.json"] = text
    return found


def numbas_table(bank: Path, given: Given) -> Files:
    """All details of downloaded attempts, as the analysis writes them: six rows above people."""
    names, heads = titles(bank), ["Student Name", "Total"]
    first, expected = ["Student Name", "Total"], ["Expected results", "12"]
    for q, name in enumerate(names):
        heads += [f"group0q{q}"]
        heads += [f"group0q{q}p{n} {what}" for n in range(COUNT) for what in ("score", "answer")]
        first += [name, *[""] * (2 * COUNT)]
        expected += ["6", *["1", ""] * COUNT]
    rows = [first, *[[""] * len(heads)] * 3, expected]
    for k, person in enumerate(PEOPLE):
        row = [person, "5"]
        for q in range(len(names)):
            parts = given[k] if q == k else [""] * COUNT
            row += ["5", *(cell for text in parts for cell in ("1", text))]
        rows.append(row)
    return {"exam-results-all-details.csv": table(heads, *rows)}


def nbgrader(bank: Path, given: Given) -> Files:
    """Submitted notebooks: their cell of answers is filled in, one number as a float."""
    found = {}
    for k, path in enumerate(sorted(bank.glob("source/*/*.ipynb"))):
        book = json.loads(path.read_text("utf-8"))
        (cell,) = (one for one in book["cells"] if one["id"] == "answers")
        blanks = cell["source"].partition("### BEGIN")[0]
        texts = iter([*given[k][:-1], ""])
        filled = re.sub(r'": ""', lambda _, left=texts: f'": "{next(left)}"', blanks)
        last = re.findall(r'"(\w+)": "', blanks)[-1]
        cell["source"] = f'{filled}\nanswers["{last}"] = {given[k][-1]}\nimport os\n'
        where = f"submitted/{PEOPLE[k]}/{path.parent.name}/{path.name}"
        found[where] = json.dumps(book)
    return found


def prairielearn_back(bank: Path, given: Given) -> Files:
    """Final submissions, as in the test of PrairieLearn's own table."""
    return prairielearn(bank, given)


SYSTEMS: tuple[Callable[[Path, Given], Files], ...] = (
    *(qti3, numbas_dump, numbas_kept, numbas_table, nbgrader, prairielearn_back),
)


def put(files: Files, folder: Path) -> Path:
    """The folder with the files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def told(problem: Path, folder: Path, out: Path) -> dict[str, tuple[str, str]]:
    """Everyone's points, and what could not be read."""
    run("check", problem, folder, "--output", out, "--format", "csv")
    text = (out / problem.stem / "class.csv").read_text("utf-8")
    return {
        one["person"]: (one["points"], one["could_not_be_read"])
        for one in csv.DictReader(text.splitlines())
    }


@pytest.mark.parametrize("variants", ["v", "w"], ids=["by name", "by question"])
@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.__name__)
def test_each_person_gets_the_marks_of_their_variant(
    system: Callable[[Path, Given], Files],
    variants: str,
    course: Path,
    given: Given,
    tmp_path: Path,
) -> None:
    folder = put(system(course / "bank", given), tmp_path / "answers")
    found = told(course / variants, folder, tmp_path)
    assert found == {PEOPLE[0]: (str(COUNT), ""), PEOPLE[1]: (str(COUNT - 1), "")}


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.__name__)
def test_answers_to_the_variant_of_another_are_told_and_not_judged(
    system: Callable[[Path, Given], Files], course: Path, given: Given, tmp_path: Path
) -> None:
    """Ada answers Zoë's question, and all of it rightly."""
    files = system(course / "bank", [given[0], given[0]])
    changed = {name.replace(PEOPLE[0], "_"): text for name, text in files.items()}
    changed = {
        name.replace(PEOPLE[1], PEOPLE[0]): _exchanged(text) for name, text in changed.items()
    }
    changed = {name.replace("_/", f"{PEOPLE[1]}/"): text for name, text in changed.items()}
    found = told(course / "v", put(changed, tmp_path / "answers"), tmp_path)
    assert found[PEOPLE[0]][0] == ""  # nothing of this question was answered
    assert "answers to 'two-quantities-0002', another question" in found[PEOPLE[0]][1]


def _exchanged(text: str) -> str:
    """The text with both people, and both halves of their names, in each other's place."""
    pairs = dict(zip(PEOPLE, reversed(PEOPLE), strict=True))
    pairs |= {json.dumps(a)[1:-1]: json.dumps(b)[1:-1] for a, b in [*pairs.items()]}
    for a, b in zip(PEOPLE[0].split(), PEOPLE[1].split(), strict=True):
        pairs |= {
            f'"{json.dumps(x)[1:-1]}"': f'"{json.dumps(y)[1:-1]}"' for x, y in ((a, b), (b, a))
        }
    pattern = "|".join(map(re.escape, sorted(pairs, key=len, reverse=True)))
    return re.sub(pattern, lambda found: pairs[found[0]], text)


TASK = loads(TEXT)
NAME = "two-quantities"
BROKEN: tuple[tuple[str, str, str, int], ...] = (
    ("r.xml", "<assessmentResult", "this is not XML", 1),
    ("r.xml", "<a>\n</b>", "this is not XML: mismatched tag", 2),
    ("r.xml", "<qti-assessment-item/>", "no results report of QTI", 1),
    ("r.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "a document type", 1),
    ("r.xml", report("A", [("elsewhere", "2026", "0.5")]), "the item 'elsewhere'", 6),
    ("r.xml", report("A", [(f"item-{NAME}_007", "2026", "0.5")]), "number 7 of a question of 6", 6),
    ("r.xml", report("A", [(f"item-{NAME}_001", "2026", "half")]), "'half' is no number", 6),
    ("a.json", '{"scorm": {"current": {"cmi.interactions.0.id": "q0p0", '
               '"cmi.interactions.0.learner_response": "0.5"}}}', "the part 'q0p0'", 1),
    ("a.json", '{"cmi.suspend_data": "{", "cmi.interactions.0.id": "p", '
               '"cmi.interactions.0.learner_response": "0.5"}', "the part 'p'", 1),
)  # fmt: skip


@pytest.mark.parametrize(("name", "text", "said", "line"), BROKEN)
def test_what_cannot_be_read_is_told_with_its_place(
    name: str, text: str, said: str, line: int, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    complaints = [c for one in read(TASK, [tmp_path / name]) for c in one.complaints]
    assert [(said in one.what, one.place and one.place.line) for one in complaints] == [
        (True, line)
    ]


CELLS = (
    ('answers = {"z_1": "0,5381"}', "0,5381", ""),
    ("answers = {'z_1': 0.5380}", "0.5380", ""),
    ("answers = {'z_1': -0.5}\nanswers['z_1'] = +0.25", "+0.25", ""),
    ("answers.update({'z_1': '.5'})", ".5", ""),
    ("answers = {'z_1': None}", "", "no answers are in this file"),
    ("answers = {'z_1': round(0.53, 1)}", "", "'z_1' is worked out in the cell"),
    ("answers = {'z_1': '0.5'", "", "no Python"),
    ("answers = {'z_9': '0.5'}", "", "z"),
    ("answers = {'q': '0.5'}", "", "no quantity 'q'"),
    ("answers = {'z_1': 'one'}", "", "'one' is no number"),
    ("raise NotImplementedError()", "", "no answers are in this file"),
)


def notebook(source: str) -> str:
    """A submitted notebook with a cell of answers, and outputs that are none."""
    cell: dict[str, Any] = {"cell_type": "code", "source": source, "outputs": []}
    graded = {"cell_type": "code", "source": "z_1", "metadata": {}}
    out = {"output_type": "execute_result", "data": {"text/plain": "0.9"}}
    told = {"nbgrader": {"grade_id": "answers", "solution": True}}
    cells = [{**cell, "metadata": told}, {**graded, "outputs": [out]}]
    return json.dumps({"cells": cells, "nbformat": 4})


@pytest.mark.parametrize(("source", "text", "said"), CELLS)
def test_the_cell_of_answers(source: str, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "two-quantities.ipynb").write_text(notebook(source), "utf-8")
    (found,) = read(TASK, [tmp_path / "two-quantities.ipynb"])
    assert "".join(number.text for number in found.given.values()) == text
    assert bool(found.complaints) == bool(said)
    assert all(said in one.what for one in found.complaints)


def test_several_questions_of_someone_unknown_are_no_variant(course: Path, tmp_path: Path) -> None:
    """The question says whose variant it is, if it is one."""
    both = [(item, "2026-11-26", "0.5") for item in items(course / "bank")]
    put({"r.xml": report("Eve", both), "s.xml": report("Max", both[:2])}, tmp_path / "answers")
    found = told(course / "w", tmp_path / "answers", tmp_path)
    assert "Eve answered 2 variants" in found["Eve"][1]
    assert found["Max"][1] == ""


@drawn(st.floats(1e-9, 1e9), st.integers(1, 8))
def test_a_float_of_a_report_counts_to_the_asked_places(value: float, places: int) -> None:
    """Systems write floats as they like: 7.0E-4 is 0.0007, and 0.07 is 0.0700."""
    from verifier.check.answers.collect import Collector
    from verifier.check.answers.labels import Label, Labels
    from verifier.check.answers.submitted import whole

    problem = loads(TEXT.replace("places = 4", f"places = {places}"))
    text = whole(repr(value).upper(), Label(1, "z"), Collector(Labels(problem)))
    assert float(text) == value
    assert "E" not in text
    assert len(text.partition(".")[2]) >= places


def test_a_person_is_found_by_the_number_or_address_that_the_table_has(
    course: Path, given: Given, tmp_path: Path
) -> None:
    """A roster of user names; the report says names beside them."""
    folder = tmp_path / "v"
    (tmp_path / "class.csv").write_text("id\nu0\nu1\n", "utf-8")
    options = ("--roster", tmp_path / "class.csv", "--output", folder, "--only-problems")
    run("vary", course / "p.toml", *options)
    put(numbas_dump(course / "bank", given), tmp_path / "answers")
    found = told(folder, tmp_path / "answers", tmp_path)
    assert found == {PEOPLE[0]: (str(COUNT), ""), PEOPLE[1]: (str(COUNT - 1), "")}


def test_answers_know_nothing_of_questions_where_no_system_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("step,name,value\n1,z,0.5\n", "utf-8")
    (found,) = read(TASK, [tmp_path / "a.csv"])
    assert isinstance(found, Answers)
    assert found.question == ""
