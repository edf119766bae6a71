"""Bounds of float errors: sets of floats, affine forms, and programs that try to break them."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from tests import audit_campaign
from tests.adversary import ACCURACY, Adversary
from tests.conftest import SEED
from verifier.arithmetic.floats.anyorder import AnyOrder
from verifier.arithmetic.floats.binary import BINARY, Format
from verifier.arithmetic.floats.floatset import FloatSet, Span
from verifier.arithmetic.ieee import LOGISTICS, Ieee
from verifier.audit.functions import accuracy
from verifier.audit.measure import audit, limits
from verifier.errors import ProblemError, VerifierError
from verifier.evaluate import evaluate
from verifier.problem import Problem, from_data, load, loads
from verifier.solution import Solution

ALL = pytest.mark.parametrize("name", BINARY)


@pytest.mark.parametrize("seed", range(6))
def test_no_program_breaks_its_bound(seed: int) -> None:
    rng, counted = Random(seed), Counter[str]()
    for _ in range(6):
        assert not audit_campaign.check(audit_campaign.draw(rng), rng, counted)
    assert counted["entries"] > 500
    assert counted["without a bound"] < counted["entries"] / 2


@pytest.mark.parametrize("seed", range(6))
def test_no_program_breaks_the_bounds_of_long_sums(seed: int) -> None:
    rng, counted = Random(seed), Counter[str]()
    for _ in range(2):
        problem = audit_campaign.draw(rng, audit_campaign.WIDE)
        assert not audit_campaign.check(problem, rng, counted)
    assert counted["without a bound"] < counted["entries"]


@pytest.mark.parametrize("seed", range(4))
def test_no_program_breaks_the_bounds_of_any_cell(seed: int) -> None:
    rng, counted = Random(f"any cell {seed}"), Counter[str]()
    while counted["problems"] < 8:
        problem = audit_campaign.draw(rng, any_cell=True)
        with suppress(ProblemError):  # a division by zero, say
            assert not audit_campaign.check(problem, rng, counted)
            counted["problems"] += 1
    assert counted["without a bound"] < counted["entries"] / 2


@dataclass(frozen=True)
class Unsteady(Ieee):
    """Float32 whose tanh and sigmoid err by as much as near one, however small they are."""

    rng: Random = field(default_factory=Random)

    def tanh(self, x: Any) -> Any:
        return self.near(np.tanh(x.astype(np.float64)), 4, x != 0)

    def sigmoid(self, x: Any) -> Any:
        return self.near(1 / (1 + np.exp(-x.astype(np.float64))), 3, x == x)

    def near(self, value: Any, units: int, moved: Any) -> Any:
        parts = [self.rng.choice((-1, 1, self.rng.uniform(-1, 1))) for _ in range(value.size)]
        most = (units - 1.01) * 2.0**-24  # a unit for the last rounding, of what is above 1
        return np.float32(value + np.reshape(parts, value.shape) * most * moved)


@pytest.mark.parametrize("seed", range(10))
def test_functions_with_an_absolute_error_keep_their_bound(seed: int) -> None:
    rng = Random(f"absolute {seed}")
    for _ in range(8):
        problem = audit_campaign.draw(rng)
        known = limits(problem, [Ieee("float32")], accuracy("onnxruntime").allowed)
        for _ in range(4 if known.exact else 0):
            for site, value in evaluate(problem, Unsteady(rng=rng)).values.items():
                off = known.exact["float32"][site].distance(np.ravel(value).astype(np.float64))
                for bounds in (known.stated, known.any_order):
                    assert (off <= bounds["float32"][site] * (1 + 2.0**-40)).all(), (problem, site)


def test_an_absolute_error_is_no_larger_where_results_are_small() -> None:
    """However small tanh(x), it may err by 4 units, so its bound is not much wider than that."""
    for x in ("0.5", "1e-3", "1e-9", "1e-30"):
        problem = scalar("y[t] = tanh(x[t])", x)
        known = limits(problem, [Ieee("float32")], accuracy("onnxruntime").allowed)
        for bounds in (known.stated, known.any_order):
            assert 3.4 * 2.0**-24 <= bounds["float32"][1, "y"] <= 4.6 * 2.0**-24


def floats_within(format: Format, x: float, ulps: float) -> list[float]:
    """All floats that an exp may return, by definition: a walk along the format's numbers."""
    near = float(np.exp(np.float64(x)))
    found = []
    for towards in (-np.inf, np.inf):
        value = format.cast(near)
        for _ in range(20):
            size = max(abs(float(value)), near)
            if abs(float(value) - near) <= ulps * float(format.ulps(np.float64(size))):
                found.append(float(value))
            value = np.nextafter(value, format.cast(towards))
    return sorted({value for value in found if value >= 0})


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
@pytest.mark.parametrize("x", [0.69, 0.694, -0.3, 2.05, -4.2, 1e-3])
def test_sets_of_exp_hold_every_allowed_float_and_no_other(name: str, x: float) -> None:
    format, own = BINARY[name], BINARY[name].cast(x)
    allowed = floats_within(format, float(own), 2.4)
    one = np.asarray(own)
    span = FloatSet(Ieee(name), {(name, "exp"): 2.4}).exp(Span(one, one))
    assert (float(span.low), float(span.high)) == (allowed[0], allowed[-1])


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_a_float_of_the_next_binade_may_be_further_off(name: str) -> None:
    """Its ulps are twice as large: floats between it and the own binade's are not allowed."""
    format, gaps = BINARY[name], 0
    for x in np.linspace(-3, 3, 4000):
        own = format.cast(x)
        allowed = floats_within(format, float(own), 2.4)
        one = np.asarray(own)
        span = FloatSet(Ieee(name), {(name, "exp"): 2.4}).exp(Span(one, one))
        assert (float(span.low), float(span.high)) == (allowed[0], allowed[-1])
        steps = np.diff(allowed) / format.ulps(np.array(allowed[:-1]))
        gaps += bool((steps > 1).any())
    assert gaps > 2


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
@pytest.mark.parametrize("logistic", ["naive", "stable"])
def test_the_ends_of_sigmoids_sets_are_reached_by_some_exp(name: str, logistic: Any) -> None:
    """Every allowed exp for every float of a range, the formula computed float by float."""
    format, model = BINARY[name], Ieee(name, logistic=logistic)
    low, high = format.cast(0.66), format.cast(0.72)
    reached, one, x = [], format.cast(1.0), low
    while float(x) <= float(high):
        for value in floats_within(format, -abs(float(x)), 2.4):
            power = format.cast(value)
            reached.append(float(one / (one + power)))
        x = np.nextafter(x, format.cast(2.0))
    arithmetic = FloatSet(model, {(name, "exp"): 2.4})
    span = arithmetic.sigmoid(Span(np.asarray(low), np.asarray(high)))
    assert (float(span.low), float(span.high)) == (min(reached), max(reached))


