"""Questions of learning systems: what they make of answers is what `check` says."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from xml.etree.ElementTree import fromstring
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

from tests.conftest import SEED
from tests.learning_systems import (
    BOX,
    QTI,
    SYSTEMS,
    Files,
    Graded,
    Responses,
    gift_questions,
    qti3,
    qti3_items,
)
from tests.test_print import browser
from verifier.check.fairness import fairness
from verifier.check.judge import graded
from verifier.cli import main
from verifier.documents.exercise import exercise
from verifier.exercises.model import Exercise
from verifier.exercises.targets import TARGETS, Notes, holding
from verifier.exercises.targets import files as made
from verifier.outcomes.honest import Question
from verifier.outcomes.model import Given
from verifier.problem import Problem, load, loads
from verifier.report.write import parts
from verifier.rounding import MODES, decimal_text
from verifier.solution import solve

__all__ = ["browser"]

Grade = Callable[[str, Files, Responses], Graded]

HOSTILE = "]]></text><script>alert(1)</script> &amp; \\input{x} {#=1} ::a:: {1:NM:=0} && {{b}}"


def files(name: str, bank: Sequence[Exercise]) -> dict[str, str | bytes]:
    """The files of a bank, whole: texts, and packages."""
    found = {file: b"".join(parts(content)) for file, content in made(name, bank).items()}
    return {file: raw if raw[:2] == b"PK" else raw.decode() for file, raw in found.items()}


def notes(name: str, bank: Sequence[Exercise]) -> list[str]:
    """What is told of a bank in a system."""
    found = Notes(name)
    assert list(holding(name, bank, found)) == list(bank)
    return list(found.said())


@pytest.fixture(scope="module")
def seed() -> Exercise:
    """The seed's question."""
    return exercise(load(SEED))


@pytest.fixture(scope="module")
def both(seed: Exercise) -> Sequence[Exercise]:
    """Two questions that differ in a number."""
    return [seed, exercise(loads(SEED.read_text().replace("0.23", "0.33")))]


@pytest.fixture
def grade(request: pytest.FixtureRequest) -> Grade:
    """What a system makes of responses; Chromium is there for those that need it."""

    def made(name: str, bank: Files, responses: Responses) -> Graded:
        if name == "qti3":
            return qti3(request.getfixturevalue("browser"), bank, responses)
        return SYSTEMS[name](bank, responses)

    return made


TRIED = (
    ("s[1][1]", "0.0383", 1),  # the true value is 0.03825394
    ("s[1][1]", "0.0382", 1),  # who rounds on the way has it
    ("s[1][1]", "0.0384", 0),
    ("s[1][1]", "0.038254", 1),
    ("z[1][0]", "0.5381", 1),  # 0.53805128
    ("z[1][0]", "0.538051", 1),
    ("z[1][0]", "0.5380", 1),  # rounded twice, by way of 0.53805
    ("z[1][0]", "0.5382", 0),
    ("z[1][0]", "0.4619", 0),  # another sign
)


def some(name: str, keys: Iterable[int]) -> list[int]:
    """The fields that are tried: every one, but in a browser, which is slow, one of a problem."""
    return [k for k in keys if name != "qti3" or k % 16 == 7]


def told_of(problem: Problem) -> dict[tuple[int, str], Fraction]:
    """What `check` says of numbers alone: right, honest, neighbouring and mistaken ones."""
    known = Question(solve(problem))
    found: dict[tuple[int, str], Fraction] = {}
    for k, judged in enumerate(fairness(known.solution).entries):
        asked = Fraction(judged.asked or "")
        for far in range(-3, 4):
            text = decimal_text(asked + Fraction(far, 10**4), 4)
            told = graded(known, judged.entry, Given(text, Fraction(text), 4))
            found[k, text] = Fraction(0) if told is None else told.share
        found |= {(k, other.text): problem.scoring.rounding for other in judged.others}
    return found


