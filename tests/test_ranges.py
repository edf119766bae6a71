"""Ranges: how intervals are read, who refuses them, and what no value may leave."""

from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from tests import ranges_campaign
from tests.conftest import ROOT, SEED
from verifier import api
from verifier.arithmetic.boxes import Boxes
from verifier.cli import main
from verifier.errors import ProblemError, VerifierError
from verifier.evaluate import evaluate
from verifier.numbers import INTERVALS, Numbers, ends_of, read_interval
from verifier.problem import Problem, load, loads
from verifier.ranges import Ranges
from verifier.solution import Solution

BOXED = SEED.read_text("utf-8").replace("0.23", '"0.23 ± 0.01"').replace("0.98", '"[-1, 1]"')


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("0.2 ± 0.1", "1/10", "3/10"),
        ("0.2+-0.1", "1/10", "3/10"),
        ("0.2 +/- 1/10", "1/10", "3/10"),
        (" -1e-3 ± 0 ", "-1/1000", "-1/1000"),
        ("[-1, 1]", "-1", "1"),
        ("[1/3,0.5]", "1/3", "1/2"),
        ("[2, 2]", "2", "2"),
    ],
)
def test_an_interval_is_read_exactly(text: str, low: str, high: str) -> None:
    assert ends_of(read_interval(text)) == (Fraction(low), Fraction(high))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1, -1]", "is empty"),
        ("0.2 ± -0.1", "is empty"),
        ("[1, 2", "no interval"),
        ("[1]", "no number"),
        ("[]", "no number"),
        ("[1, 2, 3]", "no number"),
        ("[nan, 1]", "no number"),
        ("± 1", "no number"),
        ("1 ± ", "no number"),
        ("1 ± 2 ± 3", "no number"),
        ("1/0 ± 1", "divides by zero"),
    ],
)
def test_what_is_no_interval_is_refused_at_its_place(text: str, said: str) -> None:
    source = f'equations = "y[t] = x[t]"\n[inputs]\nx = [0.5, "{text}"]\n'
    with pytest.raises(VerifierError, match=said) as found:
        loads(source, intervals=True)
    assert found.value.accepted == INTERVALS
    assert found.value.place is not None
    assert (found.value.place.line, found.value.place.column) == (3, 11)


DOORS = {
    "solve --data": ["solve", "P", "--data", "P"],
    "solve --stream": ["solve", "P", "--stream", "P"],
    "sheet": ["sheet", "P"],
    "slides": ["slides", "P"],
    "backward": ["backward", "P"],
    "audit": ["audit", "P"],
    "audit --probe": ["audit", "P", "--probe", "probe.toml"],
    "check": ["check", "P", "P"],
    "vary": ["vary", "P", "--count", "2"],
    "embed": ["embed", "P", "--step", "1", "--name", "z"],
    "derive": ["derive", "P"],
    "export": ["export", "P", "--to", "moodle"],
}


@pytest.mark.parametrize("door", DOORS)
def test_whoever_needs_numbers_refuses_intervals(door: str, tmp_path: Path) -> None:
    path = tmp_path / "boxed.toml"
    path.write_text(BOXED, "utf-8")
    arguments = [str(path) if part == "P" else part for part in DOORS[door]]
    if door not in ("audit --probe", "embed"):
        arguments += ["--output", str(tmp_path / "out")]
    found = CliRunner().invoke(main, arguments)
    assert found.exit_code == 2, found.output
    assert isinstance(found.exception, SystemExit)
    assert "x has the interval 0.23 ± 0.01 where a number is needed" in found.output
    assert "verifier audit --ranges" in found.output


def test_python_refuses_intervals_too() -> None:
    with pytest.raises(VerifierError, match="where a number is needed"):
        api.loads(BOXED)
    problem = loads(BOXED, intervals=True)
    with pytest.raises(ProblemError, match="where a number is needed"):
        _ = Solution(problem).rows
    for numbers in (problem.inputs["x"], problem.inputs["x"].row(0)):
        for what in ("fractions", "doubles", "objects"):
            with pytest.raises(ProblemError, match=r"0\.23 ± 0\.01"):
                getattr(numbers, what)
        with pytest.raises(ProblemError, match=r"0\.23 ± 0\.01"):
            numbers.integers()


