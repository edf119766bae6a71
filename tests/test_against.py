"""Outputs held against the bound; conventions that explain those outside."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest

from tests.conftest import SEED, module
from tests.random_problems import data, problem, problems
from verifier.arithmetic.ball import Ball, enclosure
from verifier.arithmetic.floats.binary import BINARY
from verifier.arithmetic.ieee import Ieee
from verifier.audit.against import against
from verifier.audit.functions import accuracy
from verifier.audit.implementations import Outputs, implementation, run
from verifier.evaluate import evaluate, sites
from verifier.problem import Problem, load, loads
from verifier.report.audit.lines import comparison_line
from verifier.rewrites.catalogue import variants
from verifier.solution import Solution

STATES = {"gru": ("s",), "lstm": ("h", "c"), "rnn": ("h",)}


def drawn(cell: str, seed: int = 1, steps: int = 3) -> Problem:
    return problem(cell, data(Random(seed), cell, hidden=3, inputs=3, steps=steps))


def outputs(task: Problem, float: str = "float32") -> Outputs:
    """The states as NumPy computes them."""
    values = evaluate(task, Ieee(float, order="numpy")).values
    kept = {site: v for site, v in values.items() if site[1] in STATES[task.cell.name]}
    return Outputs("mine", "", float, kept, accuracy("numpy"))


def rules(found: Any) -> list[tuple[str, ...]]:
    return [tuple(c.rule for c in each.conventions) for each in found.explanations]


@pytest.mark.parametrize("name", ["numpy", "torch", "onnxruntime"])
def test_programs_are_inside_their_bounds(name: str) -> None:
    module(name)
    for task in problems(9, seed=4):
        for float in implementation(name).formats():
            found = against(Solution(task), run(task, name, float))
            if not found.inside:  # PyTorch's GRU differs, and says in what
                assert (name, task.cell.name) == ("torch", "gru")
                assert any(path[0].startswith("reset-after") for path in rules(found))


def test_torch_gru_is_explained_by_its_reset() -> None:
    module("torch")
    task = drawn("gru")
    for float in ("float16", "float32", "float64"):
        found = against(Solution(task), run(task, "torch", float))
        assert not found.inside
        assert ("reset-after",) in rules(found)
        assert found.outside > 3


CONVENTIONS = sorted(
    {v.rule for cell in ("gru", "lstm") for v in variants(drawn(cell), "convention")}
)


@pytest.mark.parametrize("rule", CONVENTIONS)
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_every_convention_is_named(cell: str, rule: str) -> None:
    task = drawn(cell, seed=6)
    of_rule = [v for v in variants(task, "convention") if v.rule == rule]
    for variant in of_rule[:1]:
        found = against(Solution(task), outputs(variant.problem))
        named = [each.conventions for each in found.explanations]
        alike = same_states(variant.problem, task)
        assert found.inside is alike, variant.key
        if not alike:
            (first,) = named[0]
            other = next(v for v in variants(task, "convention") if v.key[:2] == key(first))
            assert same_states(variant.problem, other.problem), variant.key


def key(convention: Any) -> tuple[str, Any]:
    return convention.rule, convention.about


def same_states(one: Problem, other: Problem) -> bool:
    """Whether two problems' states are the same numbers, but for float64's roundings."""
    left, right = (evaluate(task, Ieee("float64")).values for task in (one, other))
    states = [site for site in left if site[1] in STATES[one.cell.name]]
    return all(np.allclose(left[site], right[site], rtol=1e-12, atol=1e-15) for site in states)


def test_two_conventions_at_once_are_named() -> None:
    task = drawn("gru", seed=2)
    blended = next(v for v in variants(task, "convention") if v.rule == "blend-swapped")
    both = next(v for v in variants(blended.problem, "convention") if v.rule == "reset-after")
    found = against(Solution(task), outputs(both.problem))
    assert not found.inside
    assert {"blend-swapped", "reset-after"} in [set(path) for path in rules(found)]


def test_a_bug_is_explained_by_nothing() -> None:
    task = drawn("gru")
    given = outputs(task)
    given.values[2, "s"][1] += np.float32(1e-3)  # type: ignore[index]
    found = against(Solution(task), given)
    assert not found.inside
    assert found.explanations == ()
    assert (found.first.step, found.first.name, found.first.index) == (2, "s", (1,))
    ulp = float(BINARY["float32"].ulps(np.abs(found.first.computed).astype(np.float64)))
    assert found.first.error * ulp == pytest.approx(1e-3, rel=1e-3)


def test_one_ulp_beyond_the_bound_is_outside_and_one_within_is_inside() -> None:
    task = load(SEED)
    given = outputs(task, "float64")
    limit = against(Solution(task), given).held[0].bound[0]
    for steps, inside in ((0.9 * limit, True), (limit + 3, False)):
        values = {site: value.copy() for site, value in given.values.items()}
        values[1, "s"][0] += np.floor(steps) * np.spacing(values[1, "s"][0])
        moved = Outputs("mine", "", "float64", values, given.accuracy)
        row = against(Solution(task), moved).held[0]
        assert bool(row.inside[0]) is inside


def test_errors_are_those_of_exact_arithmetic() -> None:
    task = drawn("rnn", steps=1)
    found = against(Solution(task), outputs(task, "float64"))
    truth = evaluate(task, Ball(200)).entries(1, "h")
    row = found.held[0]
    for entry, computed, error in zip(truth, row.computed, row.error, strict=True):
        lower, upper = enclosure(entry)
        off = abs((lower + upper) / 2 - Fraction(float(computed)))
        assert error == pytest.approx(float(off / BINARY["float64"].ulp(lower)), abs=1e-3)


def test_what_a_comparison_does_not_see() -> None:
    """A change by what is said stays inside, in either direction."""
    task = drawn("gru", steps=5)
    given = outputs(task, "float64")
    found = against(Solution(task), given)
    least = found.blindest
    assert least.unseen == max(row.unseen.max() for row in found.held) > 0
    site = least.step, least.name
    for factor, inside in ((0.9, True), (-0.9, True), (2.1, False), (-2.1, False)):
        values = {key: value.copy() for key, value in given.values.items()}
        values[site][least.index] += factor * (least.unseen if inside else least.limit)
        moved = Outputs("mine", "", "float64", values, given.accuracy)
        assert against(Solution(task), moved).inside is inside


ZERO = """
equations = "h[t] = tanh(x[t] @ U) + h[t-1]"
[parameters]
U = [[0, 0.3], [0, 0.4]]
[inputs]
x = [[1, 2], [-1, 0.5]]
"""


@pytest.mark.parametrize("float", list(BINARY))
def test_an_exact_zero_has_the_bound_zero_and_absolute_errors(float: str) -> None:
    task = loads(ZERO)
    values = {k: v for k, v in evaluate(task, Ieee(float)).values.items() if k[1] == "h"}
    right = against(Solution(task), Outputs("mine", "", float, values, accuracy("numpy")))
    assert right.inside
    assert [row.bound[0] for row in right.held] == [0, 0]
    assert [row.vanishes.tolist() for row in right.held] == [[True, False]] * 2
    assert not right.worst.vanishes
    values[1, "h"][0] = 0.25
    wrong = against(Solution(task), Outputs("mine", "", float, values, accuracy("numpy")))
    assert wrong.first.vanishes
    assert wrong.first.off == 0.25
    said = comparison_line(Solution(task), wrong)
    assert "the first entry of h_1 is 0.250 from the true value, and the bound is 0." in said


def test_a_cancellation_to_zero_is_told_in_absolute_numbers() -> None:
    """The bound of a zero that roundings leave is no zero, and no 1e38 ulp."""
    text = 'equations = "h[t] = x[t] @ U"\n[parameters]\nU = [0.1, 0.2, -0.3]\n'
    task = loads(f"{text}[inputs]\nx = [[1, 1, 1]]\n")
    found = against(Solution(task), run(task, "numpy", "float32"))
    assert found.inside
    assert found.worst.vanishes
    assert 0 < found.worst.limit < 1e-6
    said = comparison_line(Solution(task), found)
    assert not re.search(r"\de\d\d", said), said


def test_outputs_stand_in_the_order_of_evaluation() -> None:
    text = 'equations = """\nb[t] = 2 * a[t]\na[t] = x[t] + a[t+1] / 2\n"""\n'
    task = loads(f"{text}[inputs]\nx = [1, 2, 3]\n")
    found = against(Solution(task), run(task, "numpy", "float32"))
    assert [(row.step, row.name) for row in found.held] == list(sites(task))
    assert (found.held[0].step, found.held[0].name) == (3, "a")


def test_without_a_bound_nothing_is_claimed() -> None:
    task = loads('equations = "h[t] = tanh(x[t] * x[t])"\n[inputs]\nx = [300]\n')
    found = against(Solution(task), run(task, "numpy", "float16"))
    assert found.inside
    assert found.unbounded == 1
    assert "For one output nothing can be proven" in comparison_line(Solution(task), found)


UNIT = """
i_{0}[t] = sigmoid({1} @ U_i{0} + h_{0}[t{2}] @ W_i{0})
f_{0}[t] = sigmoid({1} @ U_f{0} + h_{0}[t{2}] @ W_f{0})
h_{0}[t] = f_{0}[t] * h_{0}[t{2}] + i_{0}[t] * tanh({1} @ U_h{0} + h_{0}[t{2}] @ W_h{0})
"""
JOINED = "concat(h_1f[t], h_1b[t])"
READ = {"1f": ("x[t]", "-1"), "1b": ("x[t]", "+1"), "2f": (JOINED, "-1"), "2b": (JOINED, "+1")}


def test_a_convention_of_a_bidirectional_stack_is_named() -> None:
    """Its layers read one vector, then two joined ones, and are one cell for all that."""
    random, given = np.random.default_rng(3), dict[str, Any]()
    for copy, (read, _) in READ.items():
        for gate in "ifh":
            given[f"U_{gate}{copy}"] = random.uniform(-1, 1, (4 if read == JOINED else 2, 2))
            given[f"W_{gate}{copy}"] = random.uniform(-1, 1, (2, 2))
    lines = [f"{name} = {array.round(2).tolist()}" for name, array in given.items()]
    own = "".join(UNIT.format(copy, *way) for copy, way in READ.items())
    task = loads(
        f'equations = """{own}y[t] = concat(h_2f[t], h_2b[t])"""\n[parameters]\n'
        + "\n".join(lines)
        + "\n[inputs]\nx = [[0.5, -0.25], [0.75, 1]]"
    )
    turned = {"i": "f", "f": "i", "h": "h"}
    order = {n: task.parameters[f"{n[:2]}{turned[n[2]]}{n[3:]}"] for n in task.parameters}
    computed = run(replace(task, parameters=order), "numpy")
    last = {site: value for site, value in computed.values.items() if site[1] == "y"}
    found = against(Solution(task), replace(computed, values=last))
    assert rules(found)[0] == ("gates-permuted",)
    assert "in all layers and directions" in comparison_line(Solution(task), found)