def test_a_larger_argument_may_have_a_smaller_exp() -> None:
    """Just above 2 the ulp doubles, so that an exp may fall below what it may be just below 2."""
    format = BINARY["float16"]
    below, above = (format.cast(x) for x in (0.6929, 0.6934))
    sets = [floats_within(format, float(x), 2.4) for x in (below, above)]
    assert sets[1][0] < sets[0][0]
    span = FloatSet(Ieee("float16"), {("float16", "exp"): 2.4}).exp(
        Span(np.asarray(below), np.asarray(above))
    )
    assert float(span.low) == sets[1][0]


def scalar(equation: str, x: str, **more: str) -> Problem:
    rest = "".join(f"{name} = {value}\n" for name, value in more.items())
    return loads(f'equations = "{equation}"\n[parameters]\n{rest}[inputs]\nx = [{x}]\n')


@ALL
@pytest.mark.parametrize("logistic", LOGISTICS)
@pytest.mark.parametrize("x", ["-11.1", "-12", "12", "-90", "88.9", "-104", "-720", "300"])
def test_overflow_and_saturation_of_sigmoid(name: str, logistic: Any, x: str) -> None:
    problem = scalar("y[t] = sigmoid(x[t])", x)
    model = Ieee(name, logistic=logistic)
    known = limits(problem, [model], ACCURACY)
    computed = np.ravel(evaluate(problem, model).values[1, "y"]).astype(np.float64)
    off = known.exact[name][1, "y"].distance(computed)
    for bounds in (known.stated, known.any_order):
        assert off <= bounds[name][1, "y"] <= 1.1


