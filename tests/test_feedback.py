"""Feedback and class tables: golden files, languages, hostile names, and pages in print."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from referencing import Registry, Resource

from tests.conftest import ROOT, SEED
from tests.test_documents import HOSTILE, compiled
from verifier.check.fairness import Fairness, Honest, Judged
from verifier.check.model import Answers, Checked, Complaint, Finding, Judgement
from verifier.check.scores import points_text, score
from verifier.documents.classroom import class_document
from verifier.documents.fairness import fairness_documents
from verifier.documents.feedback import feedback_documents
from verifier.errors import LetterWarning, Place, ProblemError
from verifier.language.parse import parse
from verifier.outcomes.model import Explanation, Given
from verifier.problem import Problem, load, loads
from verifier.report.check_contract import check_json
from verifier.report.classroom import classroom_csv
from verifier.report.feedback import explained
from verifier.report.words import Words
from verifier.rewrites.catalogue import CATALOGUE
from verifier.solution import solve

Golden = Callable[[Path, str], None]
ROWS = solve(load(SEED)).rows
FOLLOWS = Explanation("follows", "own")
SWAPPED = Explanation("mistake", "function-exchanged", (("quantities", ("z",)),))
LOOKED_UP = Explanation("policy", "table", (("table", ("3", "4")),))
GATES = (("gate", ("z",)), ("gate", ("r",)))
BOTH = Explanation("mistake", "blend-swapped+reset-after", GATES)


def problem(language: str = "en", more: str = "") -> Problem:
    text = SEED.read_text().replace('cell = "gru"', f'cell = "gru"\nlanguage = "{language}"')
    return replace(loads(text + more), stem="hw10_question2")


def checked(task: Problem, person: str = "Ada", file: str = "ada.toml") -> Checked:
    """Verdicts of every kind, as an engine could give them."""
    verdicts = {
        (1, "z", (0,)): ("0.6", "mistake", SWAPPED),
        (1, "r", (0,)): ("0.53", "rounding", Explanation("policy", "equation")),
        (1, "h", (0,)): ("0.15", "rounding", Explanation("mode", "half-up")),
        (1, "h", (1,)): ("0.0828", "correct", None),
        (1, "s", (0,)): ("0.1", "follows", FOLLOWS),
        (2, "z", (0,)): ("7/13", "wrong", None),
        (2, "h", (2,)): ("0.1", "mistake", BOTH),
    }
    rows = []
    for row in ROWS:
        place = row.step, row.name, row.index
        given, verdict, why = verdicts.get(place, (None, "missing", None))
        rows.append(Judgement(*place, given, row.rounded, verdict, why, ""))  # type: ignore[arg-type]
    numbers = {
        (row.step, row.name, row.index): Given(row.given, Fraction(row.given), 1)
        for row in rows
        if row.given
    }
    place = Place(file, 3, 7, "h_1 = x", 1)
    complaints = (
        Complaint("h[2] at step 1: 'x' is no number", place, (1, "h", (2,))),
        Complaint("the problem has no quantity 'q'; did you mean 'z'?", place),
    )
    used = parse("z[t] = tanh(x[t] @ U_z + s[t-1] @ W_z)")
    findings = (
        Finding(SWAPPED, ((1, "z", (0,)),), tuple(used), (Explanation("mistake", "degrees"),)),
        Finding(BOTH, ((2, "h", (2,)), (2, "s", (1,))), (), (), Fraction(1, 1234)),
    )
    answers = Answers(person, file, numbers, complaints)
    made = Checked(answers, tuple(rows), findings, (1, "z", (0,)))
    return explained(task, made, Words(task.texts.language))


def perfect(task: Problem) -> Checked:
    rows = tuple(
        Judgement(row.step, row.name, row.index, row.rounded, row.rounded, "correct", None, "")
        for row in ROWS
    )
    given = {
        (row.step, row.name, row.index): Given(row.given, Fraction(row.given), 4)
        for row in rows
        if row.given
    }
    return explained(task, Checked(Answers("Emmy", "emmy.csv", given), rows), Words())


@pytest.mark.parametrize(
    ("language", "format"),
    [
        (language, format)
        for language in ("en", "de", "zh")
        for format in ("md", "html", "typ", "tex")
        if (language, format) != ("zh", "tex")
    ],
)
def test_feedback(format: str, language: str, golden: Golden) -> None:
    task = problem(language)
    made = feedback_documents(task, checked(task), [format])[format]
    assert isinstance(made, str)
    golden(ROOT / "tests" / "golden" / "check" / f"feedback_{language}.{format}", made)


def test_a_perfect_sheet_hears_so() -> None:
    task = problem()
    made = feedback_documents(task, perfect(task), ["md"])["md"]
    assert isinstance(made, str)
    assert "Every number is right, to the last digit." in made
    assert "16 of 16 points" in made
    assert "happened" not in made


def test_the_latex_document_compiles_without_a_warning(tmp_path: Path) -> None:
    task = problem("de")
    hostile = checked(task, HOSTILE, f"{HOSTILE.replace('/', '')[:80]}.toml")
    with pytest.warns(LetterWarning, match=r"U\+4E2D.*U\+1F600"):
        source = feedback_documents(task, hostile, ["tex"])["tex"]
    log = compiled(str(source), tmp_path)
    assert not re.findall(r"(?i).*(?:warning|overfull|^!).*", log)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_class_page(language: str, golden: Golden) -> None:
    task = problem(language)
    everyone = [checked(task), checked(task, "Bob"), perfect(task)]
    links = ["feedback/Ada.html", "feedback/Bob.html", ""]
    page = str(class_document(task, everyone, "html", links))
    golden(ROOT / "tests" / "golden" / "check" / f"class_{language}.html", page)


def test_the_class_as_csv(golden: Golden) -> None:
    task = problem()
    everyone = [checked(task, "=1+1"), checked(task, "a\nb,c"), perfect(task)]
    text = classroom_csv(task, everyone, Words())
    golden(ROOT / "tests" / "golden" / "check" / "class.csv", text)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["person"] for row in rows] == ["'=1+1", "a b,c", "Emmy"]
    assert [row["points"] for row in rows] == ["4", "4", "16"]


def schemas() -> Draft202012Validator:
    folder = resources.files("verifier.report").joinpath("schemas")
    solve, check = (
        json.loads(folder.joinpath(f"{name}.schema.json").read_text())
        for name in ("solve", "check")
    )
    Draft202012Validator.check_schema(check)
    registry = Registry().with_resource(solve["$id"], Resource.from_contents(solve))
    return Draft202012Validator(check, registry=registry)


def test_json_keeps_the_published_schema() -> None:
    task, validator = problem(), schemas()
    data = json.loads(check_json(task, [checked(task), perfect(task)]))
    validator.validate(data)
    assert len(data["rows"]) == 32
    for broken in (
        {**data, "more": 1},
        {**data, "rows": [{**data["rows"][0], "verdict": "right"}]},
        {**data, "people": []},
        {**data, "problem": {}},
    ):
        assert not validator.is_valid(broken)


def test_hostile_names_are_text_everywhere() -> None:
    task = problem()
    hostile = checked(task, HOSTILE, f"folder/{HOSTILE.replace('/', '')}.toml")
    made = feedback_documents(task, hostile, ["md", "html", "typ"])
    rendered = MarkdownIt("commonmark").enable("table").render(str(made["md"]))
    assert "<script" not in rendered
    assert "<em>" not in rendered.split("</p>")[0]
    assert rendered.count("<table>") == 1
    page = str(made["html"]) + str(class_document(task, [hostile, perfect(task)], "html"))
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    escaped = HOSTILE.replace("\\", 2 * "\\").replace('"', '\\"')
    assert f'#"{escaped}";' in str(made["typ"])


def test_the_pdf_is_made_from_a_hostile_name() -> None:
    task = problem("de")
    plain = HOSTILE.split("中")[0]
    made = feedback_documents(task, checked(task, plain), ["pdf"])["pdf"]
    assert isinstance(made, bytes)
    assert made.startswith(b"%PDF-1.7")


def test_very_many_rows_list_what_is_not_right() -> None:
    task = problem()
    one = perfect(task)
    many = replace(one, rows=one.rows * 40 + checked(task).rows)
    made = str(feedback_documents(task, many, ["md"])["md"])
    assert made.count("\n| ") < 20
    assert "more numbers are not listed" in made


def weighed() -> Fairness:
    equation = Explanation("policy", "equation")
    both = Explanation("mode", "down", (("policy", ("operation",)),))
    judged = [Judged((row.step, row.name, row.index), row.rounded) for row in ROWS]
    judged[1] = replace(judged[1], tabled=(Honest("0.5295", (LOOKED_UP,)),))
    judged[6] = replace(
        judged[6],
        others=(Honest("0.0382", (equation, both)),),
        least="0.0001",
        below="0.0003",
        tolerance="0.0002",
    )
    judged[0] = replace(judged[0], least="0", below="0.0001", passing=(SWAPPED,))
    return Fairness(tuple(judged), (Explanation("mistake", "transposed"), SWAPPED))


@pytest.mark.parametrize("format", ["md", "html", "typ", "json"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_the_report_on_a_question(language: str, format: str, golden: Golden) -> None:
    made = fairness_documents(problem(language), weighed(), [format])[format]
    assert isinstance(made, str)
    golden(ROOT / "tests" / "golden" / "check" / f"fairness_{language}.{format}", made)


def test_a_fair_question_hears_so() -> None:
    entries = tuple(Judged((row.step, row.name, row.index), row.rounded) for row in ROWS)
    fair = Fairness(entries)
    made = str(fairness_documents(problem(), fair, ["md"])["md"])
    assert made.count("\nNone: every") == 2
    assert fair.fair
    assert fairness_documents(problem("de"), weighed(), ["pdf"])["pdf"][:5] == b"%PDF-"


WAYS = [
    (Explanation("policy", "equation"), "rounding", "every equation"),
    (Explanation("mode", "down"), "rounding", "cut off"),
    (Explanation("policy", "operation", (("mode", ("up",)),)), "rounding", "; fits another way"),
    (Explanation("places", "3"), "rounding", "carrying 3 places"),
    (Explanation("places", "2"), "correct", "given to 2 places"),
    (Explanation("places", "2"), "coarse", "right to 2 places, fewer"),
    (Explanation("policy", "mixed-equation", (("quantities", ("z",)),)), "rounding", "on: z"),
    (Explanation("digits", "beyond"), "correct", "beyond them are not right"),
    (Explanation("policy", "equation", (("places", ("6",)),)), "rounding", "on, to 6 places"),
    (Explanation("units", "1"), "rounding", "within one unit"),
    (Explanation("mistake", "new-rule"), "mistake", "new-rule"),
    (Explanation("form", "fraction"), "correct", ""),
    (Explanation("slip", "unheard-of"), "wrong", "A slip in the calculation"),
    (Explanation("slip", "digit"), "wrong", "One digit off"),
    (Explanation("slip", "sign"), "wrong", "A wrong sign"),
]


@pytest.mark.parametrize(("way", "verdict", "says"), WAYS)
def test_reasons(way: Explanation, verdict: Any, says: str) -> None:
    row = Judgement(1, "z", (0,), "0.5", "0.5381", verdict, way, "")
    made = Checked(Answers("", "", {}), (row,))
    assert says in explained(problem(), made, Words()).rows[0].because


@pytest.mark.parametrize(
    ("language", "rule", "says"),
    [
        ("en", "number-missed", "without $0.6$"),
        ("en", "number-misread", "$0.06$ for $0.6$"),
        ("de", "number-misread", "$0{,}06$ statt $0{,}6$"),
        ("zh", "number-missed", "漏掉 $0.6$"),
    ],
)
def test_a_number_that_was_read_otherwise_is_told(language: str, rule: str, says: str) -> None:
    task = problem(language)
    reading = next(
        variant
        for variant in CATALOGUE[rule].variants(task)
        if dict(variant.about)["read"] in {("0.6", "0"), ("0.6", "0.06")}
    )
    why = Explanation("mistake", rule, reading.about)
    row = replace(checked(task).rows[0], explanation=why)
    told = explained(task, replace(checked(task), rows=(row,)), Words(language))
    assert says in feedback_documents(task, told, ["md"])["md"]


@pytest.mark.parametrize(
    "rule", [rule for rule, row in CATALOGUE.items() if row.tags != {"convention"}]
)
@pytest.mark.parametrize("language", ["en", "de", "zh"])
def test_every_mistake_of_the_catalogue_has_its_words(rule: str, language: str) -> None:
    for part in ("name", "help"):
        assert Words(language).has(f"check.mistake.{rule}.{part}")


SCORING = [
    ("", "4", "16"),
    ("[scoring]\nrounding = false", "2", "16"),
    ("[scoring]\nfollows = false", "3", "16"),
    ("[scoring]\npoints = 3", "6", "24"),
    ("[scoring]\npoints = 1", "2", "8"),
    ("[scoring.points]\nh = 0\nz = 2.5", "2", "13"),
    ("[scoring.points]\nh = '1/2'", "2.33", "11"),
]


@pytest.mark.parametrize(("more", "points", "most"), SCORING)
def test_points(more: str, points: str, most: str) -> None:
    task = problem(more="\n" + more)
    found = score(task, checked(task))
    assert (points_text(found.points), points_text(found.most)) == (points, most)


BAD = [
    ("[scoring]\npoint = 1", "did you mean 'points'", 30),
    ("[scoring]\npoints = -1", "from 0 to 1000", 30),
    ("[scoring]\npoints = 'many'", "from 0 to 1000", 30),
    ("[scoring]\nrounding = 2", "from 0 to 1", 30),
    ("[scoring]\nhalf_within = -1", "from 0 to 1000", 30),
    ("[scoring.points]\nq = 1", "no equation uses 'q'", 30),
    ("[scoring.points]\nz = true", "from 0 to 1000", 30),
]


@pytest.mark.parametrize(("more", "says", "line"), BAD)
def test_scoring_that_cannot_be_used(more: str, says: str, line: int) -> None:
    with pytest.raises(ProblemError, match=says) as caught:
        loads(SEED.read_text() + "\n" + more)
    assert caught.value.place is not None
    assert caught.value.place.text == more.split("\n")[1]
