"""Certified values for audits: their ulps beside powers of two, and exact zeros."""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np
import pytest

from tests.adversary import ACCURACY
from tests.random_problems import problems
from verifier.arithmetic.floats.binary import BINARY
from verifier.arithmetic.ieee import Ieee
from verifier.audit.drift import drift
from verifier.audit.measure import audit
from verifier.audit.truth import FINER, truths
from verifier.audit.whole import whole
from verifier.documents.audit import audit_documents
from verifier.problem import Problem, loads
from verifier.solution import Solution


def one(equation: str, number: str = "1") -> Problem:
    """A problem of one step; w is its input."""
    return loads(f"equations = 'h[t] = {equation}'\n[inputs]\nw = ['{number}']\n")


def fraction(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


BESIDE = [
    (Fraction(2) ** exponent) * (1 + side * Fraction(2) ** -off)
    for exponent in (0, -14, -13, 3)
    for side in (-1, 0, 1)
    for off in (20, 40, 60, 70, 90)
]


@pytest.mark.parametrize("name", list(BINARY))
def test_ulps_beside_a_power_of_two_are_those_of_the_true_value(name: str) -> None:
    format = BINARY[name]
    for value in BESIDE:
        for sign in (1, -1):
            task = one("w[t]", fraction(sign * value))
            found = truths(task, format, rounded=False)[1, "h"]
            assert Fraction(float(format.ulps(found.size)[0])) == format.ulp(value), value


@pytest.mark.parametrize("name", list(BINARY))
@pytest.mark.parametrize(
    ("equation", "ulps"),
    [
        ("tanh(22 * w[t])", 0.5),  # 1 − 2^-63
        ("sigmoid(45 * w[t])", 0.5),
        ("sigmoid(5000 * w[t])", 0.5),  # on which side of 1 is beyond all bits, but not of 1/2
        ("1 + exp(-45 * w[t])", 1),
        ("1 + sigmoid(-45 * w[t])", 1),
        ("-tanh(22 * w[t])", 0.5),
        ("tanh(0 * w[t]) + 1", 1),
        ("clip(9 * sigmoid(w[t]), -1, 1)", 1),
    ],
)
def test_ulps_of_saturated_values(name: str, equation: str, ulps: float) -> None:
    format = BINARY[name]
    found = truths(one(equation), format, rounded=False)[1, "h"]
    assert format.ulps(found.size)[0] == ulps * 2.0 ** (1 - format.precision)


@pytest.mark.parametrize("name", list(BINARY))
def test_exact_values_have_no_radius(name: str) -> None:
    for equation in ("tanh(0 * w[t])", "sigmoid(0 * w[t])", "w[t] - w[t]", "w[t] / 4"):
        found = truths(one(equation), BINARY[name], rounded=False)[1, "h"]
        assert (found.radius[0], found.slack[0]) == (0, 0)
    third = truths(one("w[t] / 3"), BINARY[name], rounded=False)[1, "h"]
    assert third.radius[0] > 0


SATURATED = ["tanh(x[t])", "sigmoid(x[t])", "tanh(x[t]) * 0.3 + 0.7 * x[t]"]


@pytest.mark.parametrize("format", BINARY)
@pytest.mark.parametrize("equation", SATURATED)
def test_an_error_that_is_not_resolved_is_bounded_and_has_no_parts(
    equation: str, format: str
) -> None:
    """tanh(1000) is 1 but for e^-2000, which no pair of float64 numbers holds."""
    problem = loads(f'equations = "y[t] = {equation}"\n[inputs]\nx = [300, 1000]\n')
    found = audit(Solution(problem), [Ieee(format)], ACCURACY)
    for (_, step, name), row in found.measured.items():
        true = found.truth[step, name]
        if not true.resolved(row.computed.astype(np.float64))[0]:
            assert row.absolute["error"][0] <= row.absolute["bound"][0]
            assert (step, name) not in {(a.step, a.name) for a in found.attributions}
    for entry in found.attributions:
        assert all(abs(share.ulps) > 1e-30 for share in entry.shares)


def test_a_document_says_less_than_of_what_is_not_resolved() -> None:
    problem = loads('equations = "y[t] = tanh(x[t])"\n[inputs]\nx = [20, 1000]\n')
    found = whole(Solution(problem), [Ieee("float64")])
    text = audit_documents(found, ["md"])["md"]
    assert isinstance(text, str)
    first, second = re.findall(r"\| \d \| \$y_\d\$ \| – \| 1.0 \| ([^|]+) \|", text)
    assert first == "0.0765"
    assert re.fullmatch(r"&#60; \d\.\d\de−\d+", second)


SATURATED = """
equations = "h[t] = tanh(x[t] * 300)"
inputs.x = [[1, "0.1"], [2, 1]]
"""


def test_what_is_only_bounded_is_never_ranked_as_if_it_were_measured() -> None:
    """tanh(600) is 1 but for 10^-520: of the second step's errors nothing but bounds is known."""
    found = whole(Solution(loads(SATURATED)), [Ieee("float64")], (), ())
    first, second = drift(found.audit)[0].steps
    assert not first.below
    assert first.error == pytest.approx(1.7514e-26, rel=1e-3)
    assert second.below
    text = audit_documents(found, ["md"])["md"]
    (row,) = re.findall(r"^\| 2 \| ([^|]*) \| [^|]* \|$", str(text), re.MULTILINE)
    assert row.startswith("&#60; ")
    (row,) = re.findall(r"^\| 1 \| ([^|]*) \| [^|]* \|$", str(text), re.MULTILINE)
    assert row == "1.75e−26"
    assert "the largest error is 1.58e−10 ulp (1.75e−26), in the second entry of $h_1$" in str(text)
    assert [each.step for each in found.audit.attributions] == [1]


def test_where_only_bounds_are_known_no_entry_is_said_to_have_the_largest_error() -> None:
    found = whole(Solution(loads(SATURATED.replace('"0.1"', "1"))), [Ieee("float64")], (), ())
    text = str(audit_documents(found, ["md"])["md"])
    assert "float64: 4 errors are only known to be less than " in text
    assert "As a number, every error is less than " in text
    assert "the largest error" not in text.split("## ")[1]


def test_rounded_numbers_need_few_bits_where_little_is_left_of_them() -> None:
    """A value far below the numbers of float16: its own balls are good for that many times over."""
    task = loads('equations = "y[t] = x[t] / 3"\n[inputs]\nx = [1e-40, 3]\n')
    own = truths(task, BINARY["float64"], rounded=False)
    rounded = truths(task, BINARY["float16"], rounded=True)
    assert rounded[1, "y"].high == 0
    assert rounded[2, "y"].high == own[2, "y"].high == 1


def test_rounded_numbers_are_certified_with_the_bits_that_the_problem_needed() -> None:
    """Whatever the first pass says, each entry is good for its format."""
    for task in problems(8, seed=31):
        truths(task, BINARY["float64"], rounded=False)
        for name in ("float32", "float16", "bfloat16"):
            for site, truth in truths(task, BINARY[name], rounded=True).items():
                allowed = BINARY[name].ulps(truth.size) * 2.0**-FINER
                assert (truth.radius <= np.maximum(allowed, 2.0**-1070)).all(), (name, site)
