"""Hypotheses on functions: the table, and the trials that check it."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx

from tests.conftest import module
from verifier.arithmetic.floats.binary import BINARY
from verifier.audit import trials as trying
from verifier.audit.functions import accuracy, hypotheses, used
from verifier.audit.implementations import implementation
from verifier.audit.trials import Trial, arguments, errors, trials
from verifier.errors import VerifierError
from verifier.language.parse import parse_expression

FUNCTIONS = ("exp", "tanh", "log1p", "sqrt", "log", "sin", "cos", "erf")


def test_numpy_has_a_hypothesis_for_every_format_and_function() -> None:
    wanted = {(format, name) for format in BINARY for name in (*FUNCTIONS, "power")}
    assert set(hypotheses()) >= wanted  # and for what is computed in these formats
    assert all(0.5 <= most < 10 for most in hypotheses().values())


@pytest.mark.parametrize("name", ["numpy", "torch", "onnxruntime"])
def test_every_hypothesis_has_its_source(name: str) -> None:
    assert len(accuracy(name).source) > 40


def test_an_unknown_implementation_is_an_error_that_offers_the_nearest() -> None:
    with pytest.raises(VerifierError, match="numpi'; did you mean 'numpy'"):
        hypotheses("numpi")


@pytest.mark.parametrize("name", ["numpy", "torch", "onnxruntime"])
def test_the_installed_functions_keep_the_hypotheses(name: str) -> None:
    """With fewer arguments than the command tries; all numbers of the 16-bit formats."""
    module(name)
    found = list(trials(name, implementation(name).functions, 3_000))
    assert [trial for trial in found if not trial.holds] == []
    assert max(trial.error for trial in found) > 0.49


def cut(x: Any) -> Any:
    """exp with its last bits cut off: a library that is far worse than assumed."""
    with np.errstate(all="ignore"):
        return (np.exp(x.astype(np.float64)) * (1 + 2.0**-20)).astype(x.dtype)


def test_a_bad_function_is_found() -> None:
    found = [t for t in trials("numpy", lambda format: {"exp": cut}, 3000) if t.format == "float32"]
    assert [trial.holds for trial in found] == [False]
    assert 8 < found[0].error < 20


def exact_ulps(function: str, format: str, x: float, y: float) -> float:
    """The error by another way: exact rationals of a reference with 400 bits."""
    with ctx.workprec(400):
        ball = getattr(arb, function)(arb(x))
        mantissa, exponent = map(int, ball.mid().man_exp())
    truth = Fraction(mantissa) * Fraction(2) ** exponent
    ulp = max(BINARY[format].ulp(truth), BINARY[format].ulp(Fraction(y)))
    return float(abs(truth - Fraction(y)) / ulp)


@pytest.mark.parametrize("format", list(BINARY))
@pytest.mark.parametrize("function", FUNCTIONS)
def test_errors_agree_with_exact_rationals(function: str, format: str) -> None:
    given = arguments(BINARY[format], function, 400)[::7][:200]
    results = implementation("numpy").functions(format)[function](given)
    found = errors(function, BINARY[format], given, results)
    for x, y, error in islice(zip(given, results, found, strict=True), 200):
        if np.isfinite(y) and abs(float(x)) < 700:
            assert error == pytest.approx(
                exact_ulps(function, format, float(x), float(y)), abs=1e-9
            )


def test_errors_where_the_range_ends() -> None:
    """Infinity counts as 2^128: exp(88.75) is 1.02 · 2^128, exp(88.5) far below it."""
    given = np.array([88.75, 88.75, 88.5, 1.0], np.float32)
    results = np.array([np.inf, 3.4028235e38, np.inf, np.nan], np.float32)
    found = errors("exp", BINARY["float32"], given, results)
    assert found[0] == 0
    assert found[1] == 1
    assert found[2] > 2**21
    assert found[3] == np.inf


def test_arguments_hold_subnormal_numbers_and_both_signs() -> None:
    for format in BINARY.values():
        found = np.abs(arguments(format, "exp", 30_000).astype(np.float64))
        assert ((found > 0) & (found < 2.0**format.least)).any()
        signs = np.sign(arguments(format, "tanh", 30_000).astype(np.float64))
        assert {-1.0, 1.0} <= set(signs.tolist())


def test_all_numbers_of_a_short_format_are_tried() -> None:
    assert len(arguments(BINARY["float16"], "exp", 10)) == 2 * (31 << 10)
    assert len(arguments(BINARY["bfloat16"], "exp", 10)) == 2 * (255 << 7)


def test_arguments_are_those_that_a_function_is_defined_for() -> None:
    for format in BINARY.values():
        assert (arguments(format, "sqrt", 300) >= 0).all()
        assert (arguments(format, "log", 300) > 0).all()
        assert np.abs(arguments(format, "cos", 3000).astype(float)).max() > 2.0 ** (format.most - 9)


def test_what_an_expression_rests_on_are_its_operations_and_their_definitions() -> None:
    found = used([parse_expression("gelu(x) + sigmoid(y)")])
    assert {"add", "gelu", "erf", "sqrt", "sigmoid", "exp"} <= found
    assert "tanh" not in found


def test_a_trial_holds_up_to_its_hypothesis() -> None:
    assert Trial("x", "exp", "float32", 1, 2.0, 0.0, 2.0).holds
    assert not Trial("x", "exp", "float32", 1, 2.1, 0.0, 2.0).holds
    assert trying.COUNT == 1_000_000


def test_a_power_is_tried_by_its_exponent() -> None:
    """Its truth is that power; zero has no negative one."""
    given = arguments(BINARY["float32"], "power -1", 3000)
    assert (given != 0).all()
    with np.errstate(all="ignore"):
        inverse = 1 / given
    assert errors("power -1", BINARY["float32"], given, inverse).max() <= 0.5
    exact = np.array([3.0, -2.0], np.float32)
    assert (errors("power 3", BINARY["float32"], exact, exact**3) == 0).all()


def test_truths_take_the_bits_that_they_need() -> None:
    """1 + erf(−x / √2) cancels all of 128 bits."""
    given = np.array([-30.0, -13.0])
    near = np.array([-30 * 4.90671392714819e-198, -13 * 6.117164399549862e-39])
    assert errors("gelu", BINARY["float64"], given, near).max() < 100


def wrong(x: Any) -> Any:
    """silu with a relative error of 2^-20, beside numbers that its definition gives."""
    with np.errstate(all="ignore"):
        return (x / (1 + np.exp(-x.astype(np.float64))) * (1 + 2.0**-20)).astype(x.dtype)


def test_what_is_no_result_of_a_definition_is_held_to_its_hypothesis() -> None:
    found = list(trials("torch", lambda format: {"silu": wrong}, 3000))
    assert [t.holds for t in found if t.format in ("float32", "float64")] == [False, False]
