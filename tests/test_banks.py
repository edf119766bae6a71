"""Banks of many questions: kept in a file, and written in parts."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, fromstring
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import SEED
from tests.learning_systems import QTI
from tests.test_answers_back import COUNT, TEXT
from verifier.check.fairness import weigh
from verifier.cli import main
from verifier.exercises.bank import Bank
from verifier.exercises.mistaken import mistaken
from verifier.exercises.model import Exercise, Field, Window
from verifier.exercises.search import variants
from verifier.exercises.targets.names import distinct
from verifier.outcomes.mistakes import mistakes
from verifier.problem import load, loads
from verifier.solution import solve

FRACTIONS = st.fractions(max_denominator=10**6)
WINDOWS = st.builds(Window, FRACTIONS, FRACTIONS, FRACTIONS, st.text(max_size=5))
FIELDS = st.builds(
    Field,
    *[st.text(max_size=5)] * 5,
    st.integers(0, 9),
    FRACTIONS,
    st.lists(WINDOWS, max_size=2).map(tuple),
)
EXERCISES = st.builds(Exercise, *[st.text(max_size=5)] * 3, st.lists(FIELDS, max_size=2).map(tuple))


@settings(max_examples=30)
@given(st.lists(EXERCISES, max_size=3))
def test_a_bank_gives_back_what_was_put_into_it(found: list[Exercise]) -> None:
    assert list(Bank(found)) == found


@given(st.lists(st.text(), max_size=8))
def test_names_are_told_apart_and_fit_a_file_system(texts: list[str]) -> None:
    names = distinct(texts)
    assert len({*names}) == len(texts)
    assert all(name.replace("-", "").isalnum() and name.isascii() for name in names)


def test_long_titles_keep_what_tells_variants_apart() -> None:
    titles = [f"{'A very long title of a question about networks ' * 3}· {k:04}" for k in (1, 2)]
    assert [name[-5:] for name in distinct(titles)] == ["-0001", "-0002"]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three problems that differ in a number."""
    folder = tmp_path_factory.mktemp("three")
    for k in range(3):
        text = TEXT.replace("0.418", f"0.41{k}").replace("Two", f"{k} Two")
        (folder / f"p{k}.toml").write_text(text, "utf-8")
    return sorted(folder.iterdir())


def test_mistakes_made_side_by_side_are_those_of_each_problem() -> None:
    problems = [variant.problem for variant in variants(load(SEED), 2, 5)]
    found = mistaken(problems)
    assert found is not None
    for problem, wrong in zip(problems, found, strict=True):
        assert wrong == weigh(mistakes(solve(problem))).wrong


OTHERS = (
    ("0.418", '"1/3"'),  # no decimal
    ("places = 4", "figures = 4"),
    ("[0.522, 0.814]", "[0.522, 0.814, 0.3]"),  # another length
    ("places = 4", "places = 3"),
)


@pytest.mark.parametrize(("old", "new"), OTHERS)
def test_what_is_not_worked_side_by_side(old: str, new: str) -> None:
    assert mistaken([loads(TEXT), loads(TEXT.replace(old, new))]) is None


def run(*arguments: object) -> tuple[int, str]:
    """The exit code of a command, and what it says."""
    done = CliRunner().invoke(main, list(map(str, arguments)))
    return done.exit_code, done.output


def test_a_bank_in_parts_is_the_bank(three: list[Path], tmp_path: Path) -> None:
    call = ("export", *three, "--to", "canvas", "--output")
    assert run(*call, tmp_path / "whole")[0] == 0
    code, said = run(*call, tmp_path / "parts", "--split", 2)
    assert (code, said.count(".zip")) == (0, 2)
    with ZipFile(tmp_path / "whole" / "canvas.zip") as archive:
        whole = {name: archive.read(name) for name in archive.namelist()}
    found = {}
    for path in sorted((tmp_path / "parts").iterdir()):
        with ZipFile(path) as archive:
            found |= {name: archive.read(name) for name in archive.namelist()}
    assert [path.name for path in sorted((tmp_path / "parts").iterdir())] == [
        "canvas-001.zip",
        "canvas-002.zip",
    ]
    assert {*found} == {*whole}
    assert all(found[name] == whole[name] for name in whole if name != "imsmanifest.xml")
    quizzes = [fromstring(raw) for name, raw in whole.items() if name != "imsmanifest.xml"]
    every = [item for quiz in quizzes for item in quiz.iter(f"{QTI}item")]
    assert len(every) == 3 * COUNT
    assert {kind for item in every for kind in new_quizzes(item)} <= {"exact", "range"}
    assert all("exact" in new_quizzes(item) for item in every)


def new_quizzes(item: Element) -> list[str]:
    """The kinds of answers that Canvas's new quizzes import of an item.

    Source: Instructure's gem qti, lib/qti/v1/models/numerics: `ScoringData` tries exact_match.rb,
    margin_error.rb, precision.rb and within_range.rb in this order.
    """
    found = []
    for condition in item.iter(f"{QTI}respcondition"):
        if condition.find(f"{QTI}setvar[@varname='SCORE']") is None:
            continue
        equal, low, high = (
            condition.findtext(f".//{QTI}{n}") for n in ("varequal", "vargte", "varlte")
        )
        assert low is not None
        assert high is not None
        exact = equal is not None and equal == low == high
        assert exact or equal is None  # else a margin is meant
        found.append("exact" if exact else "range")
    return found


@pytest.mark.parametrize(
    ("to", "said"),
    [("nbgrader", "each problem has a folder"), ("onnx", "a learning system")],
)
def test_what_has_no_parts(to: str, said: str, three: list[Path], tmp_path: Path) -> None:
    code, text = run("export", three[0], "--to", to, "--output", tmp_path, "--split", 2)
    assert (code, said in text) == (2, True), text
    assert not [*tmp_path.iterdir()]


def test_one_problem_that_a_system_cannot_hold_leaves_nothing(
    three: list[Path], tmp_path: Path
) -> None:
    broken = tmp_path / "q.toml"
    broken.write_text(TEXT.replace("places = 4", "places = 5"), "utf-8")
    code, text = run("export", *three, broken, "--to", "canvas", "--output", tmp_path / "bank")
    assert (code, "to 5 places in canvas" in text) == (2, True), text
    assert not (tmp_path / "bank").exists()
