"""Every arithmetic against formulas written out here, and the arithmetics against each other."""

from __future__ import annotations

import decimal
import gc
import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any
from weakref import ref

import flint
import ml_dtypes
import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import random_problems
from verifier import cells
from verifier.arithmetic.ball import Ball, enclosure, exact_value
from verifier.arithmetic.decimals import Decimals, by_hand
from verifier.arithmetic.digits import Digits
from verifier.arithmetic.exact import Exact, closed, evaluated
from verifier.arithmetic.ieee import BINARY, Ieee, binary_exponent
from verifier.arithmetic.matrices import plain
from verifier.arithmetic.protocol import Site
from verifier.arithmetic.wrap.replaced import Replaced
from verifier.arithmetic.wrap.rounded import Rounded
from verifier.errors import ProblemError
from verifier.evaluate import Trace, evaluate, sites
from verifier.language.operations import OPERATIONS
from verifier.language.tree import nodes
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.rounding import MODES, POLICIES, Policy, Rounding, decide

MP = mpmath.MPContext()
MP.dps = 80
DTYPES = {
    "float16": np.float16,
    "bfloat16": ml_dtypes.bfloat16,
    "float32": np.float32,
    "float64": np.float64,
}
ARITHMETICS = [Exact(), Digits(50), Ball(128), Decimals(), *map(Ieee, BINARY)]
PRECISE = ARITHMETICS[:4]
BY_NAME = pytest.mark.parametrize("arithmetic", ARITHMETICS, ids=lambda a: a.name)


def single(equations: str, steps: int = 1, **values: Any) -> Problem:
    """A problem of inline equations; names in lower case are inputs of as many equal steps."""
    read = {name: Numbers.typed(value) for name, value in values.items() if name.isupper()}
    inputs = {n: Numbers.typed([v] * steps) for n, v in values.items() if not n.isupper()}
    return Problem(cells.from_text(equations), read, inputs, steps=0 if inputs else steps)


def result(problem: Problem, arithmetic: Any, name: str = "y", step: int = 1) -> Any:
    return evaluate(problem, arithmetic).values[step, name]


def real(entry: Any) -> Any:
    """The entry as an mpmath number of 80 digits; a ball's midpoint."""
    if isinstance(entry, sympy.Expr):
        return MP.mpf(str(evaluated(entry, 70)))
    if isinstance(entry, decimal.Decimal):
        return MP.mpf(str(entry))
    if isinstance(entry, flint.arb | flint.fmpq):
        low, high = enclosure(entry)  # type: ignore[misc]
        return quotient((low + high) / 2)
    if isinstance(entry, mpmath.mpf) or hasattr(entry, "_mpf_"):
        return MP.mpf(entry)
    return MP.mpf(float(entry))


def quotient(value: Fraction | str) -> Any:
    value = Fraction(value)
    return MP.mpf(value.numerator) / value.denominator


def tolerance(arithmetic: Any, expected: Any) -> Any:
    """What a result may be off: a few ulps in a format, else a few units of the guard digits."""
    if isinstance(arithmetic, Ieee):
        row = arithmetic.format
        return 16 * (abs(expected) + 1) * MP.mpf(2) ** -row.precision
    return (abs(expected) + MP.mpf(10) ** -20) * MP.mpf(10) ** (
        -35 if isinstance(arithmetic, Ball) else -48
    )


def close(arithmetic: Any, value: Any, expected: Any) -> None:
    expected = np.asarray(expected, dtype=object)
    assert value.shape == expected.shape
    for found, wanted in zip(np.ravel(value).tolist(), expected.ravel().tolist(), strict=True):
        assert abs(real(found) - wanted) <= tolerance(arithmetic, wanted), (found, wanted)
        if isinstance(arithmetic, Ball):
            low, high = enclosure(found)  # type: ignore[misc]
            slack = abs(wanted) * MP.mpf(10) ** -70
            assert quotient(low) - slack <= wanted <= quotient(high) + slack


def numbers(value: Any) -> np.ndarray[Any, Any]:
    array = np.array(value, dtype=object)
    return np.vectorize(quotient, otypes=[object])(array)


def each(function: Any) -> Any:
    return np.vectorize(function, otypes=[object])


def softmax(x: Any) -> Any:
    powers = each(MP.exp)(x)
    return powers / powers.sum(axis=-1, keepdims=True)


def clip(x: Any, low: Any, high: Any) -> Any:
    return each(lambda v: min(max(v, low), high))(x)


