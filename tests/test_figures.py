"""Numbers as they stand on paper: their digits are those of the value, and zero has no sign."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier import load, solve
from verifier.arithmetic.ball import Ball, rational
from verifier.derive.figures import Figures, more_digits, moved
from verifier.derive.figures import given as given_figures
from verifier.documents.solution import solution_text
from verifier.formats import NAMES
from verifier.language.operations import MOVES, OPERATIONS
from verifier.language.tree import Number
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.rounding import MODES, POLICIES, Policy, Rounding

TEXT_FORMATS = sorted({*NAMES, "json"} - {"pdf", "docx"})
MP = mpmath.MPContext()
MP.dps = 60


def problem(folder: Path, text: str) -> Problem:
    path = folder / "problem.toml"
    path.write_text(text, "utf-8")
    return load(path)


# No digit is shown that is not a digit of the value.


def is_cut_off(text: str, value: Any) -> bool:
    """Whether digits with dots are the first ones of a value."""
    digits, dots, power = text.partition("…")
    assert dots
    shown = Decimal(digits + power)
    unit = Decimal(1).scaleb(shown.as_tuple().exponent)  # type: ignore[arg-type]
    size, least = abs(MP.mpf(value)), MP.mpf(str(abs(shown)))
    alike = (shown < 0) == (value < 0) or not shown
    return alike and bool(least <= size < least + MP.mpf(str(unit)))


@given(
    st.integers(-9, 9), st.integers(1, 10**6), st.integers(1, 6), st.sampled_from(MODES),
    st.sampled_from([-1, 1]),
)  # fmt: skip
def test_dots_stand_behind_digits_of_the_value(
    size: int, head: int, figures: int, mode: Any, sign: int
) -> None:
    exact = sign * Fraction(head, 7) * Fraction(10) ** size
    shown = more_digits(rational(exact), Rounding(None, mode, figures))
    if shown is not None and "…" in shown.text:
        assert is_cut_off(shown.text, MP.mpf(exact.numerator) / exact.denominator)
    else:
        rule = Rounding(None, mode, figures)
        assert rule.round(exact) == exact if shown is None else Fraction(shown.text) == exact


@given(st.floats(-60, 300), st.integers(1, 5), st.sampled_from([-1, 1]))
def test_so_do_those_of_functions(power: float, figures: int, sign: int) -> None:
    with Ball(200).session():
        ball = sign * Ball(200).exp(rational(Fraction(power)))
    shown = more_digits(ball, Rounding(None, "half-even", figures))
    if power and shown is not None and shown.text != "?":
        assert is_cut_off(shown.text, sign * MP.exp(MP.mpf(power)))


# figures, value, what is shown of it
SHOWN = [
    (2, "220596244978/2986467", "73865…"),
    (2, "73865.4", "73865…"),
    (1, "99999.97", "99999…"),
    (2, "123456", "123456"),
    (3, "1000/3", "333.33…"),
    (2, "-1000000/3", "-333333…"),
    (1, "10000/1", None),
    (2, "99999/7", "14285…"),
    (1, "1e30/7", "1.42…e29"),
    (2, "-1e30/7", "-1.428…e29"),
    (3, "0.001234567", "0.0012345…"),
]


@pytest.mark.parametrize(("figures", "value", "shown"), SHOWN)
def test_what_stands_before_the_point_is_shown_whole(
    figures: int, value: str, shown: str | None
) -> None:
    top, _, bottom = value.partition("/")
    exact = rational(Fraction(top) / Fraction(bottom or 1))
    found = more_digits(exact, Rounding(None, "half-even", figures))
    assert (found and found.text) == shown


BEYOND = """
equations = "y[t] = exp(x[t])\\nw[t] = -y[t] * 3"
[rounding]
figures = 2
[rounding.w]
figures = 1
[inputs]
x = [11.21, 16.3, 60, 1000, 0.1, -5]
"""


@pytest.mark.parametrize("kind", POLICIES)
def test_documents_pad_no_digits_with_zeros(tmp_path: Path, kind: Any) -> None:
    made = solution_text(
        solve(problem(tmp_path, BEYOND).rounded_by(policy=Policy(kind))), "md", digits=3
    )
    cut = re.findall(r"([-\d.]+)\\ldots(?: \\cdot 10\^\{?(\d+)\}?)?", made)
    assert len(cut) >= 6
    powers = [MP.exp(MP.mpf(x)) for x in ("11.21", "16.3", "60", "1000", "0.1", "-5")]
    true = [*powers, *(-3 * MP.mpf(round(y)) for y in (74000, 12000000)), *(-3 * y for y in powers)]
    for digits, power in cut:
        text = f"{digits}…" + (f"e{power}" if power else "")
        assert kind != "final" or any(is_cut_off(text, value) for value in true), text
    assert "73865" in made
    assert "7386\\ldots" not in made
    assert "73860" not in made
    assert "7. 38e4" in made


# Zero has no sign.

ZEROS = """
equations = \"\"\"
s[t] = -s[t-1]
v[t] = -v[t-1]
y[t] = 1 - s[t-1] + -s[t-1] * 3 + tanh(-s[t-1]) - x[t]
w[t] = -0 * x[t] + -s[t] / 7 - -(0.0) * x[t]
q[t] = -tanh(x[t]) / 1000000
r[t] = q[t] * 1 + -q[t]
\"\"\"
[rounding]
places = 4
[inputs]
x = ["-0.0", 0.25, -0]
[initial]
s = "-0.00"
v = [0, "-0"]
"""

A_ZERO_WITH_A_SIGN = re.compile(
    r"(?:-|−|<mo>−</mo>(?:<mn>)?|minus )(?:0(?:\.0*)?)(?![\d.,]|\\ldots|…| dots|\{,\})"
)


@pytest.mark.parametrize("kind", POLICIES)
@pytest.mark.parametrize("format", TEXT_FORMATS)
def test_no_document_prints_a_zero_with_a_sign(tmp_path: Path, format: str, kind: Any) -> None:
    solution = solve(problem(tmp_path, ZEROS).rounded_by(policy=Policy(kind)))
    made = solution_text(solution, format)
    assert "0.0000" in made
    # 1 − 0 is a difference, so only what begins a term is looked at
    found = [m for m in A_ZERO_WITH_A_SIGN.finditer(made) if not is_difference(made[: m.start()])]
    assert not found, made[found[0].start() - 60 : found[0].end() + 20]


def is_difference(before: str) -> bool:
    return bool(re.search(r"(\d|\w|</m\w+>|\)|\])\s?$", before))


def test_floats_and_json_have_one_zero(tmp_path: Path) -> None:
    given_zeros = given_figures(Numbers.typed(["-0", "-0.00", "-0e5", "-0/3", "-0.01"]))
    assert shown(given_zeros) == ["0", "0.00", "0e5", "0/3", "-0.01"]
    for kind in (np.float16, np.float32, np.float64):
        floats = Numbers.of_floats(np.array([-0.0, -0.5], dtype=kind))
        assert shown(given_figures(floats)) == ["0.0", "-0.5"]
    made = json.loads(solution_text(solve(problem(tmp_path, ZEROS)), "json"))
    texts = [text for row in made["rows"] for text in row.values() if isinstance(text, str)]
    assert "0.0000" in texts
    assert not [text for text in texts if re.fullmatch(r"-0(\.0*)?", text)]


# What only moves numbers.


def typed(*texts: str) -> Figures:
    return Figures((len(texts),), lambda k: Number(texts[k]))


def shown(figures: Figures) -> list[str]:
    return [figures.entry(k).text for k in range(int(np.prod(figures.shape)))]  # type: ignore[union-attr]


def test_what_moves_keeps_texts() -> None:
    parts = [typed("0.125", "-1/3"), typed("0", "1e-3")]
    assert shown(moved("concat", parts)) == ["0.125", "-1/3", "0", "1e-3"]
    assert shown(moved("negate", [typed("0.10", "-1/3", "-0.5", "0.0")])) == [
        "-0.10",
        "1/3",
        "0.5",
        "0.0",
    ]
    matrix = Figures((2, 3), lambda k: Number(str(k)))
    turned = moved("transpose", [matrix])
    assert (turned.shape, shown(turned)) == ((3, 2), ["0", "3", "1", "4", "2", "5"])
    wide = moved("concat", [matrix, Figures((2, 1), lambda k: Number(f"{k}.5"))])
    assert (wide.shape, shown(wide)) == ((2, 4), ["0", "1", "2", "0.5", "3", "4", "5", "1.5"])
    scalar = Figures((), lambda k: Number("7"))
    assert shown(moved("concat", [scalar, typed("8")])) == ["7", "8"]
    assert shown(moved("identity", [typed("9.0")])) == ["9.0"]


WHOLES: dict[str, tuple[int, ...]] = {"slice": (0, 1), "pad": (1, 2)}


def test_every_operation_that_moves_is_known() -> None:
    for operation in MOVES - {"fill"}:  # no matrix is repeated
        wholes = WHOLES.get(operation, ())
        found = moved(operation, [Figures((2, 2), lambda k: Number("0.5"))], wholes)
        assert found.shape == OPERATIONS[operation].shape([(2, 2)], *wholes)