@pytest.mark.parametrize("x", ["-439.2", "-600", "-20", "-1e-300", "1e-320"])
def test_what_overflows_in_a_bound_does_not_make_it_small(x: str) -> None:
    """1 / (1 + e) has an error of Δe / (1 + e)², whose square exceeds float64 before e does."""
    rng, problem = Random(x), scalar("y[t] = sigmoid(x[t] * 24 / 24)", x)
    model = Ieee("float64")
    known = limits(problem, [model], ACCURACY)
    for _ in range(30):
        program = Adversary("float64", rng=rng)
        computed = np.ravel(evaluate(problem, program).values[1, "y"])
        off = known.exact["float64"][1, "y"].distance(computed)
        assert off <= known.stated["float64"][1, "y"] <= known.any_order["float64"][1, "y"]


def test_a_float16_sigmoid_that_overflows_is_zero_and_so_says_the_bound() -> None:
    problem, model = scalar("y[t] = sigmoid(x[t])", "-11.1"), Ieee("float16")
    assert evaluate(problem, model).values[1, "y"] == 0
    found = audit(Solution(problem), [model], ACCURACY).measured["float16", 1, "y"]
    assert found.error[0] > 200
    assert found.error[0] <= found.bound[0] < 300


def test_another_formula_of_a_blend_may_lose_what_is_small() -> None:
    """h + z (s − h) with z = 1 gives 0, where (1 − z) h + z s gives s."""
    text = "z[t] = sigmoid(x[t])\\ns[t] = (1 - z[t]) * h + z[t] * s[t-1]"
    problem = loads(
        f'equations = "{text}"\n[parameters]\nh = 1\n[initial]\ns = 1e-30\n[inputs]\nx = [200]\n'
    )
    known = limits(problem, [Ieee("float32")], ACCURACY)
    assert known.any_order["float32"][1, "s"] >= 1e-30
    assert known.stated["float32"][1, "s"] < 1e-35


@ALL
def test_known_numbers_have_a_known_error(name: str) -> None:
    """Sums of products of given floats are not uncertain in the stated order."""
    problem = scalar("y[t] = x[t] @ w", "[0.1, 0.7, -0.3]", w="[0.3, 0.2, 0.9]")
    found = audit(Solution(problem), [Ieee(name)], ACCURACY).measured[name, 1, "y"]
    limit, arithmetic = (found.ulps(size)[0] for size in ("arithmetic_bound", "arithmetic"))
    assert limit == pytest.approx(arithmetic, rel=1e-6)


@pytest.mark.parametrize("order", ["sequential", "pairwise", "numpy"])
@pytest.mark.parametrize("accumulator", ["", "float32"])
def test_models_of_bfloat16(order: Any, accumulator: str) -> None:
    model = Ieee("bfloat16", order=order, accumulator=accumulator)
    for measured in audit(Solution(load(SEED)), [model], ACCURACY).measured.values():
        assert (measured.error <= measured.bound).all()
        assert (measured.bound <= measured.bound_any_order).all()
        assert (measured.bound_any_order < 40).all()


CELLS = {
    "functions": """
a[t] = x[t] @ U + h[t-1] @ W
b[t] = relu(a[t]) + leaky_relu(a[t], 0.1) - hard_sigmoid(a[t]) * hard_tanh(a[t])
c[t] = softsign(a[t]) + softplus(b[t]) / (1 + exp(-a[t]))
h[t] = clip(c[t], -0.7, 0.9) - hard_sigmoid_relu6(b[t]) * 0.3""",
    "attention": """
a[t] = concat(x[t], h[t-1]) @ concat(U.T, W.T).T
h[t] = softmax(a[t]) * tanh(-a[t])""",
    "backwards": """
f[t] = tanh(x[t] @ U + f[t-1] @ W)
g[t] = tanh(x[t] @ U + g[t+1] @ W)
h[t] = f[t] * g[t] + 0.1""",
    "matrix": """
m[t] = sigmoid(U.T @ U + W @ W.T)
h[t] = (m[t] @ (W @ m[t])) @ (x[t] @ U)""",
}


