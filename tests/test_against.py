"""Outputs held against the bound; conventions that explain those outside."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest

from tests.conftest import SEED, module
from tests.random_problems import data, problem, problems
from verifier.arithmetic.ball import Ball, enclosure
from verifier.arithmetic.floats.binary import FORMATS
from verifier.arithmetic.ieee import Ieee
from verifier.audit.against import against
from verifier.audit.functions import accuracy
from verifier.audit.implementations import Outputs, implementation, run
from verifier.evaluate import evaluate
from verifier.problem import Problem, load
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
    return [tuple(c.rule for c in path) for path in found.explanations]


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
    for variant in of_rule[:3]:
        found = against(Solution(task), outputs(variant.problem))
        named = [(path[0].rule, path[0].about) for path in found.explanations if len(path) == 1]
        assert found.inside or variant.key in named, variant.key


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
    ulp = float(FORMATS["float32"].ulps(np.abs(found.first.computed).astype(np.float64)))
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
        assert error == pytest.approx(float(off / FORMATS["float64"].ulp(lower)), abs=1e-3)