@pytest.fixture(scope="module")
def expected(seed: Exercise) -> dict[tuple[int, str], Fraction]:
    """What answers earn: by the table above, by `check`, and nothing for known mistakes."""
    names = [field.name for field in seed.fields]
    found = told_of(load(SEED))
    assert set(found.values()) == {0, Fraction(1, 2), 1}
    return found | {(names.index(name), text): Fraction(earns) for name, text, earns in TRIED}


@pytest.mark.parametrize("name", TARGETS)
def test_systems_grade_as_check(
    name: str, grade: Grade, seed: Exercise, expected: dict[tuple[int, str], Fraction]
) -> None:
    only = TARGETS[name].shares == {0, 1}
    chosen = some(name, range(len(seed.fields)))
    keys = [key for key in expected if key[0] in chosen]
    found = grade(name, files(name, [seed]), keys)
    for key, (share, _) in zip(keys, found, strict=True):
        earns = expected[key]
        assert share == (earns == 1 if only else earns), (name, seed.fields[key[0]].name, key[1])


@pytest.mark.parametrize("name", [name for name in TARGETS if TARGETS[name].feedback])
def test_systems_name_mistakes(name: str, grade: Grade, seed: Exercise) -> None:
    asked = [
        (k, seed.fields[k].centre(window), window.feedback)
        for k in some(name, range(len(seed.fields)))
        for window in seed.fields[k].windows
        if not window.share
    ]
    found = grade(name, files(name, [seed]), [(k, text) for k, text, _ in asked])
    assert found == [(0.0, feedback) for _, _, feedback in asked]
    assert len(found) > 20


@pytest.mark.parametrize("name", TARGETS)
def test_a_bank_of_several(
    name: str, grade: Grade, seed: Exercise, both: Sequence[Exercise]
) -> None:
    """The second problem's questions come behind the first one's, in all systems."""
    count = len(seed.fields)
    every = [*both[0].fields, *both[1].fields]
    keys = some(name, range(2 * count))
    asked = [(k, every[other].digits) for k in keys for other in (k, (k + count) % (2 * count))]
    shares = [share for share, _ in grade(name, files(name, both), asked)]
    assert shares[::2] == [1.0] * len(keys)
    assert sum(shares[1::2]) <= len(keys) / 2


SMALL = """
equations = "s[t] = tanh(x[t] * w + s[t-1])"
[rounding]
places = 4
[parameters]
w = 0.31
[initial]
s = 0
[inputs]
x = [0.2, -1.7]
"""


EXACT = SMALL.replace("tanh(x[t] * w + s[t-1])", "x[t] * w + s[t-1]")
"""Values are decimals: windows hold their ends."""


@pytest.mark.parametrize("text", [SMALL, EXACT], ids=["tanh", "exact"])
@pytest.mark.parametrize("mode", MODES)
def test_windows_earn_what_check_says_in_every_mode(mode: str, text: str) -> None:
    places = 1 if text == EXACT else 4
    rounding = f'places = {places}\nmode = "{mode}"'
    problem = loads(text.replace("places = 4", rounding))
    known, made = Question(solve(problem)), exercise(problem)
    for judged, field in zip(fairness(known.solution).entries, made.fields, strict=True):
        honest = {Fraction(other.text) for other in judged.others}
        for far in range(-250, 251, 10):
            value = Fraction(field.digits) + Fraction(far, 10 ** (places + 2))
            shown = places if far % 100 == 0 else places + 2
            given = Given(decimal_text(value, shown), value, shown)
            told, window = graded(known, judged.entry, given), field.window(value)
            share = Fraction(0) if told is None else told.share
            earned = Fraction(0) if window is None else window.share
            assert earned == (1 if value in honest else share), (field.name, given.text)


ROUNDED = (("0.22", 1), ("0.2246", 1), ("0.2151", 1), ("0.2149", 1), ("0.2102", 0), ("0.20", 0))