F = Fraction
HUNDREDTH = quotient("1/100")
SQUASH, CUBE = MP.sqrt(2 / MP.pi), quotient("0.044715")
REFERENCE: dict[str, Any] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "matmul": lambda a, b: a @ b,
    "negate": lambda a: -a,
    "transpose": lambda a: a.T,
    "concat": lambda *p: np.concatenate([np.atleast_1d(v) for v in p], axis=-1),
    "sigmoid": each(lambda v: (1 + MP.tanh(v / 2)) / 2),
    "tanh": each(lambda v: MP.sinh(v) / MP.cosh(v)),
    "relu": each(lambda v: (v + abs(v)) / 2),
    "leaky_relu": lambda a, s=None: each(lambda v: v if v > 0 else (s or HUNDREDTH) * v)(a),
    "hard_sigmoid": lambda a: clip(a / 5 + quotient("1/2"), 0, 1),
    "hard_sigmoid_relu6": lambda a: clip(a + 3, 0, 6) / 6,
    "hard_tanh": lambda a: clip(a, -1, 1),
    "softsign": each(lambda v: v / (1 + abs(v))),
    "softplus": each(lambda v: MP.log1p(MP.exp(v))),
    "max": each(lambda a, b: (a + b + abs(a - b)) / 2),
    "min": each(lambda a, b: (a + b - abs(a - b)) / 2),
    "softmax": softmax,
    "exp": each(MP.exp),
    "sqrt": each(lambda v: MP.exp(MP.log(v) / 2) if v else v),
    "log": each(lambda v: 2 * MP.atanh((v - 1) / (v + 1))),
    "sin": each(lambda v: (MP.expj(v)).imag),
    "cos": each(lambda v: (MP.expj(v)).real),
    "erf": each(lambda v: 1 - MP.erfc(v)),
    "abs": each(lambda v: v if v > 0 else -v),
    "step": each(lambda v: MP.mpf(v > 0)),
    "positive": each(lambda v: MP.mpf(v > 0)),
    "pi": lambda: np.array(MP.acos(-1), dtype=object),
    "power": lambda a, n: each(lambda v: MP.mpf(v) ** n)(a),
    "sum": lambda a, axis=None: np.asarray(a.sum(axis=axis), dtype=object),
    "mean": lambda a, axis=None: np.asarray(a.mean(axis=axis), dtype=object),
    "outer": np.outer,
    "slice": lambda a, *ends: a[tuple(map(slice, ends[::2], ends[1::2]))],
    "pad": lambda a, b, c: np.pad(a, [(0, 0)] * (a.ndim - 1) + [(b, c)]),
    "fill": lambda a, *sizes: np.broadcast_to(a, (*sizes, *a.shape)),
    "elu": lambda a, s=1: each(lambda v: v if v > 0 else s * MP.expm1(v))(a),
    "silu": each(lambda v: v / (1 + MP.exp(-v))),
    "gelu": each(lambda v: v * MP.ncdf(v)),
    "gelu_tanh": each(lambda v: v / (1 + MP.exp(-2 * SQUASH * (v + CUBE * v**3)))),
    "thresholded_relu": lambda a, s=1: each(lambda v: v if v > s else v * 0)(a),
    "affine": lambda a, b, c: a * b + c,
    "scaled_tanh": lambda a, b, c: b * each(MP.tanh)(c * a),
    "clip": clip,
    "identity": lambda a: a,
}
SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "matmul": "@"}
VECTOR, OTHER = ["0.3", "-1.25", "2"], ["-0.7", "0.01", "1.5"]
MATRIX, SECOND = [VECTOR, ["0.2", "-4.5", "1/3"]], [OTHER, ["9", "-0.125", "2/7"]]
TALL = [["0.5", "-1"], ["0.25", "3"], ["-2", "0.1"]]
SAME = [["0.6", "-0.6"], ("1.5", "-2"), (VECTOR, OTHER), (MATRIX, SECOND)]
SPREAD = [(VECTOR, "0.4"), ("0.4", VECTOR), (VECTOR, ["0.4"]), (["-3"], MATRIX), (["2"], "3")]
PRODUCTS = [(VECTOR, OTHER), (VECTOR, TALL), (MATRIX, VECTOR), (MATRIX, TALL), (["2"], [["3"]])]
ARGUMENTS: dict[str, list[tuple[Any, ...]]] = {
    "matmul": PRODUCTS,
    "transpose": [(MATRIX,), (TALL,)],
    "concat": [("1", VECTOR), (VECTOR,), (MATRIX, SECOND), (["2"], "3", VECTOR)],
    "softmax": [(VECTOR,), (MATRIX,), (["2"],)],
    "leaky_relu": [(VECTOR,), (VECTOR, "0.3"), ("-2",), (MATRIX, "1/7")],
    "clip": [(VECTOR, "-0.5", "0.5"), ("3", "0", "1"), (MATRIX, "-1", "1/4")],
    "sqrt": [("0",), ("0.0625",), (["2", "1e-12", "3.7e3"],)],
    "log": [("1",), ("0.3",), (["2", "1e-3", "3.7e3"],)],
    "gelu": [("0",), ("-0.3",), (VECTOR,), (TALL,)],
    "gelu_tanh": [("0",), ("-0.3",), (VECTOR,), (TALL,)],
    "step": [("0.3",), (VECTOR,), (MATRIX,)],
    "pi": [()],
    "power": [("-0.3", 3), (VECTOR, 2), (MATRIX, 0), (OTHER, -2), ("0", 1)],
    "sum": [(VECTOR,), (MATRIX,), (MATRIX, 0), (MATRIX, 1), ("2",), (["2"], 0)],
    "mean": [(VECTOR,), (MATRIX,), (MATRIX, 0), (MATRIX, 1), ("2",)],
    "outer": [(VECTOR, OTHER), (VECTOR, ["2"]), (["2"], ["3", "0.1"])],
    "slice": [(VECTOR, 0, 2), (VECTOR, 1, None), (MATRIX, 0, 1), (MATRIX, None, None, 1, 3)],
    "pad": [(VECTOR, 1, 2), (MATRIX, 0, 1), (VECTOR, 0, 0)],
    "fill": [("0.3", 2), ("0.3", 2, 3), (VECTOR, 2)],
    "elu": [(VECTOR,), (VECTOR, "0.3"), ("0",), (MATRIX, "2")],
    "thresholded_relu": [(VECTOR,), (VECTOR, "0.25"), ("1",), (MATRIX, "0")],
    "affine": [(VECTOR, "0.3", "-2"), (MATRIX, "-1", "1/4")],
    "scaled_tanh": [(VECTOR, "0.3", "-2"), (MATRIX, "-1", "1/4")],
    "add": [*SAME, *SPREAD, (MATRIX, VECTOR), (OTHER, MATRIX)],
    "subtract": [*SAME, *SPREAD, (MATRIX, VECTOR), (OTHER, MATRIX)],
}


def cases() -> list[tuple[str, tuple[Any, ...]]]:
    found = []
    for name, row in OPERATIONS.items():
        default = [*SAME, *SPREAD] if row.least == 2 else [("0",), ("-0.3",), (VECTOR,), (MATRIX,)]
        found += [(name, tuple(arguments)) for arguments in ARGUMENTS.get(name, default)]
    return found