@pytest.mark.parametrize("options", [["--policy", "equation"], ["--digits", "20"], ["--exact"]])
def test_ranges_refuse_what_they_do_not_have(options: list[str], tmp_path: Path) -> None:
    path = tmp_path / "boxed.toml"
    path.write_text(BOXED, "utf-8")
    found = CliRunner().invoke(main, ["solve", str(path), "--format", "md", "--stdout", *options])
    assert found.exit_code == 2
    assert "intervals" in found.output


def boxed(equations: str, **inputs: Any) -> Problem:
    """A problem of one step."""
    given = "\n".join(f"{name} = {json.dumps([value])}" for name, value in inputs.items())
    return loads(f'equations = """{equations}"""\n[inputs]\n{given}\n', intervals=True)


@pytest.mark.parametrize(
    ("equations", "x", "low", "high"),
    [
        ("y[t] = x[t]", "[-1, 1]", -1.0, 1.0),
        ("y[t] = x[t] * x[t]", "[-1, 2]", 0.0, 4.0),
        ("y[t] = x[t] ** 4", "[-1, 2]", 0.0, 16.0),
        ("y[t] = x[t] ** 3", "[-1, 2]", -1.0, 8.0),
        ("y[t] = x[t] ** -2", "[1, 2]", 0.25, 1.0),
        ("y[t] = x[t] * (1 - x[t])", "[0, 1]", 0.0, 0.25),
        ("y[t] = abs(x[t])", "[-1, 2]", 0.0, 2.0),
        ("y[t] = sqrt(abs(x[t]))", "[-1, 4]", 0.0, 2.0),
        ("y[t] = max(x[t], 0) + min(x[t], 1)", "[-1, 4]", -1.0, 5.0),
        ("y[t] = sigmoid(x[t])", "0 ± 2", 0.1192029220, 0.8807970780),
        ("y[t] = exp(x[t]) - x[t]", "[-1, 1]", 1.0, 1.7182818285),
        ("y[t] = cos(x[t])", "[-1, 2]", -0.4161468366, 1.0),
        ("y[t] = 1 / (x[t] * x[t] - x[t] + 1)", "[0, 1]", 1.0, 4 / 3),
        ("y[t] = softmax(concat(x[t], 0))[0:1]", "[-1, 1]", 0.2689414213, 0.7310585787),
        ("y[t] = tanh(3 * x[t])", "1/3 ± 0", 0.7615941559, 0.7615941560),
    ],
)
def test_ranges_are_as_they_should_be(equations: str, x: str, low: float, high: float) -> None:
    (row,) = Ranges(boxed(equations, x=x)).rows
    assert row.lower is not None
    assert row.upper is not None
    room = (high - low) / 32 + 1e-9
    assert low - room <= float(row.lower) <= low + 1e-10
    assert high - 1e-10 <= float(row.upper) <= high + room


def test_a_number_beside_an_interval_is_no_nearest_float() -> None:
    """exp(197.4) is further from that of the float64 number below 197.4 than float64 rounds."""
    row = Ranges(boxed("y[t] = exp(x[t])", x=[197.4, "[0, 1]"])).rows[0]
    assert row.lower is not None
    assert row.upper is not None
    exact = Fraction("5.366989278416127489305375e85")  # by Arb, all digits right
    assert Fraction(row.lower) <= exact <= Fraction(row.upper)


def test_a_blend_stays_between_what_it_blends() -> None:
    text = "z[t] = sigmoid(x[t])\ns[t] = (1 - z[t]) * tanh(x[t]) + z[t] * s[t-1]"
    rows = json.dumps([["[-9, 9]", "[-2, 2]"]] * 30)
    source = f'equations = """{text}"""\n[inputs]\nx = {rows}\n'
    problem = loads(source, intervals=True)
    value = evaluate(problem, Boxes()).values[30, "s"]
    assert np.all(np.abs(value.middle) + value.radius <= 1 + 1e-12)