@pytest.mark.parametrize("name", TARGETS)
def test_fewer_places_than_a_system_tells(name: str, grade: Grade) -> None:
    """0.2154 to two places; what lies within half a unit of it is right, too."""
    text = SMALL.replace("places = 4", "places = 2").replace("0.31", "1.094")
    bank = [exercise(loads(text))]
    assert bank[0].fields[0].digits == "0.22"
    found = grade(name, files(name, bank), [(0, text) for text, _ in ROUNDED])
    assert [share == 1 for share, _ in found] == [earns == 1 for _, earns in ROUNDED]


def test_the_statement_says_what_is_given_and_how_to_round(seed: Exercise) -> None:
    carried = exercise(loads(SMALL.replace("places = 4", "places = 4\ncarry = 6"))).statement
    assert "<mn>0.23</mn>" in seed.statement
    assert "to 4 decimal places" in seed.statement
    assert "at least 6 decimal places" in carried


Seen = tuple[str, str]
"""A question's title, and the HTML that a system shows."""


def zipped(bank: Files, name: str) -> ZipFile:
    return ZipFile(BytesIO(bytes(bank[name])))  # type: ignore[arg-type]


def seen_moodle(bank: Files) -> Seen:
    quiz = fromstring(bank["moodle.xml"])
    return quiz.findtext("question/name/text", ""), quiz.findtext("question/questiontext/text", "")


def seen_cloze(bank: Files) -> Seen:
    quiz = fromstring(bank["moodle-cloze.xml"])
    text = quiz.findtext("question/questiontext/text", "")
    assert len(re.findall("[{}]", text)) == 2 * len(BOX.findall(text)) == 4
    return quiz.findtext("question/name/text", ""), text


def seen_gift(bank: Files) -> Seen:
    first = gift_questions(str(bank["questions.gift"]))[0]
    return str(first["title"]), first["stem"]["text"]  # type: ignore[index]


def seen_canvas(bank: Files) -> Seen:
    archive = zipped(bank, "canvas.zip")
    (name,) = (name for name in archive.namelist() if name != "imsmanifest.xml")
    quiz = fromstring(archive.read(name))
    return quiz[0].get("title", ""), next(quiz.iter(f"{QTI}mattext")).text or ""


def seen_prairielearn(bank: Files) -> Seen:
    info, page = (next(n for n in bank if n.endswith(end)) for end in ("info.json", ".html"))
    assert "{" not in str(bank[page])
    return json.loads(bank[info])["title"], str(bank[page])


def seen_nbgrader(bank: Files) -> Seen:
    """The folder says what the assignment is called; nothing but JSON and HTML is in the cell."""
    (text,) = bank.values()
    posed = json.loads(str(text))["cells"][0]
    return HOSTILE, "".join(posed["source"])


def seen_numbas(bank: Files) -> Seen:
    """In names, what stands in braces is worked out; in the rest nothing is."""
    exam = json.loads(str(bank["questions.exam"]).partition("\n")[2])
    question = exam["question_groups"][0]["questions"][0]
    told = re.sub(r"\{'(\\?.)'\}", r"\1", question["name"]).replace("\\\\", "\\")
    assert told == exam["name"]
    assert question["statement"].startswith("<div nosubvars ")
    return told, question["statement"]


def seen_qti3(bank: Files) -> Seen:
    archive = zipped(bank, "qti3.zip")
    item = fromstring(archive.read(qti3_items(archive)[0]))
    paragraphs = [
        html.escape("".join(one.itertext())) for one in item.iter() if one.tag[-2:] == "}p"
    ]
    return item.get("title", ""), "\n".join(paragraphs)


SEEN: dict[str, Callable[[Files], Seen]] = {
    "canvas": seen_canvas,
    "gift": seen_gift,
    "moodle": seen_moodle,
    "moodle-cloze": seen_cloze,
    "nbgrader": seen_nbgrader,
    "numbas": seen_numbas,
    "prairielearn": seen_prairielearn,
    "qti3": seen_qti3,
}