@pytest.mark.parametrize("cell", CELLS)
def test_every_operation_keeps_its_bounds(cell: str) -> None:
    rng = Random(cell)
    for _ in range(4):
        first, second = ([[rng.uniform(-2, 2) for _ in range(3)] for _ in range(n)] for n in (2, 3))
        x = [[rng.uniform(-2, 2) for _ in range(2)] for _ in range(3)]
        used = f"U = {first}\nW = {second}"
        problem = loads(
            f'equations = """{CELLS[cell]}"""\n[parameters]\n{used}\n[inputs]\nx = {x}\n'
        )
        models = [Ieee(name) for name in BINARY]
        found = audit(Solution(problem), models, ACCURACY, entries=())
        for measured in found.measured.values():
            assert (measured.error <= measured.bound * (1 + 1e-9)).all(), measured
            assert (measured.bound <= measured.bound_any_order).all()
        finite = np.isfinite([m.bound.max() for m in found.measured.values()])
        assert finite.mean() > 0.7


ATTENTION = """
a[t] = x[t] @ U + h[t-1] @ W
h[t] = softmax(a[t])"""


@pytest.mark.parametrize("order", ["sequential", "pairwise", "numpy"])
@pytest.mark.parametrize("accumulator", ["", "float64"])
def test_no_program_breaks_the_bounds_of_softmax(order: Any, accumulator: str) -> None:
    rng = Random(f"softmax {order} {accumulator}")
    for width in (1, 2, 5, 18):
        first, second = (
            [[rng.uniform(-2, 2) for _ in range(width)] for _ in range(n)] for n in (2, width)
        )
        x = [[rng.uniform(-3, 3) for _ in range(2)] for _ in range(6)]
        problem = loads(
            f'equations = """{ATTENTION}"""\n[parameters]\nU = {first}\nW = {second}\n'
            f"[inputs]\nx = {x}\n"
        )
        settings = {"order": order, "accumulator": accumulator}
        known = limits(problem, [Ieee(name, **settings) for name in BINARY], ACCURACY)
        for name in BINARY:
            programs = [Ieee(name, **settings), *(Adversary(name, **settings, rng=rng),) * 5]
            for program in programs:
                for site, value in evaluate(problem, program).values.items():
                    floats = np.ravel(value).astype(np.float64)
                    off = known.exact[name][site].distance(floats)
                    assert (off <= known.stated[name][site] * (1 + 2.0**-40)).all(), (name, site)
                    assert (off <= known.any_order[name][site] * (1 + 2.0**-40)).all()


def test_softmax_in_a_state_keeps_a_useful_bound() -> None:
    """Sets of floats alone lose from step to step: errors of all entries at once do not matter."""
    weights = [[0.9, -0.4, 0.3], [-0.2, 0.8, 0.5], [0.1, -0.7, 0.6]]
    x = [[0.3, -0.2]] * 40
    problem = loads(
        f'equations = """{ATTENTION}"""\n[parameters]\nU = {weights[:2]}\nW = {weights}\n'
        f"[inputs]\nx = {x}\n"
    )
    known = limits(problem, [Ieee("float32")], ACCURACY)
    for bounds in (known.stated, known.any_order):
        assert bounds["float32"][40, "h"].max() < 1e-6


def test_what_overflows_on_the_way_has_an_infinite_bound_and_no_other() -> None:
    """Beyond float16, the tanh of a pre-activation is 1; a bound that is nan bounds nothing."""
    text = 'cell = "rnn"\n[parameters]\nU = [[300.5]]\nW = [[1]]\n[inputs]\nx = [[300.5], [1]]\n'
    found = audit(Solution(loads(text)), [Ieee("float16")], ACCURACY)
    for measured in found.measured.values():
        for bound in (measured.bound, measured.bound_any_order):
            assert not np.isnan(bound).any()
            assert (measured.error <= bound).all()


@pytest.mark.parametrize(
    "equation",
    [
        "y[t] = (a[t] * w) * w",
        "y[t] = (a[t] * w) * w * 1e100",
        "y[t] = sigmoid(-a[t] * w * 3.25e-78) * 1e300",
    ],
)
def test_slopes_that_are_no_numbers_of_float64_count(equation: str) -> None:
    """An error of 1e265 in a matters in a w², though w² is below all numbers of float64."""
    rng, text = Random(equation), f"a[t] = exp(x[t])\n{equation}"
    problem = loads(
        f'equations = """{text}"""\n[parameters]\nw = 1.23e-200\n[inputs]\nx = [645.3]\n'
    )
    known = limits(problem, [Ieee("float64")], ACCURACY)
    for _ in range(50):
        found = evaluate(problem, Adversary("float64", rng=rng)).values[1, "y"]
        off = known.exact["float64"][1, "y"].distance(np.ravel(found).astype(np.float64))
        assert (off <= known.stated["float64"][1, "y"] * (1 + 2.0**-40)).all()


