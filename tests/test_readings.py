"""A number of the question that was read wrongly is found, and told with what it was read as."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from tests import check_campaign
from tests.conftest import SEED
from tests.test_check_engine import SOLVED, judged
from verifier.arithmetic.ieee import Ieee
from verifier.check.model import Checked
from verifier.evaluate import evaluate
from verifier.formats import load as load_format
from verifier.outcomes.honest import Question
from verifier.outcomes.misread import Readings
from verifier.problem import Problem, load, loads
from verifier.report.reasons import Reasons
from verifier.report.scribe import Scribe
from verifier.report.words import Words
from verifier.rewrites.model import made
from verifier.rewrites.readings import READINGS, Reading, change
from verifier.rounding import Policy
from verifier.solution import Solution

PROBLEM = load(SEED)


@pytest.mark.parametrize(
    ("rule", "reading"),
    [
        ("number-misread", Reading("parameters", "U_z", 0, "0.35", "0.53")),
        ("number-misread", Reading("inputs", "x", 3, "0.98", "-0.98")),
        ("number-misread", Reading("parameters", "W_h", 1, "", "0.9")),
        ("number-missed", Reading("parameters", "U_h", 2, "", "0")),
    ],
)
@pytest.mark.parametrize("policy", ["final", "equation"])
def test_it_is_found(rule: str, reading: Reading, policy: str) -> None:
    variant = made(rule, PROBLEM, change(PROBLEM, reading))
    assert variant is not None
    numbers = check_campaign.written(PROBLEM, variant.problem, Policy(policy))  # type: ignore[arg-type]
    assert numbers is not None
    found = judged(numbers)
    assert rule in check_campaign.names(found) or check_campaign.very_same(found)
    said = [e.named("read")[1:] for f in found.findings for e in (f.explanation, *f.also)]
    assert rule == "number-missed" or (reading.text,) in said or not any(said)


SCALARS = loads(
    """
    equations = '''
    z[t] = sigmoid(u * x[t] + w * s[t-1] + b)
    s[t] = z[t] * s[t-1] + (1 - z[t]) * tanh(v * x[t] + r * s[t-1])
    '''
    rounding = {places = 4}
    parameters = {u = 0.73, w = -0.4, b = 0.1, v = 1.2, r = 0.5}
    initial = {s = 0.25}
    inputs = {x = [0.52, -1.5, 0.83]}
    """
)


@pytest.mark.parametrize(("solved", "least"), [(SOLVED, 500), (Solution(SCALARS), 150)])
def test_what_is_estimated_at_once_is_what_each_gives(solved: Solution, least: int) -> None:
    question = Question(solved)
    readings = Readings(question)
    assert len(readings.every) == len({(id, r) for id, r in readings.every}) > least
    for k in range(0, len(readings.every), 13 if least < 500 else 97):
        variant = readings.variant(k)
        assert variant is not None
        trace = evaluate(variant.problem, Ieee("float64"))
        own = [
            trace.values[step, name]
            for step, name in dict.fromkeys(entry[:2] for entry in question.entries)
        ]
        assert np.allclose(readings.full[k], np.concatenate([np.ravel(v) for v in own]), atol=1e-12)


def test_each_reading_gives_another_number() -> None:
    for rule in READINGS.values():
        for reading in islice(rule(PROBLEM), 200):
            own = getattr(PROBLEM, reading.section)[reading.name].texts[reading.at]
            assert reading.own == own
            assert float(reading.text if "/" not in reading.text else 1) != float(own)


def as_read(problem: Problem, rule: str, reading: Reading) -> Checked:
    """The verdicts on the sheet of someone who read one number wrongly."""
    variant = made(rule, problem, change(problem, reading))
    assert variant is not None
    numbers = check_campaign.written(problem, variant.problem, Policy())
    assert numbers is not None
    return judged(numbers, Solution(problem))


@pytest.mark.parametrize(
    ("reading", "at"),
    [
        (Reading("parameters", "u", 0, "0.73", "0.37"), {1, 2, 3}),
        (Reading("parameters", "v", 0, "1.2", "-1.2"), {1, 2, 3}),
        (Reading("inputs", "x", 0, "0.52", "0.25"), {1}),
        (Reading("inputs", "x", 1, "-1.5", "1.5"), {2}),
        (Reading("initial", "s", 0, "0.25", "-0.25"), {1}),
    ],
)
def test_it_costs_the_numbers_made_of_it_alone(reading: Reading, at: set[int]) -> None:
    """An input is read at its own step, an initial value at the first; the rest follows."""
    found = as_read(SCALARS, "number-misread", reading)
    assert [f.explanation.named("read") for f in found.findings] == [(reading.own, reading.text)]
    wrong = {row.step for row in found.rows if row.verdict == "mistake"}
    assert wrong == at
    rest = [row for row in found.rows if row.verdict not in ("mistake", "correct")]
    assert {(row.verdict, row.share) for row in rest} == {("follows", 1)}


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        (Reading("parameters", "u", 0, "0.73", "0.37"), "u"),
        (Reading("inputs", "x", 1, "-1.5", "1.5"), "x_2"),
        (Reading("initial", "s", 0, "0.25", "-0.25"), "s_0"),
    ],
)
def test_it_is_said_where_the_number_stands(reading: Reading, said: str) -> None:
    found = as_read(SCALARS, "number-misread", reading)
    reasons = Reasons(found, Scribe(SCALARS, load_format("txt"), Words("en")))
    assert said in "".join(reasons.named(found.findings[0].explanation)).split(", ")
