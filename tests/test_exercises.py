"""Questions of learning systems: what their rules make of answers is what `check` says."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
from click.testing import CliRunner

from tests.conftest import SEED
from verifier.check.fairness import fairness
from verifier.check.honest import Question
from verifier.check.judge import graded
from verifier.check.model import Given
from verifier.cli import main
from verifier.documents.exercise import exercise
from verifier.exercises.targets import target
from verifier.problem import load, loads
from verifier.rounding import decimal_text
from verifier.solution import solve

HOSTILE = "]]></text><script>alert(1)</script> &amp; \\input{x} {#=1}"


def moodle(question: Element, response: str) -> tuple[int, str]:
    """What Moodle gives, in per cent, with its feedback.

    Source: question/type/numerical/question.php, `get_matching_answer` and
    `get_tolerance_interval` with tolerance type nominal, and PHP's precision of 14.
    """
    value = float(response)
    for answer in question.findall("answer"):
        centre = float(answer.findtext("text", ""))
        far = float(answer.findtext("tolerance", "")) + 1e-14 * max(1.0, abs(centre))
        if centre - far <= value <= centre + far:
            return int(answer.get("fraction", "")), answer.findtext("feedback/text", "")
    return 0, ""


@pytest.fixture(scope="module")
def questions() -> list[Element]:
    """The seed's questions as Moodle reads them."""
    made = target("moodle").files([exercise(load(SEED))])["moodle.xml"]
    return list(fromstring(made))


TRIED = (
    ("s[1][1]", "0.0383", 100),  # the true value is 0.03825394
    ("s[1][1]", "0.0382", 100),  # who rounds on the way has it
    ("s[1][1]", "0.0384", 0),
    ("s[1][1]", "0.038254", 100),
    ("z[1][0]", "0.5381", 100),  # 0.53805128
    ("z[1][0]", "0.538051", 100),
    ("z[1][0]", "0.5380", 100),  # rounded twice, by way of 0.53805
    ("z[1][0]", "0.5382", 0),
    ("z[1][0]", "0.4619", 0),
)


@pytest.mark.parametrize(("entry", "response", "earns"), TRIED)
def test_moodle_grades_as_check(
    questions: list[Element], entry: str, response: str, earns: int
) -> None:
    found = [q for q in questions if q.findtext("name/text", "").endswith(f" {entry}")]
    assert [moodle(q, response)[0] for q in found] == [earns]


def test_right_and_honest_digits_earn_all(questions: list[Element]) -> None:
    entries = fairness(solve(load(SEED))).entries
    for question, judged in zip(questions, entries, strict=True):
        for text in (judged.asked, *(other.text for other in judged.others)):
            assert text is not None
            assert moodle(question, text)[0] == 100


def test_neighbours_earn_what_check_says_of_each_alone(questions: list[Element]) -> None:
    known = Question(solve(load(SEED)))
    seen = set()
    for question, judged in zip(questions, fairness(known.solution).entries, strict=True):
        honest = {judged.asked, *(other.text for other in judged.others)}
        for far in range(-3, 4):
            text = decimal_text(Fraction(judged.asked or "") + Fraction(far, 10**4), 4)
            told = graded(known, judged.entry, Given(text, Fraction(text), 4))
            earns = 1 if text in honest else 0 if told is None else told.share
            assert moodle(question, text)[0] == 100 * earns, (judged.entry, text)
            seen.add(earns)
    assert len(seen) == 3


def test_hostile_titles_stay_text() -> None:
    problem = loads(f"title = '''{HOSTILE}'''\n" + SEED.read_text().split("\n", 2)[2])
    made = target("moodle").files([exercise(problem)])["moodle.xml"]
    assert HOSTILE in (fromstring(made).findtext("question/name/text") or "")


def test_a_bank_of_several(tmp_path: Path) -> None:
    call = ["export", str(SEED), str(SEED), "--to", "moodle", "--output", str(tmp_path)]
    assert CliRunner().invoke(main, call).exit_code == 0
    assert len(fromstring((tmp_path / "moodle.xml").read_bytes())) % 2 == 0
    assert CliRunner().invoke(main, call).exit_code == 2