def test_a_quotient_whose_slope_is_no_number_of_float64_keeps_its_bound() -> None:
    text = "a[t] = x[t] * w\\ny[t] = 1 / (1 + exp(-a[t]))"
    problem = scalar(text, "-400.3", w="1.1")
    known = limits(problem, [Ieee("float64")], ACCURACY)
    for rng in map(Random, range(50)):
        found = evaluate(problem, Adversary("float64", rng=rng)).values[1, "y"]
        off = known.exact["float64"][1, "y"].distance(np.ravel(found).astype(np.float64))
        assert (off <= known.stated["float64"][1, "y"] * (1 + 2.0**-40)).all()


SUBNORMAL = [
    ("sigmoid(s) * (x[t] * w)", {"w": "138.433", "s": "-0.722828"}),
    ("x[t] / (sigmoid(s) * (x[t] * w))", {"w": "138.433", "s": "-0.722828"}),
    ("(exp(s) * x[t]) / (x[t] * w)", {"w": "0.433", "s": "-0.722828"}),
    ("(exp(s) * x[t] + x[t] * w) / x[t]", {"w": "0.433", "s": "-0.722828"}),
]


@pytest.mark.parametrize(("equation", "given"), SUBNORMAL)
@pytest.mark.parametrize("x", ["-4.31524e-311", "3e-308", "7e-323"])
def test_what_is_subnormal_keeps_its_bound(equation: str, given: dict[str, str], x: str) -> None:
    """A bound below all numbers of float64 is none, and a quotient makes it large again."""
    problem, rng = scalar(f"y[t] = {equation}", x, **given), Random(equation + x)
    model = Ieee("float64", logistic="tanh")
    known = limits(problem, [model], ACCURACY)
    settings = vars(model) | {"rng": rng}
    for kind in (known.stated, known.any_order):
        for _ in range(20):
            program = Adversary(**settings, free=kind is known.any_order)
            found = np.ravel(evaluate(problem, program).values[1, "y"])
            off = known.exact["float64"][1, "y"].distance(found.astype(np.float64))
            assert (off <= kind["float64"][1, "y"] * (1 + 2.0**-40)).all()


def test_a_product_that_overflows_leaves_no_bound_though_every_prefix_is_small() -> None:
    small = ", ".join(["0.01"] * 18)
    x = ", ".join(["0.7"] * 20)
    problem = scalar("y[t] = exp(x[t]) @ w", f"[{x}]", w=f"[-30000, 60000, {small}]")
    known = limits(problem, [Ieee("float16")], ACCURACY)
    assert np.isinf(evaluate(problem, Ieee("float16")).values[1, "y"])
    assert np.isinf(known.stated["float16"][1, "y"]).all()
    assert np.isinf(known.any_order["float16"][1, "y"]).all()


def row(*numbers: Any) -> str:
    return f"[{', '.join(map(str, numbers))}]"


@pytest.mark.parametrize("count", [2, 18])
def test_two_products_that_overflow_leave_no_bound_in_any_order(count: int) -> None:
    """In float16, 300 · 300 − 300 · 300 is inf − inf, or fused, inf."""
    given = row(300, 300, *[0] * (count - 2)), row(300, -300, *[1] * (count - 2))
    problem = scalar("y[t] = x[t] @ w", given[0], w=given[1])
    known = limits(problem, [Ieee("float16")], ACCURACY)
    assert np.isinf(known.any_order["float16"][1, "y"]).all()


SPREAD = {
    "scalar s": "z[t] = sigmoid(x[t])\\nh[t] = (1 - z[t]) * h[t-1] + z[t] * 0.5",
    "scalar h": "z[t] = sigmoid(x[t])\\nh[t] = (1 - z[t]) * 0.5 + z[t] * h[t-1]",
    "scalar z": "z[t] = sigmoid(x[t] @ x[t])\\nh[t] = (1 - z[t]) * h[t-1] + z[t] * x[t]",
    "sum": "h[t] = tanh(x[t] * 0.7 + (h[t-1] @ h[t-1]))",
}