def written(name: str, arguments: Sequence[Any]) -> str:
    given = [part for part in arguments if isinstance(part, str | list)]
    wholes = ["" if part is None else str(part) for part in arguments[len(given) :]]
    parts = [f"{letter}[t]" for letter in "abcd"[: len(given)]]
    if name == "slice":
        ends = [f"{a}:{b}" for a, b in zip(wholes[::2], wholes[1::2], strict=True)]
        return f"y[t] = {parts[0]}[{', '.join(ends)}]"
    if name == "power":
        return f"y[t] = {parts[0]} ** {wholes[0]}"
    parts += wholes
    if name in SIGNS:
        return f"y[t] = {parts[0]} {SIGNS[name]} {parts[1]}"
    if name in ("negate", "transpose"):
        return f"y[t] = -{parts[0]}" if name == "negate" else f"y[t] = {parts[0]}.T"
    return f"y[t] = {name}({', '.join(parts)})"


def test_there_is_a_reference_for_every_operation() -> None:
    assert set(REFERENCE) == set(OPERATIONS)


def typed(arguments: Sequence[Any], letters: str = "abcd") -> dict[str, Any]:
    return {
        letter: part
        for letter, part in zip(letters, arguments, strict=False)
        if isinstance(part, str | list)
    }


def referred(name: str, arguments: Sequence[Any]) -> Any:
    return REFERENCE[name](
        *(numbers(part) if isinstance(part, str | list) else part for part in arguments)
    )


@BY_NAME
@pytest.mark.parametrize(("name", "arguments"), cases(), ids=str)
def test_operation(arithmetic: Any, name: str, arguments: tuple[Any, ...]) -> None:
    problem = single(written(name, arguments), **typed(arguments))
    close(arithmetic, result(problem, arithmetic), referred(name, arguments))


@pytest.mark.parametrize(("name", "arguments"), cases(), ids=str)
def test_operation_on_parameters(name: str, arguments: tuple[Any, ...]) -> None:
    """A given matrix of the ball is no array until it must be one."""
    text = re.sub(r"\b([a-d])\[t\]", lambda m: m[1].upper(), written(name, arguments))
    problem = single(text, **typed(arguments, "ABCD"))
    for arithmetic in (Ball(128), Ieee("float64")):
        close(arithmetic, result(problem, arithmetic), referred(name, arguments))


# what stays rational in the ball

RATIONAL = [
    ("tanh(x[t])", "0", F(0)),
    ("sigmoid(x[t])", "0", F(1, 2)),
    ("exp(x[t])", "0", F(1)),
    ("relu(x[t])", "-1/3", F(0)),
    ("relu(x[t])", "1/3", F(1, 3)),
    ("leaky_relu(x[t])", "-3", F(-3, 100)),
    ("leaky_relu(x[t], 0.1)", "-3", F(-3, 10)),
    ("clip(x[t], -1, 1/3)", "2", F(1, 3)),
    ("hard_sigmoid(x[t])", "1", F(7, 10)),
    ("hard_sigmoid(x[t])", "2.5", F(1)),
    ("hard_sigmoid_relu6(x[t])", "1", F(2, 3)),
    ("hard_tanh(x[t])", "-1.01", F(-1)),
    ("softsign(x[t])", "-2", F(-2, 3)),
    ("sqrt(x[t])", "4/9", F(2, 3)),
    ("log(x[t])", "1", F(0)),
    ("sin(x[t])", "0", F(0)),
    ("cos(x[t])", "0", F(1)),
    ("erf(x[t])", "0", F(0)),
    ("abs(x[t])", "-2/3", F(2, 3)),
    ("positive(x[t])", "0", F(0)),
    ("gelu(x[t])", "0", F(0)),
    ("x[t] ** 3", "-2/3", F(-8, 27)),
    ("thresholded_relu(x[t], 0.5)", "1/2", F(0)),
    ("0 * exp(x[t])", "3", F(0)),
    ("exp(x[t]) * 0", "3", F(0)),
    ("0 * exp(x[t]) + x[t]", "3", F(3)),
    ("exp(0 * exp(x[t]))", "3", F(1)),
    ("relu(-exp(x[t]))", "3", F(0)),
    ("clip(exp(x[t]), 0, 1)", "3", F(1)),
]


@pytest.mark.parametrize(("text", "x", "expected"), RATIONAL)
def test_ball_stays_rational(text: str, x: str, expected: Fraction) -> None:
    for value in (x, [x, "1"], [[x], ["2"]]):
        entry = plain(result(single(f"y[t] = {text}", x=value), Ball(64))).ravel()[0]
        assert type(entry) is flint.fmpq
        assert exact_value(entry) == expected
        assert enclosure(entry) == (expected, expected)


def test_softmax_of_ties_stays_rational() -> None:
    found = result(single("y[t] = softmax(x[t])", x=["0.7", "0.7", "0.7"]), Ball(64))
    assert [exact_value(entry) for entry in found] == [F(1, 3)] * 3


def test_products_with_zeros_stay_rational_where_everything_is_rational() -> None:
    found = result(single("y[t] = (x[t] * exp(x[t])) @ M", x=["0", "0"], M=TALL[:2]), Ball(64))
    assert [exact_value(entry) for entry in found] == [0, 0]


def test_ball_is_undecided_about_maximum_of_overlapping_balls_but_holds_it() -> None:
    for tiny in ("0", "1e-25", "-1e-25"):
        text = "y[t] = relu(exp(x[t]) * exp(-x[t]) - 1 + e[t])"
        found = result(single(text, x="0.3", e=tiny), Ball(64))[()]
        low, high = enclosure(found)  # type: ignore[misc]
        assert low <= max(F(tiny), F(0)) <= high < F(1, 10**15)


# errors and extremes

DIVISIONS = [
    "1 / x[t]",
    "x[t] / x[t]",
    "exp(1 + x[t]) / x[t]",
    "[VECTOR] / x[t]",
    "1 / relu(x[t] - 1)",
    "(x[t] * exp(1)) / (x[t] * exp(2))",
]