@pytest.mark.parametrize(
    ("equation", "said"),
    [
        ("y[t] = 1 / x[t]", "y may divide by zero at step 1"),
        ("y[t] = x[t] ** -1", "y may divide by zero at step 1"),
        ("y[t] = log(x[t])", "y may have log of a number that is not positive at step 1"),
        ("y[t] = sqrt(x[t])", "y may have sqrt of a number that is not zero or more at step 1"),
        ("y[t] = exp(exp(900 * x[t] + 900))", "the range of y at step 1 has no proven bound"),
        ("y[t] = sigmoid(1 / x[t])", "y may divide by zero at step 1"),
        ("y[t] = softmax(concat(1 / x[t], 0))[1:2]", "y may divide by zero at step 1"),
        ("y[t] = abs(tanh(sqrt(x[t])))", "y may have sqrt of a number that is not zero or more"),
    ],
)
def test_a_range_without_a_value_somewhere_is_an_error(equation: str, said: str) -> None:
    with pytest.raises(ProblemError, match=said) as found:
        _ = Ranges(boxed(equation, x="[-1, 1]")).rows
    assert found.value.place is not None
    assert found.value.place.line == 1


def test_digits_are_given_where_all_of_a_range_has_them() -> None:
    problem = boxed("y[t] = x[t]\nz[t] = 2 * x[t]", x="0.12341 ± 0.00001")
    assert [row.rounded for row in Ranges(problem).rows] == ["0.1234", "0.2468"]
    problem = boxed("y[t] = x[t]", x="0.12345 ± 0.00001")
    assert [row.rounded for row in Ranges(problem).rows] == [None]


@pytest.mark.parametrize("language", ["en", "de", "zh"])
def test_documents_give_the_proven_ends(language: str, tmp_path: Path) -> None:
    path = tmp_path / "boxed.toml"
    path.write_text(f'language = "{language}"\n{BOXED}', "utf-8")
    formats = ["md", "html", "typ", "txt"] if language == "zh" else ["md", "html", "typ", "tex"]
    formats = [format for format in formats if format != "txt"]
    options = [part for format in formats for part in ("--format", format)]
    arguments = ["solve", str(path), "--output", str(tmp_path), "--format", "json", *options]
    found = CliRunner().invoke(main, arguments)
    assert found.exit_code == 0, found.output
    data = json.loads((tmp_path / "boxed" / "solution.json").read_text("utf-8"))
    schema = ROOT / "verifier" / "report" / "schemas" / "solve.schema.json"
    Draft202012Validator(json.loads(schema.read_text("utf-8"))).validate(data)
    assert {row["status"] for row in data["rows"]} == {"range"}
    text = (tmp_path / "boxed" / "solution.md").read_text("utf-8")
    point = "." if language != "de" else "{,}"
    low = Fraction(data["rows"][0]["lower"]) * 10**4
    shown = f"0{point}{low.numerator // low.denominator:04d}"
    assert f"| ${shown}$ |" in text
    assert rf"0{point}23 \pm 0{point}01" in text


def test_of_many_intervals_only_whole_ones_are_worked_out() -> None:
    cell = load(SEED)
    given = Numbers.typed([["[-1, 1]", "[-1, 1]"]] * 40, intervals=True)
    problem = Problem(cell.cell, cell.parameters, {"x": given})
    found = Ranges(problem)
    assert all(row.lower and abs(float(row.lower)) <= 1.000001 for row in found.rows)


@pytest.mark.parametrize("seed", range(2))
def test_no_value_leaves_its_range(seed: int) -> None:
    rng, counted = Random(seed), Counter[str]()
    assert not ranges_campaign.check(ranges_campaign.drawn(rng), rng, counted)
    assert counted["values"] > 20
    assert not counted["values without a range"]