@pytest.mark.parametrize("cell", SPREAD)
@pytest.mark.parametrize("width", [1, 2, 3, 8])
def test_scalars_are_spread_to_vectors_in_bounds(cell: str, width: int) -> None:
    rng = Random(f"{cell} {width}")
    x = [[round(rng.uniform(-1, 1), 3) for _ in range(width)] for _ in range(3)]
    problem = loads(f'equations = "{SPREAD[cell]}"\n[initial]\nh = {x[2]}\n[inputs]\nx = {x[:2]}\n')
    known = limits(problem, [Ieee(name) for name in BINARY], ACCURACY)
    for name in BINARY:
        for program in (Ieee(name), *(Adversary(name, rng=rng, free=True),) * 5):
            for site, value in evaluate(problem, program).values.items():
                off = known.exact[name][site].distance(np.ravel(value).astype(np.float64))
                assert known.any_order[name][site].shape == off.shape
                assert (off <= known.any_order[name][site] * (1 + 2.0**-40)).all()


@pytest.mark.parametrize("equation", ["W + x[t]", "x[t] - W", "W * x[t]", "W / exp(x[t])"])
def test_a_vector_of_length_one_is_spread_to_a_matrix_in_bounds(equation: str) -> None:
    rng, matrix = Random(equation), [[0.3, -0.4, 0.5], [0.1, 0.7, -0.2]]
    problem = loads(
        f'equations = "y[t] = {equation}"\n[parameters]\nW = {matrix}\n'
        "[inputs]\nx = [[0.3], [1.7]]\n"
    )
    known = limits(problem, [Ieee(name) for name in BINARY], ACCURACY)
    for name in BINARY:
        for program in (Ieee(name), *(Adversary(name, rng=rng, free=True),) * 5):
            for site, value in evaluate(problem, program).values.items():
                off = known.exact[name][site].distance(np.ravel(value).astype(np.float64))
                assert (off <= known.any_order[name][site] * (1 + 2.0**-40)).all()


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32"])
def test_a_quotient_in_formats_whose_numbers_differ_much(name: str) -> None:
    """a is 1 in float64 and near 10 in the other format, whose slopes are those of float64."""
    g = {"float16": 0.7502, "bfloat16": 0.7505, "float32": 0.75000002}[name]
    text = "a[t] = (c + (g - 0.75) * k) * (exp(x[t]) * exp(-x[t]))\\ny[t] = 1 / a[t] + a[t]"
    problem = scalar(text, "0.3", g=str(g), k=repr(-9 / (g - 0.75)), c="10")
    known = limits(problem, [Ieee(name), Ieee("float64")], ACCURACY)
    for rng in map(Random, range(60)):
        found = evaluate(problem, Adversary(name, rng=rng)).values[1, "y"]
        off = known.exact[name][1, "y"].distance(np.ravel(found).astype(np.float64))
        assert (off <= known.stated[name][1, "y"] * (1 + 2.0**-40)).all()


def test_an_exponential_that_may_be_anything_leaves_softplus_a_bound() -> None:
    """What cancels leaves exp(−|x|) uncertain by more than one; log1p has no negative argument."""
    problem = scalar("y[t] = softplus(x[t] @ a)", "[1.001, 1.001]", a="[3000.3, -3001.9]")
    known = limits(problem, [Ieee("float16")], ACCURACY)
    for program in (Ieee("float16"), Ieee("float16", fma=True), Ieee("float16", order="numpy")):
        found = np.ravel(evaluate(problem, program).values[1, "y"]).astype(np.float64)
        off = known.exact["float16"][1, "y"].distance(found)
        assert (off <= known.any_order["float16"][1, "y"] * (1 + 2.0**-40)).all()
    assert (known.stated["float16"][1, "y"] >= 0).all()


def test_where_nan_is_possible_the_range_of_tanh_is_no_bound() -> None:
    problem = scalar("y[t] = tanh(x[t] @ w)", "[300, 300]", w="[300, -300]")
    model = Ieee("float16")
    assert np.isnan(evaluate(problem, model).values[1, "y"])
    known = limits(problem, [model], ACCURACY)
    assert np.isinf(known.stated["float16"][1, "y"]).all()
    assert np.isinf(known.any_order["float16"][1, "y"]).all()