@pytest.mark.parametrize("arithmetic", PRECISE, ids=lambda a: a.name)
@pytest.mark.parametrize("text", DIVISIONS)
def test_division_by_zero_names_the_equation_and_the_step(arithmetic: Any, text: str) -> None:
    text = text.replace("[VECTOR]", "concat(1, x[t])")
    problem = Problem(
        cells.from_text(f"y[t] = {text}"), {}, {"x": Numbers.typed([["3"], ["0"], ["1"]])}
    )
    with pytest.raises(ProblemError, match=r"equation of y divides by zero at step 2"):
        evaluate(problem, arithmetic)


@pytest.mark.parametrize("name", BINARY)
def test_division_by_zero_in_a_float_format_is_infinite(name: str) -> None:
    assert float(result(single("y[t] = -1 / x[t]", x="0"), Ieee(name))) == float("-inf")
    assert np.isnan(float(result(single("y[t] = x[t] / x[t]", x="0"), Ieee(name))))


EXTREMES = [
    (f"{name}(x[t])", x)
    for name in ("exp", "tanh", "sigmoid", "softplus", "softsign")
    for x in ("10000", "-10000", "300", "-300", "-800", "800", "1e-300", "-1e-300", "-50")
]


@BY_NAME
@pytest.mark.parametrize(("text", "x"), EXTREMES)
def test_extremes(arithmetic: Any, text: str, x: str) -> None:
    found = result(single(f"y[t] = {text}", x=x), arithmetic)[()]
    name = text.split("(")[0]
    with MP.workdps(9000):
        value = quotient(x)
        wanted = {
            "exp": lambda: MP.exp(value),
            "tanh": lambda: MP.tanh(value),
            "sigmoid": lambda: 1 / (1 + MP.exp(-value)),
            "softplus": lambda: MP.log1p(MP.exp(value)),
            "softsign": lambda: value / (1 + abs(value)),
        }[name]()
    if isinstance(arithmetic, Ieee):
        row = arithmetic.format
        top = MP.mpf(2) ** row.most * 2
        inner = MP.mpf(2) ** (row.least - row.precision)
        assert (
            float(found) == np.inf
            if wanted >= top
            else abs(real(found) - wanted) <= tolerance(arithmetic, wanted) + inner
        )
    elif isinstance(arithmetic, Ball):
        low, high = enclosure(found)  # type: ignore[misc]
        with MP.workdps(9000):
            slack = abs(wanted) * MP.mpf(10) ** -8990
            assert quotient(low) - slack <= wanted <= quotient(high) + slack
            assert quotient(high - low) <= abs(wanted) * MP.mpf(10) ** -30
    else:
        assert abs(real(found) - wanted) <= abs(wanted) * MP.mpf(10) ** -45


@BY_NAME
@pytest.mark.parametrize("x", ["1e9", "-1e9", "1e30"])
@pytest.mark.parametrize("name", ["exp", "tanh", "sigmoid", "softplus"])
def test_absurd_arguments_end_in_a_value_or_a_clear_error(
    arithmetic: Any, x: str, name: str
) -> None:
    problem = single(f"y[t] = {name}(x[t])", x=x)
    growing = name == "exp" and not x.startswith("-")
    if arithmetic.name == "by-hand" and growing:
        with pytest.raises(ProblemError, match="equation of y gets too large at step 1"):
            evaluate(problem, arithmetic)
        return
    found = result(problem, arithmetic)[()]
    if isinstance(arithmetic, Ball):
        ends = enclosure(found)
        assert ends is None or ends[0] <= ends[1]
        if x.startswith("-") and name != "tanh":
            assert ends is not None
            assert 0 <= ends[0] <= ends[1] < F(1, 2**1000)


def test_unbounded_balls() -> None:
    for entry in (flint.arb("nan"), flint.arb("inf"), flint.arb(10**6).exp()):
        assert enclosure(entry) is None
        assert exact_value(entry) is None
    low, high = enclosure(-(-flint.arb(10**6)).exp())  # type: ignore[misc]
    assert low < 0 == high
    assert enclosure(flint.arb(0)) == (0, 0)


# the arithmetics against each other


def within(found: Any, entry: Any, slack: Fraction) -> bool:
    low, high = enclosure(entry)  # type: ignore[misc]
    wide = slack * max(abs(low), abs(high))
    return low - wide <= found <= high + wide


def exactly(number: Any) -> Fraction:
    """An mpmath number as a fraction."""
    sign, mantissa, exponent, _ = number._mpf_
    return (-1) ** sign * F(int(mantissa)) * F(2) ** exponent


def test_digits_lie_in_the_ball() -> None:
    digits, count = Digits(40), 0
    for problem in random_problems.problems(500, seed=1):
        balls, numerals = evaluate(problem, Ball(200)), evaluate(problem, digits)
        for site in sites(problem):
            for entry, found in zip(balls.entries(*site), numerals.entries(*site), strict=True):
                assert within(exactly(found), entry, F(1, 10**40)), (problem, site)
                count += 1
    assert count > 7_500


@pytest.mark.parametrize(("count", "most"), [(150, (2, 2, 2)), (6, (4, 3, 4))])
def test_closed_forms_lie_in_the_ball(count: int, most: tuple[int, int, int]) -> None:
    for problem in random_problems.problems(count, seed=2, most=most):
        balls, forms = evaluate(problem, Ball(300)), evaluate(problem, Exact())
        for site in sites(problem):
            for entry, form in zip(balls.entries(*site), forms.entries(*site), strict=True):
                found = F(str(evaluated(form, 50)))
                assert within(found, entry, F(1, 10**49)), (form, entry)


