"""Which results documents show: what is asked for, or a summary where there are too many."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.conftest import SEED
from verifier import effort, load, loads
from verifier.cli import main
from verifier.errors import VerifierError
from verifier.problem.only import EVERYTHING, Only, ends, only, readable
from verifier.problem.starter import Sizes, starter

PROBLEM = load(SEED)
MATRIX = """
equations = "y[t] = A @ x[t]\\nĥ[t] = 2 * u[t]"
[parameters]
A = [[1, 2], [3, 4], [5, 6]]
[inputs]
x = [[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[0, 1], [1, 0]]]
u = [1, 2, 3]
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def text(command: str, *options: str, problem: Path = SEED, format: str = "md") -> str:
    done = run(command, problem, "--format", format, "--stdout", *options)
    assert done.exit_code == 0, done.output
    return done.stdout


CHOICES = [
    (("z",), (), None, {"z": None}),
    (("h[2]",), (), None, {"h": {2}}),
    (("z,h[2]", "h[0]"), ("2",), {2}, {"z": None, "h": {0, 2}}),
    (("h,h[2]",), ("1,2",), {1, 2}, {"h": None}),
    (("h[2],h",), ("1-2",), {1, 2}, {"h": None}),
    (("z[0]",), (), None, {"z": None}),
    ((" s , z ",), (" 2 ",), {2}, {"s": None, "z": None}),
    ((), ("1", "2"), {1, 2}, None),
    ((), (), None, None),
]


@pytest.mark.parametrize(("names", "steps", "at", "entries"), CHOICES)
def test_what_a_call_asks_for(
    names: tuple[str, ...],
    steps: tuple[str, ...],
    at: set[int] | None,
    entries: dict[str, set[int] | None] | None,
) -> None:
    assert only(PROBLEM, names, steps) == Only(at and frozenset(at), entries)  # type: ignore[arg-type]


def test_entries_of_matrices_and_names_with_accents() -> None:
    problem = loads(MATRIX)
    assert only(problem, ["y[2,1],h\u0302"], []).entries == {"y": {5}, "ĥ": None}
    assert only(problem, ["y[2][1]"], []).entries == {"y": {5}}


BAD = [
    (("--only", "q"), "z, r, h, s"),
    (("--only", "hh"), "did you mean 'h'"),
    (("--only", "x"), "no quantity"),
    (("--only", "U_z"), "no quantity"),
    (("--only", "h[3]"), "h[0] to h[2]"),
    (("--only", "h[0,0]"), "h[0] to h[2]"),
    (("--only", "h["), "names such as"),
    (("--only", ""), "names such as"),
    (("--only", "h,,z"), "names such as"),
    (("--only", "h[-1]"), "names such as"),
    (("--step", "0"), "steps from 1 to 2"),
    (("--step", "3"), "steps from 1 to 2"),
    (("--step", "1,"), "steps from 1 to 2"),
    (("--step", "2-1"), "steps from 1 to 2"),
    (("--step", "1-9999999"), "steps from 1 to 2"),
    (("--step", "first"), "steps from 1 to 2"),
]


