"""Decimal hazards: each reason, with a number that has it."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np
import pytest

from tests.random_problems import problems
from verifier.arithmetic.ieee import Ieee
from verifier.audit.functions import hypotheses
from verifier.audit.hazards import METHODS, REASONS, Hazard, Tried, hazards, tried
from verifier.audit.measure import audit
from verifier.problem import Problem, loads
from verifier.rounding import Rounding
from verifier.solution import Solution


def doubled(number: str, rounding: str = "places = 4", first: str = "1") -> Problem:
    """y = x W for one number, so that nothing but its own rounding to the format errs."""
    return loads(
        f'equations = "y[t] = x[t] @ W"\n[rounding]\n{rounding}\n'
        f"[parameters]\nW = [[{first}]]\n[inputs]\nx = [[{number}]]\n"
    )


def found(problem: Problem, *floats: str) -> tuple[Hazard, ...]:
    return hazards(audit(Solution(problem), [Ieee(float) for float in floats], hypotheses(), ()))


def reasons(found: tuple[Hazard, ...]) -> dict[str, tuple[str, str]]:
    return {p.method: (p.text, p.reason) for hazard in found for p in hazard.prints}


def test_an_exact_tie_that_the_float_misses() -> None:
    """0.1525 to three places is 0.152, ties to even; the float64 lies below, the float32 above."""
    assert reasons(found(doubled("0.1525", "places = 3"), "float64")) == {}
    got = reasons(found(doubled("0.1525", "places = 3"), "float32"))
    assert got["format"] == ("0.153", "tie")
    assert got["round"] == ("0.153", "tie")


def test_a_tie_under_another_mode() -> None:
    got = reasons(found(doubled("0.1525", 'places = 3\nmode = "half-up"'), "float64"))
    assert got["format"] == ("0.152", "tie")
    assert got["np.round"] == ("0.152", "tie")


def test_another_mode() -> None:
    got = reasons(found(doubled("0.2519", 'places = 3\nmode = "floor"'), "float64"))
    assert got == dict.fromkeys(("np.round", "round", "format"), ("0.252", "mode"))


def test_a_sign_before_zero() -> None:
    for method, got in reasons(found(doubled("-0.00001"), "float32")).items():
        assert got == ("-0.0000", "sign"), method
    assert set(reasons(found(doubled("-0.00001"), "float32"))) == set(METHODS)


def test_a_format_that_is_too_coarse() -> None:
    got = reasons(found(doubled("0.7001"), "bfloat16"))
    assert got["format"] == ("0.6992", "coarse")


def test_an_error_that_crosses_a_boundary() -> None:
    """0.016046 is nearest to a float16 above 0.01605: 0.0161 to four places."""
    assert reasons(found(doubled("0.016046"), "float16"))["format"] == ("0.0161", "boundary")
    assert reasons(found(doubled("0.016046"), "float32")) == {}


def test_rounding_twice_inside_np_round() -> None:
    """np.round multiplies by 10^4 in the format: the product may round to a tie, or past it."""
    for k in range(20_000):
        value = np.float32(0.1 + k * 1.00001e-5)
        text = f"{float(value):.4f}"
        if f"{float(np.round(value, 4)):.4f}" != text:
            got = reasons(found(doubled(str(Decimal(float(value)))), "float32"))
            assert got["np.round"][1] == "twice"
            assert "format" not in got
            return
    raise AssertionError("np.round rounds all of these as it should: what is said of it is old")


def test_figures_are_rounded_at_the_place_of_the_value() -> None:
    assert found(doubled("0.012344", "figures = 3"), "float64") == ()
    got = reasons(found(doubled("0.0125", "figures = 2"), "float32"))
    assert all(text in ("0.012", "0.013") for text, _ in got.values())


def test_places_left_of_the_point_and_very_many_places() -> None:
    assert found(doubled("12345", "figures = 2"), "float64") == ()
    got = reasons(found(doubled("0.1", "places = 30"), "float64"))
    assert got["format"][0].startswith("0.10000000000000000555")


def by_brute_force(problem: Problem, float: str) -> set[tuple[int, str, int]]:
    """Every entry that one of the functions prints with other digits, each looked at."""
    solution = Solution(problem)
    rows = audit(solution, [Ieee(float)], hypotheses(), ()).measured
    wrong = set()
    for (_, step, name), row in rows.items():
        for k, text in enumerate(solution.digits("final")[step, name]):
            y: Any = row.computed[k]
            wide = np.float64(y)
            prints = {f"{wide:.4f}", f"{round(wide.item(), 4):.4f}"}
            prints |= {f"{x:.4f}" for x in (np.float64(np.round(y, 4)), np.round(wide, 4))}
            if prints != {text}:
                wrong.add((step, name, k))
    return wrong


@pytest.mark.parametrize("float", ["float16", "bfloat16", "float32", "float64"])
def test_none_is_missed(float: str) -> None:
    """The quick filter leaves out nothing that looking at every entry finds."""
    for problem in problems(12, seed=8):
        listed = found(problem, float)
        flat = {
            (h.step, h.name, int(np.ravel_multi_index(h.index, problem.shapes[h.name])))
            for h in listed
        }
        assert flat == by_brute_force(problem, float)


def test_every_print_differs_from_the_certified_digits() -> None:
    for problem in problems(6, seed=9):
        for hazard in found(problem, "float16", "bfloat16"):
            assert all(p.text != hazard.certified for p in hazard.prints)
            assert {p.reason for p in hazard.prints} <= set(REASONS)


def test_format_agrees_with_decimal() -> None:
    """What a format string prints is the float rounded once, ties to even."""
    for problem in problems(6, seed=10):
        for hazard in found(problem, "float16"):
            exact = Decimal(float(hazard.computed))
            once = exact.quantize(Decimal("0.0001"), ROUND_HALF_EVEN)
            for p in hazard.prints:
                if p.method == "format":
                    assert Decimal(p.text) == once
    assert Rounding().mode == "half-even"


def test_np_round_overflows_in_its_own_format() -> None:
    got = reasons(found(doubled("7.5"), "float16"))
    assert got == {"np.round": ("inf", "overflow")}
    assert reasons(found(doubled("-7.5"), "float16")) == {"np.round": ("-inf", "overflow")}
    assert reasons(found(doubled("6.5"), "float16")) == {}


@pytest.mark.parametrize(
    ("equation", "rounding", "float", "wanted"),
    [
        ("w[t]", "places = 4", "float16", Tried(1, 0, 0, 0)),
        ("70000 * w[t]", "places = 4", "float16", Tried(0, 1, 0, 0)),
        ("70000 * w[t]", "places = 4", "float32", Tried(1, 0, 0, 0)),
        ("12345 * w[t]", "figures = 2", "float32", Tried(0, 0, 0, 1)),
        ("12345 * w[t]", "figures = 5", "float32", Tried(1, 0, 0, 0)),
        ("tanh(w[t]) / tanh(w[t]) / 2", "places = 0", "float32", Tried(0, 0, 1, 0)),
    ],
)
def test_what_could_be_compared(equation: str, rounding: str, float: str, wanted: Tried) -> None:
    task = loads(f"equations = 'h[t] = {equation}'\n[rounding]\n{rounding}\n[inputs]\nw = [1]\n")
    made = audit(Solution(task), [Ieee(float)], hypotheses(), ())
    assert tried(made, float) == wanted