def test_named_entries_of_two_problems_are_not_mixed_up() -> None:
    """Sympy caches by equality, so entries of the same name must differ."""
    rng = Random(5)
    drawn = [random_problems.data(rng, "gru", hidden=2, inputs=2, steps=3) for _ in range(2)]
    for numbers_ in drawn:
        problem = random_problems.problem("gru", numbers_)
        forms, balls = evaluate(problem, Exact()), evaluate(problem, Ball(200))
        assert not all(closed(form) for form in forms.entries(3, "s"))
        for form, entry in zip(forms.entries(3, "s"), balls.entries(3, "s"), strict=True):
            assert within(F(str(evaluated(form, 40))), entry, F(1, 10**39))


def plain_numpy(cell: str, numbers_: dict[str, Any]) -> dict[tuple[int, str], Any]:
    """The forward pass in float64, written out without the verifier."""
    p = {name: np.array(value, dtype=float) for name, value in numbers_["parameters"].items()}
    xs = np.array(numbers_["inputs"]["x"], dtype=float)
    first = {n: np.array(v, dtype=float) for n, v in numbers_["initial"].items()}
    hidden = p["W_h" if cell == "gru" else "W_i" if cell == "lstm" else "W"].shape[0]
    old, c = first.get("s" if cell == "gru" else "h"), first.get("c", np.zeros(hidden))
    old = np.zeros(hidden) if old is None else old
    found: dict[tuple[int, str], Any] = {}

    def pre(mark: str, x: Any, state: Any) -> Any:
        return x @ p["U" + mark] + state @ p["W" + mark] + p.get("b" + mark, 0.0)

    def logistic(a: Any) -> Any:
        return 1 / (1 + np.exp(-a))

    for t, x in enumerate(xs, 1):
        if cell == "gru":
            z, r = logistic(pre("_z", x, old)), logistic(pre("_r", x, old))
            h = np.tanh(pre("_h", x, old * r))
            old = (1 - z) * h + z * old
            step = {"z": z, "r": r, "h": h, "s": old}
        elif cell == "lstm":
            i, f, o = (logistic(pre(mark, x, old)) for mark in ("_i", "_f", "_o"))
            g = np.tanh(pre("_g", x, old))
            c = f * c + i * g
            old = o * np.tanh(c)
            step = {"i": i, "f": f, "o": o, "g": g, "c": c, "h": old}
        else:
            old = np.tanh(pre("", x, old))
            step = {"h": old}
        found |= {(t, name): value for name, value in step.items()}
    return found


def test_numpy_is_near_the_ball() -> None:
    rng, worst = Random(7), 0.0
    for k in range(1000):
        cell, numbers_ = random_problems.draw(rng)
        problem = random_problems.problem(cell, numbers_, turned=k % 2 == 1)
        trace, floats = evaluate(problem, Ball(128)), plain_numpy(cell, numbers_)
        assert set(floats) == set(trace.values)
        width = 8 * problem.steps
        for site, value in floats.items():
            for found, entry in zip(value.ravel(), trace.entries(*site), strict=True):
                low, high = enclosure(entry)  # type: ignore[misc]
                error = float(max(abs(F(found) - low), abs(F(found) - high)))
                worst = max(worst, error)
                assert error <= 64 * width * 2.0**-53
    assert 0 < worst < 64 * 8 * 4 * 2.0**-53 < 1e-12  # a slip of 1e-12 would be seen


def test_both_conventions_give_the_same_values() -> None:
    rng = Random(8)
    for _ in range(150):
        cell, numbers_ = random_problems.draw(rng)
        rows, columns = (
            random_problems.problem(cell, numbers_, turned=turned) for turned in (False, True)
        )
        for arithmetic in (Ball(100), Digits(30), Decimals(), Ieee("float32")):
            one, two = evaluate(rows, arithmetic), evaluate(columns, arithmetic)
            for site in sites(rows):
                for x, y in zip(one.entries(*site), two.entries(*site), strict=True):
                    same = enclosure(x) == enclosure(y) if arithmetic.name == "ball" else x == y
                    assert same, (arithmetic.name, site, x, y)


@settings(max_examples=60, deadline=None)
@given(random_problems.any_problem(), st.integers(30, 300))
def test_two_precisions_overlap(problem: Problem, precision: int) -> None:
    coarse, fine = evaluate(problem, Ball(precision)), evaluate(problem, Ball(2 * precision))
    for site in sites(problem):
        for x, y in zip(coarse.entries(*site), fine.entries(*site), strict=True):
            (a, b), (c, d) = enclosure(x), enclosure(y)  # type: ignore[misc]
            assert a <= d
            assert c <= b
            assert d - c <= b - a or a == b


# rounding by hand: two implementations


def compared(problem: Problem, policy: Policy) -> int:
    hand = evaluate(problem, by_hand(policy, problem.rounding, problem.rules))
    for precision in (128, 512, 2048):
        ball = evaluate(problem, Rounded(Ball(precision), policy, problem.rule))
        ends = {s: [enclosure(entry) for entry in ball.entries(*s)] for s in sites(problem)}
        if all(
            end and decide(*end, problem.rule(name)) is not None
            for (_, name), found in ends.items()
            for end in found
        ):
            break
    count = 0
    for step, name in sites(problem):
        rule = problem.rule(name)
        for digits, end in zip(hand.entries(step, name), ends[step, name], strict=True):
            assert end is not None
            if policy.kind != "final":
                assert end[0] == end[1] == F(digits), (step, name)
            rounded = decide(*end, rule)
            assert rounded is not None
            assert rule.text(rounded) == rule.text(F(digits)), (step, name, digits, end)
            count += 1
    return count


@pytest.mark.parametrize("kind", POLICIES)
def test_by_hand_gives_the_digits_of_the_rounded_ball(kind: Any) -> None:
    rng, count = Random(11), 0
    for k, problem in enumerate(random_problems.problems(252, seed=12)):
        places, figures = (rng.randint(0, 6), None) if k % 4 else (None, rng.randint(1, 6))
        own = {problem.cell.equations[0].name: Rounding(rng.randint(1, 7), MODES[k % 5])}
        rule = Rounding(places, MODES[k % 7], figures)
        problem = problem.rounded_by(rule)
        if k % 3 == 0:
            problem = problem.rounded_by(rules=own)
        count += compared(problem, Policy(kind))
    assert count > 2500


