"""The totals of a class, its bars, and what went wrong question by question."""

from __future__ import annotations

import io
import zipfile
from fractions import Fraction
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import module
from tests.test_feedback import checked, perfect, problem
from verifier.check.model import Answers, Checked
from verifier.check.unforeseen import Failure, unjudged
from verifier.documents.lecture import lecture_document
from verifier.formats import load
from verifier.report.bars import bars
from verifier.report.lecture import AMISS
from verifier.report.scribe import Scribe
from verifier.report.totals import _bins, totals
from verifier.report.words import Words

SVG = "{http://www.w3.org/2000/svg}"
TASK = problem()
SCRIBE = Scribe(TASK, load("txt"), Words())


def test_totals_are_of_those_who_were_judged() -> None:
    nobody = unjudged(Answers("Eve", "e", {}), Failure("no reason"))
    found = totals(TASK, [checked(TASK), perfect(TASK), nobody], SCRIBE)
    said = "On average 10 points; the median is 10, the least 4, the most 16."
    assert "".join(found.sentence) == said
    assert {label: count for label, count in found.bins if count} == {
        "3.2 – 4.8": 1,
        "14.4 – 16": 1,
    }
    assert not totals(TASK, [nobody], SCRIBE).bins


@given(st.lists(st.fractions(0, 16), min_size=1, max_size=30))
def test_everyone_is_in_the_part_that_holds_their_points(won: list[Fraction]) -> None:
    counts = [count for _, count in _bins(won, Fraction(16), SCRIBE)]
    for k, count in enumerate(counts):
        low, high = Fraction(16 * k, 10), Fraction(16 * (k + 1), 10)
        assert count == sum(low < points <= high or (points == k == 0) for points in won)


def test_bars_are_as_long_as_their_counts_and_hold_no_markup() -> None:
    made = fromstring(bars([("<b>&", 4), ("x" * 99, 1)]))
    first, second = (float(rect.get("width", "")) for rect in made.iter(f"{SVG}rect"))
    assert first == 4 * second
    texts = [text.text for text in made.iter(f"{SVG}text")]
    assert texts[0] == "<b>&"
    assert len(texts[2] or "") < 40


@pytest.mark.parametrize("language", ["en", "de", "zh"])
@pytest.mark.parametrize("format", ["md", "html"])
def test_the_lecture_shows_every_question_that_went_wrong(format: str, language: str) -> None:
    task = problem(language)
    everyone: list[Checked] = [checked(task), checked(task, "Bob"), perfect(task)]
    made = lecture_document(task, everyone, format)
    assert isinstance(made, str)
    amiss = {(row.step, row.name) for one in everyone for row in one.rows if row.verdict in AMISS}
    heading = {"md": "\n## ", "html": "<h2>"}[format]
    assert made.count(heading) == len(amiss)


def test_a_class_without_fault_hears_so() -> None:
    made = lecture_document(TASK, [perfect(TASK)], "md")
    assert "Nothing went wrong" in str(made)


def test_a_workbook_holds_what_the_csv_does_and_texts_are_no_formulas() -> None:
    """Read back by our own reader of workbooks; the same class gives the same bytes."""
    module("xlsxwriter")
    from verifier.check.answers.office import sheets
    from verifier.report.workbook import classroom_xlsx

    everyone = [checked(TASK, "=1+1"), perfect(TASK)]
    made = classroom_xlsx(TASK, everyone, Words())
    assert made == classroom_xlsx(TASK, everyone, Words())
    people, points, mistakes = sheets(made, ".xlsx")
    assert [row[0] for _, row in people.rows] == ["person", "=1+1", "Emmy"]
    assert people.rows[1][1][2:4] == ["4", "16"]
    assert points.rows[-1][1][0].startswith("On average 10 points")
    assert [row[-1] for _, row in mistakes.rows[1:3]] == ["1", "1"]
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