@pytest.mark.parametrize("ulps", [33.0, -1.0, float("nan")])
def test_a_hypothesis_that_bounds_cannot_follow_is_refused(ulps: float) -> None:
    with pytest.raises(VerifierError, match=r"ulp of bfloat16\naccepted: 0 to 32"):
        limits(scalar("y[t] = exp(x[t])", "1"), [Ieee("bfloat16")], {("bfloat16", "exp"): ulps})


def test_given_numbers_that_overflow_have_no_bound() -> None:
    problem = scalar("y[t] = tanh(x[t])", "70000")
    found = audit(Solution(problem), [Ieee("float16"), Ieee("bfloat16")], ACCURACY)
    assert np.isinf(found.measured["float16", 1, "y"].bound).all()
    assert np.isfinite(found.measured["bfloat16", 1, "y"].bound).all()


def test_any_order_holds_what_every_tree_of_sums_gives() -> None:
    """All orders of four terms, with every product fused or not: a walk through all of them."""
    rng = np.random.default_rng(6)
    for _ in range(20):
        x, w = (rng.standard_normal(4).astype(np.float16) for _ in range(2))
        arithmetic = AnyOrder(Ieee("float16"), ACCURACY)
        span = arithmetic.closed(arithmetic.matmul(Span(x, x), Span(w, w)))
        sums = {
            float(total) for order in product(range(4), repeat=3) for total in trees(x * w, order)
        }
        assert float(span.low) <= min(sums)
        assert max(sums) <= float(span.high)


def trees(terms: Any, picks: tuple[int, ...]) -> list[Any]:
    """The sum that joins, again and again, a picked term and its neighbour."""
    left = list(terms)
    for pick in picks:
        first = left.pop(pick % len(left))
        second = left.pop(pick % len(left))
        left.insert(0, first + second)
    return left


HARD = [
    ("sqrt(x[t])", ["0", "-0", "1e-45", "1e-310", "4"]),
    ("sqrt(exp(x[t]) - 1)", ["0", "1e-9"]),
    ("log(x[t])", ["1", "0.99999", "1e-45", "5e-324"]),
    ("erf(x[t])", ["0", "-1e-45", "30", "1e300"]),
    ("sin(x[t]) + cos(x[t])", ["1e22", "1e300", "1.5707963", "1e-310"]),
    ("positive(exp(x[t] * x[t]) - exp(x[t] * x[t] * 2))", ["30"]),
    ("tanh(sum(concat(exp(x[t]), 0 - exp(x[t]))))", ["1000", "90"]),
    ("x[t] ** -3", ["1e-20", "1e20", "0.3"]),
    ("x[t] ** 7", ["1e-10", "1e10", "-0.3", "1.1"]),
    ("elu(x[t], 0.3) + silu(x[t]) + gelu(x[t])", ["-1e-9", "-30", "-700", "0", "1e-310"]),
    ("gelu_tanh(x[t]) + thresholded_relu(x[t], 0.2)", ["-5", "0.2", "0.3", "1e20"]),
]
"""Functions where they jump, end, are zero, or overflow."""


@ALL
@pytest.mark.parametrize(("equation", "x"), [(text, x) for text, xs in HARD for x in xs])
def test_no_program_breaks_its_bound_where_functions_are_hard(
    name: str, equation: str, x: str
) -> None:
    problem, rng = scalar(f"y[t] = {equation}", x), Random(f"{equation} {x}")
    known = limits(problem, [Ieee(name)], ACCURACY)
    for k in range(8 if known.exact else 0):
        free = k % 2 == 1
        program = Adversary(name, rng=rng, free=free) if k > 1 else Ieee(name)
        found = np.ravel(evaluate(problem, program).values[1, "y"]).astype(np.float64)
        exact, bounds = known.exact[name][1, "y"], known.any_order if free else known.stated
        bound = bounds[name][1, "y"]
        assert np.isinf(bound) or exact.distance(found) <= bound + exact.radius, found


def test_a_format_whose_numbers_leave_the_domain_has_no_bounds_and_others_have() -> None:
    """1e-9 is zero in float16, and has no logarithm there."""
    problem = scalar("y[t] = log(x[t])", "1e-9")
    models = [Ieee("float16"), Ieee("float32")]
    known = limits(problem, models, ACCURACY)
    assert set(known.exact) == {"float32"}
    found = audit(Solution(problem), models, ACCURACY, entries=()).measured
    assert np.isinf(found["float16", 1, "y"].bound).all()
    assert (found["float32", 1, "y"].bound < 5).all()