@pytest.mark.parametrize("kind", POLICIES)
def test_by_hand_carries_more_figures_than_a_rule_asks_for(kind: Any) -> None:
    problem = next(random_problems.problems(1, seed=14))
    assert compared(problem.rounded_by(Rounding(150)), Policy(kind))
    own = {name: Rounding(None, "floor", 120) for name in problem.cell.equation}
    assert compared(problem.rounded_by(rules=own), Policy(kind))


def test_rounded_ball_that_is_undecided_spoils_what_follows_and_nothing_else() -> None:
    text = "y[t] = exp(x[t])\nw[t] = y[t] + 1\nv[t] = 0 * y[t]\nu[t] = x[t] * 2"
    found = evaluate(
        single(text, x="1"), Rounded(Ball(20), Policy("equation"), lambda n: Rounding(30))
    )
    assert enclosure(found.values[1, "y"][()]) is None
    assert enclosure(found.values[1, "w"][()]) is None
    assert enclosure(found.values[1, "v"][()]) is None  # it might as well be 0 times 1/0
    assert exact_value(found.values[1, "u"][()]) == 2


# IEEE formats


def fractions_near(name: str, rng: Random) -> list[Fraction]:
    """Numbers of a format, ties between them, and both sides of each tie."""
    row, found = BINARY[name], []
    for _ in range(300):
        exponent = rng.randint(row.least - 3, row.most)
        ulp = F(2) ** (max(exponent, row.least) - row.precision + 1)
        number = ulp * int(F(2) ** exponent * (1 + F(rng.random())) / ulp)
        tie, speck = number + ulp / 2, ulp / 2**60
        found += [number, tie, tie + speck, tie - speck]
    top = F(2) ** (row.most + 1)
    edge, small = top - F(2) ** (row.most - row.precision), F(2) ** (row.least - row.precision + 1)
    found += [edge, edge - 1, edge + 1, top, top * 3, small, small / 2, small / 2 + small / 2**50]
    found += [small / 4, small * 3 / 2, F(0), F(2) ** row.least - small / 2, F(1, 10), F(1, 3)]
    return found + [-value for value in found]


@pytest.mark.parametrize("name", BINARY)
def test_nearest_is_the_nearest_with_ties_to_even(name: str) -> None:
    """Against a search among the format's own neighbours, found by NumPy's bit patterns."""
    dtype, row, rng = DTYPES[name], BINARY[name], Random(21)
    bits = np.dtype(f"u{np.dtype(dtype).itemsize}")
    for value in fractions_near(name, rng):
        found = row.nearest(value)
        if abs(value) >= F(2) ** (row.most + 1) - F(2) ** (row.most - row.precision):
            assert found == (np.inf if value > 0 else -np.inf)
            continue
        as_float = np.array(float(found)).astype(dtype)
        assert F(float(as_float)) == found  # it is a number of the format
        code = np.array(abs(as_float)).view(bits)
        around = [
            F(float(np.array(c, dtype=bits).view(dtype)))
            for c in (max(int(code) - 1, 0), int(code), int(code) + 1)
            if np.isfinite(np.array(c, dtype=bits).view(dtype).astype(float))
        ]
        gaps = [abs(abs(value) - number) for number in around]
        mine = abs(abs(value) - abs(F(found)))
        assert mine == min(gaps)
        if (
            sum(gap == mine for gap in gaps) > 1
            and abs(F(found)) in around
            and len(set(around)) == 3
        ):
            assert int(code) % 2 == 0


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32"])
def test_nearest_agrees_with_numpy_on_doubles(name: str) -> None:
    """A double is converted by NumPy with one rounding, so both must agree."""
    dtype, row, rng = DTYPES[name], BINARY[name], Random(22)
    values = [float(value) for value in fractions_near(name, rng)]
    for value in values:
        with np.errstate(all="ignore"):
            if name == "bfloat16" and float(np.float32(value)) != value:
                continue  # ml_dtypes goes through float32, which rounds twice
            wanted = float(np.array(value).astype(dtype))
        assert float(row.nearest(F(value))) == wanted


def test_nearest_rounds_once() -> None:
    """1 + 2^-24 + 2^-60 lies above a tie of float32, but the double next to it is the tie."""
    value = 1 + F(1, 2**24) + F(1, 2**60)
    assert float(np.float32(float(value))) == 1.0
    assert BINARY["float32"].nearest(value) == 1 + F(1, 2**23)
    given_ = Ieee("float32").given(Numbers.typed([str(value)]))
    assert given_.tolist() == [1 + 2.0**-23]


@given(st.fractions())
def test_binary_exponent(value: Fraction) -> None:
    if value:
        assert F(2) ** binary_exponent(value) <= abs(value) < F(2) ** (binary_exponent(value) + 1)


def emulated(row: Any, order: str, left: list[Fraction], right: list[Fraction]) -> Fraction:
    """A dot product in a format, every product and sum rounded once from the exact value."""

    def total(terms: list[Fraction]) -> Fraction:
        if order == "sequential" or len(terms) < 3:
            found = terms[0]
            for term in terms[1:]:
                found = row.nearest(found + term)
            return found
        half = len(terms) // 2
        return row.nearest(total(terms[:half]) + total(terms[half:]))  # type: ignore[no-any-return]

    return total([row.nearest(a * b) for a, b in zip(left, right, strict=True)])