@pytest.mark.parametrize("command", ["solve", "sheet", "audit"])
@pytest.mark.parametrize(("call", "says"), BAD, ids=str)
def test_what_is_not_there_is_an_error_that_says_what_is(
    command: str, call: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    done = run(command, SEED, *call, "--output", tmp_path)
    assert done.exit_code == 2
    assert says in done.output
    assert not list(tmp_path.iterdir())


def symbols(document: str) -> list[str]:
    """The symbols of the last table of results or blanks."""
    return re.findall(r"^\| \d+ \| \$(.*?)\$ \|", document, re.MULTILINE)


def test_solutions_and_sheets_show_what_is_asked_for_and_say_so() -> None:
    options = ("--only", "z,s[2]", "--step", "2")
    solution = text("solve", *options)
    assert symbols(solution) == ["z_2", "s_{2,3}"]
    assert re.findall("^##+ .*", solution, re.MULTILINE)[3:6] == [
        "## Step 2", "### Update gate $z_2$", "### Hidden state $s_2$",
    ]  # fmt: skip
    assert (
        "This document shows $z_t$ and $s_{t,3}$, at step 2; the other results are left out."
        in solution
    )
    sheet = text("sheet", *options)
    assert symbols(sheet) == ["z_2", "s_{2,3}"]
    assert "There are blanks for $z_t$ and $s_{t,3}$, at step 2" in sheet
    assert "x_1" in sheet  # what is asked for follows from all inputs


def test_products_are_those_of_the_entries_that_are_asked_for() -> None:
    whole, one = text("solve", "--only", "h"), text("solve", "--only", "h[1]")
    written = r"x_2 U\^h\\right\\rbrack_(\d)"
    assert re.findall(written, whole) == ["1", "2", "3"]
    assert re.findall(written, one) == ["2"]


def test_rows_and_digits_are_those_that_are_asked_for() -> None:
    rows = json.loads(text("solve", "--only", "z,s[2]", "--step", "2", format="json"))["rows"]
    assert [(row["step"], row["name"], row["index"]) for row in rows] == [
        (2, "z", [0]),
        (2, "s", [2]),
    ]
    whole = json.loads(text("solve", format="json"))["rows"]
    assert [row for row in whole if row in rows] == rows
    digits = text("solve", "--only", "z,s[2]", "--step", "2", "--digits", "30")
    assert len(re.findall(r"0\. \d{10} \d{10} \d{10}", digits)) == 2


def test_an_audit_shows_what_is_asked_for() -> None:
    options = ("--only", "z,s[2]", "--step", "2", "--float", "float32")
    shown = text("audit", *options)
    rows = re.findall(r"^\| 2 \| (\$.*?\$) \| (.) \|", shown, re.MULTILINE)
    assert rows == [("$z_2$", "–"), ("$s_2$", "3")]
    assert "the other results are left out" in shown
    assert "Every entry is shown" not in shown
    found = json.loads(text("audit", *options, format="json"))["rows"]
    assert [(row["step"], row["name"], row["index"]) for row in found] == [
        (2, "z", [0]),
        (2, "s", [2]),
    ]


LANGUAGES = {"en": "left out", "de": "weggelassen", "zh": "从略"}
SAYING = [(f, language) for f in ("md", "tex", "html", "typ") for language in LANGUAGES]
SAYING.remove(("tex", "zh"))  # LaTeX documents in Chinese are not made


@pytest.mark.parametrize(("format", "language"), SAYING)
def test_what_is_left_out_is_said_in_every_language_and_format(
    format: str, language: str, tmp_path: Path
) -> None:
    path = tmp_path / "p.toml"
    path.write_text(f'language = "{language}"\n{SEED.read_text()}')
    said = LANGUAGES[language]
    assert said in text("solve", "--only", "z", problem=path, format=format)
    assert said not in text("solve", problem=path, format=format)


SIZES = [
    (2, {"a": 3, "b": 3}, EVERYTHING),
    (1, {"a": effort.SHOWN}, EVERYTHING),
    (50, {"a": 100, "b": 1}, Only(frozenset([*range(1, 9), 50]), {"a": range(55), "b": None})),
    (2, {"a": 10**6}, Only(frozenset([1, 2]), {"a": range(500)})),
    (10**5, {"a": 1}, Only(frozenset([*range(1, 1000), 10**5]), {"a": None})),
]


@pytest.mark.parametrize(("steps", "sizes", "wanted"), SIZES, ids=str)
def test_a_summary_has_the_first_and_the_last(
    steps: int, sizes: dict[str, int], wanted: Only
) -> None:
    found = readable(steps, sizes)
    assert found.steps == wanted.steps
    for name, count in sizes.items():
        chosen = found.chosen(name)
        expected = (wanted.entries or {}).get(name)
        assert (chosen is None) is (expected is None)
        if chosen is not None and expected is not None:
            assert [chosen[0], chosen[-1], len(chosen)] == [0, count - 1, len(expected)]


def test_many_equations_have_a_summary_too() -> None:
    found = readable(3, {f"a{k}": 10 for k in range(2000)})
    assert found.steps == {1, 3}
    assert found.chosen("a7") == [0, 9]


def test_ends_are_never_fewer_than_two() -> None:
    assert [ends(5, most) for most in (0, 2, 3, 5, 9)] == [
        [0, 4], [0, 4], [0, 1, 4], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4],
    ]  # fmt: skip
    assert ends(1, 0) == [0]