def any_order(name: str, text: str, accuracy: Any = ACCURACY, **values: Any) -> Span:
    """The set of floats of an equation's y in any order."""
    sections = "".join(f"{key} = {value}\n" for key, value in values.items())
    problem = loads(f'equations = "y[t] = {text}"\n[inputs]\n{sections}')
    return evaluate(problem, AnyOrder(Ieee(name), accuracy)).values[1, "y"]  # type: ignore[no-any-return]


def test_a_product_of_two_vectors_may_be_fused_with_what_is_added() -> None:
    """As BLAS does in A + x yᵀ."""
    rng = np.random.default_rng(5)
    for _ in range(40):
        x, y, z = np.float32(rng.uniform(-1, 1, 3)).tolist()
        span = any_order("float32", "outer(u[t], v[t]) + w[t]", u=[[x]], v=[[y]], w=[z])
        once = np.float32(np.float64(x) * np.float64(y) + np.float64(z))
        assert span.low.item() <= once <= span.high.item()


@pytest.mark.parametrize("n", [2, 3, 4, 7, 12, -1, -2, -5])
@pytest.mark.parametrize("name", ["float16", "float32"])
def test_powers_hold_products_in_any_order_and_a_library_s_own(name: str, n: int) -> None:
    rng, format = np.random.default_rng(n % 97), BINARY[name]
    assumed = {**ACCURACY, (name, "power"): 0.51}
    for x in format.cast(rng.uniform(0.3, 2.5, 40)):
        span = any_order(name, f"x[t] ** {n}", assumed, x=[float(x)])
        powers = [x]
        while len(powers) < abs(n):
            powers.append(
                format.cast(
                    powers[len(powers) // 2].astype(float)
                    * powers[-(-len(powers) // 2) - 1].astype(float)
                )
            )
        squared = powers[abs(n) - 1]
        own = format.cast(float(x) ** n)
        for found in (own, squared if n > 0 else format.cast(1.0) / squared):
            assert span.low.item() <= float(found) <= span.high.item(), (x, found)


@pytest.mark.parametrize("text", ["silu(x[t])", "gelu(x[t])", "elu(x[t], 0.3)"])
def test_a_function_computed_in_one_call_may_have_a_hypothesis_of_its_own(text: str) -> None:
    """A program that computes in float32 and rounds once to float16."""
    assumed = {**ACCURACY, **{("float16", f): 0.51 for f in ("silu", "gelu", "elu")}}
    narrow = 0
    for x in np.float16(np.linspace(-3, 3, 60)):
        problem = scalar(f"y[t] = {text}", repr(float(x)))
        span = any_order("float16", text, assumed, x=[float(x)])
        plain = any_order("float16", text, x=[float(x)])
        known = limits(problem, [Ieee("float16")], assumed)
        exact = known.exact["float16"][1, "y"]
        once = np.float16(exact.high)
        assert (span.low <= once).all()
        assert (once <= span.high).all()
        narrow += not bool((plain.low <= once).all() and (once <= plain.high).all())
        assert exact.distance(np.ravel(once).astype(float)) <= known.any_order["float16"][1, "y"]
    assert narrow > 0 or text.startswith("elu")


def test_a_coarse_format_takes_no_slopes_from_a_fine_one() -> None:
    """Where bfloat16 cannot tell which side of a kink a number is on, float32 can."""
    rng, n, steps = Random(8), 20, 16

    def drawn(*shape: int) -> Any:
        size = shape[0]
        inner = (drawn(*shape[1:]) for _ in range(size))
        return [f"{rng.gauss(0, 0.2):.3f}" for _ in range(size)] if len(shape) == 1 else list(inner)

    problem = from_data(
        {
            "equations": "h[t] = relu(x[t] + h[t-1] @ W)",
            "parameters": {"W": drawn(n, n)},
            "inputs": {"x": drawn(steps, n)},
            "initial": {"h": drawn(n)},
        },
        Path(),
    )
    alone = limits(problem, [Ieee("float32")], ACCURACY)
    beside = limits(problem, [Ieee("bfloat16"), Ieee("float32")], ACCURACY)
    for found, own in ((beside.stated, alone.stated), (beside.any_order, alone.any_order)):
        assert found["float32"][steps, "h"].max() < 3 * own["float32"][steps, "h"].max()