@pytest.mark.parametrize("name", TARGETS)
def test_hostile_texts_stay_text(name: str) -> None:
    texts = f"title = '''{HOSTILE}'''\nstatement = '''{HOSTILE}'''\n"
    title, page = SEEN[name](files(name, [exercise(loads(texts + SMALL))]))
    changed = {"gift": ("&&", "& &"), "numbas": ("<", "< ")}  # what would be no text there
    assert HOSTILE.replace(*changed.get(name, ("", ""))) in title
    assert "<script" not in page
    assert HOSTILE in html.unescape(page)


WORTH = SMALL + "[scoring.points]\ns = 2.5\n"
POINTS = (
    ("canvas", "<fieldentry>2.5</fieldentry>"),
    ("moodle", "<defaultgrade>2.5</defaultgrade>"),
    ("moodle-cloze", "{5:NUMERICAL:"),
    ("nbgrader", '"points": 2.5'),
    ("numbas", '"marks": 1.25'),
    ("prairielearn", " 2.5,\n"),
    ("qti3", 'normal-maximum="2.5"'),
    ("qti3", ">1.25</qti-base-value>"),
)


@pytest.mark.parametrize(("name", "told"), POINTS)
def test_numbers_are_worth_the_points_of_the_problem(name: str, told: str) -> None:
    """Half of the points is 1.25."""
    texts = []
    for content in files(name, [exercise(loads(WORTH))]).values():
        if isinstance(content, bytes) and content[:2] == b"PK":
            archive = ZipFile(BytesIO(content))
            texts += [archive.read(part).decode() for part in archive.namelist()]
        else:
            texts.append(content if isinstance(content, str) else content.decode())
    assert told in "".join(texts)


TYPED = (("0.5381", 1), ("0,5381", 1), (" 0.5381 ", 1), ("", 0), ("[0.5381]", 0), ("1,5.2", 0))


@pytest.mark.parametrize(("text", "earns"), TYPED)
def test_nbgrader_reads_a_comma_and_tells_what_is_no_number(
    seed: Exercise, text: str, earns: int
) -> None:
    ((share, told),) = SYSTEMS["nbgrader"](files("nbgrader", [seed]), [(0, text)])
    assert share == earns
    assert ("is no number" in told) == (not earns and text != "")


def test_what_questions_leave_out_of_a_backward_pass_is_told(tmp_path: Path) -> None:
    problem = SEED.with_name("hw10_backward.toml")
    arguments = ["export", str(problem), "--to", "gift", "--output", str(tmp_path)]
    assert "a loss and its gradients are left out" in CliRunner().invoke(main, arguments).output


def test_what_a_system_does_without_is_told() -> None:
    bank = [exercise(loads(WORTH))]
    assert "knows no points" in " ".join(notes("gift", bank))
    assert "all points or none" in " ".join(notes("canvas", bank))
    assert not list(notes("qti3", bank))


REFUSED = (
    ("places = 9", "moodle", "at most 8: places = 8 in [rounding]"),
    ("places = 9", "gift", "at most 8"),
    ("places = 5", "canvas", "at most 4: places = 4 in [rounding]"),
    ("figures = 4", "moodle", "decimal places: places = 4 in [rounding]"),
    ("places = 4\n[rounding.s]\nfigures = 3", "gift", "decimal places"),
    ("places = 4\n[rounding.s]\nplaces = 9", "moodle-cloze", "s[1] to 9 places"),
    ("places = 4\n[scoring]\nhalf = 0.45", "moodle", "a share of 9/20"),
)


@pytest.mark.parametrize(("rounding", "to", "told"), REFUSED)
def test_what_a_target_cannot_hold(rounding: str, to: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text(SMALL.replace("places = 4", rounding))
    call = ["export", str(path), "--to", to, "--output", str(tmp_path / "bank")]
    done = CliRunner().invoke(main, call)
    assert done.exit_code == 2
    assert told in done.output
    assert not (tmp_path / "bank").exists()


def test_files_are_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text(SMALL)
    call = ["export", str(path), "--to", "gift", "--output", str(tmp_path)]
    assert CliRunner().invoke(main, call).exit_code == 0
    assert CliRunner().invoke(main, call).exit_code == 2