def test_a_large_problem_is_a_summary_that_says_what_it_leaves_out(tmp_path: Path) -> None:
    path = tmp_path / "large.toml"
    path.write_text(starter("rnn", Sizes(steps=60, inputs=100, hidden=100)))
    document = text("solve", problem=path)
    assert "The problem has 6000 results, so this document is a summary" in document
    assert "at steps 1–9, 60" in document
    assert "of each quantity the first 99 entries and the last" not in document
    assert "The inputs at steps 1–9, 60, 10 of 60, are" in document
    assert len(set(re.findall(r"^\| (\d+) \| \$h_", document, re.MULTILINE))) == 10
    rows = json.loads(text("solve", problem=path, format="json"))["rows"]
    assert len(rows) == 6000
    asked = text("solve", "--step", "1-60", "--only", "h", problem=path)
    assert "is a summary" not in asked
    assert len(re.findall(r"^\| \d+ \| \$h_", asked, re.MULTILINE)) == 60
    assert "is a summary" in text("sheet", problem=path)


def test_nothing_at_a_step_is_an_error() -> None:
    with pytest.raises(VerifierError, match="steps from 1 to 2"):
        only(PROBLEM, [], ["0"])


CHECKED = "step,name,index,value\n1,h,1,0.0828\n1,s,1,0.0382\n2,h,1,0.5224\n2,z,,0.5\n"


# options, what is judged, points of how many
JUDGED: list[tuple[list[str], list[tuple[int, str, str]], str]] = [
    (["--only=h[1],s[1]", "--step=1"], [(1, "h", "correct"), (1, "s", "rounding")], "2"),
    (["--only=h[1]"], [(1, "h", "correct"), (2, "h", "rounding")], "2"),
    (["--step=2", "--only=z,r"], [(2, "z", "wrong"), (2, "r", "missing")], "2"),
]


@pytest.mark.parametrize(("options", "judged", "most"), JUDGED)
def test_check_judges_what_is_asked(
    options: list[str], judged: list[tuple[int, str, str]], most: str, tmp_path: Path
) -> None:
    answers = tmp_path / "a.csv"
    answers.write_text(CHECKED, "utf-8")
    call = ["check", str(SEED), str(answers), *options, "--stdout", "--format"]
    rows = json.loads(CliRunner().invoke(main, [*call, "json"]).stdout)["rows"]
    assert [(row["step"], row["name"], row["verdict"]) for row in rows] == judged
    told = CliRunner().invoke(main, [*call, "md"]).stdout
    assert f" of {most} points" in told
    assert "Judged: " in told


def test_fairness_weighs_what_is_asked() -> None:
    call = ["check", str(SEED), "--fairness", "--stdout", "--format=json", "--only=s[1]"]
    found = json.loads(CliRunner().invoke(main, call).stdout)
    places = {(row["step"], row["name"], *row["index"]) for row in found["rows"]}
    assert places == {(1, "s", 1), (2, "s", 1)}


@pytest.mark.parametrize("option", ["--only=h", "--step=1"])
def test_a_general_derivation_has_nothing_to_choose(option: str) -> None:
    done = CliRunner().invoke(main, ["derive", "gru", option, "--stdout", "--format=md"])
    assert done.exit_code == 2
    told = str(done.exception) + done.output
    assert "no results of single steps" in told