@pytest.mark.parametrize(("name", "order"), list(product(BINARY, ["sequential", "pairwise"])))
def test_matrix_products_round_every_product_and_sum(name: str, order: Any) -> None:
    rng, row, seen = Random(31), BINARY[name], set()
    for _ in range(60):
        n, m = rng.randint(1, 9), rng.randint(1, 3)
        scale = 2.0 ** rng.choice([0, 0, 0, row.least // 2 - 2])
        values = [F(rng.uniform(-1, 1) * scale) for _ in range(n)]
        matrix = [[F(rng.uniform(-1, 1) * scale) for _ in range(m)] for _ in range(n)]
        problem = single(
            "y[t] = x[t] @ A", x=[str(v) for v in values], A=[[str(v) for v in r] for r in matrix]
        )
        found = result(problem, Ieee(name, order))
        assert found.dtype == DTYPES[name]
        x = [row.nearest(v) for v in values]
        for j in range(m):
            column = [row.nearest(line[j]) for line in matrix]
            wanted = emulated(row, order, x, column)  # type: ignore[arg-type]
            assert F(float(found[j])) == wanted
            seen.add((n, found[j] == float(sum(a * b for a, b in zip(x, column, strict=True)))))
    assert any(not same for _, same in seen)


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("sign", ["+", "-", "*", "/"])
def test_operators_are_correctly_rounded(name: str, sign: str) -> None:
    rng, row = Random(32), BINARY[name]
    pairs = [
        (F(rng.uniform(-3, 3)), F(rng.uniform(-3, 3)) * F(2) ** rng.randint(-9, 9))
        for _ in range(400)
    ]
    a, b = ([str(v) for v in side] for side in zip(*pairs, strict=True))
    found = result(single(f"y[t] = a[t] {sign} b[t]", a=a, b=b), Ieee(name))
    for entry, (x, y) in zip(found.tolist(), pairs, strict=True):
        p, q = F(row.nearest(x)), F(row.nearest(y))
        exact = {"+": p + q, "-": p - q, "*": p * q, "/": p / q}[sign]
        assert F(float(entry)) == row.nearest(exact)


# global state


@BY_NAME
@pytest.mark.parametrize("x", ["3", "0"])
def test_global_state_stays(arithmetic: Any, x: str) -> None:
    before = mpmath.mp.dps, flint.ctx.prec, decimal.getcontext().copy(), np.geterr()
    problem = single("y[t] = exp(1 / x[t])", x=x)
    if x == "0" and arithmetic in PRECISE:
        with pytest.raises(ProblemError):
            evaluate(problem, arithmetic)
    else:
        evaluate(problem, arithmetic)
    after = decimal.getcontext()
    assert (mpmath.mp.dps, flint.ctx.prec, np.geterr()) == (before[0], before[1], before[3])
    assert (after.prec, after.rounding, after.Emax, after.traps) == (
        before[2].prec,
        before[2].rounding,
        before[2].Emax,
        before[2].traps,
    )


def radius(trace: Trace) -> Fraction:
    low, high = enclosure(trace.values[1, "y"][()])  # type: ignore[misc]
    return high - low


def test_interleaved_precisions_do_not_mix() -> None:
    problem = single(
        "y[t] = tanh(exp(x[t]) @ M @ x[t])", x=["0.3", "0.4"], M=[["1/3", "2"], ["1", "5"]]
    )
    for precision in (400, 60, 200, 60, 400, 1000):
        size = radius(evaluate(problem, Ball(precision)))
        assert F(1, 2 ** (precision + 20)) < size < F(1, 2 ** (precision - 20))
    outer = Ball(500)
    with outer.session():
        assert radius(evaluate(problem, Ball(60))) > F(1, 2**80)
        assert flint.ctx.prec == 500
    wide, fine = Digits(20), Digits(60)
    for _ in range(2):
        coarse, more = result(problem, wide), result(problem, fine)
        assert F(1, 10**45) < abs(exactly(coarse[()]) - exactly(more[()])) < F(1, 10**20)


def test_what_the_ball_keeps_of_given_numbers_goes_with_them() -> None:
    given_ = Numbers.typed(MATRIX)
    kept = ref(Ball(64).given(given_))
    vector = Ball(64).given(Numbers.typed(VECTOR))
    with pytest.raises(ValueError, match="read-only"):
        vector[0] = flint.fmpq(1)
    assert Ball(400).given(given_) is kept()
    del given_
    gc.collect()
    assert kept() is None


# values in place of computed ones, and terms


@BY_NAME
def test_what_is_put_in_place_is_carried_on(arithmetic: Any) -> None:
    problem = single("h[t] = h[t-1] + x[t]\ny[t] = 2 * h[t]", steps=3, x="0.5")
    with arithmetic.session():
        wrong = arithmetic.given(Numbers.typed("4"))
    computed: dict[tuple[int, str], Any] = {}
    found = evaluate(problem, Replaced(arithmetic, {(2, "h"): wrong}))
    kept = evaluate(problem, Replaced(arithmetic, {(2, "h"): wrong}, computed))
    close(arithmetic, computed[2, "h"], quotient("1"))
    assert found.entries(3, "y") == kept.entries(3, "y")
    close(arithmetic, found.values[1, "y"], quotient("1"))
    close(arithmetic, found.values[2, "h"], quotient("4"))
    close(arithmetic, found.values[2, "y"], quotient("8"))
    close(arithmetic, found.values[3, "h"], quotient("4.5"))
    close(arithmetic, found.values[3, "y"], quotient("9"))


@BY_NAME
def test_entries_are_put_in_place_of_computed_ones(arithmetic: Any) -> None:
    problem = single("h[t] = h[t-1] @ W + x[t]", steps=2, x=["1", "2"], W=[["0", "1"], ["1", "0"]])
    with arithmetic.session():
        (wrong,) = np.ravel(plain(arithmetic.given(Numbers.typed(["8"])))).tolist()
    computed: dict[tuple[int, str], Any] = {}
    found = evaluate(problem, Replaced(arithmetic, {(1, "h"): {1: wrong}}, computed))
    close(arithmetic, computed[1, "h"], numbers(["1", "2"]))
    close(arithmetic, found.values[1, "h"], numbers(["1", "8"]))
    close(arithmetic, found.values[2, "h"], numbers(["9", "3"]))


@BY_NAME
def test_terms_hold_every_sub_term_by_its_site(arithmetic: Any) -> None:
    problem = next(random_problems.problems(1, seed=3))
    trace = evaluate(problem, arithmetic, terms=True)
    wanted = {
        Site(step, eq.name, path)
        for step in range(1, problem.steps + 1)
        for eq in problem.cell.equations
        for path, _ in nodes(eq.expression)
    }
    assert set(trace.terms) == wanted
    for (step, name), value in trace.values.items():
        root = trace.terms[Site(step, name, ())]
        assert np.ravel(root).tolist() == np.ravel(value).tolist()
    parts = [trace.terms[Site(1, "s", path)] for path in ((), (0,), (1,))]
    close(
        arithmetic, parts[0], [real(a) + real(b) for a, b in zip(parts[1], parts[2], strict=True)]
    )
    assert not evaluate(problem, arithmetic).terms


def test_a_matrix_may_be_a_quantity() -> None:
    text = "y[t] = A\nM[t] = M[t-1] + A\nv[t] = x[t] @ M[t]"
    problem = Problem(
        cells.from_text(text),
        {"A": Numbers.typed(MATRIX)},
        {"x": Numbers.typed([["1", "2"], ["0", "1"]])},
        {"M": Numbers.typed(SECOND)},
    )
    for arithmetic in ARITHMETICS:
        trace = evaluate(problem, arithmetic)
        close(arithmetic, plain(trace.values[1, "y"]), numbers(MATRIX))
        assert len(trace.entries(1, "y")) == 6
        total = numbers(SECOND) + 2 * numbers(MATRIX)
        close(arithmetic, trace.values[2, "v"], total[1])


# time: both directions, earlier inputs


@BY_NAME
def test_bidirectional_cell(arithmetic: Any) -> None:
    text = """
f[t] = tanh(x[t] @ A + f[t-1] @ B)
b[t] = tanh(x[t] @ C + b[t+1] @ D)
y[t] = softmax(concat(f[t], b[t]))
w[t] = relu(x[t] - 0.3 * x[t-1]) + leaky_relu(x[t], 0.2) - x[t+1]
"""
    rng = np.random.default_rng(4)
    a, b, c, d = (np.round(rng.uniform(-1, 1, (2, 2)), 2) for _ in range(4))
    x, first, last = (
        np.round(rng.uniform(-1, 1, (4, 2)), 2),
        np.array([0.5, -1]),
        np.array([1, 0.25]),
    )

    def typed(v: Any) -> Numbers:
        return Numbers.typed(np.vectorize(str, otypes=[object])(v).tolist())

    problem = Problem(
        cells.from_text(text),
        {"A": typed(a), "B": typed(b), "C": typed(c), "D": typed(d)},
        {"x": typed(x)},
        {"f": typed(first), "x": typed(last)},
        {"b": typed(last), "x": typed(first)},
    )
    trace = evaluate(problem, arithmetic)
    forwards, backwards = [first], [last]
    for t in range(4):
        forwards.append(np.tanh(x[t] @ a + forwards[-1] @ b))
        backwards.append(np.tanh(x[3 - t] @ c + backwards[-1] @ d))
    padded = np.vstack([last, x, first])
    for t in range(4):
        both = np.concatenate([forwards[t + 1], backwards[4 - t]])
        power = np.exp(both)
        slope = np.where(x[t] > 0, x[t], 0.2 * x[t])
        w = np.maximum(x[t] - 0.3 * padded[t], 0) + slope - padded[t + 2]
        unit = 2.0 ** -min(getattr(arithmetic, "format", BINARY["float64"]).precision, 50)
        for name, wanted in (("f", forwards[t + 1]), ("y", power / power.sum()), ("w", w)):
            found = [float(real(entry)) for entry in trace.entries(t + 1, name)]
            assert np.allclose(found, wanted, rtol=0, atol=16 * unit), (t, name)


def test_steps_without_inputs() -> None:
    problem = Problem(
        cells.from_text("h[t] = h[t-1] / 2"), {}, {}, {"h": Numbers.typed("1")}, steps=5
    )
    assert exact_value(result(problem, Ball(), "h", 5)[()]) == F(1, 32)


def test_rows_of_a_sequence_of_scalars_and_of_matrices() -> None:
    text = "y[t] = x[t] @ A\nz[t] = k[t] * 2"
    problem = Problem(
        cells.from_text(text),
        {"A": Numbers.typed(TALL)},
        {"x": Numbers.typed([MATRIX, SECOND]), "k": Numbers.typed(["1", "2"])},
    )
    for arithmetic in ARITHMETICS:
        close(arithmetic, result(problem, arithmetic, "y", 2), numbers(SECOND) @ numbers(TALL))
        close(arithmetic, result(problem, arithmetic, "z", 2), quotient("4"))


def test_float_weights_are_the_dyadics_that_they_are() -> None:
    weights = np.array([[0.1, -2.5e-30], [3.3e20, 7.0]], dtype=np.float32)
    problem = Problem(
        cells.from_text("y[t] = x[t] @ A"),
        {"A": Numbers.of_floats(weights)},
        {"x": Numbers.typed([["1/3", "1"]])},
    )
    found = [exact_value(entry) for entry in result(problem, Ball())]
    assert found == [F(float(w)) / 3 + F(float(v)) for w, v in zip(*weights, strict=True)]


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_a_power_of_a_ball_around_zero_is_one(n: int) -> None:
    arithmetic = Ball(64)
    with arithmetic.session():
        found = arithmetic.power(flint.arb(-0.25, 0.5), n)
    lower, upper = enclosure(found) or (Fraction(1), Fraction(0))
    for value in (Fraction(-3, 4), Fraction(0), Fraction(1, 4)):
        assert lower <= value**n <= upper
